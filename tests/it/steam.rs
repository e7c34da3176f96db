//! Steam codes: five symbols of their own alphabet. Nothing else is read as one.

use core::convert::Infallible;

use crate::unicode::{Kind, assigned, kind};

use otp_core::{
    Code, CodeFormat, Digits, HmacKey, MalformedCode, Secret, SubmittedCode, Totp, Truncated,
    VerifyError, Window,
};

use crate::data::{from_hex, rows};

const ALPHABET: &str = "23456789BCDFGHJKMNPQRTVWXY";

/// Every row, through every method. Each symbol of the alphabet occurs in one of them.
#[test]
fn known_codes() {
    let rows = rows(include_str!("../data/steam.txt"));
    assert_eq!(rows.len(), 80);
    let mut seen = String::new();
    for [key, time, code] in rows {
        let totp = Totp::steam(&Secret::from_bytes_allow_short(&from_hex(key)).unwrap());
        let now = time.parse().unwrap();
        let shown = totp.code_at(now).unwrap();
        assert_eq!(shown.to_string(), code, "{key} at {now}");
        assert_eq!((shown.as_bytes(), shown.format()), (code.as_bytes(), CodeFormat::Steam));
        for typed in
            [code.to_owned(), code.to_lowercase(), format!(" {}-{}", &code[..2], &code[2..])]
        {
            let hit = totp.verify_at(&typed, now, Window::EXACT).unwrap();
            assert_eq!((hit.step(), hit.drift()), (now / 30, 0), "{typed}");
        }
        seen += code;
    }
    for symbol in ALPHABET.chars() {
        assert!(seen.contains(symbol), "no row with {symbol}");
    }
}

/// Shows a number.
struct Number(u32);

impl HmacKey for Number {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(self.0))
    }
}

fn of(number: u32) -> Totp<Number> {
    Totp::from_key(Number(number)).with_format(CodeFormat::Steam)
}

/// Each symbol at each place is distinct: shown, read in either case, and different from every
/// other.
#[test]
fn every_symbol_in_every_place() {
    let symbols: Vec<_> = ALPHABET.chars().collect();
    assert_eq!(symbols.len(), 26);
    for place in 0..5 {
        for (value, symbol) in (0..).zip(&symbols) {
            let mut expected = ['2'; 5];
            expected[place] = *symbol;
            let expected = String::from_iter(expected);
            // The first place counts ones. The part of the 31 bits above five places is dropped.
            let number = value * 26_u32.pow(place as u32);
            for number in [number, number + 26_u32.pow(5), number + 100 * 26_u32.pow(5)] {
                let totp = of(number);
                assert_eq!(totp.code_at(0).unwrap().to_string(), expected);
                for other in &symbols {
                    let typed = expected.replace(*symbol, &other.to_string());
                    let same = typed == expected;
                    for typed in [typed.to_lowercase(), typed] {
                        let verdict = totp.verify_at(&typed, 0, Window::EXACT);
                        assert_eq!(verdict.is_ok(), same, "{typed} for {expected}");
                    }
                }
            }
        }
    }
}

/// F53: of all characters, the alphabet is read in either case and in full width, and no other
/// digit or letter is.
#[test]
fn f53_every_character_by_itself() {
    for character in assigned() {
        let typed = format!("VV{character}VV");
        let read = SubmittedCode::parse(&typed, CodeFormat::Steam);
        let plain = match character {
            '！'..='～' => char::from_u32(u32::from(character) - 0xfee0).unwrap(),
            _ => character,
        };
        match kind(character) {
            Kind::Space | Kind::Dash => {
                assert_eq!(read.unwrap_err(), MalformedCode::Width { expected: 5 });
            }
            _ if plain.is_ascii() && ALPHABET.contains(plain.to_ascii_uppercase()) => {
                assert_eq!(read.unwrap().format(), CodeFormat::Steam);
            }
            _ => {
                assert_eq!(read.unwrap_err(), MalformedCode::Character { offset: 2 }, "{typed:?}");
            }
        }
    }
}

#[test]
fn five_symbols_and_no_other_number_of_them() {
    let totp = of(0);
    for len in 0..12 {
        let typed = "2".repeat(len);
        let verdict = totp.verify_at(&typed, 0, Window::EXACT).map(|hit| hit.step());
        let malformed = VerifyError::Malformed(MalformedCode::Width { expected: 5 });
        assert_eq!(verdict, if len == 5 { Ok(0) } else { Err(malformed) }, "{typed}");
    }
    assert_eq!(CodeFormat::Steam.width(), 5);
    // Digits that were parsed for another engine are not accepted by this method either.
    let digits = SubmittedCode::parse("222222", Digits::Six).unwrap();
    let verdict = totp.verify_submitted_at(&digits, 0, Window::EXACT);
    assert_eq!(verdict, Err(VerifyError::Malformed(MalformedCode::Width { expected: 5 })));
    let steam = SubmittedCode::parse("22222", CodeFormat::Steam).unwrap();
    let verdict = Totp::from_key(Number(0)).verify_submitted_at(&steam, 0, Window::EXACT);
    assert_eq!(verdict, Err(VerifyError::Malformed(MalformedCode::Width { expected: 6 })));
}

#[test]
fn what_lies_outside_the_window_is_rejected() {
    let totp = Totp::steam(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let code = |step: u64| totp.code_at(step * 30).as_ref().map(Code::to_string).unwrap();
    for (step, drift) in [(8, None), (9, Some(-1)), (10, Some(0)), (11, Some(1)), (12, None)] {
        let verdict = totp.verify_at(&code(step), 300, Window::DEFAULT).map(|hit| hit.drift());
        assert_eq!(verdict, drift.ok_or(VerifyError::Rejected), "step {step}");
    }
}
