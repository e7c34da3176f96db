//! F36: how many guesses an attacker who knows the password gets in a year, and how many an owner
//! who mistypes loses.

use otp_core::Totp;
use otp_core::verifier::{
    Backoff, Budget, DisabledBy, Lifecycle, State, Throttle, Verdict, Verifier,
};

use crate::verifier::{Injected, commit};

const DAY: u64 = 86_400;
const YEAR: u64 = 365 * DAY;
/// The start time does not matter.
const START: u64 = 1_800_000_000;

/// `SplitMix64` of Steele, Lea and Flood.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }
}

/// An attacker stops before a lock-out or does not. If it stops, a login of the owner resets the
/// failures.
#[derive(Clone, Copy, PartialEq)]
enum Attacker {
    Patient,
    Greedy,
}

/// Returns the number of guesses that are checked in `span` seconds, while the owner logs in
/// regularly. None of them is right, so each checked guess counts as a chance.
fn guesses(verifier: Verifier, attacker: Attacker, span: u64, owner_every: u64) -> u64 {
    let right = |step: u64| (step % 999_983) as u32;
    let totp = Totp::from_key(Injected::new(right));
    let mut state = State::confirmed();
    let (mut now, mut owner_at, mut guesses) = (START, START + owner_every, 0);
    while now < START + span {
        let attempt = verifier.attempt(&totp, state, "999999", now).unwrap();
        match commit(attempt, &mut state) {
            Verdict::Rejected(rejection) => {
                guesses += 1;
                if attacker == Attacker::Greedy || rejection.tries_left() > 1 {
                    continue;
                }
                now = owner_at;
            }
            Verdict::Locked { until } => now = until.min(owner_at),
            Verdict::Disabled => break,
            other => panic!("{other:?}"),
        }
        if now >= owner_at {
            let code = format!("{:06}", right(now / 30));
            let attempt = verifier.attempt(&totp, state, &code, now).unwrap();
            drop(commit(attempt, &mut state));
            owner_at = now + owner_every;
        }
    }
    guesses
}

#[test]
fn f36_an_owner_who_logs_in_gives_no_guesses_back() {
    let verifier = Verifier::DEFAULT;
    let totp = Totp::from_key(Injected::new(|_| 0));
    for logins_a_day in [1, 10] {
        for span in [DAY, 30 * DAY, YEAR] {
            for attacker in [Attacker::Patient, Attacker::Greedy] {
                let guesses = guesses(verifier, attacker, span, DAY / logins_a_day);
                let most = Budget::DEFAULT.guesses_in(span);
                assert!(guesses <= most, "{logins_a_day} logins a day: {guesses} of {most}");
                let chance = guesses as f64 * 3e-6;
                assert!(chance <= verifier.guess_bound(&totp, span, 1));
            }
        }
    }
    // Without the budget there are at least four free guesses between two logins.
    let without = verifier.with_throttle(Throttle::DEFAULT.without_budget());
    assert!(guesses(without, Attacker::Patient, YEAR, DAY / 10) > 10_000);
}

/// The share of accounts that are broken in a year is under the bound. One guess in 10,000 is right
/// here, so that there are enough of them to count. The bound is computed for such codes.
#[test]
fn f36_the_share_of_accounts_broken_in_a_year() {
    let accounts = 4_000;
    let mut random = Random(7);
    let guesses = guesses(Verifier::DEFAULT, Attacker::Patient, YEAR, DAY / 10);
    let broken = (0..accounts).filter(|_| (0..guesses).any(|_| random.one_in(10_000))).count();
    let bound = Budget::DEFAULT.guesses_in(YEAR) as f64 / 10_000.0;
    let share = broken as f64 / f64::from(accounts);
    // Four standard deviations of a share that is at the bound.
    assert!(share < bound + 4.0 * (bound / f64::from(accounts)).sqrt(), "{share} of {bound}");
    assert!(share > bound / 2.0, "an attacker who guesses less shows nothing: {share} of {bound}");
}

/// An owner logs in five times a day, mistypes one code in twenty, and mistypes ten more on one day
/// of each month. The budget never locks this owner out in ten years. Waits of the throttle do
/// occur.
#[test]
fn f36_a_clumsy_owner_is_never_shut_out() {
    let verifier = Verifier::DEFAULT.with_throttle(
        Throttle::DEFAULT.with_free_tries(100).unwrap().with_max_failures(1_000).unwrap(),
    );
    let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut state = State::confirmed();
        for day in 0..3650 {
            for login in 0..5 {
                let now = START + day * DAY + login * 3600;
                let bad_day = day % 30 == 0 && login < 2;
                let mistypes = if bad_day { 5 } else { 0 } + u64::from(random.one_in(20));
                for _ in 0..mistypes {
                    let attempt = verifier.attempt(&totp, state, "999999", now).unwrap();
                    let verdict = commit(attempt, &mut state);
                    assert!(
                        matches!(verdict, Verdict::Rejected(wrong) if wrong.until().is_none()),
                        "day {day}"
                    );
                }
                let code = format!("{:06}", now / 30 % 999_983);
                let attempt = verifier.attempt(&totp, state, &code, now).unwrap();
                let verdict = commit(attempt, &mut state);
                assert!(matches!(verdict, Verdict::Accepted(_)), "day {day}: {verdict:?}");
            }
        }
    }
}

