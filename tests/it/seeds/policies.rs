//! `Policy`: an element that is not understood forbids the use of the key (RFC 6030 section 5).

use otp_core::seeds::{Buffer, Part, Problem, Pskc, Unlock};

use super::{at, only, pskc, totp};

#[test]
fn dates_are_shown() {
    let policy = "<Policy><StartDate>2026-01-01T00:00:00Z</StartDate>\
                  <ExpiryDate>2031-01-01T00:00:00Z</ExpiryDate>\
                  <NumberOfTransactions>10</NumberOfTransactions></Policy>";
    let file = totp("", policy);
    let mut buffer = Buffer::new();
    let mut tokens = Pskc::open(file.as_bytes(), Unlock::Plain, &mut buffer).unwrap();
    let token = tokens.next_token().unwrap().unwrap().unwrap();
    assert_eq!(token.start_date().unwrap(), "2026-01-01T00:00:00Z");
    assert_eq!(token.expiry_date().unwrap(), "2031-01-01T00:00:00Z");
    assert_eq!(token.number_of_transactions(), Some(10));
    assert!(!token.has_pin_policy());
}

#[test]
fn a_pin_is_told() {
    let file = totp("", "<Policy><PINPolicy PINUsageMode=\"Local\" MinLength=\"4\"/></Policy>");
    let mut buffer = Buffer::new();
    let mut tokens = Pskc::open(file.as_bytes(), Unlock::Plain, &mut buffer).unwrap();
    assert!(tokens.next_token().unwrap().unwrap().unwrap().has_pin_policy());
}

#[test]
fn a_known_policy_permits() {
    for policy in [
        "<Policy/>",
        "<Policy><KeyUsage>OTP</KeyUsage></Policy>",
        "<Policy><KeyUsage>CR</KeyUsage><KeyUsage> OTP </KeyUsage></Policy>",
        "<Policy><PINPolicy PINUsageMode=\"Local\" MinLength=\"4\"/></Policy>",
        "<Policy><PINPolicy PINKeyId=\"1\"/></Policy>",
    ] {
        assert!(only(pskc(&totp("", policy))).is_ok(), "{policy}");
    }
}

#[test]
fn any_other_policy_forbids() {
    for (policy, at_fault, problem) in [
        ("<Policy><Location>Vault</Location></Policy>", "<Location", Problem::UnknownPolicy),
        (
            "<Policy><x:StartDate xmlns:x=\"urn:x\"/></Policy>",
            "<x:StartDate",
            Problem::UnknownPolicy,
        ),
        ("<Policy x=\"y\"/>", "<Policy", Problem::UnknownPolicy),
        ("<Policy><KeyUsage>Sign</KeyUsage></Policy>", "<KeyUsage", Problem::UnknownPolicy),
        (
            "<Policy><KeyUsage>OTP</KeyUsage><KeyUsage>otp</KeyUsage></Policy>",
            "<KeyUsage>otp",
            Problem::UnknownPolicy,
        ),
        ("<Policy><KeyUsage>CR</KeyUsage></Policy>", "<Policy", Problem::KeyUsage),
        ("<Policy><KeyUsage/></Policy>", "<KeyUsage", Problem::UnknownPolicy),
        (
            "<Policy><PINPolicy PINUsageMode=\"Append\"/></Policy>",
            "<PINPolicy",
            Problem::Unsupported,
        ),
        ("<Policy><PINPolicy Biometric=\"true\"/></Policy>", "<PINPolicy", Problem::UnknownPolicy),
        ("<Policy><PINPolicy><a><b/></a></PINPolicy></Policy>", "<a>", Problem::UnknownPolicy),
    ] {
        // The next token is still read.
        let file = totp("", policy).replace(
            "</KeyPackage>",
            &format!(
                "</KeyPackage>{}",
                super::package(&format!(
                    "<Key Algorithm=\"hotp\"><Data>{}</Data></Key>",
                    super::SECRET
                ))
            ),
        );
        let (tokens, error) = pskc(&file);
        let [Err(no), Ok(_)] = &tokens[..] else { panic!("{policy}: {tokens:?} {error:?}") };
        assert_eq!(
            (no.part, no.problem, no.offset),
            (Part::Policy, problem, at(&file, at_fault)),
            "{policy}"
        );
        assert_eq!(no.name.as_deref(), Some("7"));
    }
}

#[test]
fn two_policies_are_one_too_many() {
    let file = totp("", "<Policy/><Policy/>");
    let no = only(pskc(&file)).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Policy, Problem::Duplicate));
}
