//! RFC 4226: appendix D, with its intermediate values.

use core::convert::Infallible;

use hex_literal::hex;
use otp_core::{Digits, HmacKey, Hotp, HotpMatch, LookAhead, Secret, Truncated, VerifyError};

use crate::data::{from_hex, rows};

const SECRET: &[u8] = b"12345678901234567890";

fn appendix_d() -> Vec<(u64, [u8; 20], u32, &'static str)> {
    let rows = rows(include_str!("../data/rfc4226_appendix_d.txt"));
    assert_eq!(rows.len(), 10);
    let parse = |[counter, hmac, truncated, code]: [&'static str; 4]| {
        (
            counter.parse().unwrap(),
            from_hex(hmac).try_into().unwrap(),
            u32::from_str_radix(truncated, 16).unwrap(),
            code,
        )
    };
    rows.into_iter().map(parse).collect()
}

#[test]
fn appendix_d_through_every_door() {
    let hotp = Hotp::new(&Secret::from_bytes(SECRET).unwrap());
    for (counter, hmac, truncated, code) in appendix_d() {
        assert_eq!(Truncated::from_hmac(&hmac).expose_bits(), truncated, "counter {counter}");
        let Ok(computed) = hotp.key().truncated(counter);
        assert_eq!(computed.expose_bits(), truncated, "counter {counter}");
        assert_eq!(hotp.code(counter).to_string(), code, "counter {counter}");
        let hit = hotp.verify(code, counter, LookAhead::NONE).unwrap();
        assert_eq!((hit.counter(), hit.next()), (counter, Some(counter + 1)));
    }
}

#[test]
fn appendix_d_with_more_digits() {
    // The digits of a code are the last digits of the truncated value in decimal.
    for digits in [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten] {
        let hotp = Hotp::new(&Secret::from_bytes(SECRET).unwrap()).with_digits(digits);
        for (counter, _, truncated, _) in appendix_d() {
            let whole = format!("{truncated:010}");
            let shown = &whole[10 - usize::from(digits.get())..];
            assert_eq!(hotp.code(counter).to_string(), shown);
            assert_eq!(hotp.code(counter).as_bytes(), shown.as_bytes());
            assert_eq!(hotp.verify(shown, 0, LookAhead::DEFAULT).unwrap().counter(), counter);
        }
    }
}

#[test]
fn truncation_takes_every_offset() {
    // The example of section 5.4.
    let example = hex!("1f8698690e02ca16618550ef7f19da8e945b555a");
    assert_eq!(Truncated::from_hmac(&example).expose_bits(), 0x50ef_7f19);

    fn check<const N: usize>() {
        let mut hmac: [u8; N] = core::array::from_fn(|at| 0x80 | at as u8);
        for offset in 0..16 {
            hmac[N - 1] = 0xa0 | offset;
            let at = usize::from(offset);
            let expected = u32::from_be_bytes(hmac[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
            assert_eq!(Truncated::from_hmac(&hmac).expose_bits(), expected, "{N}, {offset}");
        }
    }
    check::<20>();
    check::<32>();
    check::<64>();
}

#[test]
fn every_counter_has_a_code() {
    let hotp = Hotp::new(&Secret::from_bytes(SECRET).unwrap());
    // Computed with oathtool 2.6.7, `oathtool -c COUNTER 3132333435363738393031323334353637383930`.
    for (counter, code) in
        [(u64::from(u32::MAX), "117190"), (1 << 32, "999456"), (u64::MAX, "094451")]
    {
        assert_eq!(hotp.code(counter).to_string(), code);
    }
}

/// A replacement for hardware that fails from a given moving factor on.
struct Failing(u64);

#[derive(Debug, PartialEq)]
struct BusError;

impl HmacKey for Failing {
    type Error = BusError;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, BusError> {
        if moving_factor < self.0 {
            Ok(Truncated::from_bits(u32::try_from(moving_factor).unwrap()))
        } else {
            Err(BusError)
        }
    }
}

#[test]
fn hardware_may_fail_and_says_so() {
    let hotp = Hotp::from_key(Failing(5));
    assert_eq!(hotp.try_code(4).unwrap().to_string(), "000004");
    assert_eq!(hotp.try_code(5).unwrap_err(), BusError);
    let near = LookAhead::new(3).unwrap();
    assert_eq!(hotp.verify("000004", 1, near).unwrap().counter(), 4);
    // Even if the code was found before the failure, the error reveals nothing about it.
    assert_eq!(hotp.verify("000004", 2, near), Err(VerifyError::Key(BusError)));
}

/// Counts the requests, and gives the same code for each.
struct Same<'a>(&'a core::cell::Cell<u32>);

impl HmacKey for Same<'_> {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        self.0.set(self.0.get() + 1);
        Ok(Truncated::from_bits(287_082))
    }
}

fn work(code: &str, counter: u64, look_ahead: u8) -> (Result<HotpMatch, VerifyError>, u32) {
    let asked = core::cell::Cell::new(0);
    let look_ahead = LookAhead::new(look_ahead).unwrap();
    let verdict = Hotp::from_key(Same(&asked)).verify(code, counter, look_ahead);
    (verdict, asked.get())
}

#[test]
fn the_highest_match_counts_and_the_work_is_always_the_same() {
    for look_ahead in [0, 1, 2, 3, 4, 99, 100] {
        let all = u32::from(look_ahead) + 1;
        let (verdict, asked) = work("287082", 7, look_ahead);
        assert_eq!((verdict.unwrap().counter(), asked), (7 + u64::from(look_ahead), all));
        assert_eq!(work("287083", 7, look_ahead), (Err(VerifyError::Rejected), all));
        let (verdict, asked) = work("287082", u64::MAX - 1, look_ahead);
        let last = if look_ahead == 0 { u64::MAX - 1 } else { u64::MAX };
        assert_eq!((verdict.unwrap().counter(), asked), (last, all.min(2)));
        // Text that cannot be a code requests nothing.
        assert_eq!(work("28708", 7, look_ahead).1, 0);
    }
}
