//! Several authenticators of one user, checked in one call.

use std::convert::Infallible;

use otp_core::verifier::{
    AttemptError, Authenticator, Backoff, Budget, Changes, Judged, Lifecycle, SettledAny, State,
    Swap, Throttle, Verdict, Verifier,
};
use otp_core::{Digits, Hotp, MalformedCode, Totp};

use crate::verifier::{Injected, VERIFIER, commit, totp};

const NOW: u64 = 1000 * 30;

/// The code of a step is its number, plus an offset for each authenticator.
type Codes = Totp<Injected>;

fn a() -> Codes {
    Totp::from_key(Injected::new(|step| 100_000 + step as u32))
}

fn b() -> Codes {
    Totp::from_key(Injected::new(|step| 200_000 + step as u32))
}

/// Two rows of a database, for one user.
struct User {
    verifier: Verifier,
    engines: [Codes; 2],
    rows: [State; 2],
}

impl User {
    fn new() -> Self {
        Self { verifier: VERIFIER, engines: [a(), b()], rows: [State::confirmed(); 2] }
    }

    fn log_in(&mut self, code: &str, now: u64) -> SettledAny<usize> {
        let [first, second] = &self.engines;
        let rows = std::cell::Cell::new(self.rows);
        let load = || {
            let [one, two] = rows.get();
            let both = [Authenticator::new(0, first, one), Authenticator::new(1, second, two)];
            Ok::<_, Infallible>(both)
        };
        let success = std::cell::Cell::new(false);
        let swap = |mut changes: Changes<'_, usize, &Codes>| {
            let mut stored = rows.get();
            success.set(changes.is_success());
            for change in changes.by_ref() {
                let row = &mut stored[*change.id()];
                assert!(*row == change.old_state() && *row != change.new_state());
                *row = change.new_state();
            }
            assert!(stored != rows.get());
            rows.set(stored);
            assert_eq!(changes.is_success(), success.get(), "changes that were taken count too");
            Ok(Swap::Stored)
        };
        let settled = self.verifier.log_in_any(code, now, load, swap).unwrap();
        assert_eq!(success.get(), matches!(settled.verdict, Verdict::Accepted(_)));
        self.rows = rows.get();
        settled
    }
}

/// A state that a wrong code has just locked.
fn locked_after(failures: u32) -> State {
    let mut state = State::confirmed().with_failures(failures - 1);
    drop(commit(VERIFIER.attempt(&a(), state, "777777", NOW).unwrap(), &mut state));
    state
}

fn code_of(nth: u64, step: u64) -> String {
    format!("{}", (nth + 1) * 100_000 + step)
}

/// F45: a hundred right logins with one authenticator leave the other without a failure, and it is
/// not disabled.
#[test]
fn f45_a_code_of_one_is_no_failure_of_another() {
    let mut user = User::new();
    for step in 1000..1100 {
        let settled = user.log_in(&code_of(0, step), step * 30);
        assert!(matches!(settled.verdict, Verdict::Accepted(_)));
        assert_eq!(settled.accepted_by, Some(0));
        assert_eq!(user.rows.map(State::failures), [0, 0]);
        assert_eq!(user.rows[1], State::confirmed(), "nothing of it has changed");
    }
    let settled = user.log_in(&code_of(1, 1100), 1100 * 30);
    assert_eq!(settled.accepted_by, Some(1));
    assert_eq!(
        settled.record.to_string(),
        "kind=code verdict=accepted failures=0 failures_before=0 authenticator=1 moving_factor=1100 drift=0"
    );
}

/// A wrong code was a guess at each of them. The success with one resets both, so an unused spare
/// authenticator is not disabled by a lifetime of mistyped codes.
#[test]
fn a_wrong_code_counts_for_all_and_a_success_clears_all() {
    let mut user = User::new();
    for failures in 1..=4 {
        let verdict = user.log_in("777777", NOW).verdict;
        let Verdict::Rejected(wrong) = verdict else { panic!("{verdict:?}") };
        assert_eq!((wrong.tries_left(), wrong.failures_left()), (5 - failures, 100 - failures));
        assert_eq!(wrong.until(), None);
        assert_eq!(user.rows.map(State::failures), [failures; 2]);
    }
    let settled = user.log_in(&code_of(0, 1000), NOW);
    assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.failures() == 4));
    assert_eq!(user.rows.map(State::failures), [0; 2]);
    // Only time refills the budget.
    assert!(user.rows.iter().all(|row| row.budget_full_at() > NOW));
    assert_eq!(user.rows[1].next_factor(), Some(0), "no code of the other one is used up");
}

