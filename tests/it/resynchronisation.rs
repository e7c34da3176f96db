//! Resynchronisation: the clocks that it finds, the steps that it uses, and that it is not a login.

use std::convert::Infallible;

use otp_core::verifier::{
    DriftLearning, Lifecycle, ResyncVerdict, Resynchronisation, State, Swap, Verdict,
};
use otp_core::{Hotp, MalformedCode, Totp, Window};

use crate::verifier::{
    Account, Injected, VERIFIER, accepted, hotp, is_rejected, next_state, resynchronised,
};

pub(crate) const NOW: u64 = 10_000;

pub(crate) fn code(factor: u64) -> String {
    format!("{factor:06}")
}

/// The code of a factor is its number.
pub(crate) fn user() -> Account<Totp<Injected>> {
    let mut user = Account::new(Totp::from_key(Injected::new(|step| step as u32)), VERIFIER);
    user.state = State::confirmed();
    user
}

pub(crate) fn row(first: u64, count: u8) -> Vec<String> {
    (first..).take(count.into()).map(code).collect()
}

pub(crate) fn ask(
    user: &mut Account<Totp<Injected>>,
    codes: &[String],
    step: u64,
) -> ResyncVerdict {
    let codes: Vec<_> = codes.iter().map(String::as_str).collect();
    user.resynchronise(&codes, step * 30)
}

pub(crate) fn is_wrong(verdict: &ResyncVerdict) -> bool {
    matches!(verdict, ResyncVerdict::Rejected(_))
}

/// F46: an attacker has noted two codes 50 minutes ago, before the owner used any. The codes do not
/// log in, and the owner's next code is accepted, with the owner's own clock.
#[test]
fn f46_old_codes_let_nobody_in_and_the_owner_stays_in() {
    for drift in [-2, 0, 3] {
        let mut user = user();
        user.state = user.state.with_drift(drift).unwrap();
        let theirs = |step: u64| code(step.saturating_add_signed(drift.into()));
        assert_eq!(resynchronised(ask(&mut user, &row(NOW - 100, 2), NOW)), -99);
        assert_eq!(user.state.drift(), drift, "nothing is taken over yet");
        for step in NOW..NOW + 10 {
            assert_eq!(accepted(user.submit(&theirs(step), step * 30)).1, i64::from(drift));
        }
        assert_eq!(user.state.drift(), drift);
        // A third old code is not accepted either.
        assert!(!matches!(
            user.submit(&code(NOW - 98 + 10), (NOW + 10) * 30),
            Verdict::Accepted(_)
        ));
    }
}

/// The client's drift is the one that was found. Its next code is accepted, and sets the drift.
#[test]
fn the_next_code_takes_the_drift_over() {
    for drift in [-120_i64, -8, 5, 120] {
        for late in [0, 1, 9, 10] {
            let mut user = user();
            let theirs = |step: u64| step.saturating_add_signed(drift);
            let two = row(theirs(NOW) - 1, 2);
            assert_eq!(resynchronised(ask(&mut user, &two, NOW)), drift);
            assert!(user.state.requires_code() && user.state.drift() == 0);
            let next = NOW + 1 + late;
            let verdict = user.submit(&code(theirs(next)), next * 30);
            // It waits for ten steps.
            if late < 10 {
                assert_eq!(accepted(verdict), (theirs(next), drift));
                assert_eq!(i64::from(user.state.drift()), drift);
                let later = next + 1000;
                accepted(user.submit(&code(theirs(later)), later * 30));
            } else {
                assert!(is_rejected(&verdict), "{drift}");
            }
        }
    }
}

/// F46, the other order: three consecutive noted codes look like a slow clock, and no verifier can
/// tell the difference. The owner recovers with two codes of the right clock.
#[test]
fn f46_three_noted_codes_are_a_slow_clock_and_the_owner_finds_back() {
    let mut user = user();
    resynchronised(ask(&mut user, &row(NOW - 100, 2), NOW));
    assert_eq!(accepted(user.submit(&code(NOW - 98), (NOW + 1) * 30)).1, -99);
    assert!(is_rejected(&user.submit(&code(NOW + 2), (NOW + 2) * 30)));
    assert_eq!(resynchronised(ask(&mut user, &row(NOW + 2, 2), NOW + 3)), 0);
    accepted(user.submit(&code(NOW + 4), (NOW + 4) * 30));
    assert_eq!(user.state.drift(), 0);
}

