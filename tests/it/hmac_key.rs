//! The interface to the place that computes HMAC: exactly which moving factors an engine requests,
//! and which of them it accepts.

use core::cell::RefCell;
use core::convert::Infallible;

use otp_core::{Digits, HmacKey, Hotp, LookAhead, Period, Totp, Truncated, VerifyError, Window};

/// Records the requested moving factors in order. A code shows the last 31 bits of its moving
/// factor, so that no two codes of a window are equal.
#[derive(Default)]
struct Recording(RefCell<Vec<u64>>);

impl Recording {
    fn asked(&self) -> Vec<u64> {
        self.0.take()
    }
}

fn of_factor(moving_factor: u64) -> Truncated {
    Truncated::from_bits(moving_factor as u32)
}

fn shown(moving_factor: u64) -> String {
    format!("{:010}", of_factor(moving_factor).expose_bits())
}

impl HmacKey for Recording {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        self.0.borrow_mut().push(moving_factor);
        Ok(of_factor(moving_factor))
    }
}

/// The same for hardware that takes whole batches.
#[derive(Default)]
struct RecordingRuns(Recording);

impl HmacKey for RecordingRuns {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        panic!("a window is asked for in runs")
    }

    fn truncated_batch(
        &self,
        moving_factors: &[u64],
        answers: &mut [Truncated],
    ) -> Result<(), Infallible> {
        assert!((1..=6).contains(&moving_factors.len()));
        assert_eq!(moving_factors.len(), answers.len());
        assert!(moving_factors.is_sorted_by(|a, b| a < b));
        for (moving_factor, answer) in moving_factors.iter().zip(answers) {
            *answer = self.0.truncated(*moving_factor)?;
        }
        Ok(())
    }
}

/// The ends of the range, the numbers near them, and the middle.
fn places() -> impl Iterator<Item = u64> {
    (0..9).flat_map(|near| [near, (1 << 40) + near, u64::MAX - near])
}

/// The windows of 1 to 7 candidates.
fn windows() -> impl Iterator<Item = (u8, u8)> {
    (0..7).flat_map(|past| (0..7 - past).map(move |future| (past, future)))
}

fn hotp<M: HmacKey<Error = Infallible>>(mac: M, asked: impl Fn(&M) -> Vec<u64>) {
    let hotp = Hotp::from_key(mac).with_digits(Digits::Ten);
    for counter in places() {
        for ahead in 0..7 {
            let look_ahead = LookAhead::new(ahead).unwrap();
            let last = counter.saturating_add(ahead.into());
            let expected: Vec<_> = (counter..=last).collect();
            // Two factors beyond each end of the computed ones, with and without wrapping.
            for off in -2..=i64::from(look_ahead.candidates()) + 1 {
                let factor = expected[0].wrapping_add_signed(off);
                let verdict = hotp.verify(&shown(factor), counter, look_ahead);
                let is_inside = (counter..=last).contains(&factor);
                assert_eq!(verdict.map(|hit| hit.counter()).ok(), is_inside.then_some(factor));
                assert_eq!(asked(hotp.key()), expected, "{counter} and {ahead} ahead");
            }
        }
    }
}

fn totp<M: HmacKey<Error = Infallible>>(mac: M, asked: impl Fn(&M) -> Vec<u64>) {
    let second = Period::new(1).unwrap();
    let totp = Totp::from_key(mac).with_digits(Digits::Ten).with_period(second);
    for step in places() {
        for (past, future) in windows() {
            let window = Window::new(past, future).unwrap();
            let first = step.saturating_sub(past.into());
            let last = step.saturating_add(future.into());
            let expected: Vec<_> = (first..=last).collect();
            for off in -2..=i64::from(window.candidates()) + 1 {
                let factor = expected[0].wrapping_add_signed(off);
                let verdict = totp.verify_at(&shown(factor), step, window);
                let is_inside = (first..=last).contains(&factor);
                assert_eq!(verdict.map(|hit| hit.step()).ok(), is_inside.then_some(factor));
                assert_eq!(asked(totp.key()), expected, "{window} around {step}");
            }
        }
    }
}

