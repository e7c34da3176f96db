//! Any bytes as a key URI: read as the slow reference reads them, and every getter keeps its word.
#![no_main]

use data_encoding::BASE32_NOPAD;
use libfuzzer_sys::fuzz_target;
use otp_core::{Engine, Secret, otpauth};

use self::reference::describe;
use self::unicode::{Kind, kind};

// The reference and the helpers of its tables. This target needs a part of them.
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/data.rs"]
mod data;
#[path = "../../tests/it/reference.rs"]
mod reference;
#[path = "../../tests/it/unicode.rs"]
#[allow(dead_code, reason = "helpers of the integration tests")]
mod unicode;

/// The lenient rules.
const RULES: [otpauth::Rule; 8] = [
    otpauth::Rule::ShortSecret,
    otpauth::Rule::TrailingBits,
    otpauth::Rule::LeftOverSymbol,
    otpauth::Rule::Padding,
    otpauth::Rule::MissingCounter,
    otpauth::Rule::IssuerMismatch,
    otpauth::Rule::MissingLabel,
    otpauth::Rule::UnknownParameter,
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let lenient = otpauth::Uri::parse(text);
    let described = lenient.as_ref().ok().map(describe);
    assert_eq!(described, reference::read(text));
    match &lenient {
        Ok(uri) => {
            check(uri, text);
            written_again(uri);
        }
        Err(error) => check_error(error, text),
    }
    let departs = |rule| lenient.is_ok_and(|uri| departs(&uri, text, rule));
    check_rules(text, described.as_deref(), departs);
});

/// A rule refuses its own and changes nothing else; relaxed one after the other, the strict rules
/// end up at the lenient answer.
fn check_rules(text: &str, lenient: Option<&str>, departs: impl Fn(otpauth::Rule) -> bool) {
    for rule in RULES {
        match otpauth::Uri::parse_with(text, otpauth::Rules::LENIENT.refusing(rule)) {
            Ok(uri) => {
                assert_eq!(Some(&*describe(&uri)), lenient);
                assert!(!departs(rule), "{rule:?} does not refuse");
            }
            Err(error) => {
                check_error(&error, text);
                let refused = error.problem() == otpauth::Problem::Refused(rule);
                assert!(lenient.is_none() || (refused && departs(rule)), "{error}");
            }
        }
    }
    let mut rules = otpauth::Rules::STRICT;
    let answer = loop {
        match otpauth::Uri::parse_with(text, rules).map_err(|error| (error, error.problem())) {
            Ok(uri) => break Some(describe(&uri)),
            Err((error, otpauth::Problem::Refused(rule))) => {
                check_error(&error, text);
                assert!(rules.refuses(rule), "{rule:?} refuses although it is relaxed");
                if otpauth::Rules::LENIENT.refuses(rule) {
                    break None;
                }
                rules = rules.accepting(rule);
            }
            Err((error, _)) => {
                check_error(&error, text);
                break None;
            }
        }
    };
    assert_eq!(answer.as_deref(), lenient);
}

/// Returns whether a URI that is read does what a rule refuses. It finds that out in another way
/// than the reader.
fn departs(uri: &otpauth::Uri<'_>, text: &str, rule: otpauth::Rule) -> bool {
    let (head, query) = text.split('#').next().unwrap().split_once('?').unwrap();
    let parameters = || query.split('&').map(|one| one.split_once('=').unwrap_or((one, "")));
    let value = |name| parameters().find(|(own, _)| *own == name).map(|(_, value)| value);

    // The secret as it stands there, and as it would be written.
    let mut buffer = vec![0; uri.secret_len()];
    let canonical = BASE32_NOPAD.encode(uri.decode_secret(&mut buffer).unwrap());
    let secret = unescape(value("secret").unwrap_or_default()).to_ascii_uppercase();
    let is_symbol =
        |symbol: &char| *symbol != '=' && !matches!(kind(*symbol), Kind::Space | Kind::Dash);
    let symbols: String = secret.chars().filter(is_symbol).collect();

    match rule {
        otpauth::Rule::ShortSecret => uri.secret_len() < 16,
        otpauth::Rule::TrailingBits => !symbols.starts_with(&canonical),
        otpauth::Rule::LeftOverSymbol => symbols.len() > canonical.len(),
        otpauth::Rule::Padding => secret.contains('='),
        otpauth::Rule::MissingCounter => {
            matches!(uri.kind(), otpauth::Kind::Hotp { .. }) && value("counter").is_none()
        }
        // The issuer of the label is the one that counts without the parameter.
        otpauth::Rule::IssuerMismatch => {
            let others = parameters().filter(|(name, _)| *name != "issuer");
            let others: String = others.map(|(name, value)| format!("&{name}={value}")).collect();
            let without = format!("{head}?{others}");
            let prefix =
                otpauth::Uri::parse(&without).unwrap().issuer().map(|issuer| issuer.to_string());
            prefix.is_some_and(|prefix| uri.issuer().unwrap() != *prefix)
        }
        otpauth::Rule::MissingLabel => uri.account().is_empty(),
        otpauth::Rule::UnknownParameter => {
            let known = ["secret", "issuer", "algorithm", "digits", "period", "counter", "encoder"];
            query.split('&').any(|one| {
                !one.is_empty() && !known.contains(&one.split('=').next().unwrap_or_default())
            })
        }
        _ => panic!("a rule that is not known here"),
    }
}

