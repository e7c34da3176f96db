//! Any key, parameters, clock and code: the verdict is that of a naive loop over HMACs of the
//! `hmac` crate.
#![no_main]

use std::convert::Infallible;

use hmac::{Hmac, KeyInit, Mac as _};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use otp_core::{
    Algorithm, CodeFormat, Digits, HmacKey, Hotp, KeySchedule, LookAhead, Period, Totp, Truncated,
    VerifyError, Window,
};

/// The crate's own HMAC, asked for nothing that its contract excludes.
struct Contract(KeySchedule);

impl HmacKey for Contract {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        self.0.truncated(moving_factor)
    }

    fn truncated_batch(
        &self,
        moving_factors: &[u64],
        answers: &mut [Truncated],
    ) -> Result<(), Infallible> {
        assert!(moving_factors.len() == answers.len() && (1..=6).contains(&answers.len()));
        assert!(moving_factors.is_sorted_by(|a, b| a < b));
        self.0.truncated_batch(moving_factors, answers)
    }
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    algorithm: u8,
    format: u8,
    period: u64,
    t0: u64,
    now: u64,
    past: u8,
    future: u8,
    /// The step whose code is submitted, counted from the current one.
    offset: i8,
    /// The change of the last symbol of that code.
    tamper: u8,
    key: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let algorithm =
        [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512][usize::from(input.algorithm % 3)];
    let format = match input.format % 6 {
        5 => CodeFormat::Steam,
        digits => Digits::new(6 + digits).unwrap().into(),
    };
    check_totp(&input, algorithm, format);
    if let CodeFormat::Decimal(digits) = format {
        check_hotp(&input, algorithm, digits);
    }
});

fn check_totp(input: &Input<'_>, algorithm: Algorithm, format: CodeFormat) {
    let code = |step| code(algorithm, input.key, step, format);
    let totp = Totp::from_key(Contract(KeySchedule::from_raw_key(algorithm, input.key).unwrap()))
        .with_format(format)
        .with_period(Period::new(input.period.max(1)).unwrap())
        .with_t0(input.t0);
    let window = Window::new(input.past, input.future);
    assert_eq!(window.is_err(), input.past > 100 || input.future > 100);
    let Ok(window) = window else { return };

    let Some(elapsed) = input.now.checked_sub(input.t0) else {
        let verdict = totp.verify_at(&"2".repeat(format.width().into()), input.now, window);
        assert!(matches!(verdict, Err(VerifyError::BeforeT0)));
        assert!(totp.step_at(input.now).is_err() && totp.code_at(input.now).is_err());
        return;
    };
    let current = elapsed / input.period.max(1);
    assert_eq!(totp.step_at(input.now), Ok(current));
    assert_eq!(totp.code_at(input.now).unwrap().to_string(), code(current));
    let remaining = totp.seconds_remaining_at(input.now).unwrap();
    let next_step = (u128::from(current) + 1) * u128::from(input.period.max(1));
    assert_eq!(u128::from(elapsed) + u128::from(remaining), next_step);

    let typed = tampered(code(current.saturating_add_signed(input.offset.into())), input.tamper);
    let low = current.saturating_sub(input.past.into());
    let high = current.saturating_add(input.future.into());
    let expected = (low..=high).rev().find(|step| code(*step) == typed);
    match (totp.verify_at(&typed, input.now, window), expected) {
        (Ok(hit), Some(step)) => {
            assert_eq!(hit.step(), step);
            assert_eq!(i128::from(hit.drift()), i128::from(step) - i128::from(current));
        }
        (Err(VerifyError::Rejected), None) => {}
        (verdict, expected) => panic!("{verdict:?} where {expected:?} is expected"),
    }
}

fn check_hotp(input: &Input<'_>, algorithm: Algorithm, digits: Digits) {
    let code = |counter| code(algorithm, input.key, counter, digits.into());
    let hotp = Hotp::from_key(Contract(KeySchedule::from_raw_key(algorithm, input.key).unwrap()))
        .with_digits(digits);
    let look_ahead = LookAhead::new(input.future);
    assert_eq!(look_ahead.is_err(), input.future > 100);
    let Ok(look_ahead) = look_ahead else { return };

    let counter = input.now;
    assert_eq!(hotp.code(counter).to_string(), code(counter));
    let typed = tampered(code(counter.saturating_add_signed(input.offset.into())), input.tamper);
    let last = counter.saturating_add(input.future.into());
    let expected = (counter..=last).rev().find(|counter| code(*counter) == typed);
    match (hotp.verify(&typed, counter, look_ahead), expected) {
        (Ok(hit), Some(counter)) => {
            assert_eq!((hit.counter(), hit.next()), (counter, counter.checked_add(1)));
        }
        (Err(VerifyError::Rejected), None) => {}
        (verdict, expected) => panic!("{verdict:?} where {expected:?} is expected"),
    }
}

/// RFC 4226 section 5.3 as it is written there, and the code of Steam as its apps make it.
fn code(algorithm: Algorithm, key: &[u8], moving_factor: u64, format: CodeFormat) -> String {
    macro_rules! compute {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).unwrap();
            mac.update(&moving_factor.to_be_bytes());
            mac.finalize().into_bytes().to_vec()
        }};
    }
    let hmac = match algorithm {
        Algorithm::Sha1 => compute!(sha1::Sha1),
        Algorithm::Sha256 => compute!(sha2::Sha256),
        Algorithm::Sha512 => compute!(sha2::Sha512),
    };
    let offset = usize::from(hmac[hmac.len() - 1] & 0xf);
    let bits = u32::from_be_bytes(hmac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    let width = usize::from(format.width());
    match format {
        CodeFormat::Decimal(_) => {
            let decimal = format!("{bits:0>10}");
            decimal[10 - width..].into()
        }
        CodeFormat::Steam => {
            let symbol = |place| b"23456789BCDFGHJKMNPQRTVWXY"[bits as usize / place % 26];
            [1, 26, 26 * 26, 26 * 26 * 26, 26 * 26 * 26 * 26]
                .map(symbol)
                .map(char::from)
                .iter()
                .collect()
        }
    }
}

/// The code with another last symbol, if one is asked for. Steam has the digits from 2 on.
fn tampered(code: String, with: u8) -> String {
    match with % 9 {
        0 => code,
        digit => format!("{}{}", &code[..code.len() - 1], digit + 1),
    }
}
