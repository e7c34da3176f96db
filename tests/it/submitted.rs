//! Typed text, and its normal form.

use otp_core::{Digits, HmacKey, Hotp, LookAhead, MalformedCode, SubmittedCode, Truncated};
use proptest::prelude::*;

use crate::unicode::{Kind, assigned, kind};

const ALL: [Digits; 5] = [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten];

/// Shows the counter itself.
struct Identity;

impl HmacKey for Identity {
    type Error = core::convert::Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error> {
        Ok(Truncated::from_bits(u32::try_from(moving_factor).unwrap()))
    }
}

/// Returns whether `text` is read as the code `value`.
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
        "۲۸۷۰۸۲", // Persian
        "२८७०८२", // Devanagari
        "28–70—82",
        "287－082",
        "287082\n",
        "287082\r\n",
        "\t287082",
        "287\u{2009}082",
        "287\u{202f}082",
        "287\u{200b}082",
        "\u{feff}287082",
        "28\u{ad}7082",
        "\u{200f}287082\u{200e}",
        "\u{2068}287 082\u{2069}",
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
        ("−287082", 0),                // minus sign
        ("287082\u{fe0f}\u{20e3}", 9), // an emoji's key cap
        ("–287082", 0),                // en dash
        ("287082—", 6),                // em dash
        ("287−082", 3),
        ("2_87082", 1),
        ("0x287082", 1),
        ("287,082", 3),
        ("287.082", 3),
        ("28708²", 5), // superscript
        ("28708₂", 5), // subscript
        ("①②③④⑤⑥", 0),
        ("𝟐87082", 0),  // mathematical bold
        ("Ⅱ87082", 0),  // Roman numeral
        ("十87082", 0), // Han
        ("28708l", 5),
        ("28708O", 5),
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

/// F53: of all characters, the digits of scripts below U+10000 are read. Characters that carry no
/// information are dropped, and no other is accepted.
#[test]
fn f53_every_character_by_itself() {
    for character in assigned() {
        let of_unicode = kind(character);
        let as_digit = format!("10000{character}");
        match of_unicode {
            Kind::Digit(digit) if character < '\u{10000}' => {
                assert!(
                    reads_as(&as_digit, 100_000 + u64::from(digit), Digits::Six),
                    "{character:?}"
                );
            }
            _ => assert!(SubmittedCode::parse(&as_digit, Digits::Six).is_err(), "{character:?}"),
        }
        let separates = |text: &str| SubmittedCode::parse(text, Digits::Six).is_ok();
        let (is_space, is_dash) = (of_unicode == Kind::Space, of_unicode == Kind::Dash);
        assert_eq!(separates(&format!("100{character}000")), is_space || is_dash, "{character:?}");
        assert_eq!(separates(&format!("{character}100000")), is_space, "{character:?}");
        assert_eq!(separates(&format!("100000{character}")), is_space, "{character:?}");
    }
}

/// A character of each class and of each length in UTF-8. No digit of four bytes is read.
const DIGITS: [char; 3] = ['7', '\u{662}', '\u{ff12}'];
const SPACES: [char; 4] = [' ', '\u{a0}', '\u{3000}', '\u{1d173}'];
const DASHES: [char; 4] = ['-', '\u{58a}', '\u{2014}', '\u{10ead}'];
const OTHERS: [char; 4] = ['x', '\u{b2}', '\u{2460}', '\u{1d7d0}'];
const CLASSES: [&[char]; 4] = [&DIGITS, &SPACES, &DASHES, &OTHERS];

/// Returns the digits that remain without the separators, which are white space anywhere and dashes
/// between digits. Returns `None` if something else remains.
fn remaining(text: &str) -> Option<Vec<u64>> {
    let is_digit = |one: &char| matches!(kind(*one), Kind::Digit(_)) && *one < '\u{10000}';
    let shown: Vec<char> = text.chars().filter(|one| kind(*one) != Kind::Space).collect();
    let first = shown.iter().position(is_digit).unwrap_or(shown.len());
    let last = shown.iter().rposition(is_digit).unwrap_or(0);
    let is_between = |place: usize| first < place && place < last;
    (shown.iter().enumerate())
        .filter(|(place, one)| !(kind(**one) == Kind::Dash && is_between(*place)))
        .map(|(_, one)| match kind(*one) {
            Kind::Digit(digit) if is_digit(one) => Some(digit.into()),
            _ => None,
        })
        .collect()
}