#[test]
fn a_used_code_of_one_is_used_for_all() {
    // Both have the same codes: a code that one has used is not accepted by the other.
    let mut user = User { engines: [a(), a()], ..User::new() };
    assert_eq!(user.log_in(&code_of(0, 1000), NOW).accepted_by, Some(0));
    assert_eq!(user.rows.map(State::next_factor), [Some(1001); 2]);
    user.rows[1] = State::confirmed();
    let before = user.rows;
    assert_eq!(user.log_in(&code_of(0, 1000), NOW).verdict, Verdict::Replayed);
    assert_eq!(user.rows, before);
}

#[test]
fn what_is_locked_or_disabled_is_not_tried_and_bars_no_other() {
    let mut user = User::new();
    let (locked, later) = (locked_after(5), locked_after(6));
    for barred in [locked, locked.disabled(), State::enrolment().disabled()] {
        user.rows = [barred, State::confirmed()];
        let verdict = user.log_in(&code_of(0, 1000), NOW).verdict;
        assert!(matches!(verdict, Verdict::Rejected(_)), "a code of the one that is not tried");
        assert_eq!(user.log_in(&code_of(1, 1000), NOW).accepted_by, Some(1));
        assert_eq!(user.rows[0], barred);
    }
    // If all are barred, the verdict is the first that opens again. It is "disabled" only if all
    // are disabled.
    for (rows, expected) in [
        ([locked, later], Verdict::Locked { until: NOW + 30 }),
        ([later, locked], Verdict::Locked { until: NOW + 30 }),
        ([locked.disabled(), locked], Verdict::Locked { until: NOW + 30 }),
        ([locked.disabled(), later.disabled()], Verdict::Disabled),
    ] {
        user.rows = rows;
        for code in [code_of(0, 1000), "777777".into(), "x".into()] {
            assert_eq!(user.log_in(&code, NOW).verdict, expected);
        }
        assert_eq!(user.rows, rows);
    }
    let asked: usize = user.engines.iter().map(|engine| engine.key().asked.take()).sum();
    drop(user.log_in("777777", NOW));
    let more: usize = user.engines.iter().map(|engine| engine.key().asked.take()).sum();
    assert!(asked > 0 && more == 0, "nothing is computed for them");
}

/// The answer of an open authenticator comes before that of a locked or disabled one.
#[test]
fn a_code_that_the_open_one_cannot_read_is_malformed() {
    let mut user = User::new();
    for barred in [locked_after(5), State::confirmed().disabled()] {
        for rows in [[barred, State::confirmed()], [State::confirmed(), barred]] {
            user.rows = rows;
            let verdict = user.log_in("x", NOW).verdict;
            assert!(matches!(verdict, Verdict::Malformed(_)), "{verdict:?}");
        }
    }
}

/// The user is told when the first of them opens again.
#[test]
fn of_two_waits_the_shorter_one_is_told() {
    let (shorter, longer) =
        (State::confirmed().with_failures(4), State::confirmed().with_failures(5));
    for rows in [[shorter, longer], [longer, shorter]] {
        let mut user = User { rows, ..User::new() };
        let verdict = user.log_in("777777", NOW).verdict;
        assert!(
            matches!(verdict, Verdict::Rejected(wrong) if wrong.until() == Some(NOW + 30)),
            "{verdict:?}"
        );
    }
}

/// A guess disables one, and empties the budget of the other. Only the other one opens again, so
/// its wait is told.
#[test]
fn the_wait_that_is_told_is_not_that_of_a_disabled_one() {
    let throttle = Throttle::DEFAULT.with_waits(0, 0, Backoff::Linear).unwrap();
    let throttle = throttle.with_max_failures(3).unwrap();
    let throttle = throttle.with_budget(Budget::new(2, 1000).unwrap());
    let verifier = VERIFIER.with_throttle(throttle);
    let mut spent = State::confirmed();
    drop(commit(verifier.attempt(&a(), spent, "777777", NOW).unwrap(), &mut spent));
    let (last_try, spent) = (State::confirmed().with_failures(2), spent.with_failures(0));
    for rows in [[last_try, spent], [spent, last_try]] {
        let mut user = User { verifier, rows, ..User::new() };
        let verdict = user.log_in("777777", NOW).verdict;
        let Verdict::Rejected(wrong) = verdict else { panic!("{verdict:?}") };
        assert_eq!((wrong.until(), wrong.failures_left()), (Some(NOW + 1000), 2));
    }
}

