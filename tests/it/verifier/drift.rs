//! Windows around a clock that drifts: the learned drift, the silence that widens them, and the
//! used steps that they reach.

use super::*;
use crate::resynchronisation::{NOW, ask, code, is_wrong, row, user};

fn widening(every: u64, most: u8) -> DriftLearning {
    DriftLearning::new(10, 4).unwrap().with_widening(every, most).unwrap()
}

#[test]
fn both_edges_of_a_window_under_drift() {
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
    // One step for every hundred, up to four.
    let learning = DriftLearning::new(10, 4).unwrap().with_widening(100, 4).unwrap();
    for (silence, widening) in
        [(50_u32, 0_i64), (99, 0), (100, 1), (399, 3), (400, 4), (900, 4), (100_000, 4)]
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
    let learning = DriftLearning::new(5, 1).unwrap();
    let engine = Totp::from_key(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, VERIFIER.with_drift_learning(learning));
    user.state = State::confirmed().with_drift(50).unwrap();
    accepted(user.submit(&code(1061), 1010 * 30));
    assert_eq!(user.state.drift(), 50);
    accepted(user.submit(&code(1069), 1020 * 30));
    assert_eq!(user.state.drift(), 49);
}

/// A clock that was ahead at the last login was not silent since then.
#[test]
fn a_code_from_the_future_widens_no_window() {
    let engine = Totp::from_key(Injected::new(|step| step as u32));
    let mut user = Account::new(engine, VERIFIER.with_drift_learning(widening(1, 4)));
    user.state = State::confirmed().with_last_used(1001);
    for step in [1002, 1003, 1004] {
        assert!(is_rejected(&user.submit(&code(step), 1000 * 30)), "{step}");
    }
}

/// A used step has the code of a step in the window. It counts as long as the widest window reaches
/// it, although the present window is narrow.
#[test]
fn used_codes_are_remembered_for_the_widest_window() {
    // Three candidates and four more at each end are eleven steps: 990 to 1000 are remembered. Each
    // function gives step 1001 the code of an earlier one: 998, 997, 990, 989.
    let repeats: [fn(u64) -> u32; 4] = [
        |step| (step % 3) as u32,
        |step| (step % 4) as u32,
        |step| (step % 11) as u32,
        |step| (step % 12) as u32,
    ];
    for (code, is_remembered) in repeats.into_iter().zip([true, true, true, false]) {
        let learning = VERIFIER.with_drift_learning(widening(100, 4));
        let mut user = Account::new(Totp::from_key(Injected::new(code)), learning);
        user.state = State::confirmed().with_last_used(1000);
        let verdict = user.submit(&format!("{:06}", code(1001)), 1001 * 30);
        assert_eq!(verdict == Verdict::Replayed, is_remembered, "{verdict:?}");
    }
}

/// The clock that a resynchronisation found has the plain window, and not the one that a long
/// silence has widened.
#[test]
fn a_found_clock_has_the_plain_window() {
    for (beyond, is_within) in [(1, true), (2, false), (4, false)] {
        let engine = Totp::from_key(Injected::new(|step| step as u32));
        let mut user = Account::new(engine, VERIFIER.with_drift_learning(widening(10, 4)));
        user.state = State::confirmed();
        let two = [code(949), code(950)];
        let two = two.each_ref().map(String::as_str);
        assert_eq!(resynchronised(user.resynchronise(&two, 1000 * 30)), -50);
        // The old clock was silent for 50 steps.
        let verdict = user.submit(&code(951 + beyond), 1001 * 30);
        assert_eq!(matches!(verdict, Verdict::Accepted(_)), is_within, "{beyond}: {verdict:?}");
    }
}

/// A counter has no clock, so there is nothing to learn.
#[test]
fn no_drift_is_learned_of_a_counter() {
    let engine = Hotp::from_key(Injected::new(|counter| counter as u32));
    let mut user = Account::new(engine, VERIFIER.with_drift_learning(widening(10, 4)));
    assert_eq!(accepted(user.submit("000003", 0)), (3, 3));
    assert_eq!((user.state.drift(), user.state.next_factor()), (0, Some(4)));
}

/// A clock at the largest drift stays readable, although the next code makes it look faster.
#[test]
fn a_found_clock_never_drifts_beyond_what_a_state_can_hold() {
    let most = State::MAX_DRIFT;
    let mut user = user();
    user.verifier =
        VERIFIER.with_resynchronisation(Resynchronisation::DEFAULT.with_hours(24).unwrap());
    let theirs = |step: u64| step + u64::from(most);
    resynchronised(ask(&mut user, &row(theirs(NOW) - 1, 2), NOW));
    assert_eq!(accepted(user.submit(&code(theirs(NOW) + 1), NOW * 30)).1, i64::from(most) + 1);
    assert_eq!(user.state.drift().unsigned_abs(), most);
    assert_eq!(State::from_bytes(user.state.to_bytes().as_ref()), Ok(user.state));
}

/// A clock whose period is longer than the reach is found one step off, and a clock with a short
/// period as far off as a state can hold.
#[test]
fn every_period_has_a_reach() {
    for (period, drift, is_within) in
        [(7200, -1, true), (7200, 1, true), (7200, 2, false), (1, 2880, true), (1, 2881, false)]
    {
        let mut user = user();
        let reach = Resynchronisation::DEFAULT.with_hours(if period == 1 { 24 } else { 1 });
        let period = Period::new(period).unwrap();
        user.verifier = VERIFIER.with_max_period(period).with_resynchronisation(reach.unwrap());
        user.engine = user.engine.with_period(period);
        let last = NOW.saturating_add_signed(drift);
        let first = if drift < 0 { last } else { last - 1 };
        let codes = row(first, 2);
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let verdict = user.resynchronise(&codes, NOW * period.seconds());
        assert_eq!(is_wrong(&verdict), !is_within, "{period} {drift}: {verdict:?}");
    }
}

/// The ten steps of a found clock begin when its codes were typed, and not when a server's clock is
/// set back.
#[test]
fn a_clock_that_is_set_back_opens_no_found_clock() {
    for back in 1..=8 {
        let mut user = user();
        user.verifier = VERIFIER.with_window(Window::new(1, 9).unwrap());
        resynchronised(ask(&mut user, &row(NOW - 101, 2), NOW));
        assert!(is_rejected(&user.submit(&code(NOW - 99), (NOW - back) * 30)), "{back}");
    }
}
