//! The algorithms and hash functions, as RFC 6030 and manufacturers write them.

use otp_core::Algorithm;
use otp_core::seeds::{Part, Problem};

use super::{only, pskc, totp};

#[test]
fn suites_are_read_in_the_usual_ways() {
    for (suite, algorithm) in [
        ("HMAC-SHA1", Algorithm::Sha1),
        ("HMAC-SHA256", Algorithm::Sha256),
        ("HMAC-SHA512", Algorithm::Sha512),
        ("HMAC-SHA-256", Algorithm::Sha256),
        ("HmacSHA256", Algorithm::Sha256),
        ("hmac_sha512", Algorithm::Sha512),
        ("SHA-1", Algorithm::Sha1),
        (" SHA256 ", Algorithm::Sha256),
        ("TOTP-HMAC-SHA512", Algorithm::Sha512),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", Algorithm::Sha256),
        ("", Algorithm::Sha1),
    ] {
        assert_eq!(with_suite(suite).unwrap().algorithm, algorithm, "{suite}");
    }
    for suite in [
        "HMAC-MD5",
        "SHA224",
        "HMAC-SHA384",
        "SHA3-256",
        "OCRA-1:HOTP-SHA1-6:QN08",
        "HMAC",
        "sha2566",
    ] {
        let no = with_suite(suite).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Suite, Problem::Unsupported), "{suite}");
    }
}

fn with_suite(suite: &str) -> Result<super::Row, super::No> {
    let parameters =
        format!("<AlgorithmParameters><Suite>{suite}</Suite></AlgorithmParameters><Data>");
    only(pskc(&totp("", "").replace("<Data>", &parameters)))
}

#[test]
fn algorithms_are_hotp_and_totp() {
    let with = |name: &str| {
        only(pskc(&totp("", "").replace("urn:ietf:params:xml:ns:keyprov:pskc:totp", name)))
    };
    for (name, hotp) in [
        ("urn:ietf:params:xml:ns:keyprov:pskc:hotp", true),
        ("urn:ietf:params:xml:ns:keyprov:pskc:TOTP", false),
        ("urn:ietf:params:xml:ns:keyprov:pskc#totp", false),
        ("http://www.ietf.org/keyprov/pskc#hotp", true),
        ("HOTP", true),
    ] {
        assert_eq!(with(name).map(|row| row.hotp), Ok(hotp), "{name}");
    }
    for name in [
        "urn:ietf:params:xml:ns:keyprov:pskc:ocra",
        "urn:ietf:params:xml:ns:keyprov:pskc:pin",
        "http://www.yubico.com/#yubikey-aes",
        "urn:example:hotp",
        "",
    ] {
        let no = with(name).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Algorithm, Problem::Unsupported), "{name}");
    }
    let file = totp("", "").replace(" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\"", "");
    let no = only(pskc(&file)).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Algorithm, Problem::Missing));
}
