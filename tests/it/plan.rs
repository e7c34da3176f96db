//! An attempt in two steps: the key is at any place that the host chooses.

use std::collections::HashSet;

use otp_core::verifier::{AttemptError, State, Verdict, Verifiable, Verifier};
use otp_core::{HmacKey, Hotp, Totp, Truncated, Window};
use proptest::prelude::*;

use crate::verifier::{
    VERIFIER, commit, commit_resynchronisation, hotp, is_rejected, totp, totp_code, window,
};

const NOW: u64 = 1000 * 30;

fn answer(factor: u64) -> Truncated {
    hotp().key().truncated(factor).unwrap()
}

/// Returns the moving factors of an attempt.
fn listed<V: Verifiable>(verifier: Verifier, engine: &V, state: State, now: u64) -> Vec<u64> {
    verifier.plan(engine, state, "287082", now).unwrap().moving_factors().collect()
}

/// The engine holds the name of a key, and the key is at another place.
#[test]
fn a_key_that_is_only_a_name() {
    let elsewhere = Totp::from_key("key 17");
    let mut state = State::confirmed();
    for (code, right) in [(totp_code(1000), true), ("000000".into(), false)] {
        let plan = VERIFIER.plan(&elsewhere, state, &code, NOW).unwrap();
        assert_eq!(format!("{plan:?}"), "Plan(sealed)");
        let factors: Vec<_> = plan.moving_factors().collect();
        let attempt = plan.attempt(factors.into_iter().map(answer)).unwrap();
        assert_eq!(matches!(commit(attempt, &mut state), Verdict::Accepted(_)), right);
    }
    assert_eq!((state.next_factor(), state.failures()), (Some(1001), 1));
}

#[test]
fn what_is_listed() {
    let used = |last| State::confirmed().with_last_used(last);
    assert_eq!(listed(VERIFIER, &totp(), State::confirmed(), NOW), [999, 1000, 1001]);
    assert_eq!(listed(VERIFIER, &totp(), used(880), NOW), [878, 879, 880, 999, 1000, 1001]);
    // Six factors without duplicates.
    assert_eq!(listed(VERIFIER, &totp(), used(999), NOW), [997, 998, 999, 1000, 1001]);
    assert_eq!(listed(VERIFIER, &totp(), used(1001), NOW), [999, 1000, 1001]);
    // A clock that was ahead.
    assert_eq!(listed(VERIFIER, &totp(), used(5000), NOW), [999, 1000, 1001, 4998, 4999, 5000]);
    assert_eq!(listed(VERIFIER, &totp(), used(0), 0), [0, 1]);
    let end = u64::MAX;
    assert_eq!(listed(VERIFIER, &totp(), used(end), 0), [0, 1, end - 2, end - 1, end]);
    assert_eq!(listed(VERIFIER, &hotp(), State::confirmed(), 0), (0..=10).collect::<Vec<_>>());
    assert_eq!(listed(VERIFIER, &hotp(), used(99), 0), (89..=110).collect::<Vec<_>>());
    assert_eq!(listed(VERIFIER, &hotp(), used(end), 0), (end - 10..=end).collect::<Vec<_>>());
}

/// Nothing is needed if no code is checked.
#[test]
fn nothing_is_listed_if_it_is_decided() {
    let locked = State::confirmed().disabled();
    for (state, code) in [(locked, "287082"), (State::confirmed(), "28708")] {
        let plan = VERIFIER.plan(&totp(), state, code, NOW).unwrap();
        assert_eq!(plan.moving_factors().len(), 0);
        assert!(plan.attempt([]).is_ok());
        let plan = VERIFIER.plan(&totp(), state, code, NOW).unwrap();
        let error = plan.attempt([answer(1000)]).unwrap_err();
        assert_eq!(error, AttemptError::Answers { expected: 0 });
    }
}