/// The text is accepted if exactly the digits remain, and then as their number.
fn is_read_as_documented(text: &str, digits: Digits) {
    let remaining = remaining(text).filter(|all| all.len() == usize::from(digits.get()));
    match remaining {
        Some(all) if text.len() <= SubmittedCode::MAX_TEXT_LEN => {
            let value = all.iter().fold(0, |value, digit| 10 * value + digit);
            // A code of ten digits may be over every 31-bit number.
            let fits = value < 1 << 31;
            assert!(SubmittedCode::parse(text, digits).is_ok(), "{text:?}");
            assert!(!fits || reads_as(text, value, digits), "{text:?}");
        }
        _ => assert!(SubmittedCode::parse(text, digits).is_err(), "{text:?}"),
    }
}

/// Every text of up to eight characters by their classes, for a code of six digits. The lengths of
/// the characters in UTF-8 take turns.
#[test]
fn every_short_text_by_class() {
    for len in 0..=8 {
        for text in 0..4_usize.pow(len) {
            let class = |place| CLASSES[text / 4_usize.pow(place) % 4];
            let text: String = (0..len)
                .map(|place| {
                    let class = class(place);
                    class[(text / 7 + place as usize) % class.len()]
                })
                .collect();
            is_read_as_documented(&text, Digits::Six);
        }
    }
}

/// Every one and every two characters, by class and length in UTF-8, at every place of a code and
/// around it, for each number of digits.
#[test]
fn every_two_characters_at_every_place() {
    let all: Vec<char> = CLASSES.concat();
    let pairs = all.iter().flat_map(|one| all.iter().map(move |two| format!("{one}{two}")));
    let inserted: Vec<String> = all.iter().map(char::to_string).chain(pairs).collect();
    for digits in ALL {
        // With as many digits as the code has, and with one and two less.
        for count in usize::from(digits.get()) - 2..=digits.get().into() {
            let code = &"1234567890"[..count];
            for (place, inserted) in
                (0..=count).flat_map(|at| inserted.iter().map(move |two| (at, two)))
            {
                let text = format!("{}{inserted}{}", &code[..place], &code[place..]);
                is_read_as_documented(&text, digits);
            }
        }
    }
}

/// Every length up to the bound and over it, with white space before, between and after the digits.
#[test]
fn every_length() {
    for (digits, space) in ALL.into_iter().flat_map(|digits| SPACES.map(|space| (digits, space))) {
        let code = &"1234567890"[..digits.get().into()];
        for count in 0..=(SubmittedCode::MAX_TEXT_LEN + 8) / space.len_utf8() {
            let padding = String::from_iter(std::iter::repeat_n(space, count));
            // The bytes that are missing to every length.
            for more in 0..space.len_utf8() {
                let more = " ".repeat(more);
                for place in [0, 1, code.len()] {
                    let text = format!("{}{padding}{more}{}", &code[..place], &code[place..]);
                    is_read_as_documented(&text, digits);
                    let mut shorter = text;
                    shorter.pop();
                    is_read_as_documented(&shorter, digits);
                }
            }
        }
    }
}

#[test]
fn the_text_is_bounded() {
    let fits = format!("{}287082", " ".repeat(SubmittedCode::MAX_TEXT_LEN - 6));
    assert!(SubmittedCode::parse(&fits, Digits::Six).is_ok());
    let too_long = format!("{fits} ");
    assert_eq!(SubmittedCode::parse(&too_long, Digits::Six).unwrap_err(), MalformedCode::TooLong);
    // The longest form of ten digits fits: full-width digits, with two wide spaces between any two.
    let spread = ["０"; 10].join("\u{3000}\u{3000}");
    assert!(SubmittedCode::parse(&spread, Digits::Ten).is_ok());
}

proptest! {
    #[test]
    fn never_panics_and_never_takes_another_width(text in "\\PC{0,40}|[0-9 -]{0,70}") {
        for digits in ALL {
            if SubmittedCode::parse(&text, digits).is_ok() {
                let count = text.chars().filter(|one| matches!(kind(*one), Kind::Digit(_)) && *one < '\u{10000}').count();
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
