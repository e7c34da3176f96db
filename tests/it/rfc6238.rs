//! RFC 6238: appendix B, time steps, and the end of time.

use otp_core::{BeforeT0, CodeError, Digits, Period, Secret, Totp, VerifyError, Window};

use crate::data::{algorithms, rfc_seed, rows, totp};

#[test]
fn appendix_b_through_every_door() {
    let rows = rows(include_str!("../data/rfc6238_appendix_b.txt"));
    assert_eq!(rows.len(), 18);
    let mut checked = 0;
    for [time, step, algorithm, code] in rows {
        let now = time.parse().unwrap();
        let step = u64::from_str_radix(step, 16).unwrap();
        let Some(algorithm) = algorithms().find(|known| known.name() == algorithm) else {
            continue;
        };
        let secret = Secret::from_bytes(&rfc_seed(algorithm)).unwrap();
        let totp = Totp::for_algorithm(algorithm, &secret).unwrap().with_digits(Digits::Eight);
        assert_eq!(totp.step_at(now), Ok(step));
        assert_eq!(totp.code_at(now).unwrap().to_string(), code, "{algorithm} at {now}");
        let hit = totp.verify_at(code, now, Window::EXACT).unwrap();
        assert_eq!((hit.step(), hit.drift()), (step, 0));
        checked += 1;
    }
    assert_eq!(checked, 6 * algorithms().count());
}

#[test]
fn steps_and_seconds_remaining() {
    let totp = totp(otp_core::Algorithm::Sha1, b"12345678901234567890");
    for (now, step, remaining) in
        [(0, 0, 30), (1, 0, 29), (29, 0, 1), (30, 1, 30), (59, 1, 1), (60, 2, 30)]
    {
        assert_eq!(totp.step_at(now), Ok(step), "at {now}");
        assert_eq!(totp.seconds_remaining_at(now), Ok(remaining), "at {now}");
        assert_eq!(totp.code_at(now), totp.code_at(now + remaining - 1));
    }
    // T0 shifts everything.
    let later = totp.with_t0(1_000).with_period(Period::new(7).unwrap());
    assert_eq!(later.step_at(1_000), Ok(0));
    assert_eq!(later.step_at(1_013), Ok(1));
    assert_eq!(later.seconds_remaining_at(1_013), Ok(1));
}

#[test]
fn before_t0_is_an_error() {
    let totp = totp(otp_core::Algorithm::Sha1, b"12345678901234567890").with_t0(100);
    for now in [0, 99] {
        assert_eq!(totp.step_at(now).unwrap_err().to_string(), "the time is before T0");
        assert!(matches!(totp.seconds_remaining_at(now), Err(BeforeT0 { .. })));
        assert_eq!(totp.code_at(now), Err(CodeError::BeforeT0));
        assert_eq!(totp.verify_at("123456", now, Window::DEFAULT), Err(VerifyError::BeforeT0));
    }
    assert!(totp.code_at(100).is_ok());
}

#[test]
fn the_end_of_time() {
    let totp = totp(otp_core::Algorithm::Sha1, b"12345678901234567890");
    let last = u64::MAX / 30;
    assert_eq!(totp.step_at(u64::MAX), Ok(last));
    assert_eq!(totp.seconds_remaining_at(u64::MAX), Ok(30 - u64::MAX % 30));

    // With one second a step, step u64::MAX exists, and the window stops there.
    let totp = totp.with_period(Period::new(1).unwrap());
    let at = |now| totp.code_at(now).unwrap().to_string();
    let wide = Window::new(100, 100).unwrap();
    let verify = |code: &str, now| totp.verify_at(code, now, wide).map(|hit| hit.drift());
    assert_eq!(verify(&at(u64::MAX), u64::MAX), Ok(0));
    assert_eq!(verify(&at(u64::MAX - 100), u64::MAX), Ok(-100));
    assert_eq!(verify(&at(u64::MAX), u64::MAX - 100), Ok(100));
    for step in 0..100 {
        assert_eq!(verify(&at(step), u64::MAX), Err(VerifyError::Rejected), "wrapped to {step}");
        assert_eq!(verify(&at(u64::MAX - step), 0), Err(VerifyError::Rejected), "wrapped");
    }

    // The period is as long as all time: there is only one step.
    let totp = totp.with_period(Period::new(u64::MAX).unwrap());
    assert_eq!(totp.step_at(u64::MAX - 1), Ok(0));
    assert_eq!(totp.seconds_remaining_at(0), Ok(u64::MAX));
    assert_eq!(totp.step_at(u64::MAX), Ok(1));
}
