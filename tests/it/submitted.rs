//! What a person types, and the one form it is brought into.

use otp_core::{Digits, HmacKey, Hotp, LookAhead, MalformedCode, SubmittedCode, Truncated};
use proptest::prelude::*;

const ALL: [Digits; 5] = [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten];

/// Shows the counter itself.
struct Identity;

impl HmacKey for Identity {
    type Error = core::convert::Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error> {
        Ok(Truncated::from_bits(u32::try_from(moving_factor).unwrap()))
    }
}

/// Whether `text` is read as the code `value`.
fn reads_as(text: &str, value: u64, digits: Digits) -> bool {
    Hotp::from_key(Identity).with_digits(digits).verify(text, value, LookAhead::NONE).is_ok()
}

#[test]
fn the_forms_that_people_type() {
    for text in [
        "287082",
        "287 082",
        " 287082 ",
        "287-082",
        "28-70-82",
        "287 - 082",
        "2 8 7 0 8 2",
        "287\u{a0}082",
        "２８７０８２",
        "٢٨٧٠٨٢",
        "28７٠82",
    ] {
        assert!(reads_as(text, 287_082, Digits::Six), "{text:?}");
    }
    assert!(reads_as("000007", 7, Digits::Six));
    assert!(reads_as("0000000007", 7, Digits::Ten));
    assert!(reads_as("2147483647", 2_147_483_647, Digits::Ten));
}

#[test]
fn the_list_is_closed() {
    for (text, offset) in [
        ("+287082", 0),
        ("-287082", 0),
        ("287082-", 6),
        ("287082 - ", 7),
        ("−287082", 0), // minus sign
        ("287–082", 3), // en dash
        ("2_87082", 1),
        ("0x287082", 1),
        ("287,082", 3),
        ("287.082", 3),
        ("28708²", 5), // superscript
        ("28708₂", 5), // subscript
        ("①②③④⑤⑥", 0),
        ("२८७०८२", 0), // Devanagari
        ("۲۸۷۰۸۲", 0), // extended Arabic-Indic
        ("𝟐87082", 0), // mathematical bold
        ("Ⅱ87082", 0), // Roman numeral
        ("28708l", 5),
        ("28708O", 5),
        ("287\t082", 3),
        ("287082\n", 6),
        ("287\u{2003}082", 3), // em space
        ("287\u{200b}082", 3), // zero-width space
        ("287\u{202e}082", 3), // right-to-left override
        ("287082\0", 6),
        ("", usize::MAX),
    ] {
        let expected = match offset {
            usize::MAX => MalformedCode::Width { expected: 6 },
            offset => MalformedCode::Character { offset },
        };
        assert_eq!(SubmittedCode::parse(text, Digits::Six).unwrap_err(), expected, "{text:?}");
    }
}

/// Over all characters: those that the documentation names are read, and no other.
#[test]
fn every_character_alone() {
    for character in '\0'..=char::MAX {
        let digit = match character {
            '0'..='9' => Some(u32::from(character) - u32::from('0')),
            '０'..='９' => Some(u32::from(character) - u32::from('０')),
            '\u{660}'..='\u{669}' => Some(u32::from(character) - 0x660),
            _ => None,
        };
        let as_digit = format!("10000{character}");
        match digit {
            Some(digit) => assert!(reads_as(&as_digit, 100_000 + u64::from(digit), Digits::Six)),
            None => assert!(SubmittedCode::parse(&as_digit, Digits::Six).is_err(), "{character:?}"),
        }
        let as_separator = format!("100{character}000");
        let separates = matches!(character, ' ' | '\u{a0}' | '-');
        assert_eq!(
            SubmittedCode::parse(&as_separator, Digits::Six).is_ok(),
            separates,
            "{character:?}"
        );
    }
}

#[test]
fn the_text_is_bounded() {
    let fits = format!("{}287082", " ".repeat(SubmittedCode::MAX_TEXT_LEN - 6));
    assert!(SubmittedCode::parse(&fits, Digits::Six).is_ok());
    let too_long = format!("{fits} ");
    assert_eq!(SubmittedCode::parse(&too_long, Digits::Six).unwrap_err(), MalformedCode::TooLong);
    // The longest form of ten digits fits: full-width, with a no-break space between any two.
    let spread = ["０"; 10].join("\u{a0}");
    assert!(SubmittedCode::parse(&spread, Digits::Ten).is_ok());
}

proptest! {
    #[test]
    fn never_panics_and_never_takes_another_width(text in "\\PC{0,40}|[0-9 -]{0,70}") {
        for digits in ALL {
            if SubmittedCode::parse(&text, digits).is_ok() {
                let count = text.chars().filter(|character| !" \u{a0}-".contains(*character)).count();
                prop_assert_eq!(count, usize::from(digits.get()));
            }
        }
    }

    #[test]
    fn a_code_that_is_shown_is_read(value in 0..1_u64 << 31, digits in proptest::sample::select(&ALL[..])) {
        let hotp = Hotp::from_key(Identity).with_digits(digits);
        let shown = hotp.code(value).to_string();
        prop_assert_eq!(shown.len(), usize::from(digits.get()));
        prop_assert_eq!(shown.parse::<u64>().unwrap(), value % 10_u64.pow(digits.get().into()));
        prop_assert!(reads_as(&shown, value, digits));
    }
}
