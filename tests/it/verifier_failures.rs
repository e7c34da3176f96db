//! Failures of other verifiers, one test each.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Mutex;
use std::thread;

use otp_core::verifier::{
    AttemptError, Backoff, DisabledBy, DriftLearning, Lifecycle, State, Swap, Throttle, Verdict,
};
use otp_core::{Digits, HmacKey, Hotp, LookAhead, Period, Secret, Totp, Truncated};

use crate::verifier::{
    Account, Injected, VERIFIER, accepted, hotp, is_rejected, totp, totp_code, window,
};

#[test]
fn f01_a_code_is_accepted_once_to_the_end_of_its_window() {
    for past in 0..5 {
        let mut user = Account::new(totp(), window(past, 1));
        let code = totp_code(1000);
        accepted(user.submit(&code, 1000 * 30));
        let failures = user.state.failures();
        for second in 0..=(u64::from(past) + 1) * 30 {
            assert_eq!(user.submit(&code, 1000 * 30 + second), Verdict::Replayed);
        }
        assert_eq!(user.state.failures(), failures);
    }
}

#[test]
fn f02_f03_a_client_one_step_ahead_is_no_way_in_twice() {
    let mut user = Account::new(totp(), VERIFIER);
    let code = totp_code(1001);
    assert_eq!(accepted(user.submit(&code, 1000 * 30)), (1001, 1));
    for now in [1000 * 30, 1000 * 30 + 31, 1001 * 30, 1002 * 30] {
        assert_eq!(user.submit(&code, now), Verdict::Replayed);
    }
}

#[test]
fn f04_a_used_code_stays_used_for_as_long_as_its_window() {
    for past in 0..4 {
        for future in 0..4 {
            for early in 0..=future {
                let mut user = Account::new(totp(), window(past, future));
                let code = totp_code(1000);
                accepted(user.submit(&code, (1000 - u64::from(early)) * 30));
                for step in 1000 - u64::from(future)..=1000 + u64::from(past) {
                    assert_eq!(user.submit(&code, step * 30), Verdict::Replayed);
                }
            }
        }
    }
}

#[test]
fn f05_one_passcode_two_steps() {
    // Steps 153567 and 153569 both have this code.
    for past in 0..4 {
        for future in 0..4 {
            for first in 153_560..153_576_u64 {
                let mut user = Account::new(totp(), window(past, future));
                // An unrelated history.
                accepted(user.submit(&totp_code(1000), 1000 * 30));
                if !matches!(user.submit("468457", first * 30), Verdict::Accepted(_)) {
                    continue;
                }
                let reach = u64::from(past) + u64::from(future) + 1;
                for second in (first..153_580).chain((153_560..first).rev()) {
                    let verdict = user.submit("468457", second * 30);
                    if let Verdict::Accepted(code) = verdict {
                        // Two windows that never meet.
                        assert!(reach < 2, "{past} {future} {first} {second} {code:?}");
                    }
                    user.state = user.state.enabled();
                }
            }
        }
    }
    // If nobody has used the first step, the second is accepted like any other.
    let mut user = Account::new(totp(), VERIFIER);
    accepted(user.submit(&totp_code(1000), 1000 * 30));
    assert_eq!(accepted(user.submit("468457", 153_569 * 30)), (153_569, 0));
    assert_eq!(user.submit("468457", 153_567 * 30), Verdict::Replayed);
}

