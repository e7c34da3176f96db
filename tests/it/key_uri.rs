//! Key URIs: the table of real inputs, round trips, and a comparison with a slow and simple reader.

use otp_core::{
    Algorithm, Digits, EngineError, KeySchedule, Period, Secret, SecretError, Totp, otpauth,
};
use proptest::prelude::*;

use crate::reference;

const S: &str = "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn answer(uri: &str) -> String {
    match otpauth::Uri::parse(uri) {
        Err(error) => {
            format!("{} {} {}", error.part().name(), error.problem().name(), error.offset())
        }
        Ok(uri) => reference::describe(&uri),
    }
}

fn table() -> Vec<(String, String, String)> {
    let text = include_str!("../data/key_uris.txt");
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.splitn(3, '\t').map(|column| column.replace("\\n", "\n"));
        (columns.next().unwrap(), columns.next().unwrap(), columns.next().unwrap())
    });
    rows.collect()
}

#[test]
fn the_table() {
    let rows = table();
    assert!(rows.len() > 200, "{}", rows.len());
    for (expected, why, uri) in rows {
        assert_eq!(answer(&uri), expected, "{why}: {uri}");
    }
}

/// Each rule refuses its own case and no other. If one rule of the strict set is relaxed, only that
/// rule is relaxed.
#[test]
fn each_rule_is_switched_for_itself() {
    let cases = [
        (otpauth::Rule::ShortSecret, "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP".to_owned()),
        (otpauth::Rule::TrailingBits, format!("otpauth://totp/a?{S}MZ")),
        (otpauth::Rule::LeftOverSymbol, format!("otpauth://totp/a?{S}A")),
        (otpauth::Rule::Padding, format!("otpauth://totp/a?{S}======")),
        (otpauth::Rule::MissingCounter, format!("otpauth://hotp/a?{S}")),
        (otpauth::Rule::IssuerMismatch, format!("otpauth://totp/A:a?{S}&issuer=B")),
        (otpauth::Rule::MissingLabel, format!("otpauth://totp/?{S}")),
        (otpauth::Rule::UnknownParameter, format!("otpauth://totp/a?{S}&lock")),
        (otpauth::Rule::MixedCase, format!("otpauth://totp/a?{}", S.replace("=G", "=g"))),
        (otpauth::Rule::TextDirection, format!("otpauth://totp/\u{202e}a?{S}")),
        (otpauth::Rule::TextDirection, format!("otpauth://totp/\u{202e}A:a?{S}")),
        (otpauth::Rule::TextDirection, format!("otpauth://totp/a?{S}&issuer=\u{202e}A")),
    ];
    let of_lenient = [otpauth::Rule::MixedCase, otpauth::Rule::TextDirection];
    for (rule, uri) in &cases {
        assert_eq!(otpauth::Uri::parse(uri).is_err(), of_lenient.contains(rule), "{rule:?}");
        assert!(otpauth::Uri::parse_with(uri, otpauth::Rules::LENIENT.accepting(*rule)).is_ok());
        let only = otpauth::Rules::LENIENT.refusing(*rule);
        for rules in [only, otpauth::Rules::STRICT] {
            let error = otpauth::Uri::parse_with(uri, rules).unwrap_err();
            assert_eq!(error.problem(), otpauth::Problem::Refused(*rule), "{rules:?}");
        }
        assert!(
            otpauth::Uri::parse_with(uri, otpauth::Rules::STRICT.accepting(*rule)).is_ok(),
            "{rule:?}"
        );
        assert!(only.refuses(*rule) && !only.accepting(*rule).refuses(*rule));
        for (other, uri) in cases.iter().filter(|(other, _)| other != rule) {
            let is_refused = otpauth::Uri::parse_with(uri, only).is_err();
            assert_eq!(is_refused, of_lenient.contains(other), "{rule:?} refuses {other:?}");
            assert!(
                otpauth::Uri::parse_with(uri, otpauth::Rules::STRICT.accepting(*rule)).is_err()
            );
        }
    }
    assert_eq!(
        format!("{:?}", otpauth::Rules::LENIENT.refusing(otpauth::Rule::Padding)),
        "{Padding, MixedCase, TextDirection}"
    );
    let strict = format!("otpauth://totp/A:a?{S}&issuer=A&algorithm=SHA1&digits=6&period=30");
    assert!(otpauth::Uri::parse_with(&strict, otpauth::Rules::STRICT).is_ok());
}

