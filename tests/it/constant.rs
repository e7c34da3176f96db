//! Settings as constants: one line each, checked by the compiler, and equal to the results of the
//! checks at run time.

use otp_core::verifier::{Backoff, Budget, DriftLearning, Resynchronisation, Throttle, Verifier};
use otp_core::{LookAhead, Period, Window};

/// All settings of a host.
static VERIFIER: Verifier = Verifier::DEFAULT
    .with_window(Window::of::<2, 0>())
    .with_look_ahead(LookAhead::of::<3>())
    .with_max_period(Period::of::<60>())
    .with_throttle(THROTTLE)
    .with_drift_learning(DriftLearning::of::<20, 2>().with_widening_of::<86_400, 3>())
    .with_resynchronisation(REACH);
const THROTTLE: Throttle = Throttle::DEFAULT
    .with_free_tries_of::<3>()
    .with_waits_of::<5, 900>(Backoff::Linear)
    .with_max_failures_of::<50>()
    .with_budget(Budget::of::<10, 604_800>());
const REACH: Resynchronisation =
    Resynchronisation::DEFAULT.with_hours_of::<14>().with_counters_of::<500>().with_codes_of::<3>();

#[test]
fn constants_are_what_the_checks_at_run_time_give() {
    let throttle = Throttle::DEFAULT
        .with_free_tries(3)
        .and_then(|throttle| throttle.with_waits(5, 900, Backoff::Linear))
        .and_then(|throttle| throttle.with_max_failures(50))
        .unwrap()
        .with_budget(Budget::new(10, 604_800).unwrap());
    let learning = DriftLearning::new(20, 2).and_then(|it| it.with_widening(86_400, 3)).unwrap();
    let reach = Resynchronisation::DEFAULT
        .with_hours(14)
        .and_then(|reach| reach.with_counters(500))
        .and_then(|reach| reach.with_codes(3))
        .unwrap();
    let verifier = Verifier::DEFAULT
        .with_window(Window::new(2, 0).unwrap())
        .with_look_ahead(LookAhead::new(3).unwrap())
        .with_max_period(Period::new(60).unwrap())
        .with_throttle(throttle)
        .with_drift_learning(learning)
        .with_resynchronisation(reach);
    assert_eq!(VERIFIER, verifier);
}

/// A setter changes only the setting in its name.
#[test]
fn a_setter_leaves_the_other_settings() {
    assert_eq!(THROTTLE.with_free_tries_of::<3>(), THROTTLE);
    assert_eq!(THROTTLE.with_waits_of::<5, 900>(Backoff::Linear), THROTTLE);
    assert_eq!(THROTTLE.with_max_failures_of::<50>(), THROTTLE);
    assert_eq!(REACH.with_hours_of::<14>(), REACH);
    assert_eq!(REACH.with_counters_of::<500>(), REACH);
    assert_eq!(REACH.with_codes_of::<3>(), REACH);
    let learning = DriftLearning::of::<20, 2>().with_widening_of::<86_400, 3>();
    assert_eq!(learning.with_widening_of::<86_400, 3>(), learning);
}

#[cfg(feature = "recovery")]
#[test]
fn recovery_settings_are_constants_too() {
    use otp_core::recovery::Length;

    const LENGTH: Length = Length::of::<28>();
    assert_eq!(Length::new(28), Ok(LENGTH));
    #[cfg(feature = "pbkdf2")]
    {
        use otp_core::recovery::Pbkdf2;

        const HASH: Pbkdf2 = Pbkdf2::of::<700_000>();
        assert_eq!(Pbkdf2::new(700_000), Ok(HASH));
    }
    #[cfg(feature = "argon2")]
    {
        use otp_core::recovery::Argon2id;

        const HASH: Argon2id = Argon2id::of::<47_104, 1, 2>();
        assert_eq!(Argon2id::new(47_104, 1, 2), Ok(HASH));
    }
}