/// A person who types late makes the clock look slower than it is. The drift that two codes have
/// found stays.
#[test]
fn a_code_that_is_typed_late_does_not_move_the_clock() {
    for drift in [-8_i64, 0, 8] {
        let mut user = user();
        let theirs = |step: u64| step.saturating_add_signed(drift);
        resynchronised(ask(&mut user, &row(theirs(NOW) - 1, 2), NOW));
        accepted(user.submit(&code(theirs(NOW) + 1), (NOW + 2) * 30));
        assert_eq!(i64::from(user.state.drift()), drift);
        user.verifier = VERIFIER.with_window(Window::new(1, 0).unwrap());
        accepted(user.submit(&code(theirs(NOW + 3)), (NOW + 3) * 30));
    }
}

/// A wrong code in between does not end it, and no used code is accepted again.
#[test]
fn what_waits_outlives_a_mistyped_code() {
    let mut user = user();
    let two = row(NOW - 50, 2);
    resynchronised(ask(&mut user, &two, NOW));
    assert!(is_rejected(&user.submit("777777", NOW * 30)));
    assert_eq!(ask(&mut user, &two, NOW), ResyncVerdict::Replayed);
    for used in &two {
        assert_eq!(user.submit(used, NOW * 30), Verdict::Replayed);
    }
    assert_eq!(accepted(user.submit(&code(NOW - 48), (NOW + 1) * 30)), (NOW - 48, -49));
}

/// It does not confirm an enrolment and does not reset failures.
#[test]
fn it_is_no_login() {
    let mut user = user();
    user.state = State::enrolment();
    assert!(is_rejected(&user.submit("777777", NOW * 30)));
    resynchronised(ask(&mut user, &row(NOW - 50, 2), NOW));
    assert_eq!((user.state.lifecycle(), user.state.failures()), (Lifecycle::Unconfirmed, 1));
    let verdict = user.submit(&code(NOW - 48), NOW * 30);
    assert!(matches!(verdict, Verdict::Accepted(code) if code.confirms() && code.failures() == 1));
}

/// Clocks that missed the change to or from summer time, in both directions, with some minutes of
/// drift.
#[test]
fn the_default_reach_takes_in_a_summer_time_slip() {
    for slip in [-120_i64, 120] {
        for minutes in [-4_i64, 0, 4] {
            let theirs = NOW.saturating_add_signed(slip + 2 * minutes);
            let mut user = user();
            assert_eq!(
                resynchronised(ask(&mut user, &row(theirs - 1, 2), NOW)),
                slip + 2 * minutes
            );
        }
    }
}

#[test]
fn the_reach_is_exact_and_lies_around_the_known_drift() {
    let hours = |hours| Resynchronisation::DEFAULT.with_hours(hours).unwrap();
    for (reach, steps) in
        [(Resynchronisation::DEFAULT, 130), (hours(1), 120), (hours(14), 1680), (hours(24), 2880)]
    {
        for drift in [-40_i16, 0, 40] {
            for (offset, direction) in [(0_i64, 1_i64), (0, -1), (1, 1), (1, -1)] {
                let mut user = user();
                user.verifier = VERIFIER.with_resynchronisation(reach);
                user.state = user.state.with_drift(drift).unwrap();
                let off = i64::from(drift) + direction * (steps + offset);
                let last = NOW.saturating_add_signed(off);
                // The first of the two must be within reach too.
                let two = if direction > 0 { row(last - 1, 2) } else { row(last, 2) };
                let verdict = ask(&mut user, &two, NOW);
                // It is never beyond a day of 30-second steps.
                if offset == 0 && off.abs() <= 2880 {
                    let found = off + i64::from(direction < 0);
                    assert_eq!(resynchronised(verdict), found);
                    let next = code(NOW.saturating_add_signed(found) + 1);
                    accepted(user.submit(&next, (NOW + 1) * 30));
                    assert_eq!(i64::from(user.state.drift()), found);
                } else {
                    assert!(is_wrong(&verdict), "{steps} {drift} {off}");
                }
            }
        }
    }
}

#[test]
fn a_resynchronised_clock_goes_on_being_learned() {
    let mut user = user();
    user.verifier = VERIFIER.with_drift_learning(DriftLearning::new(20, 1).unwrap());
    resynchronised(ask(&mut user, &row(NOW - 101, 2), NOW));
    accepted(user.submit(&code(NOW - 98), (NOW + 1) * 30));
    assert_eq!(user.state.drift(), -99);
    // From there the drift only comes back.
    accepted(user.submit(&code(NOW + 10 - 100), (NOW + 10) * 30));
    assert_eq!(user.state.drift(), -99);
    accepted(user.submit(&code(NOW + 20 - 98), (NOW + 20) * 30));
    assert_eq!(user.state.drift(), -98);
}