#[test]
fn only_time_refills_the_budget() {
    let throttle = Throttle::DEFAULT.with_waits(0, 0, Backoff::Linear).unwrap();
    let verifier =
        Verifier::DEFAULT.with_throttle(throttle.with_budget(Budget::new(3, 100).unwrap()));
    let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
    let mut state = State::confirmed();
    let submit = |state: &mut State, code: &str, now| {
        commit(verifier.attempt(&totp, *state, code, now).unwrap(), state)
    };
    let right = |now: u64| format!("{:06}", now / 30 % 999_983);
    let tries = |verdict| match verdict {
        Verdict::Rejected(rejection) => (rejection.tries_left(), rejection.until()),
        other => panic!("{other:?}"),
    };
    assert_eq!(tries(submit(&mut state, "999999", START)), (2, None));
    assert_eq!(tries(submit(&mut state, "999999", START)), (1, None));
    // A success resets only the failures in a row.
    assert!(matches!(submit(&mut state, &right(START), START), Verdict::Accepted(_)));
    assert_eq!(tries(submit(&mut state, "999999", START + 50)), (0, Some(START + 100)));
    assert_eq!(
        submit(&mut state, &right(START + 99), START + 99),
        Verdict::Locked { until: START + 100 }
    );
    assert_eq!(tries(submit(&mut state, "999999", START + 100)), (0, Some(START + 200)));
    // All of it is back after three times as long. An administrator restores it immediately.
    let full = START + 100 + 300;
    assert_eq!(tries(submit(&mut state, "999999", full)).0, 2);
    let mut state = state.unlocked();
    assert_eq!(tries(submit(&mut state, "999999", full)).0, 2);
}

/// The user is told the tries that the budget still has, although more of them are free.
#[test]
fn the_tries_that_are_told_are_those_of_the_budget() {
    let throttle = Throttle::DEFAULT.with_budget(Budget::new(3, 100).unwrap());
    let verifier = Verifier::DEFAULT.with_throttle(throttle);
    let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
    let mut state = State::confirmed();
    for left in [2, 1, 0] {
        let attempt = verifier.attempt(&totp, state, "999999", START).unwrap();
        let verdict = commit(attempt, &mut state);
        assert!(
            matches!(verdict, Verdict::Rejected(wrong) if wrong.tries_left() == left),
            "{left}: {verdict:?}"
        );
    }
}

/// A failure costs a wait, and empties the budget. The longer of the two waits counts.
#[test]
fn of_two_waits_the_longer_one_counts() {
    for (wait, refill, until) in [(500, 100, 500), (100, 500, 500)] {
        let throttle = Throttle::DEFAULT.with_free_tries(1).unwrap();
        let throttle = throttle.with_waits(wait, wait, Backoff::Linear).unwrap();
        let throttle = throttle.with_budget(Budget::new(1, refill).unwrap());
        let verifier = Verifier::DEFAULT.with_throttle(throttle);
        let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
        let mut state = State::confirmed();
        drop(commit(verifier.attempt(&totp, state, "999999", START).unwrap(), &mut state));
        assert_eq!(state.locked_until(START), Some(START + until));
    }
}

/// The count of a state from another system may be at its end. It stays there, and disables.
#[test]
fn a_count_of_failures_never_wraps() {
    let throttle = Throttle::DEFAULT.with_max_failures(u32::MAX).unwrap();
    let verifier = Verifier::DEFAULT.with_throttle(throttle);
    let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
    let mut state = State::confirmed().with_failures(u32::MAX);
    let verdict = commit(verifier.attempt(&totp, state, "999999", START).unwrap(), &mut state);
    assert!(matches!(verdict, Verdict::Rejected(wrong) if wrong.failures_left() == 0));
    assert_eq!(state.failures(), u32::MAX);
    assert_eq!(state.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
}

#[test]
fn a_budget_has_bounds() {
    use otp_core::verifier::SettingsError;
    for (guesses, refill) in [(0, 1), (1, 0), (1, 1 << 32)] {
        assert_eq!(Budget::new(guesses, refill), Err(SettingsError::Budget));
    }
    let most = Budget::new(u32::MAX, u64::from(u32::MAX)).unwrap();
    assert_eq!((most.guesses(), most.refill()), (u32::MAX, u64::from(u32::MAX)));
    assert_eq!(Budget::new(1, 1).unwrap().guesses_in(u64::MAX), u64::MAX);
}

/// A budget that was used up while the clock was a year ahead, or under a stricter verifier, costs
/// one wait of the present verifier. It does not cost a wait of the other one.
#[test]
fn a_budget_is_never_emptier_than_empty() {
    let totp = Totp::from_key(Injected::new(|step| (step % 999_983) as u32));
    let mistype = |verifier: Verifier, state: &mut State, now| {
        commit(verifier.attempt(&totp, *state, "999999", now).unwrap(), state)
    };
    let mut state = State::confirmed();
    drop(mistype(Verifier::DEFAULT, &mut state, START + YEAR));
    match mistype(Verifier::DEFAULT, &mut state, START) {
        Verdict::Rejected(rejection) => assert_eq!(rejection.until(), Some(START + DAY)),
        other => panic!("{other:?}"),
    }
    let loose = Throttle::DEFAULT.with_budget(Budget::new(30, 3600).unwrap());
    let mut state = State::confirmed();
    let mut now = START;
    for _ in 0..20 {
        drop(mistype(Verifier::DEFAULT, &mut state, now));
        now = state.locked_until(now).unwrap_or(now);
    }
    match mistype(Verifier::DEFAULT.with_throttle(loose), &mut state.with_failures(0), now) {
        Verdict::Rejected(rejection) => assert_eq!(rejection.until(), Some(now + 3600)),
        other => panic!("{other:?}"),
    }
    assert!(state.budget_full_at() > now);
}
