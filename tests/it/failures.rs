//! Failures of other libraries, one test each, as far as they concern the engines.

use otp_core::{
    Algorithm, Digits, HmacKey, Hotp, LookAhead, MalformedCode, Period, Secret, Totp, Truncated,
    VerifyError, Window,
};

const KEY: &[u8] = b"12345678901234567890";

fn hotp() -> Hotp {
    Hotp::new(&Secret::from_bytes(KEY).unwrap())
}

fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(KEY).unwrap())
}

/// F5, the stateless half: two steps of a window have one passcode. The higher step is the match,
/// so a caller that stores it has used both.
#[test]
fn f5_one_passcode_at_two_steps() {
    let totp = totp();
    let code = totp.code_at(153_567 * 30).unwrap();
    assert_eq!(code.to_string(), "468457");
    assert_eq!(code, totp.code_at(153_569 * 30).unwrap());
    for (at, past, future, step) in [
        (153_567, 0, 2, 153_569),
        (153_568, 1, 1, 153_569),
        (153_569, 2, 0, 153_569),
        (153_568, 1, 0, 153_567),
        (153_569, 1, 0, 153_569),
    ] {
        let window = Window::new(past, future).unwrap();
        assert_eq!(totp.verify_at("468457", at * 30, window).unwrap().step(), step, "at {at}");
    }
}

/// F15: step 0 and counter 0 are ordinary values.
#[test]
fn f15_zero_is_no_sentinel() {
    let hit = hotp().verify("755224", 0, LookAhead::NONE).unwrap();
    assert_eq!((hit.counter(), hit.next()), (0, Some(1)));
    // After it is stored correctly, it cannot be replayed.
    assert_eq!(hotp().verify("755224", 1, LookAhead::DEFAULT), Err(VerifyError::Rejected));

    let hit = totp().verify_at("755224", 0, Window::EXACT).unwrap();
    assert_eq!((hit.step(), hit.drift()), (0, 0));
    assert_eq!(totp().verify_at("755224", 30, Window::DEFAULT).unwrap().drift(), -1);
}

/// F16: the ends of the range, at which other libraries wrap or panic.
#[test]
fn f16_the_ends_of_the_range() {
    // now < T0.
    let late = totp().with_t0(u64::MAX);
    assert_eq!(late.verify_at("755224", u64::MAX - 1, Window::DEFAULT), Err(VerifyError::BeforeT0));
    assert_eq!(late.verify_at("755224", u64::MAX, Window::DEFAULT).unwrap().step(), 0);

    // T < past: the window stops at step 0, and does not wrap to the end.
    let wide = Window::new(100, 100).unwrap();
    let at_the_end = hotp().code(u64::MAX).to_string();
    assert_eq!(totp().verify_at(&at_the_end, 0, wide), Err(VerifyError::Rejected));
    assert_eq!(totp().verify_at("755224", 0, wide).unwrap().step(), 0);

    // T = u64::MAX.
    let seconds = totp().with_period(Period::new(1).unwrap());
    let hit = seconds.verify_at(&at_the_end, u64::MAX, wide).unwrap();
    assert_eq!((hit.step(), hit.drift()), (u64::MAX, 0));
    assert_eq!(seconds.verify_at("755224", u64::MAX, wide), Err(VerifyError::Rejected));
    assert_eq!(seconds.seconds_remaining_at(u64::MAX), Ok(1));

    // Counter u64::MAX: it has a code, which is accepted. After it the key is used up.
    let hit = hotp().verify(&at_the_end, u64::MAX, LookAhead::DEFAULT).unwrap();
    assert_eq!((hit.counter(), hit.next()), (u64::MAX, None));
    let hit = hotp().verify(&at_the_end, u64::MAX - 3, LookAhead::DEFAULT).unwrap();
    assert_eq!((hit.counter(), hit.next()), (u64::MAX, None));
    assert_eq!(hotp().verify("755224", u64::MAX, LookAhead::DEFAULT), Err(VerifyError::Rejected));
}