#[test]
fn locked_or_disabled_every_row_is_the_same() {
    let mut user = user();
    for _ in 0..5 {
        assert!(is_rejected(&user.submit("777777", NOW * 30)));
    }
    let locked = user.state;
    for (state, verdict) in [
        (locked, ResyncVerdict::Locked { until: NOW * 30 + 30 }),
        (locked.disabled(), ResyncVerdict::Disabled),
    ] {
        user.state = state;
        user.engine.key().asked.set(0);
        for codes in [row(NOW, 2), row(1, 2), vec!["777777".into(), "x".into()], vec![]] {
            assert_eq!(ask(&mut user, &codes, NOW), verdict);
        }
        assert_eq!((user.state, user.engine.key().asked.get()), (state, 0), "no code is computed");
    }
}

#[test]
fn the_record_names_the_verdict_and_the_kind() {
    let mut locked = State::confirmed();
    while locked.locked_until(NOW * 30).is_none() {
        let attempt = VERIFIER.attempt(&user().engine, locked, "777777", NOW * 30).unwrap();
        locked = next_state(attempt, locked);
    }
    let confirmed = State::confirmed();
    for (state, codes, verdict) in [
        (confirmed, row(NOW, 2), "resynchronised"),
        (confirmed.with_last_used(NOW + 1), row(NOW, 2), "replayed"),
        (confirmed, row(1, 2), "rejected"),
        (confirmed, row(NOW, 1), "malformed"),
        (locked, row(NOW, 2), "locked"),
        (confirmed.disabled(), row(NOW, 2), "disabled"),
    ] {
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let attempt = VERIFIER.resynchronise(&user().engine, state, &codes, NOW * 30).unwrap();
        let record = attempt.commit(|_, _| Ok::<_, Infallible>(Swap::Stored)).unwrap().record;
        assert_eq!((record.kind, record.verdict), ("resynchronisation", verdict));
    }
}

#[test]
fn f05_two_passcodes_that_come_again() {
    let in_turn = |factor: u64| 7 + (factor % 2) as u32;
    let codes = ["000007", "000008"];

    let mut token = Account::new(Hotp::from_key(Injected::new(in_turn)), VERIFIER);
    resynchronised(token.resynchronise(&codes, 0));
    // They come again up to counter 99, and are used there too.
    assert_eq!(token.state.next_factor(), Some(100));
    assert_eq!(token.resynchronise(&codes, 0), ResyncVerdict::Replayed);

    let mut user = Account::new(Totp::from_key(Injected::new(in_turn)), VERIFIER);
    resynchronised(user.resynchronise(&codes, 1000 * 30));
    for step in 1000..1010 {
        assert_eq!(user.resynchronise(&codes, step * 30), ResyncVerdict::Replayed, "{step}");
    }
}

/// One of two codes in a row has the digits of a used one. They are refused as used, and not
/// counted as wrong.
#[test]
fn f05_one_of_two_passcodes_was_used() {
    let keys: [fn(u64) -> u32; 2] = [
        |step| if step == NOW + 4 { 7 } else { step as u32 },
        |step| if step == NOW + 5 { 7 } else { step as u32 },
    ];
    let (first, second) = (code(NOW + 4), code(NOW + 5));
    let rows = [["000007", &second], [&first, "000007"]];
    for (key, codes) in keys.into_iter().zip(rows) {
        let mut user = Account::new(Totp::from_key(Injected::new(key)), VERIFIER);
        user.state = State::confirmed().with_last_used(7);
        assert_eq!(user.resynchronise(&codes, NOW * 30), ResyncVerdict::Replayed, "{codes:?}");
    }
}