/// A secret that was read, so that its escapes are well-formed and stand for ASCII.
fn unescape(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut pieces = text.split('%');
    let mut plain = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (escape, rest) = piece.split_at(2);
        plain.push(u8::from_str_radix(escape, 16).unwrap().into());
        plain.push_str(rest);
    }
    plain
}

fn check_error(error: &otpauth::Error, text: &str) {
    assert!(text.is_char_boundary(error.offset()), "{error}");
    let shown = error.to_string();
    assert!(shown.starts_with(error.part().name()) && shown.is_ascii());
}

fn check(uri: &otpauth::Uri<'_>, text: &str) {
    check_text(uri.account());
    if let Some(issuer) = uri.issuer() {
        assert!(!issuer.is_empty());
        check_text(issuer);
    }

    let mut buffer = vec![0xee; uri.secret_len()];
    let bytes = uri.decode_secret(&mut buffer).unwrap();
    assert_eq!(bytes.len(), uri.secret_len());
    let is_zero = bytes.iter().all(|byte| *byte == 0);
    match uri.secret_allow_short() {
        Ok(secret) => assert!(secret.expose_bytes() == bytes && !is_zero),
        Err(_) => assert!(bytes.len() > Secret::MAX_LEN || is_zero),
    }
    let is_taken = (Secret::MIN_BITS / 8..=Secret::MAX_LEN).contains(&bytes.len()) && !is_zero;
    assert_eq!(uri.secret().is_ok(), is_taken);
    assert_eq!(uri.engine().is_ok(), is_taken);
    let mut small = vec![0xee; uri.secret_len() - 1];
    assert!(uri.decode_secret(&mut small).is_err());
    assert!(small.iter().all(|byte| *byte == 0));

    match (uri.kind(), uri.engine_allow_short()) {
        (otpauth::Kind::Hotp { digits, counter }, Ok(Engine::Hotp { hotp, counter: own })) => {
            assert_eq!((digits, counter), (hotp.digits(), own));
        }
        (otpauth::Kind::Totp { digits, period }, Ok(Engine::Totp(totp))) => {
            assert_eq!((totp.format(), totp.period(), totp.t0()), (digits.into(), period, 0));
        }
        (otpauth::Kind::Steam, Ok(Engine::Totp(totp))) => assert_eq!(totp.format().width(), 5),
        (_, engine) => assert!(engine.is_err() && uri.secret_allow_short().is_err()),
    }

    for (name, value) in uri.unknown() {
        assert_ne!(name, "secret");
        let parameter = value.map_or(name.into(), |value| format!("{name}={value}"));
        assert!(text.contains(&parameter) && !parameter.contains(['&', '#']));
    }
    assert!(!format!("{uri:?} {:?}", uri.unknown()).contains(char::is_control));
}

fn check_text(text: otpauth::Text<'_>) {
    let shown = text.to_string();
    assert!(!shown.contains(char::is_control));
    assert!(text == *shown && text.chars().eq(shown.chars()));
    assert_eq!((text.len(), text.is_empty()), (shown.len(), shown.is_empty()));
    assert_eq!(text.copy_to(&mut vec![0; shown.len()]), Ok(&*shown));
    if let Some(less) = shown.len().checked_sub(1) {
        assert!(text.copy_to(&mut vec![0; less]).is_err());
    }
}

/// A URI that was read can be written, and says the same then.
fn written_again(uri: &otpauth::Uri<'_>) {
    let Ok(secret) = uri.secret_allow_short() else { return };
    let issuer = uri.issuer().map(|issuer| issuer.to_string()).unwrap_or_default();
    let account = uri.account().to_string();
    let writer = otpauth::UriBuilder::new(&secret, uri.kind())
        .with_algorithm(uri.algorithm())
        .with_issuer(&issuer)
        .and_then(|writer| writer.with_account(&account))
        .expect("a text that was read can be written");
    let canonical = otpauth::Rules::STRICT
        .accepting(otpauth::Rule::ShortSecret)
        .accepting(otpauth::Rule::MissingLabel);
    let written = writer.to_string();
    let read = otpauth::Uri::parse_with(&written, canonical).unwrap();
    assert_eq!(describe(&read), describe(uri), "{written}");
}
