//! Any issuer, account, secret and parameters: written, read by the strict rules, the same.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use otp_core::{Algorithm, CodeFormat, Digits, Engine, Period, Secret, otpauth};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    kind: u8,
    algorithm: u8,
    digits: u8,
    /// The period or the counter.
    number: u64,
    secret: &'a [u8],
    issuer: &'a str,
    account: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    let len = input.secret.len().min(Secret::MAX_LEN);
    let Ok(secret) = Secret::from_bytes_allow_short(&input.secret[..len]) else { return };
    let digits = Digits::new(6 + input.digits % 5).unwrap();
    let kind = match input.kind % 3 {
        0 => otpauth::Kind::Totp { digits, period: Period::new(input.number.max(1)).unwrap() },
        1 => otpauth::Kind::Hotp { digits, counter: input.number },
        _ => otpauth::Kind::Steam,
    };
    let algorithms = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
    let algorithm = match kind {
        otpauth::Kind::Steam => Algorithm::Sha1,
        _ => algorithms[usize::from(input.algorithm % 3)],
    };
    let (issuer, account) = (input.issuer, input.account);

    let writer = otpauth::UriBuilder::new(&secret, kind).with_algorithm(algorithm);
    refused_where_a_control_is(issuer, writer.with_issuer(issuer).err());
    refused_where_a_control_is(account, writer.with_account(account).err());
    let labelled = writer.with_issuer(issuer).and_then(|writer| writer.with_account(account));
    let Ok(writer) = labelled else { return };
    let written = writer.to_string();

    // No label brings anything of its own.
    assert!(written.is_ascii() && !written.contains(['#', '+', ' ', '"', '<', '\'']));
    assert!(!written.contains(char::is_control));
    assert_eq!(written.matches('?').count(), 1, "{written}");
    assert_eq!(written.matches('&').count(), 3 + usize::from(!issuer.is_empty()), "{written}");

    let mut buffer = vec![0; written.len()];
    assert_eq!(writer.write_to(&mut buffer), Ok(&*written));
    assert!(writer.write_to(&mut buffer[1..]).is_err());

    let mut rules = otpauth::Rules::STRICT;
    if secret.bits() < Secret::MIN_BITS {
        rules = rules.accepting(otpauth::Rule::ShortSecret);
    }
    if account.is_empty() {
        rules = rules.accepting(otpauth::Rule::MissingLabel);
    }
    let uri = otpauth::Uri::parse_with(&written, rules).expect(&written);
    assert_eq!(uri.issuer().map(|text| text.to_string()).unwrap_or_default(), issuer, "{written}");
    assert!(uri.account() == account, "{written}");
    assert_eq!((uri.kind(), uri.algorithm()), (kind, algorithm), "{written}");
    assert_eq!(
        uri.secret_allow_short().unwrap().expose_bytes(),
        secret.expose_bytes(),
        "{written}"
    );
    assert_eq!(uri.unknown().next(), None, "{written}");

    // Through an engine and back: written again it is the same.
    let again = match uri.engine_allow_short().unwrap() {
        Engine::Totp(totp) => {
            assert_eq!(totp.format() == CodeFormat::Steam, kind == otpauth::Kind::Steam);
            totp.key_uri(&secret).unwrap()
        }
        Engine::Hotp { hotp, counter } => hotp.key_uri(&secret, counter),
    };
    let again = again.with_issuer(issuer).unwrap().with_account(account).unwrap();
    assert_eq!(again.to_string(), written);
});

fn refused_where_a_control_is(text: &str, error: Option<otpauth::LabelError>) {
    let refused = |character: char| {
        character.is_control()
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let control = text.char_indices().find(|(_, character)| refused(*character));
    assert_eq!(error.map(|error| error.offset()), control.map(|(offset, _)| offset));
}
