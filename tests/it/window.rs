//! Windows: they are bounded, and accept exactly the steps within them.

use otp_core::{Algorithm, Digits, LookAhead, Period, VerifyError, Window};
use proptest::prelude::*;

use crate::data::{algorithms, totp};

#[test]
fn bounds() {
    for reach in 0..=u8::MAX {
        let ok = reach <= 100;
        assert_eq!(Window::new(reach, 0).is_ok(), ok);
        assert_eq!(Window::new(0, reach).is_ok(), ok);
        assert_eq!(LookAhead::new(reach).is_ok(), ok);
        assert_eq!(LookAhead::try_from(reach).is_ok(), ok);
    }
    let widest = Window::new(Window::MAX, Window::MAX).unwrap();
    assert_eq!(widest.candidates(), 201);
    assert_eq!(widest.to_string(), "-100..+100");
    assert_eq!(LookAhead::new(LookAhead::MAX).unwrap().candidates(), 101);
    let text = Window::new(101, 0).unwrap_err().to_string();
    assert!(text.contains(&Window::MAX.to_string()), "{text}");
    assert_eq!(Window::default(), Window::new(1, 1).unwrap());
    assert_eq!(Window::EXACT, Window::new(0, 0).unwrap());

    for digits in 0..=u8::MAX {
        assert_eq!(
            Digits::new(digits).map(Digits::get).ok(),
            (6..=10).contains(&digits).then_some(digits)
        );
        assert_eq!(Digits::try_from(digits), Digits::new(digits));
    }
    assert!(Period::new(0).is_err() && Period::try_from(0).is_err());
    assert_eq!(Period::new(u64::MAX).map(Period::seconds), Ok(u64::MAX));
}

/// F25: both edges of every window, by table.
#[test]
fn f25_both_edges_of_every_window() {
    let totp = totp(Algorithm::Sha1, b"12345678901234567890").with_digits(Digits::Ten);
    let step = 40_000_000;
    let now = step * 30 + 29;
    // The codes of these steps are all different, so that a match belongs to one step.
    let codes: Vec<_> = (step - 102..=step + 102)
        .map(|step| totp.code_at(step * 30).unwrap().to_string())
        .collect();
    for past in 0..=100_u8 {
        for future in [0, 1, 2, 3, 50, 99, 100] {
            let window = Window::new(past, future).unwrap();
            let verify = |drift: i64| {
                let code = &codes[usize::try_from(drift + 102).unwrap()];
                totp.verify_at(code, now, window).map(|hit| (hit.step(), hit.drift()))
            };
            for inside in [-i64::from(past), 0, i64::from(future)] {
                let expected = step.checked_add_signed(inside).unwrap();
                assert_eq!(verify(inside), Ok((expected, inside)), "{window}");
            }
            for outside in [-i64::from(past) - 1, i64::from(future) + 1] {
                assert_eq!(verify(outside), Err(VerifyError::Rejected), "{window}, {outside}");
            }
        }
    }
}

proptest! {
    /// Compares with a slow and simple reader: the last step of the window with this code.
    #[test]
    fn accepts_exactly_the_window(
        key in proptest::collection::vec(any::<u8>(), 16..70),
        algorithm in proptest::sample::select(algorithms().collect::<Vec<_>>()),
        step in prop_oneof![0..200_u64, any::<u64>(), u64::MAX - 200..=u64::MAX],
        past in 0..12_u8,
        future in 0..12_u8,
        drift in -14..=14_i64,
    ) {
        let totp = totp(algorithm, &key).with_period(Period::new(1).unwrap());
        let code = totp.code_at(step.saturating_add_signed(drift)).unwrap();
        let window = Window::new(past, future).unwrap();
        let first = step.saturating_sub(past.into());
        let last = step.saturating_add(future.into());
        let expected = (first..=last).rev().find(|step| totp.code_at(*step).unwrap() == code);
        let verdict = totp.verify_at(&code.to_string(), step, window);
        match expected {
            Some(expected) => {
                let hit = verdict.unwrap();
                prop_assert_eq!(hit.step(), expected);
                prop_assert_eq!(i128::from(hit.drift()), i128::from(expected) - i128::from(step));
            }
            None => prop_assert_eq!(verdict, Err(VerifyError::Rejected)),
        }
    }

    #[test]
    fn hotp_accepts_exactly_its_look_ahead(
        counter in prop_oneof![0..200_u64, any::<u64>(), u64::MAX - 200..=u64::MAX],
        look_ahead in 0..12_u8,
        ahead in -3..=14_i64,
    ) {
        let hotp = otp_core::Hotp::from_key(
            otp_core::KeySchedule::from_raw_key(Algorithm::Sha1, b"12345678901234567890").unwrap(),
        );
        let code = hotp.code(counter.saturating_add_signed(ahead));
        let last = counter.saturating_add(look_ahead.into());
        let expected = (counter..=last).rev().find(|counter| hotp.code(*counter) == code);
        let verdict = hotp.verify(&code.to_string(), counter, LookAhead::new(look_ahead).unwrap());
        match expected {
            Some(expected) => {
                let hit = verdict.unwrap();
                prop_assert_eq!(hit.counter(), expected);
                prop_assert_eq!(hit.next(), expected.checked_add(1));
            }
            None => prop_assert_eq!(verdict, Err(VerifyError::Rejected)),
        }
    }
}