/// 15 bytes and 16.
#[test]
fn a_secret_is_short_under_128_bits() {
    for (symbols, is_short) in [(24, true), (26, false)] {
        let uri = format!("otpauth://totp/a?secret={}", "A".repeat(symbols));
        let parsed = otpauth::Uri::parse_with(
            &uri,
            otpauth::Rules::LENIENT.refusing(otpauth::Rule::ShortSecret),
        );
        assert_eq!(parsed.is_err(), is_short, "{uri}");
    }
}

/// F28: with every rule relaxed, input that no rule names is still refused.
#[test]
fn f28_relaxing_opens_no_other_door() {
    for uri in ["&period=0", "&digits=5", "&digits=11", "&algorithm=MD5", "&secret=AAAA"] {
        let uri = format!("otpauth://totp/a?{S}{uri}");
        assert!(otpauth::Uri::parse_with(&uri, otpauth::Rules::LENIENT).is_err(), "{uri}");
    }
}

/// F28: a key URI with a short secret is read, but it gives a secret and an engine only through
/// methods whose names say so.
#[test]
fn f28_a_uri_gives_a_short_secret_only_by_name() {
    // Base32 symbols for 1, 10, 15, 16, 128 and 129 bytes.
    for (symbols, error) in [
        (2, Some(SecretError::Short)),
        (16, Some(SecretError::Short)),
        (24, Some(SecretError::Short)),
        (26, None),
        (205, None),
        (207, Some(SecretError::Long)),
    ] {
        for (kind, rules) in [
            ("totp", otpauth::Rules::LENIENT),
            ("hotp", otpauth::Rules::LENIENT),
            ("steam", otpauth::Rules::LENIENT),
            // The rule is only about reading. The engine still needs its own method.
            ("totp", otpauth::Rules::STRICT.accepting(otpauth::Rule::ShortSecret)),
        ] {
            // The first byte is 8, and all others are zero.
            let uri = format!("otpauth://{kind}/a?secret=B{}", "A".repeat(symbols - 1));
            let uri = otpauth::Uri::parse_with(&uri, rules).unwrap();
            let mut bytes = vec![0; symbols * 5 / 8];
            bytes[0] = 8;
            assert_eq!(uri.secret_len(), bytes.len());
            assert_eq!(uri.secret().err(), error, "{symbols}");
            assert_eq!(uri.engine().err(), error.map(EngineError::Secret), "{symbols}");
            // Only the length is relaxed, and only the minimum.
            let error = error.filter(|error| *error == SecretError::Long);
            assert_eq!(uri.secret_allow_short().err(), error, "{symbols}");
            let engine = uri.engine_allow_short();
            assert_eq!(engine.as_ref().err(), error.map(EngineError::Secret).as_ref());
            if let Ok(engine) = engine {
                let secret = uri.secret_allow_short().unwrap();
                assert_eq!(secret.expose_bytes(), bytes);
                let mac = KeySchedule::from_raw_key(Algorithm::Sha1, &bytes).unwrap();
                let expected = Totp::from_key(mac).with_format(engine.format());
                assert_eq!(engine.code(1), expected.code_at(30).unwrap(), "{symbols}");
            }
        }
    }
    assert_eq!(
        EngineError::Secret(SecretError::Short).to_string(),
        "the shared secret has less than 128 bits"
    );
}

/// F28: a method that allows a short secret does not relax anything else.
#[test]
fn f28_allowing_a_short_secret_allows_no_other_algorithm() {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let uri = format!("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&algorithm={algorithm}");
        let uri = otpauth::Uri::parse(&uri).unwrap();
        assert_eq!(uri.engine().unwrap_err(), EngineError::Secret(SecretError::Short));
        let expected = KeySchedule::from_raw_key(algorithm, b"key").map(|_| ());
        let engine = uri.engine_allow_short().map(|_| ());
        assert_eq!(engine, expected.map_err(EngineError::Algorithm));
    }
}