#[test]
fn f05_one_passcode_in_a_chain() {
    // 10, 12, 14 …: each is in one window with the one before.
    let every_other = |step: u64| if step.is_multiple_of(2) { 7 } else { 1000 + step as u32 };
    let mut user = Account::new(Totp::from_key(Injected::new(every_other)), VERIFIER);
    assert_eq!(accepted(user.submit("000007", 10 * 30)).0, 10);
    for step in 11..200_u64 {
        assert_eq!(user.submit("000007", step * 30), Verdict::Replayed, "{step}");
        // Other codes come and go in the meantime.
        if step % 2 == 1 {
            assert_eq!(accepted(user.submit(&format!("{:06}", 1000 + step), step * 30)).0, step);
        }
    }

    let mut token = Account::new(Hotp::from_key(Injected::new(every_other)), VERIFIER);
    assert_eq!(accepted(token.submit("000007", 0)).0, 10);
    for counter in (11..200).step_by(2) {
        assert_eq!(token.submit("000007", 0), Verdict::Replayed);
        assert_eq!(accepted(token.submit(&format!("{:06}", 1000 + counter), 0)).0, counter);
    }

    // One code for ever.
    let mut user = Account::new(Totp::from_key(Injected::new(|_| 7)), VERIFIER);
    accepted(user.submit("000007", 10 * 30));
    for now in [10 * 30, 1000 * 30, State::MAX_TIME] {
        assert_eq!(user.submit("000007", now), Verdict::Replayed);
    }
}

#[test]
fn f06_every_form_of_a_code_is_one_code() {
    let mut user = Account::new(totp(), VERIFIER);
    accepted(user.submit("287 082", 59));
    for form in ["287082", " 287082", "287-082", "２８７０８２", "287\u{a0}082"] {
        assert_eq!(user.submit(form, 59), Verdict::Replayed);
    }
    for form in ["2_87082", "+287082", "0287082", "28708"] {
        assert!(matches!(user.submit(form, 59), Verdict::Malformed(_)), "{form}");
    }
}

#[test]
fn f07_while_locked_or_disabled_every_code_is_the_same() {
    let mut user = Account::new(Totp::from_key(Injected::new(|step| step as u32)), VERIFIER);
    accepted(user.submit("000999", 1000 * 30));
    for _ in 0..5 {
        assert!(is_rejected(&user.submit("777777", 1000 * 30)));
    }
    let locked = user.state;
    for (state, verdict) in [
        (locked, Verdict::Locked { until: 1000 * 30 + 30 }),
        (locked.disabled(), Verdict::Disabled),
        (State::enrolment().disabled(), Verdict::Disabled),
    ] {
        user.state = state;
        let asked = user.engine.key().asked.get();
        for code in ["001000", "000999", "777777", "malformed"] {
            assert_eq!(user.submit(code, 1000 * 30 + 29), verdict);
        }
        assert_eq!(user.state, state);
        assert_eq!(user.engine.key().asked.get(), asked, "no code is computed");
    }
}

#[test]
fn f08_a_hundred_failures_in_a_row_disable() {
    let mut user = Account::new(totp(), VERIFIER);
    let mut now = 1_000_000_000;
    for failures in 1..=100 {
        let Verdict::Rejected(rejection) = user.submit("000000", now) else {
            panic!("after {failures}")
        };
        assert_eq!(rejection.tries_left(), 5_u32.saturating_sub(failures));
        assert_eq!(rejection.until().is_some(), failures >= 5);
        assert_eq!(rejection.failures_left(), 100 - failures);
        now = rejection.until().unwrap_or(now);
    }
    assert_eq!(user.submit(&totp_code(now / 30), now), Verdict::Disabled);
    assert_eq!(user.state.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));

    // One success resets it.
    let mut user = Account::new(totp(), VERIFIER.with_throttle(Throttle::DEFAULT.without_budget()));
    for step in 1000..1200 {
        for _ in 0..4 {
            assert!(is_rejected(&user.submit("000000", step * 30)));
        }
        accepted(user.submit(&totp_code(step), step * 30));
        assert_eq!((user.state.failures(), user.state.locked_until(0)), (0, None));
    }
}

