//! The bounds of the settings, and of a guesser.

use super::*;

#[test]
fn the_guess_bound_counts_what_a_guesser_has() {
    let near =
        |bound: f64, expected: f64| assert!((bound / expected - 1.0).abs() < 1e-3, "{bound}");
    let day = 86_400;
    let digits = |digits| totp().with_digits(digits);
    // 30 guesses and one more each day, with three candidates.
    near(VERIFIER.guess_bound(&totp(), 0, 1), 30.0 * 3e-6);
    near(VERIFIER.guess_bound(&totp(), 365 * day, 1), 395.0 * 3e-6);
    near(VERIFIER.guess_bound(&totp(), 365 * day, 3), 3.0 * 395.0 * 3e-6);
    near(VERIFIER.guess_bound(&digits(Digits::Eight), 0, 1), 30.0 * 3.073e-8);
    near(VERIFIER.guess_bound(&hotp(), 0, 1), 30.0 * 11e-6);
    near(VERIFIER.guess_bound(&&hotp(), 0, 1), 30.0 * 11e-6);
    near(window(0, 0).guess_bound(&totp(), 0, 1), 30e-6);
    let throttle = Throttle::DEFAULT.with_budget(Budget::new(10, day).unwrap());
    near(VERIFIER.with_throttle(throttle).guess_bound(&totp(), 9 * day, 1), 19.0 * 3e-6);
    // 2^31 values: three of them give a nine-digit code that begins with 0 or 1.
    near(VERIFIER.guess_bound(&digits(Digits::Nine), 0, 1), 90.0 * 3.0 / 2_f64.powi(31));
    near(VERIFIER.guess_bound(&digits(Digits::Ten), 0, 1), 90.0 / 2_f64.powi(31));
    let learning = DriftLearning::new(10, 1).unwrap().with_widening(1, 4).unwrap();
    near(VERIFIER.with_drift_learning(learning).guess_bound(&totp(), 0, 1), 30.0 * 11e-6);
    // Nothing bounds a count that each login of the owner resets.
    let endless = VERIFIER.with_throttle(Throttle::DEFAULT.without_budget());
    near(endless.guess_bound(&totp(), 0, 1), 1.0);
    near(VERIFIER.guess_bound(&totp(), u64::MAX, u32::MAX), 1.0);
}

#[test]
fn a_policy_has_bounds() {
    use otp_core::verifier::SettingsError::{self, Drift, Widening};
    for (drift, change) in [(0, 1), (2881, 1), (1, 0)] {
        assert_eq!(DriftLearning::new(drift, change), Err(Drift));
    }
    let learning = DriftLearning::new(2880, u8::MAX).unwrap();
    for (steps, most) in [(0, 1), (1, 0), (1, 101)] {
        assert_eq!(learning.with_widening(steps, most), Err(Widening));
    }
    assert!(learning.with_widening(1, 100).is_ok());
    let reach = Resynchronisation::DEFAULT;
    for refused in [
        reach.with_hours(0),
        reach.with_hours(25),
        reach.with_counters(0),
        reach.with_counters(1001),
        reach.with_codes(1),
        reach.with_codes(4),
    ] {
        assert_eq!(refused, Err(SettingsError::Resynchronisation));
    }
    let throttle = Throttle::DEFAULT;
    assert_eq!(throttle.with_free_tries(0), Err(SettingsError::FreeTries));
    assert_eq!(throttle.with_max_failures(0), Err(SettingsError::MaxFailures));
    for (first, longest) in [(2, 1), (0, 1), (1, 1 << 32), (1 << 32, 1 << 33)] {
        assert_eq!(throttle.with_waits(first, longest, Backoff::Linear), Err(SettingsError::Waits));
    }
}

fn widest_resynchronisation() -> Resynchronisation {
    let widest = Resynchronisation::DEFAULT.with_hours(24).unwrap();
    widest.with_counters(1000).unwrap().with_codes(3).unwrap()
}

/// The widest settings that a verifier allows, at all ends of the range.
#[test]
fn the_widest_policy_at_the_ends() {
    let learning = DriftLearning::new(2880, u8::MAX).unwrap().with_widening(1, 100).unwrap();
    let verifier = window(100, 100)
        .with_drift_learning(learning)
        .with_look_ahead(LookAhead::new(100).unwrap())
        .with_resynchronisation(widest_resynchronisation());
    let fast = totp().with_period(Period::new(1).unwrap());
    for now in [0, 1, 150, State::MAX_TIME - 150, State::MAX_TIME] {
        for last in [0, 1, 1 << 40, u64::MAX] {
            let state = State::enrolment().with_next_counter(last);
            let row = [
                totp_code(now.saturating_sub(2)),
                totp_code(now.saturating_sub(1)),
                totp_code(now),
            ];
            let row = row.each_ref().map(String::as_str);
            for attempt in [
                verifier.attempt(&fast, state, row[2], now).unwrap(),
                verifier.attempt(&hotp(), state, row[2], now).unwrap(),
            ] {
                let next = next_state(attempt, state);
                assert_eq!(State::from_bytes(next.to_bytes().as_ref()), Ok(next));
                assert!(next.next_factor().is_none_or(|factor| factor >= last));
            }
            for attempt in [
                verifier.resynchronise(&fast, state, &row, now).unwrap(),
                verifier.resynchronise(&hotp(), state, &row, now).unwrap(),
            ] {
                let mut next = state;
                drop(commit_resynchronisation(attempt, &mut next));
                assert_eq!(State::from_bytes(next.to_bytes().as_ref()), Ok(next));
                assert!(next.next_factor().is_none_or(|factor| factor >= last));
            }
        }
    }
}

#[test]
fn what_a_policy_and_a_state_say_of_themselves() {
    let widest = widest_resynchronisation();
    assert_eq!((widest.seconds(), widest.counters(), widest.codes()), (86_400, 1000, 3));

    let error = AttemptError::Key(std::fmt::Error);
    assert!(std::error::Error::source(&error).unwrap().is::<std::fmt::Error>());
    assert!(std::error::Error::source(&AttemptError::<std::fmt::Error>::BeforeT0).is_none());
}