/// F30: labels that try to add a parameter of their own.
#[test]
fn f30_no_label_brings_a_parameter() {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    for hostile in [
        "a?secret=AAAA&x=",
        "a&secret=AAAA",
        "a#b",
        "a%3Fsecret%3DAAAA",
        "issuer:account",
        "a/b",
        "../../x",
        "\"><script>",
        "=;&?#+ %",
        "\u{200f}gnp.exe",
    ] {
        for (issuer, account) in [(hostile, "user"), ("tenant", hostile), (hostile, hostile)] {
            let written = otpauth::UriBuilder::totp(&secret)
                .with_issuer(issuer)
                .and_then(|uri| uri.with_account(account))
                .unwrap()
                .to_string();
            assert_eq!(written.matches("secret=").count(), 1, "{written}");
            assert_eq!(written.matches('?').count(), 1, "{written}");
            assert!(written.is_ascii() && !written.contains(['#', '+', ' ', '"', '<']));
            let uri = otpauth::Uri::parse_with(&written, otpauth::Rules::STRICT).unwrap();
            assert_eq!(uri.issuer().unwrap(), issuer, "{written}");
            assert_eq!(uri.account(), account, "{written}");
            assert_eq!(uri.secret().unwrap().expose_bytes(), secret.expose_bytes());
        }
    }
}

#[test]
fn what_the_writer_refuses() {
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    for control in ['\0', '\n', '\r', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}'] {
        let label = format!("ab{control}");
        let error = otpauth::UriBuilder::totp(&secret).with_issuer(&label).unwrap_err();
        assert_eq!(error.offset(), 2);
        assert_eq!(otpauth::UriBuilder::totp(&secret).with_account(&label).unwrap_err(), error);
        assert_eq!(
            error.to_string(),
            "a control character, line separator or text-direction override in the label at byte 2"
        );
    }
    let uri = otpauth::UriBuilder::totp(&secret);
    let needed = uri.to_string().len();
    for len in 0..needed {
        assert!(uri.write_to(&mut vec![0; len]).is_err());
    }
    assert_eq!(uri.write_to(&mut vec![0; needed]), Ok(uri.to_string().as_str()));
}

#[test]
fn the_form_of_auth0() {
    let secret = Secret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap();
    let uri = otpauth::UriBuilder::totp(&secret)
        .with_issuer("tenant")
        .unwrap()
        .with_account("user")
        .unwrap();
    assert_eq!(
        uri.to_string(),
        "otpauth://totp/tenant:user?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=tenant\
         &algorithm=SHA1&digits=6&period=30"
    );
}

#[test]
fn text_is_copied_only_where_it_fits() {
    let uri = format!("otpauth://totp/J%C3%BCrgen?{S}");
    let account = otpauth::Uri::parse(&uri).unwrap().account();
    assert_eq!((account.len(), account.is_empty()), (7, false));
    assert_eq!(account.copy_to(&mut [0; 7]), Ok("Jürgen"));
    let too_small = account.copy_to(&mut [0; 6]).unwrap_err();
    assert!(too_small.to_string().contains("does not fit"));
    assert!(account == *"Jürgen" && account != *"Jurgen" && account != "Jürgen2");
    assert_eq!(account.chars().rev_string(), "negrüJ");
    assert_eq!(format!("{account:?}"), "\"Jürgen\"");
}

trait RevString {
    fn rev_string(self) -> String;
}

impl<I: Iterator<Item = char>> RevString for I {
    fn rev_string(self) -> String {
        self.collect::<Vec<_>>().into_iter().rev().collect()
    }
}

#[test]
fn unknown_parameters_are_listed_as_they_stand() {
    let uri = format!("otpauth://totp/a?lock&{S}&image=https%3A%2F%2Fx&&digits=6&=&SECRET=A#x=y");
    let unknown: Vec<_> = otpauth::Uri::parse(&uri).unwrap().unknown().collect();
    assert_eq!(
        unknown,
        [("lock", None), ("image", Some("https%3A%2F%2Fx")), ("", Some("")), ("SECRET", Some("A"))]
    );
}

