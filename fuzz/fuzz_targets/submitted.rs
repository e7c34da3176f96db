//! Any text as a code that a person typed, in every format; and every code that is shown, read
//! back.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::fuzz_target;
use otp_core::{
    CodeFormat, Digits, HmacKey, MalformedCode, Period, SubmittedCode, Totp, Truncated,
    VerifyError, Window,
};

use self::unicode::{Kind, kind};

// This target needs a part of the helpers of the integration tests.
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/data.rs"]
mod data;
#[allow(dead_code, reason = "helpers of the integration tests")]
#[path = "../../tests/it/unicode.rs"]
mod unicode;

const FORMATS: [CodeFormat; 6] = [
    CodeFormat::Decimal(Digits::Six),
    CodeFormat::Decimal(Digits::Seven),
    CodeFormat::Decimal(Digits::Eight),
    CodeFormat::Decimal(Digits::Nine),
    CodeFormat::Decimal(Digits::Ten),
    CodeFormat::Steam,
];

/// Truncates to the moving factor itself, so that the step is the number of the code.
struct Identity;

impl HmacKey for Identity {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits((moving_factor & 0x7fff_ffff) as u32))
    }
}

fn engine(format: CodeFormat) -> Totp<Identity> {
    Totp::from_key(Identity).with_format(format).with_period(Period::new(1).unwrap())
}

/// The number that a text stands for, slowly. A dash stands between two symbols, with any
/// spaces and other dashes around it.
fn expected(text: &str, format: CodeFormat) -> Option<u64> {
    let shown = || text.chars().filter(|character| kind(*character) != Kind::Space);
    let is_dash = |character| kind(character) == Kind::Dash;
    if shown().next().is_some_and(is_dash) || shown().next_back().is_some_and(is_dash) {
        return None;
    }
    let value = |character| match (format, kind(character)) {
        // The crate knows none of the scripts beyond.
        (CodeFormat::Decimal(_), Kind::Digit(value)) => {
            (character < '\u{10000}').then_some(u64::from(value))
        }
        (CodeFormat::Decimal(_), _) => None,
        (CodeFormat::Steam, _) => {
            let plain = match character {
                // Full width.
                '！'..='～' => char::from_u32(u32::from(character) - 0xfee0)?,
                _ => character,
            };
            let place = "23456789BCDFGHJKMNPQRTVWXY".find(plain.to_ascii_uppercase())?;
            u64::try_from(place).ok()
        }
    };
    let symbols = shown().filter(|character| !is_dash(*character));
    let values: Vec<u64> = symbols.map(value).collect::<Option<_>>()?;
    (values.len() == usize::from(format.width())).then_some(())?;
    Some(match format {
        CodeFormat::Decimal(_) => values.iter().fold(0, |sum, value| 10 * sum + value),
        CodeFormat::Steam => values.iter().rev().fold(0, |sum, value| 26 * sum + value),
    })
}

fuzz_target!(|bytes: &[u8]| {
    if let Some((number, _)) = bytes.split_first_chunk() {
        show(u32::from_le_bytes(*number) & 0x7fff_ffff);
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    for format in FORMATS {
        type_in(text, format);
    }
});

fn type_in(text: &str, format: CodeFormat) {
    let fits = text.len() <= SubmittedCode::MAX_TEXT_LEN;
    let number = expected(text, format).filter(|_| fits);
    let verdict = |step| engine(format).verify_at(text, step, Window::EXACT).map(|hit| hit.step());
    match (SubmittedCode::parse(text, format), number) {
        (Ok(submitted), Some(number)) => {
            assert_eq!(submitted.format(), format);
            if number < 1 << 31 {
                assert_eq!(verdict(number).unwrap(), number);
                assert!(matches!(verdict(number + 1), Err(VerifyError::Rejected)));
            } else {
                // Ten digits can say more than a code ever does, and must not wrap around to one.
                assert!(matches!(verdict(number & 0x7fff_ffff), Err(VerifyError::Rejected)));
                assert!(matches!(verdict(number & 0xffff_ffff), Err(VerifyError::Rejected)));
            }
        }
        (Err(error), None) => {
            match error {
                MalformedCode::TooLong => assert!(!fits),
                MalformedCode::Character { offset } => {
                    assert!(offset < text.len() && text.is_char_boundary(offset));
                }
                MalformedCode::Width { expected } => assert_eq!(expected, format.width()),
                _ => panic!("{error}"),
            }
            assert!(matches!(verdict(0), Err(VerifyError::Malformed(_))));
        }
        (ours, expected) => panic!("{ours:?} where {expected:?} is expected"),
    }
}

fn show(number: u32) {
    for format in FORMATS {
        let step = u64::from(number);
        let code = engine(format).code_at(step).unwrap();
        let shown = code.to_string();
        assert_eq!((shown.as_bytes(), shown.len()), (code.as_bytes(), format.width().into()));
        let radix = if format == CodeFormat::Steam { 26_u64 } else { 10 };
        let modulus = radix.pow(format.width().into());
        assert_eq!(expected(&shown, format), Some(step % modulus));
        assert_eq!(engine(format).verify_at(&shown, step, Window::EXACT).unwrap().step(), step);
    }
}
