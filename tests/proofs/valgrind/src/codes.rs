//! Generating and verifying without a state: every hash, every format, every position of the match.

use otp_core::{
    Algorithm, CodeFormat, Digits, Hotp, KeySchedule, LookAhead, MalformedCode, Secret,
    SubmittedCode, Totp, Truncated, VerifyError, Window,
};

use crate::memory::{Typed, is_secret, secret, shown};

pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
pub const DIGITS: [Digits; 5] =
    [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten];
pub const NOW: u64 = 1_234_567_890;
pub const STEP: u64 = NOW / 30;

pub fn totp(algorithm: Algorithm) -> Totp {
    let key = secret(*b"12345678901234567890");
    Totp::for_algorithm(algorithm, &Secret::from_bytes(&key).unwrap()).unwrap()
}

pub fn hotp(algorithm: Algorithm) -> Hotp {
    let key = secret(*b"12345678901234567890");
    Hotp::for_algorithm(algorithm, &Secret::from_bytes(&key).unwrap()).unwrap()
}

/// A text of the same form with another code.
pub fn wrong(code: &str) -> String {
    let other = |symbol| if symbol == '7' { '8' } else { '7' };
    code.chars().map(other).collect()
}

pub fn prove() {
    truncation();
    long_keys();
    for algorithm in ALGORITHMS {
        for digits in DIGITS {
            by_counter(&hotp(algorithm).with_digits(digits));
            by_clock(&totp(algorithm).with_digits(digits));
        }
        by_clock(&totp(algorithm).with_format(CodeFormat::Steam));
    }
    forms();
}

/// An HMAC that a secure element computed.
fn truncation() {
    let numbers = [
        Truncated::from_hmac(&secret([0x5a; 20])).expose_bits(),
        Truncated::from_hmac(&secret([0x5a; 32])).expose_bits(),
        Truncated::from_hmac(&secret([0x5a; 64])).expose_bits(),
    ];
    assert!(numbers.iter().all(|number| is_secret(&number.to_ne_bytes())));
}

/// Keys are hashed where they are longer than a block.
fn long_keys() {
    for algorithm in ALGORITHMS {
        for len in [0, 1, 63, 64, 65, 120, 128, 129, 300] {
            let key = secret([0x5a; 300]);
            let schedule = KeySchedule::from_raw_key(algorithm, &key[..len]).unwrap();
            if len > 0 {
                assert!(is_secret(schedule.expose_hmac(7, &mut [0; 64])));
            }
            let hotp = Hotp::from_key(schedule);
            if len > 0 {
                assert_eq!(shown(&hotp.code(7)).len(), 6);
            }
        }
    }
}

fn by_counter(hotp: &Hotp) {
    let ahead = LookAhead::new(4).unwrap();
    let first = 1_000;
    for counter in first..=first + 4 {
        let code = hotp.code(counter);
        let text = shown(&code);
        // Written out to be shown, and compared.
        assert_eq!(code.to_string(), text);
        assert!(code == hotp.code(counter) && code != hotp.code(counter + 1));
        let hit = hotp.verify(Typed::new(&text).text(), first, ahead);
        assert_eq!(hit.unwrap().counter(), counter);
        let miss = hotp.verify(Typed::new(&wrong(&text)).text(), first, ahead);
        assert_eq!(miss.unwrap_err(), VerifyError::Rejected);
    }
    // The window is cut off here. The codes of the factors beyond are computed all the same.
    let last = shown(&hotp.code(u64::MAX - 1));
    let cut_off = hotp.verify(Typed::new(&last).text(), u64::MAX, ahead);
    assert_eq!(cut_off.unwrap_err(), VerifyError::Rejected);
}

fn by_clock(totp: &Totp) {
    let window = Window::new(2, 2).unwrap();
    for step in STEP - 2..=STEP + 2 {
        let text = shown(&totp.code_at(step * 30).unwrap());
        let hit = totp.verify_at(Typed::new(&text).text(), NOW, window).unwrap();
        assert_eq!(hit.step(), step);
        assert_eq!(hit.drift(), i64::try_from(step).unwrap() - i64::try_from(STEP).unwrap());
        let miss = totp.verify_at(Typed::new(&wrong(&text)).text(), NOW, window);
        assert_eq!(miss.unwrap_err(), VerifyError::Rejected);
    }
}

/// Only the form of a typed text is public.
fn forms() {
    let hotp = hotp(Algorithm::Sha1);
    let text = shown(&hotp.code(0));
    let written = |zero: u32| {
        let digit = |digit: u8| char::from_u32(u32::from(digit - b'0') + zero).unwrap();
        text.bytes().map(digit).collect::<String>()
    };
    let (head, tail) = text.split_at(3);
    let grouped = [" ", "-", "\u{a0}", " - "].map(|between| format!("{head}{between}{tail}"));
    let scripts = [0xff10, 0x660].map(written);
    for text in grouped.iter().chain(&scripts) {
        let typed = Typed::new(text);
        assert_eq!(hotp.verify(typed.text(), 0, LookAhead::NONE).unwrap().counter(), 0, "{text}");
    }
    for (malformed, why) in [
        (format!("{text}0"), MalformedCode::Width { expected: 6 }),
        (format!("{head}x{tail}"), MalformedCode::Character { offset: 3 }),
        (format!("-{text}"), MalformedCode::Character { offset: 0 }),
        (format!("{text}-"), MalformedCode::Character { offset: 6 }),
        (format!("{head}\u{1d7d0}"), MalformedCode::Character { offset: 3 }),
    ] {
        let typed = Typed::new(&malformed);
        assert_eq!(
            SubmittedCode::parse(typed.text(), Digits::Six).unwrap_err(),
            why,
            "{malformed}"
        );
    }
    // Steam's symbols in either case.
    let steam = totp(Algorithm::Sha1).with_format(CodeFormat::Steam);
    let text = shown(&steam.code_at(NOW).unwrap()).to_lowercase();
    assert!(steam.verify_at(Typed::new(&text).text(), NOW, Window::EXACT).is_ok());
    let malformed = SubmittedCode::parse(Typed::new("BCDFA").text(), CodeFormat::Steam);
    assert_eq!(malformed.unwrap_err(), MalformedCode::Character { offset: 4 });
}