/// F41: a missing answer, an extra one, or an unwritten one is an error, and nothing is counted.
#[test]
fn f41_each_answer_has_to_be_there() {
    let state = State::confirmed();
    for code in ["000000", &totp_code(1000)] {
        let judge = |answers: Vec<Truncated>| {
            VERIFIER.plan(&totp(), state, code, NOW).unwrap().attempt(answers).map(drop)
        };
        let good: Vec<_> = [999, 1000, 1001].map(answer).to_vec();
        assert_eq!(judge(good.clone()), Ok(()));
        let wrong = Err(AttemptError::Answers { expected: 3 });
        for len in 0..3 {
            assert_eq!(judge(good[..len].to_vec()), wrong);
            let mut unwritten = good.clone();
            unwritten[len] = Truncated::UNWRITTEN;
            assert_eq!(judge(unwritten), wrong);
        }
        assert_eq!(judge([&good[..], &good[..1]].concat()), wrong);
    }
    assert_eq!(AttemptError::<()>::Answers { expected: 3 }.to_string(), "the plan takes 3 HMACs");
}

#[test]
fn a_resynchronisation_in_two_halves() {
    let token = Totp::from_key(());
    let codes = [totp_code(900), totp_code(901)];
    let codes = codes.each_ref().map(String::as_str);
    let plan = VERIFIER.plan_resynchronisation(&token, State::confirmed(), &codes, NOW);
    let plan = plan.unwrap();
    assert_eq!(plan.moving_factors().len(), 261);
    let factors = plan.moving_factors();
    let mut state = State::confirmed();
    let verdict = commit_resynchronisation(plan.attempt(factors.map(answer)).unwrap(), &mut state);
    assert_eq!(crate::verifier::resynchronised(verdict), -99);
}

proptest! {
    /// They ascend, without duplicates or gaps, and their number is known in advance.
    #[test]
    fn moving_factors_rise_and_none_comes_twice(
        past in 0..4_u8,
        future in 0..4_u8,
        last in prop::option::of(prop_oneof![900..1100_u64, any::<u64>()]),
        drift in -5..=5_i16,
        now in prop_oneof![Just(0), Just(NOW), Just(State::MAX_TIME)],
    ) {
        let verifier = window(past, future);
        let mut state = State::confirmed();
        if let Some(last) = last { state = state.with_last_used(last); }
        let state = state.with_drift(drift).unwrap();
        let factors = verifier.plan(&totp(), state, "287082", now).unwrap().moving_factors();
        let len = factors.len();
        let factors: Vec<_> = factors.collect();
        prop_assert_eq!(factors.len(), len);
        prop_assert!(factors.is_sorted_by(|a, b| a < b));
        let centre = (now / 30).saturating_add_signed(drift.into());
        let reach = centre.saturating_sub(past.into())..=centre.saturating_add(future.into());
        let count = u64::from(verifier.window().candidates());
        let used = last.map(|last| last.saturating_sub(count - 1)..=last);
        let expected: HashSet<u64> = reach.chain(used.into_iter().flatten()).collect();
        prop_assert_eq!(factors.into_iter().collect::<HashSet<_>>(), expected);
    }

    /// Both ways give the same result.
    #[test]
    fn two_halves_come_to_the_same(
        step in 990..1010_u64,
        last in prop::option::of(900..1005_u64),
        counted: bool,
    ) {
        let state = last.map_or(State::confirmed(), |last| {
            State::confirmed().with_last_used(last)
        });
        let code = totp_code(step);
        let verifier = VERIFIER.with_window(Window::new(3, 3).unwrap());
        let (whole, plan) = if counted {
            let whole = verifier.attempt(&hotp(), state, &code, NOW).unwrap();
            (whole, verifier.plan(&Hotp::from_key(()), state, &code, NOW).unwrap())
        } else {
            let whole = verifier.attempt(&totp(), state, &code, NOW).unwrap();
            (whole, verifier.plan(&Totp::from_key(()), state, &code, NOW).unwrap())
        };
        let factors = plan.moving_factors();
        let halves = plan.attempt(factors.map(answer)).unwrap();
        let (mut one, mut other) = (state, state);
        prop_assert_eq!(commit(whole, &mut one), commit(halves, &mut other));
        prop_assert_eq!(one, other);
    }
}

#[test]
fn a_wrong_code_counts_by_either_way() {
    let mut state = State::confirmed();
    let plan = VERIFIER.plan(&Totp::from_key(()), state, "000000", NOW).unwrap();
    let factors = plan.moving_factors();
    assert!(is_rejected(&commit(plan.attempt(factors.map(answer)).unwrap(), &mut state)));
    assert_eq!(state.failures(), 1);
}
