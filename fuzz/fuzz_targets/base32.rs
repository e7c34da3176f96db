//! Any text as Base32, against the crate `data-encoding`; and any bytes there and back.
#![no_main]

use std::sync::LazyLock;

use data_encoding::{BASE32_NOPAD, Encoding, Specification};
use libfuzzer_sys::fuzz_target;
use otp_core::{Base32Error, Secret, decode_base32};

use self::unicode::{Kind, kind};

// This target needs a part of the helpers of the integration tests.
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/data.rs"]
mod data;
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/unicode.rs"]
mod unicode;

static ANY_CASE: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    specification.translate.from.push_str("abcdefghijklmnopqrstuvwxyz");
    specification.translate.to.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    specification.check_trailing_bits = false;
    specification.encoding().unwrap()
});

/// Follows the promise of `decode_base32` in three steps.
fn expected(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|symbol| !is_separator(*symbol)).collect();
    let symbols = text.trim_end_matches('=').as_bytes();
    let left_over = usize::from(matches!(symbols.len() % 8, 1 | 3 | 6));
    // A symbol that is dropped has to be one all the same.
    let (symbols, dropped) = symbols.split_at(symbols.len() - left_over);
    dropped.iter().all(|symbol| ANY_CASE.decode(&[*symbol, b'A']).is_ok()).then_some(())?;
    ANY_CASE.decode(symbols).ok()
}

fn is_separator(character: char) -> bool {
    matches!(kind(character), Kind::Space | Kind::Dash)
}

/// Returns whether both cases are used. A large first letter does not count.
fn is_mixed(text: &str) -> bool {
    let letters: Vec<_> = text.bytes().filter(u8::is_ascii_alphabetic).collect();
    let Some((first, others)) = letters.split_first() else { return false };
    let [upper, lower] =
        [u8::is_ascii_uppercase, u8::is_ascii_lowercase].map(|is| others.iter().any(is));
    upper && (lower || first.is_ascii_lowercase())
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        decode(text);
    }
    there_and_back(bytes);
});

fn decode(text: &str) {
    let mut buffer = vec![0xee; text.len()];
    match (decode_base32(text, &mut buffer), expected(text)) {
        (Ok(bytes), Some(expected)) => {
            assert_eq!(bytes, expected);
            exactly_as_long(text, &expected);
        }
        (Err(error), None) => {
            let Some((offset, after_padding)) = place(error) else { panic!("{error}") };
            let known = |one: char| {
                is_separator(one) || one.is_ascii_alphabetic() || "234567=".contains(one)
            };
            let (before, rest) = text.split_at(offset);
            assert!(before.chars().all(known), "not the first fault: {error}");
            assert_eq!(rest.chars().next().map(known), Some(after_padding), "{error}");
            assert!(!after_padding || before.contains('='), "{error}");
            assert!(buffer.iter().all(|byte| *byte == 0), "left in the buffer");
        }
        (ours, expected) => panic!("{ours:?} where {expected:?} is expected"),
    }
}

fn place(error: Base32Error) -> Option<(usize, bool)> {
    match error {
        Base32Error::Symbol { offset } | Base32Error::OtherEncoding { offset, .. } => {
            Some((offset, false))
        }
        Base32Error::AfterPadding { offset } => Some((offset, true)),
        _ => None,
    }
}

/// A buffer of the length of the bytes suffices, and none that is shorter.
fn exactly_as_long(text: &str, expected: &[u8]) {
    assert_eq!(decode_base32(text, &mut vec![0; expected.len()]), Ok(expected));
    if let Some(less) = expected.len().checked_sub(1) {
        let mut buffer = vec![0xee; less];
        assert_eq!(decode_base32(text, &mut buffer), Err(Base32Error::BufferTooSmall));
        assert!(buffer.iter().all(|byte| *byte == 0), "left in the buffer");
    }
    let is_zero = expected.iter().all(|byte| *byte == 0);
    match Secret::from_base32_allow_short(text) {
        Ok(secret) => assert!(secret.expose_bytes() == expected && !is_zero),
        Err(_) => {
            let fits = (1..=Secret::MAX_LEN).contains(&expected.len()) && !is_zero;
            assert!(!fits || is_mixed(text));
        }
    }
    let is_long_enough = (16..=Secret::MAX_LEN).contains(&expected.len());
    let is_taken = is_long_enough && !is_mixed(text) && !is_zero;
    assert_eq!(Secret::from_base32(text).is_ok(), is_taken);
}

fn there_and_back(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(Secret::MAX_LEN)];
    let Ok(secret) = Secret::from_bytes_allow_short(bytes) else { return };
    let text = secret.expose_base32().to_string();
    assert_eq!(text, BASE32_NOPAD.encode(bytes));
    assert_eq!(decode_base32(&text, &mut vec![0; bytes.len()]), Ok(bytes));
    let lower = text.to_lowercase();
    assert_eq!(decode_base32(&lower, &mut vec![0; bytes.len()]), Ok(bytes));
}