#[test]
fn engines() {
    use otp_core::{CodeFormat, Engine, Hotp, LookAhead, Window};
    let engine = |uri: &str| otpauth::Uri::parse(uri).unwrap().engine();
    let Ok(Engine::Hotp { hotp, counter }) = engine(&format!("otpauth://hotp/a?{S}&counter=3"))
    else {
        panic!("no HOTP engine")
    };
    assert_eq!(hotp.verify("969429", counter, LookAhead::NONE).unwrap().next(), Some(4));
    let Ok(Engine::Totp(steam)) = engine(&format!("otpauth://steam/a?{S}")) else {
        panic!("no Steam engine")
    };
    assert_eq!(steam.verify_at("PV9M4", 59, Window::EXACT).unwrap().step(), 1);
    assert!(steam.verify_at("PV9M", 59, Window::EXACT).is_err());
    assert!(steam.verify_at("287082", 59, Window::EXACT).is_err());

    // The properties of an engine of either kind, and the code of a moving factor.
    let told = |uri: &str| {
        let engine = engine(uri).unwrap();
        let code = engine.code(1).as_str().to_owned();
        (engine.algorithm(), engine.format(), engine.period(), code)
    };
    let (sha1, six) = (Algorithm::Sha1, CodeFormat::Decimal(Digits::Six));
    let (eight, period) = (CodeFormat::Decimal(Digits::Eight), Some(Period::new(60).unwrap()));
    assert_eq!(
        told(&format!("otpauth://totp/a?{S}&digits=8&period=60")),
        (sha1, eight, period, "94287082".into())
    );
    assert_eq!(
        told(&format!("otpauth://hotp/a?{S}&counter=9")),
        (sha1, six, None, "287082".into())
    );
    assert_eq!(
        told(&format!("otpauth://steam/a?{S}")),
        (sha1, CodeFormat::Steam, Some(Period::DEFAULT), "PV9M4".into())
    );

    // A secret that is too long for `Secret` is read through a buffer.
    let long = format!("otpauth://totp/a?secret={}", "A".repeat(480));
    assert!(engine(&long).unwrap_err().to_string().contains("more than 128 bytes"));
    let mut buffer = [0xff; 300];
    assert_eq!(otpauth::Uri::parse(&long).unwrap().decode_secret(&mut buffer).unwrap(), [0; 300]);
    let mut small = [0xff; 299];
    assert!(otpauth::Uri::parse(&long).unwrap().decode_secret(&mut small).is_err());
    assert_eq!(small, [0; 299]);

    // And back.
    let secret = Secret::from_bytes(b"12345678901234567890").unwrap();
    let totp = Totp::new(&secret).with_digits(Digits::Eight).with_period(Period::new(60).unwrap());
    let written = totp.key_uri(&secret).unwrap().to_string();
    assert!(written.ends_with("&algorithm=SHA1&digits=8&period=60"), "{written}");
    assert!(totp.with_t0(5).key_uri(&secret).is_err());
    let written = Hotp::new(&secret).key_uri(&secret, u64::MAX).to_string();
    assert!(written.ends_with("&digits=6&counter=18446744073709551615"), "{written}");
    let written = Totp::steam(&secret).key_uri(&secret).unwrap().to_string();
    assert_eq!(otpauth::Uri::parse(&written).unwrap().kind(), otpauth::Kind::Steam);
    let steam = otpauth::UriBuilder::new(&secret, otpauth::Kind::Steam);
    assert_eq!(steam.with_algorithm(Algorithm::Sha256).to_string(), written);
}

#[test]
fn errors_say_which_part_and_where_and_nothing_else() {
    let uri = format!("otpauth://totp/Example:alice?{S}!&issuer=Example");
    let error = otpauth::Uri::parse(&uri).unwrap_err();
    assert_eq!((error.part(), error.offset()), (otpauth::Part::Secret, 29 + S.len()));
    assert_eq!(error.to_string(), "secret: a character that is not allowed there (at byte 68)");
    for (_, _, uri) in table() {
        match otpauth::Uri::parse(&uri) {
            Ok(parsed) => {
                let text = format!("{parsed:?} {parsed:#?} {:?}", parsed.unknown());
                assert!(!text.contains("GEZD") && !text.contains("JBSW"), "{text}");
            }
            Err(error) => {
                let text = format!("{error} {error:?}");
                assert!(
                    !["GEZD", "JBSW", "Example", "alice", "MD5"].iter().any(|w| text.contains(w))
                );
            }
        }
    }
    let secret = Secret::from_base32(&S[7..]).unwrap();
    assert!(!format!("{:?}", otpauth::UriBuilder::totp(&secret)).contains("GEZD"));
}

#[test]
fn the_reference_reads_the_table_alike() {
    for (expected, why, uri) in table() {
        let expected = expected.contains('|').then_some(expected);
        assert_eq!(reference::read(&uri), expected, "{why}: {uri}");
    }
}