#[test]
fn f13_resynchronisation_takes_codes_in_a_row() {
    for count in [2, 3] {
        let reach = Resynchronisation::DEFAULT.with_codes(count).unwrap();
        let fresh = || {
            let mut user = user();
            user.verifier = VERIFIER.with_resynchronisation(reach);
            accepted(user.submit(&code(NOW), NOW * 30));
            user
        };
        let ask = |user: &mut Account<_>, codes: &[String]| ask(user, codes, NOW + 40);
        let last = u64::from(count) - 1;

        // Both ends of the reach, and beyond, but not the used factors.
        let far = NOW + 40 + 130 - last;
        for (first, reached) in [(NOW + 1, true), (far, true), (far + 1, false), (far + 99, false)]
        {
            let mut user = fresh();
            let verdict = ask(&mut user, &row(first, count));
            if reached {
                let drift = (first + last).cast_signed() - (NOW + 40).cast_signed();
                assert_eq!(resynchronised(verdict), drift);
                assert_eq!(user.state.next_factor(), Some(first + last + 1));
                // All of them are used.
                assert_eq!(ask(&mut user, &row(first, count)), ResyncVerdict::Replayed);
            } else {
                assert!(is_wrong(&verdict), "{first}");
            }
        }

        // A gap, the wrong order, a used first code, and one wrong code.
        let mut gap = row(NOW + 10, count);
        gap[usize::from(count) - 1] = code(NOW + 10 + last + 1);
        let mut backwards = row(NOW + 10, count);
        backwards.reverse();
        let mut wrong = row(NOW + 10, count);
        wrong[0] = "777777".into();
        for codes in [gap, backwards, row(NOW, count), wrong] {
            let mut user = fresh();
            let before = user.state;
            assert!(is_wrong(&ask(&mut user, &codes)), "{codes:?}");
            assert_eq!(user.state.next_factor(), before.next_factor());
            assert_eq!(user.state.failures(), 1, "it is counted as any guess");
        }

        // All of them were skipped.
        assert_eq!(ask(&mut fresh(), &row(NOW - last, count)), ResyncVerdict::Replayed);

        // The same code twice, and another number of codes.
        let mut twice = row(NOW + 10, count);
        twice[1] = twice[0].clone();
        let verdict = ask(&mut fresh(), &twice);
        assert_eq!(verdict, ResyncVerdict::Malformed(MalformedCode::Repeated));
        for codes in [row(NOW + 10, count - 1), row(NOW + 10, count + 1), vec![]] {
            let verdict = ask(&mut fresh(), &codes);
            let expected = MalformedCode::Count { expected: count };
            assert_eq!(verdict, ResyncVerdict::Malformed(expected));
        }
    }
}

/// The first and the last of three codes are the same, so they are not a sequence.
#[test]
fn f13_codes_that_come_again_in_one_sequence() {
    let (a, b) = (code(NOW), code(NOW + 1));
    let repeated = ResyncVerdict::Malformed(MalformedCode::Repeated);
    for codes in [[&a, &b, &a], [&a, &a, &b], [&b, &a, &a]] {
        let mut user = user();
        let three = Resynchronisation::DEFAULT.with_codes(3).unwrap();
        user.verifier = VERIFIER.with_resynchronisation(three);
        let before = user.state;
        assert_eq!(ask(&mut user, &codes.map(Clone::clone), NOW), repeated);
        assert_eq!(user.state, before);
    }
}

#[test]
fn f13_a_counter_is_resynchronised_forwards() {
    let code = |factor: u64| hotp().code(factor).to_string();
    let mut token = Account::new(hotp(), VERIFIER);
    accepted(token.submit(&code(7), 0));
    let (first, second) = (code(106), code(107));
    assert!(is_rejected(&token.submit(&first, 0)));
    assert!(is_wrong(&token.resynchronise(&[&code(108), &code(109)], 0)));
    assert_eq!(resynchronised(token.resynchronise(&[&first, &second], 0)), 99);
    assert_eq!(token.resynchronise(&[&first, &second], 0), ResyncVerdict::Replayed);
    assert_eq!(accepted(token.submit(&code(108), 0)), (108, 0));
    assert_eq!(token.state.drift(), 0);

    // At the last counter.
    token.state = State::enrolment().with_next_counter(u64::MAX - 5);
    resynchronised(token.resynchronise(&[&code(u64::MAX - 1), &code(u64::MAX)], 0));
    assert_eq!(token.state.next_factor(), None);
    assert!(is_rejected(&token.submit(&code(0), 0)));
}

#[test]
fn verdicts_read_as_sentences() {
    let mut user = user();
    for (codes, sentence) in [
        (row(NOW, 2), "resynchronised, enter the next code"),
        (row(NOW, 2), "the codes were used before"),
        (row(NOW + 1000, 2), "the codes are not accepted, tries left: 4"),
        (vec!["1".into(), "2".into()], "malformed code: a code here has 6 digits"),
        (vec![], "malformed code: 2 codes in a row are needed"),
    ] {
        let verdict = ask(&mut user, &codes, NOW);
        assert_eq!(verdict.to_string(), sentence);
        assert!(!format!("{verdict:?}").contains("10000"), "{verdict:?}");
    }
}