/// An attacker who knows only the password has started an enrolment: it is not checked.
#[test]
fn what_is_not_confirmed_lets_nobody_in() {
    let mut user = User::new();
    user.rows[1] = State::enrolment();
    let verdict = user.log_in(&code_of(1, 1000), NOW).verdict;
    assert!(matches!(verdict, Verdict::Rejected(_)));
    assert_eq!(user.rows[1], State::enrolment());
    let mut none = [Authenticator::new((), b(), State::enrolment())];
    let error = VERIFIER.attempt_any(&mut none, &code_of(1, 1000), NOW).unwrap_err();
    assert_eq!(error, AttemptError::NoneConfirmed);
    let error = VERIFIER.attempt_any::<(), Injected, Codes>(&mut [], "777777", NOW).unwrap_err();
    assert_eq!(error, AttemptError::NoneConfirmed);
}

/// A code of eight digits is checked by the authenticators with eight digits, and counts only for
/// these.
#[test]
fn each_is_asked_for_codes_of_its_own_form() {
    let mut all = [
        Authenticator::new(0, totp(), State::confirmed()),
        Authenticator::new(1, totp().with_digits(Digits::Eight), State::confirmed()),
    ];
    let mut judge = |code: &str| {
        let mut failures = [0, 0];
        let attempt = VERIFIER.attempt_any(&mut all, code, 59).unwrap();
        let settled = attempt.commit(|changes| {
            changes.for_each(|change| {
                failures[*change.id()] = change.new_state().failures();
            });
            Ok::<_, Infallible>(Swap::Stored)
        });
        let SettledAny { verdict, accepted_by, .. } = settled.unwrap();
        (verdict, accepted_by.copied(), failures)
    };
    let (verdict, accepted_by, failures) = judge("00000000");
    assert!(matches!(verdict, Verdict::Rejected(_)) && failures == [0, 1]);
    assert_eq!(accepted_by, None);
    assert_eq!(judge("94287082").1, Some(1));
    assert_eq!(judge("287082").1, Some(0));
    let (verdict, _, failures) = judge("1234567");
    assert_eq!(verdict, Verdict::Malformed(MalformedCode::Width { expected: 6 }));
    assert_eq!(failures, [0, 0]);
}

#[test]
fn a_lost_race_is_tried_again_and_tells_nothing() {
    let mut all = [Authenticator::new("a", a(), State::confirmed())];
    for code in [code_of(0, 1000), "777777".into()] {
        let attempt = VERIFIER.attempt_any(&mut all, &code, NOW).unwrap();
        assert_eq!(format!("{attempt:?}"), "AttemptAny(sealed)");
        let settled = attempt.commit(|_| Ok::<_, Infallible>(Swap::Lost)).unwrap();
        assert_eq!((settled.verdict, settled.accepted_by), (Verdict::Conflict, None));
    }
    let (mut loads, mut swaps) = (0, 0);
    let settled = VERIFIER.log_in_any(
        &code_of(0, 1000),
        NOW,
        || {
            loads += 1;
            Ok::<_, Infallible>([Authenticator::new("a", a(), State::confirmed())])
        },
        |_| {
            swaps += 1;
            Ok(if swaps < 4 { Swap::Lost } else { Swap::Stored })
        },
    );
    assert_eq!(settled.unwrap().accepted_by, Some("a"));
    assert_eq!((loads, swaps), (4, 4));
}

/// An error of one authenticator is an error of the call, and nothing is counted.
#[test]
fn what_cannot_be_judged_is_an_error() {
    let counted = State::confirmed().with_next_counter(7);
    let attempt =
        VERIFIER.attempt(&Hotp::from_key(Injected::new(|n| n as u32)), counted, "000007", 0);
    let mut token = counted;
    drop(commit(attempt.unwrap(), &mut token));
    let mut all =
        [Authenticator::new(0, a(), State::confirmed()), Authenticator::new(1, b(), token)];
    let error = VERIFIER.attempt_any(&mut all, &code_of(0, 1000), NOW).unwrap_err();
    assert_eq!(error, AttemptError::OtherEngine);
    assert_eq!(token.lifecycle(), Lifecycle::Confirmed);
}