#[test]
fn f09_of_many_on_one_snapshot_one_commits() {
    for round in 0..50 {
        let (engine, now) = (totp(), (1000 + round) * 30);
        let code = totp_code(1000 + round);
        let table = Mutex::new(State::enrolment());
        let snapshot = *table.lock().unwrap();
        let verdicts: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..32)
                .map(|_| {
                    scope.spawn(|| {
                        let attempt = VERIFIER.attempt(&engine, snapshot, &code, now).unwrap();
                        let swap = |old, new| {
                            let mut stored = table.lock().unwrap();
                            let found = u64::from(*stored == old);
                            *stored = if found == 1 { new } else { *stored };
                            Ok::<_, Infallible>(Swap::from_rows(found))
                        };
                        attempt.commit(swap).unwrap().verdict
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|v| wanted(v)).count();
        assert_eq!(count(|verdict| matches!(verdict, Verdict::Accepted(_))), 1);
        assert_eq!(count(|verdict| *verdict == Verdict::Conflict), 31);
    }
}

#[test]
fn f10_waits_grow_and_never_wrap() {
    const MOST: u64 = u32::MAX as u64;
    for growth in [Backoff::Linear, Backoff::Exponential] {
        for (first, longest) in [(1, MOST), (30, 3600), (MOST, MOST), (5, 5)] {
            let throttle = Throttle::DEFAULT.with_waits(first, longest, growth).unwrap();
            let counts = (0..100_000).chain((0..64).map(|bit| u32::MAX - (u32::MAX >> (bit / 2))));
            let mut counts: Vec<_> = counts.chain([u32::MAX - 1, u32::MAX]).collect();
            counts.sort_unstable();
            let waits: Vec<_> = counts.iter().map(|count| throttle.wait_after(*count)).collect();
            assert!(waits.is_sorted());
            assert!(waits.iter().all(|wait| *wait <= longest));
            assert_eq!((throttle.wait_after(4), throttle.wait_after(5)), (0, first));
        }
    }
    // At the ends of time and of counting.
    let throttle = Throttle::DEFAULT.with_max_failures(u32::MAX).unwrap();
    let mut user = Account::new(totp(), VERIFIER.with_throttle(throttle));
    user.state = State::enrolment().with_failures(u32::MAX - 1);
    let end = State::MAX_TIME;
    let verdict = user.submit("000000", end);
    assert!(
        matches!(verdict, Verdict::Rejected(last) if last.until() > Some(end) && last.failures_left() == 0)
    );
    assert_eq!(user.submit("000000", end), Verdict::Disabled);
    user.state = State::enrolment().with_failures(u32::MAX);
    assert!(is_rejected(&user.submit("000000", end)));
    assert_eq!(user.state.failures(), u32::MAX);
}

#[test]
fn f12_the_code_that_confirms_opens_no_door_again() {
    let mut user = Account::new(totp(), VERIFIER);
    assert_eq!(user.state.lifecycle(), Lifecycle::Unconfirmed);
    assert!(matches!(user.submit("287082", 59), Verdict::Accepted(code) if code.confirms()));
    assert_eq!(user.state.lifecycle(), Lifecycle::Confirmed);
    assert_eq!(user.submit("287082", 59), Verdict::Replayed);
    let next = totp_code(2);
    assert!(matches!(user.submit(&next, 60), Verdict::Accepted(code) if !code.confirms()));
}

#[test]
fn f14_drift_stays_within_its_bound() {
    let learning = DriftLearning::new(20, 1).unwrap();
    for direction in [1, -1] {
        let mut user = Account::new(totp(), VERIFIER.with_drift_learning(learning));
        let mut walked = 0;
        for login in 0..1000_u64 {
            let now = 100_000 + login * 3;
            let theirs = now.saturating_add_signed(i64::from(user.state.drift()) + direction);
            if let Verdict::Accepted(_) = user.submit(&totp_code(theirs), now * 30) {
                walked += 1;
            }
            assert!(user.state.drift().abs() <= 20);
            assert_eq!(i64::from(user.state.drift()), direction * walked.min(20));
        }
        assert!(walked > 900, "{walked}");
    }
    // Without learning the drift stays.
    let mut user = Account::new(totp(), VERIFIER);
    accepted(user.submit(&totp_code(1001), 1000 * 30));
    assert_eq!(user.state.drift(), 0);
}

#[test]
fn f15_zero_is_no_sentinel() {
    let mut user = Account::new(totp(), VERIFIER);
    assert_eq!(accepted(user.submit("755224", 0)), (0, 0));
    assert_eq!(user.submit("755224", 0), Verdict::Replayed);
    let mut token = Account::new(hotp(), VERIFIER);
    assert_eq!(accepted(token.submit("755224", 0)), (0, 0));
    assert_eq!(token.state.next_factor(), Some(1));
    assert_eq!(token.submit("755224", 0), Verdict::Replayed);
}

#[test]
fn f16_the_ends_of_the_range() {
    let late = totp().with_t0(1000);
    let attempt = VERIFIER.attempt(&late, State::enrolment(), "287082", 999);
    assert_eq!(attempt.unwrap_err(), AttemptError::BeforeT0);

    let wide = window(100, 100);
    let end = State::MAX_TIME;
    let fast = || totp().with_period(Period::new(1).unwrap());
    for (engine, now, step) in [(totp(), 0, 0), (totp(), end, end / 30), (fast(), end, end)] {
        let mut user = Account::new(engine, wide);
        assert_eq!(accepted(user.submit(&totp_code(step), now)), (step, 0));
        assert_eq!(user.submit(&totp_code(step), now), Verdict::Replayed);
        assert_eq!(user.state.next_factor(), step.checked_add(1));
    }

    let mut token = Account::new(hotp(), VERIFIER);
    token.state = State::enrolment().with_next_counter(u64::MAX);
    assert_eq!(accepted(token.submit(&totp_code(u64::MAX), 0)), (u64::MAX, 0));
    assert_eq!(token.state.next_factor(), None);
    assert_eq!(token.submit(&totp_code(u64::MAX), 0), Verdict::Replayed);
    assert!(is_rejected(&token.submit(&totp_code(0), 0)));
}

#[test]
fn f17_f18_a_failure_moves_nothing_and_burns_nothing() {
    let mut token = Account::new(hotp(), VERIFIER);
    accepted(token.submit(&totp_code(5), 0));
    for _ in 0..4 {
        let before = token.state;
        assert!(is_rejected(&token.submit("000000", 0)));
        assert_eq!(token.state.next_factor(), before.next_factor());
    }
    assert_eq!(accepted(token.submit(&totp_code(6), 0)), (6, 0));

    let mut user = Account::new(totp(), VERIFIER);
    // Wrong now, but right in five minutes.
    let later = totp_code(1010);
    assert!(is_rejected(&user.submit(&later, 1000 * 30)));
    accepted(user.submit(&later, 1010 * 30));
}

#[test]
fn f19_no_step_beyond_the_window_is_accepted_or_stored() {
    let mut user = Account::new(totp(), VERIFIER);
    for ahead in 2..20 {
        assert!(!matches!(user.submit(&totp_code(1000 + ahead), 1000 * 30), Verdict::Accepted(_)));
        assert_eq!(user.state.next_factor(), Some(0));
        user.state = user.state.enabled();
    }
    // The clock was an hour ahead. Now the state says so, and nobody is locked out.
    accepted(user.submit(&totp_code(1120), 1120 * 30));
    for step in 1000..1020 {
        assert_eq!(user.submit(&totp_code(step), step * 30), Verdict::Replayed);
    }
    assert_eq!((user.state.next_factor(), user.state.failures()), (Some(1121), 0));
    accepted(user.submit(&totp_code(1121), 1121 * 30));
}

#[test]
fn f28_the_longest_period_is_a_policy_that_nothing_else_relaxes() {
    let slow = || {
        let short = Secret::from_bytes_allow_short(&[7; 10]).unwrap();
        Totp::new(&short).with_period(Period::new(121).unwrap())
    };
    let attempt = VERIFIER.attempt(&slow(), State::enrolment(), "287082", 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::PeriodTooLong);
    let codes = ["287082", "287083"];
    let attempt = VERIFIER.resynchronise(&slow(), State::enrolment(), &codes, 59);
    assert_eq!(attempt.unwrap_err(), AttemptError::PeriodTooLong);
    let two_minutes = slow().with_period(Period::new(120).unwrap());
    assert!(VERIFIER.attempt(&two_minutes, State::enrolment(), "287082", 59).is_ok());
    let lax = VERIFIER.with_max_period(Period::new(121).unwrap());
    assert!(lax.attempt(&slow(), State::enrolment(), "287082", 59).is_ok());
}

#[test]
fn f32_learned_drift_opens_no_used_step() {
    let learning = DriftLearning::new(50, 10).unwrap();
    let mut user = Account::new(totp(), window(2, 2).with_drift_learning(learning));
    accepted(user.submit(&totp_code(1002), 1000 * 30));
    assert_eq!(user.state.drift(), 2);
    // Back to 1000: steps up to 1002 stay used.
    accepted(user.submit(&totp_code(1003), 1003 * 30));
    assert_eq!(user.state.drift(), 0);
    for step in 1001..=1003 {
        assert_eq!(user.submit(&totp_code(step), 1003 * 30), Verdict::Replayed);
    }
}

/// F40: an external key fails at each of its calls in turn. Nothing is accepted or counted.
#[test]
fn f40_a_key_that_fails_at_any_call() {
    struct FailsAt {
        call: Cell<usize>,
        good: Hotp,
    }
    impl HmacKey for FailsAt {
        type Error = &'static str;

        fn truncated(&self, moving_factor: u64) -> Result<Truncated, &'static str> {
            let left = self.call.get();
            self.call.set(left.wrapping_sub(1));
            if left == 0 { Err("no answer") } else { Ok(truncated(&self.good, moving_factor)) }
        }
    }
    // It was last used an hour ago.
    let used = State::confirmed().with_last_used(880);
    let state = State::enrolment();
    let codes = [totp_code(1000), totp_code(1001)];
    let row = [codes[0].as_str(), &codes[1]];
    for call in 0..6 {
        let key = || Totp::from_key(FailsAt { call: Cell::new(call), good: hotp() });
        for code in [codes[0].as_str(), "000000"] {
            let attempt = VERIFIER.attempt(&key(), used, code, 1000 * 30);
            assert_eq!(attempt.unwrap_err(), AttemptError::Key("no answer"), "{call}");
        }
    }
    for call in 0..261 {
        let key = Totp::from_key(FailsAt { call: Cell::new(call), good: hotp() });
        let attempt = VERIFIER.resynchronise(&key, state, &row, 1000 * 30);
        assert_eq!(attempt.unwrap_err(), AttemptError::Key("no answer"), "{call}");
    }
    let key = Totp::from_key(FailsAt { call: Cell::new(usize::MAX), good: hotp() });
    assert!(VERIFIER.attempt(&key, state, row[0], 1000 * 30).is_ok());
}

fn truncated(hotp: &Hotp, moving_factor: u64) -> Truncated {
    hotp.key().truncated(moving_factor).unwrap()
}

/// F41: an external key that leaves its answer unwritten does not make any code right: neither
/// 000000, nor the code of the previous call.
#[test]
fn f41_an_answer_that_is_left_unwritten_is_no_code() {
    struct Silent(Option<u64>);
    impl HmacKey for Silent {
        type Error = Infallible;

        fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
            Ok(Truncated::UNWRITTEN)
        }

        fn truncated_batch(
            &self,
            factors: &[u64],
            out: &mut [Truncated],
        ) -> Result<(), Infallible> {
            if self.0 == factors.first().copied() {
                out.fill(Truncated::from_bits(287_082));
            }
            Ok(())
        }
    }
    for digits in [Digits::Six, Digits::Nine, Digits::Ten] {
        for code in [0, u64::from(u32::MAX), (1 << 31) - 1, 1 << 31] {
            let modulus = 10_u64.pow(u32::from(digits.get()));
            let code = format!("{:01$}", code % modulus, usize::from(digits.get()));
            let silent = Totp::from_key(Silent(None)).with_digits(digits);
            let mut user = Account::new(silent, window(2, 2));
            assert!(is_rejected(&user.submit(&code, 1000 * 30)), "{code}");
        }
    }
    let silent = Hotp::from_key(Silent(Some(0)));
    assert!(silent.verify("287082", 0, LookAhead::new(10).unwrap()).unwrap().counter() < 6);
}