#[test]
fn a_window_asks_for_each_factor_once_and_in_order() {
    hotp(Recording::default(), Recording::asked);
    totp(Recording::default(), Recording::asked);
}

#[test]
fn a_window_asks_hardware_for_whole_runs() {
    hotp(RecordingRuns::default(), |mac| mac.0.asked());
    totp(RecordingRuns::default(), |mac| mac.0.asked());
}

#[test]
fn by_reference_it_is_asked_for_the_same() {
    hotp(&Recording::default(), |mac| mac.asked());
    totp(&Recording::default(), |mac| mac.asked());
    // Batches stay batches.
    hotp(&RecordingRuns::default(), |mac| mac.0.asked());
    totp(&RecordingRuns::default(), |mac| mac.0.asked());
    // It also works if the type is only known at run time.
    let recording = Recording::default();
    hotp(&recording as &dyn HmacKey<Error = Infallible>, |_| recording.asked());
    totp(&recording as &dyn HmacKey<Error = Infallible>, |_| recording.asked());
}

#[test]
fn a_code_asks_for_its_own_factor() {
    let recording = Recording::default();
    let hotp = Hotp::from_key(&recording).with_digits(Digits::Ten);
    let second = Period::new(1).unwrap();
    let totp = Totp::from_key(&recording).with_digits(Digits::Ten).with_period(second);
    for factor in places() {
        assert_eq!(hotp.code(factor).to_string(), shown(factor));
        assert_eq!(recording.asked(), [factor]);
        assert_eq!(totp.code_at(factor).unwrap().to_string(), shown(factor));
        assert_eq!(recording.asked(), [factor]);
    }
}

#[test]
fn a_window_is_cut_off_at_the_ends() {
    let second = Period::new(1).unwrap();
    let totp = Totp::from_key(Recording::default()).with_digits(Digits::Ten).with_period(second);
    let hotp = Hotp::from_key(Recording::default()).with_digits(Digits::Ten);
    let wide = Window::new(100, 100).unwrap();
    let far = LookAhead::new(100).unwrap();

    // Above the window, at 0.
    for step in 101..=200 {
        assert_eq!(totp.verify_at(&shown(step), 0, wide), Err(VerifyError::Rejected), "{step}");
    }
    assert_eq!(totp.verify_at(&shown(100), 0, wide).unwrap().drift(), 100);
    assert_eq!(totp.key().asked().last(), Some(&100));
    // Below the window, at the other end.
    for back in 101..=200 {
        let code = shown(u64::MAX - back);
        assert_eq!(totp.verify_at(&code, u64::MAX, wide), Err(VerifyError::Rejected), "{back}");
    }
    let code = shown(u64::MAX - 100);
    assert_eq!(totp.verify_at(&code, u64::MAX, wide).unwrap().drift(), -100);
    for back in 1..=100 {
        let code = shown(u64::MAX - back);
        assert_eq!(hotp.verify(&code, u64::MAX, far), Err(VerifyError::Rejected), "{back}");
    }
    assert_eq!(hotp.verify(&shown(u64::MAX), u64::MAX, far).unwrap().next(), None);
}

/// All zeros: a key implementation that forgets to fill in the answers.
struct Zeros;

impl HmacKey for Zeros {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(0))
    }
}

/// No number that can be computed means "not this one".
#[test]
fn zeros_outside_the_window_match_nothing() {
    let second = Period::new(1).unwrap();
    let totp = Totp::from_key(Zeros).with_period(second);
    let hotp = Hotp::from_key(Zeros);
    let wide = Window::new(100, 100).unwrap();
    let far = LookAhead::new(100).unwrap();
    for now in [0, 50, 1 << 40, u64::MAX - 50, u64::MAX] {
        let hit = totp.verify_at("000000", now, wide).unwrap();
        assert_eq!(hit.step(), now.saturating_add(100));
        assert_eq!(totp.verify_at("000001", now, wide), Err(VerifyError::Rejected));
        let hit = hotp.verify("000000", now, far).unwrap();
        assert_eq!(hit.counter(), now.saturating_add(100));
        assert_eq!(hotp.verify("000001", now, far), Err(VerifyError::Rejected));
    }
}