/// An unchecked authenticator does not affect the answer of a checked one, neither with its
/// failures nor with its disabling.
#[test]
fn what_is_told_is_of_those_that_were_tried() {
    let spent = State::confirmed().with_failures(100).disabled();
    for (first, barred) in [(spent, true), (State::enrolment().with_failures(7), false)] {
        let mut user = User::new();
        user.rows[0] = first;
        let wrong = user.log_in("777777", NOW);
        assert_eq!(
            wrong.record.to_string(),
            "kind=code verdict=rejected failures=1 failures_before=0",
            "{barred}"
        );
        let settled = user.log_in(&code_of(1, 1000), NOW);
        assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.failures() == 1));
        assert_eq!((settled.record.failures, settled.record.failures_before), (0, 1));
        let settled = user.log_in(&code_of(1, 1001), NOW + 30);
        assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.failures() == 0));
    }
}

/// Wrong codes at either of them are told to the owner.
#[test]
fn an_accepted_code_tells_the_most_failures_of_any() {
    let states = [3, 1].map(|failures| State::confirmed().with_failures(failures));
    for nth in [0, 1] {
        let mut user = User { rows: states, ..User::new() };
        let settled = user.log_in(&code_of(nth, 1000), NOW);
        assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.failures() == 3));
        assert_eq!((settled.record.failures_before, user.rows.map(State::failures)), (3, [0; 2]));
    }
}

/// A guess that disables one of two is in the log, and the other one reports its remaining tries.
#[test]
fn a_guess_that_disables_one_of_them_is_told() {
    let mut user = User::new();
    user.rows[0] = State::confirmed().with_failures(99);
    let settled = user.log_in("777777", NOW);
    let line = "kind=code verdict=rejected failures=100 failures_before=99 disabled=failures";
    assert_eq!(settled.record.to_string(), line);
    let Verdict::Rejected(wrong) = settled.verdict else { panic!() };
    assert_eq!((wrong.tries_left(), wrong.failures_left(), wrong.until()), (4, 99, None));
    user.rows[1] = user.rows[1].disabled();
    let line = "kind=code verdict=disabled failures=0 failures_before=0 disabled=failures";
    assert_eq!(user.log_in("777777", NOW).record.to_string(), line);
}

/// In every case, the verdict is hidden before the commit.
#[test]
fn the_verdict_is_sealed_until_the_commit() {
    let mut all = [
        Authenticator::new(0, a(), State::confirmed()),
        Authenticator::new(1, b(), State::confirmed().with_failures(3)),
    ];
    let before = format!("{all:?}");
    drop(VERIFIER.attempt_any(&mut all, &code_of(0, 1000), NOW).unwrap());
    assert_eq!(format!("{all:?}"), before);
}

#[test]
fn the_asynchronous_login_of_several_is_the_same_and_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let rows = std::sync::Mutex::new([State::confirmed(); 2]);
    let (first, second) = (totp(), totp().with_digits(Digits::Eight));
    let log_in = |code: &'static str| {
        let (rows, first, second) = (&rows, &first, &second);
        is_send(VERIFIER.log_in_any_async(
            code,
            59,
            move || async move {
                let [one, two] = *rows.lock().unwrap();
                let both = [Authenticator::new(0, first, one), Authenticator::new(1, second, two)];
                Ok::<_, Infallible>(both)
            },
            move |mut judged: Judged<_, _, _>| async move {
                let mut rows = rows.lock().unwrap();
                let changes = judged.changes();
                changes.for_each(|change| rows[*change.id()] = change.new_state());
                Ok(Swap::Stored)
            },
        ))
    };
    let settled = |code| crate::verifier_login::wait(log_in(code)).unwrap();
    assert!(matches!(settled("000000").verdict, Verdict::Rejected(_)));
    assert_eq!(settled("94287082").accepted_by, Some(1));
    let again = settled("94287082");
    assert_eq!((again.verdict, again.accepted_by), (Verdict::Replayed, None));
    assert_eq!(rows.lock().unwrap().map(State::failures), [1, 0]);
}