/// F17: after any number of wrong codes, the right code is still the right code.
#[test]
fn f17_a_failure_moves_nothing() {
    let hotp = hotp();
    let counter = 3;
    for wrong in ["000000", "111111", "254676x", "99999", "755224"] {
        let near = LookAhead::new(1).unwrap();
        assert!(hotp.verify(wrong, counter, near).is_err(), "{wrong}");
        assert_eq!(hotp.verify("969429", counter, near).unwrap().counter(), 3);
    }
}

/// F24: the engine decides the width of a code, and the guess never does.
#[test]
fn f24_the_width_never_comes_from_the_guess() {
    for digits in [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten] {
        let hotp = hotp().with_digits(digits);
        // 1094287082 in full, so that every tail of it would match at some width.
        let whole = "1094287082";
        for len in 0..=whole.len() {
            let guess = &whole[whole.len() - len..];
            let verdict = hotp.verify(guess, 1, LookAhead::NONE);
            if len == usize::from(digits.get()) {
                assert!(verdict.is_ok(), "{guess}");
            } else {
                let expected = digits.get();
                let error = VerifyError::Malformed(MalformedCode::Width { expected });
                assert_eq!(verdict, Err(error), "{guess}");
            }
            // Leading zeros do not help either.
            let padded = format!("0{guess}");
            let fits = padded.len() == usize::from(digits.get());
            assert!(fits || hotp.verify(&padded, 1, LookAhead::NONE).is_err());
        }
    }
    // A code that was parsed for another width is not accepted by this method either.
    let seven = otp_core::SubmittedCode::parse("4287082", Digits::Seven).unwrap();
    let error = VerifyError::Malformed(MalformedCode::Width { expected: 6 });
    assert_eq!(hotp().verify_submitted(&seven, 1, LookAhead::NONE), Err(error));
    assert_eq!(totp().verify_submitted_at(&seven, 30, Window::EXACT), Err(error));
}

// The test of F25, both edges of every window, is in window.rs.

/// F26: a code below the stored counter is never accepted.
#[test]
fn f26_hotp_never_looks_back() {
    let hotp = hotp();
    for counter in 1..200 {
        for back in 1..=counter.min(100) {
            let old = hotp.code(counter - back);
            let again = (counter..=counter + 100).any(|ahead| hotp.code(ahead) == old);
            let verdict = hotp.verify(&old.to_string(), counter, LookAhead::new(100).unwrap());
            assert_eq!(verdict.is_ok(), again, "{counter} - {back}");
        }
    }
}

struct Fixed(u32);

impl HmacKey for Fixed {
    type Error = core::convert::Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Self::Error> {
        Ok(Truncated::from_bits(self.0))
    }
}

/// F27: codes keep their width, with any leading digits.
#[test]
fn f27_zero_padding_is_kept() {
    for bits in [0, 1, 9, 10, 123, 999_999, 1_000_000, 1_000_001, 100_000_000, 0x7fff_ffff] {
        for digits in [Digits::Six, Digits::Seven, Digits::Eight, Digits::Nine, Digits::Ten] {
            let hotp = Hotp::from_key(Fixed(bits)).with_digits(digits);
            let width = usize::from(digits.get());
            let expected = format!("{:0width$}", u64::from(bits) % 10_u64.pow(width as u32));
            assert_eq!(hotp.code(0).to_string(), expected);
            assert!(hotp.verify(&expected, 0, LookAhead::NONE).is_ok());
        }
    }
    let eight = hotp().with_digits(Digits::Eight);
    assert!((0..2_000).all(|counter| eight.code(counter).to_string().len() == 8));
}

/// F29: an unknown algorithm never becomes the default.
#[test]
fn f29_unknown_is_not_the_default() {
    assert!("MD5".parse::<Algorithm>().is_err());
    assert!("".parse::<Algorithm>().is_err());
}