/// URIs that are almost right: pieces of the table in a new order.
fn pieces() -> impl Strategy<Value = String> {
    let head = proptest::sample::select(vec![
        "otpauth://totp/",
        "otpauth://hotp/",
        "otpauth://steam/",
        "OTPAUTH://TOTP/",
        "otpauth://totp",
        "otpauth://",
        "otpauth:",
        "http://totp/",
        "otpauth://x/",
    ]);
    let label = "([a-zA-Z0-9 :%+@/é]|%3[Aa]|%20|%C3%BC|%[0-9a-f]{2}){0,8}";
    let parameter = prop_oneof![
        Just(S.to_owned()),
        "secret=([A-Za-z2-7]{0,20}=?[ +%2-]{0,2}|[A-Z2-7]{16,40}={0,6})",
        "issuer=([a-zA-Z :+]|%3A|%20|%C3%BC){0,6}",
        "algorithm=(SHA1|sha256|SHA512|MD5|SHA%31|)",
        "digits=(%2B)?[0-9]{0,2}",
        "period=[0-9]{0,21}",
        "counter=(%2[bB])?[0-9]{0,20}",
        "encoder=(steam|x)?",
        "[a-z]{0,3}(=[a-z%]{0,3})?",
        "#?",
    ];
    let query = proptest::collection::vec(parameter, 0..5);
    (head, label, query)
        .prop_map(|(head, label, query)| format!("{head}{label}?{}", query.join("&")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn equals_the_reference(uri in prop_oneof![4 => pieces(), 1 => "\\PC{0,60}", 1 => "otpauth://totp/\\PC{0,60}"]) {
        let ours = answer(&uri);
        let ours = ours.contains('|').then_some(ours);
        // A separator of the answer in the text itself would make the two look different.
        prop_assume!(!uri.contains('|'));
        prop_assert_eq!(ours, reference::read(&uri), "{}", uri);
    }

    /// Every written URI is read back unchanged, also with the strict rules.
    #[test]
    fn what_is_written_is_read_back(
        issuer in "[^\\p{Cc}\u{2028}-\u{202e}\u{2066}-\u{2069}]{0,12}|[a :%?&#=/+]{0,6}",
        account in "[^\\p{Cc}\u{2028}-\u{202e}\u{2066}-\u{2069}]{1,12}|[a :%?&#=/+]{1,6}",
        bytes in proptest::collection::vec(any::<u8>(), 16..=128),
        algorithm in proptest::sample::select(&[Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512][..]),
        digits in (6..=10_u8).prop_map(|digits| Digits::new(digits).unwrap()),
        period in 1..=u64::MAX,
        is_hotp in any::<bool>(),
    ) {
        let secret = Secret::from_bytes(&bytes).unwrap();
        let kind = if is_hotp {
            otpauth::Kind::Hotp { digits, counter: period }
        } else {
            otpauth::Kind::Totp { digits, period: Period::new(period).unwrap() }
        };
        let writer = otpauth::UriBuilder::new(&secret, kind)
            .with_algorithm(algorithm)
            .with_issuer(&issuer).unwrap()
            .with_account(&account).unwrap();
        let written = writer.to_string();
        let uri = otpauth::Uri::parse_with(&written, otpauth::Rules::STRICT).unwrap();
        let read = uri.issuer().map(|issuer| issuer.to_string()).unwrap_or_default();
        prop_assert_eq!(&read, &issuer);
        prop_assert!(uri.account() == *account);
        prop_assert_eq!((uri.kind(), uri.algorithm()), (kind, algorithm));
        let read = uri.secret().unwrap();
        prop_assert_eq!(read.expose_bytes(), &bytes[..]);
        // The form is canonical: writing it again gives the same text.
        let again = otpauth::UriBuilder::new(&secret, uri.kind())
            .with_algorithm(uri.algorithm())
            .with_issuer(&issuer).unwrap()
            .with_account(&account).unwrap();
        prop_assert_eq!(again.to_string(), written);
    }

    #[test]
    fn never_panics(text in "\\PC*|otpauth://(totp|hotp|steam)[/?#]\\PC*") {
        let _ = answer(&text);
    }
}

#[test]
fn rules_are_told_apart() {
    let rules = [
        otpauth::Rule::ShortSecret,
        otpauth::Rule::TrailingBits,
        otpauth::Rule::LeftOverSymbol,
        otpauth::Rule::Padding,
        otpauth::Rule::MissingCounter,
        otpauth::Rule::IssuerMismatch,
        otpauth::Rule::MissingLabel,
    ];
    let texts: std::collections::BTreeSet<_> = rules.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), rules.len());
    assert!(!texts.contains(""));
    for rule in rules {
        let once = otpauth::Rules::LENIENT.refusing(rule);
        assert!(once != otpauth::Rules::LENIENT);
        // Refusing a rule twice is the same as once.
        assert!(once.refusing(rule) == once);
    }
}
