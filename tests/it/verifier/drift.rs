//! Windows around a clock that drifts.

use super::*;

#[test]
fn both_edges_of_a_window_under_drift() {
    let code = |factor: u64| format!("{factor:06}");
    for (past, future) in [(0, 0), (1, 1), (2, 0), (0, 3), (5, 7)] {
        for drift in [-40_i64, -1, 0, 1, 40] {
            for offset in -10..=10_i64 {
                let engine = Totp::from_key(Injected::new(|step| step as u32));
                let mut user = Account::new(engine, window(past, future));
                let theirs = |now: u64| now.checked_add_signed(drift).unwrap();
                user.state = State::confirmed().with_drift(drift as i16).unwrap();

                let step = theirs(2000).checked_add_signed(offset).unwrap();
                let within = (-i64::from(past)..=i64::from(future)).contains(&offset);
                let verdict = user.submit(&code(step), 2000 * 30);
                if within {
                    assert_eq!(accepted(verdict), (step, drift + offset));
                } else {
                    assert!(is_rejected(&verdict), "{past} {future} {drift} {offset}");
                }
            }
        }
    }
}

#[test]
fn a_window_widens_with_silence_and_within_bounds() {
    let code = |factor: u64| format!("{factor:06}");
    // One step for every hundred, up to four.
    let learning = DriftLearning::new(10, 4).unwrap().with_widening(100, 4).unwrap();
    for (silence, widening) in
        [(50_u32, 0_i64), (99, 0), (100, 1), (399, 3), (400, 4), (100_000, 4)]
    {
        for (offset, within) in [(widening + 1, true), (widening + 2, false)] {
            for sign in [-1, 1] {
                let engine = Totp::from_key(Injected::new(|step| step as u32));
                let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
                accepted(user.submit(&code(1000), 1000 * 30));
                let now = 1000 + u64::from(silence);
                let verdict =
                    user.submit(&code(now.saturating_add_signed(sign * offset)), now * 30);
                assert_eq!(matches!(verdict, Verdict::Accepted(_)), within, "{silence} {offset}");
            }
        }
    }
    // Before the first code there is no silence.
    let engine = Totp::from_key(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
    assert!(is_rejected(&user.submit(&code(100_002), 100_000 * 30)));
}

/// A clock with a known drift of 50 steps was not silent for these 50 steps.
#[test]
fn silence_is_measured_around_the_drifted_centre() {
    let code = |factor: u64| format!("{factor:06}");
    let learning = DriftLearning::new(100, 4).unwrap().with_widening(100, 4).unwrap();
    for drift in [-50_i16, 50] {
        let theirs = |step: u64| step.saturating_add_signed(drift.into());
        // One step beyond the window of one each way, in both directions.
        for (silence, beyond, within) in [(99, 2, false), (100, 2, true), (100, 3, false)] {
            for sign in [-1, 1] {
                let engine = Totp::from_key(Injected::new(|step| step as u32));
                let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
                let last = State::confirmed().with_last_used(theirs(1000));
                user.state = last.with_drift(drift).unwrap();
                let now = 1000 + silence;
                let typed = code(theirs(now).saturating_add_signed(sign * beyond));
                let verdict = user.submit(&typed, now * 30);
                let accepted = matches!(verdict, Verdict::Accepted(_));
                assert_eq!(accepted, within, "{drift} {silence} {beyond} {sign}");
            }
        }
    }
}

/// F57: after a silence the window is wide once. The next codes are inside the narrow one, however
/// slowly drift is learned otherwise.
#[test]
fn f57_a_code_after_a_silence_is_not_the_last_one() {
    let code = |factor: u64| format!("{factor:06}");
    let learning = DriftLearning::new(100, 1).unwrap().with_widening(100, 10).unwrap();
    for (silence, offset) in [(1000, -11), (1000, 11), (700, 8), (250, -3)] {
        let engine = Totp::from_key(Injected::new(|step| step as u32));
        let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
        accepted(user.submit(&code(2000), 2000 * 30));
        for now in [2000_u64 + silence, 2020 + silence, 2040 + silence] {
            accepted(user.submit(&code(now.saturating_add_signed(offset)), now * 30));
        }
        assert_eq!(i64::from(user.state.drift()), offset);
    }
}

#[test]
fn a_drift_beyond_what_is_learned_only_comes_back() {
    let code = |factor: u64| format!("{factor:06}");
    let learning = DriftLearning::new(5, 1).unwrap();
    let engine = Totp::from_key(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
    user.state = State::confirmed().with_drift(50).unwrap();
    accepted(user.submit(&code(1061), 1010 * 30));
    assert_eq!(user.state.drift(), 50);
    accepted(user.submit(&code(1069), 1020 * 30));
    assert_eq!(user.state.drift(), 49);
}
