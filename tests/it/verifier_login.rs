//! The login in one call, and the mistakes of hosts that use it.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::thread;

use otp_core::verifier::{AttemptError, LoginError, Settled, State, Swap, Verdict, Verifier};
use otp_core::{Period, Secret, Totp};

use crate::verifier::{KEY, VERIFIER, hotp, totp, totp_code};

const NOW: u64 = 1000 * 30;

/// A row of a database.
struct Row(Cell<State>);

impl Row {
    fn swap(&self, old: State, new: State) -> Swap {
        let found = self.0.get() == old;
        if found {
            self.0.set(new);
        }
        Swap::from_rows(found.into())
    }

    fn log_in(&self, code: &str, now: u64) -> Settled {
        let load = || Ok::<_, Infallible>(self.0.get());
        VERIFIER.log_in(&totp(), code, now, load, |old, new| Ok(self.swap(old, new))).unwrap()
    }
}

pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn a_login_is_one_call() {
    let row = Row(Cell::new(State::confirmed()));
    let record = |code: &str| row.log_in(code, NOW).record.to_string();
    assert_eq!(record("000000"), "kind=code verdict=rejected failures=1 failures_before=0");
    assert_eq!(record("x"), "kind=code verdict=malformed failures=1 failures_before=1");
    let line = "kind=code verdict=accepted failures=0 failures_before=1 moving_factor=1000 drift=0";
    assert_eq!(record(&totp_code(1000)), line);
    assert_eq!(record(&totp_code(1000)), "kind=code verdict=replayed failures=0 failures_before=0");
    for failures in 1..5 {
        assert_eq!(row.log_in("000000", NOW).record.failures, failures);
    }
    let line = "kind=code verdict=rejected failures=5 failures_before=4 until=30030";
    assert_eq!(record("000000"), line);
    assert_eq!(
        record("000000"),
        "kind=code verdict=locked failures=5 failures_before=5 until=30030"
    );
    // The owner is told.
    match row.log_in(&totp_code(1001), NOW + 30).verdict {
        Verdict::Accepted(code) => assert_eq!(code.failures(), 5),
        other => panic!("{other:?}"),
    }
    row.0.set(row.0.get().disabled());
    assert_eq!(
        record("000000"),
        "kind=code verdict=disabled failures=0 failures_before=0 disabled=host"
    );
}

#[test]
fn the_asynchronous_login_is_the_same() {
    let row = Row(Cell::new(State::confirmed()));
    let row = &row;
    let log_in = |code: &str| {
        let load = || async { Ok::<_, Infallible>(row.0.get()) };
        let swap = |old, new| async move { Ok(row.swap(old, new)) };
        wait(VERIFIER.log_in_async(&totp(), code, NOW, load, swap)).unwrap().verdict
    };
    assert!(matches!(log_in("000000"), Verdict::Rejected(wrong) if wrong.tries_left() == 4));
    assert!(matches!(log_in(&totp_code(1000)), Verdict::Accepted(_)));
    assert_eq!(log_in(&totp_code(1000)), Verdict::Replayed);
    assert_eq!(row.0.get().next_factor(), Some(1001));
}

/// It runs on a runtime with threads.
#[test]
fn the_asynchronous_login_is_send() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let row = Mutex::new(State::confirmed());
    let (engine, code) = (totp(), totp_code(1000));
    let login = is_send(async {
        let load = || async { Ok::<_, Infallible>(*row.lock().unwrap()) };
        let swap = |old, new| {
            let row = &row;
            async move {
                let mut row = row.lock().unwrap();
                let found = *row == old;
                *row = if found { new } else { *row };
                Ok(Swap::from_rows(found.into()))
            }
        };
        VERIFIER.log_in_async(&engine, &code, NOW, load, swap).await
    });
    assert!(matches!(wait(login).unwrap().verdict, Verdict::Accepted(_)));
    let attempt = VERIFIER.attempt(&engine, State::confirmed(), &code, NOW).unwrap();
    let commit =
        is_send(async { attempt.commit_async(async |_, _| Ok::<_, Infallible>(Swap::Lost)).await });
    assert_eq!(wait(commit).unwrap().verdict, Verdict::Conflict);
}

/// A lost race is checked again, with the state that is then stored.
#[test]
fn a_lost_race_is_tried_again() {
    let row = Row(Cell::new(State::confirmed()));
    let swaps = Cell::new(0);
    let lose_first = |old, new| {
        swaps.set(swaps.get() + 1);
        if swaps.get() == 1 {
            // Another request has just used the code.
            row.0.set(row.0.get().with_last_used(1000));
        }
        Ok::<_, Infallible>(row.swap(old, new))
    };
    let load = || Ok(row.0.get());
    let settled = VERIFIER.log_in(&totp(), &totp_code(1000), NOW, load, lose_first).unwrap();
    assert_eq!((settled.verdict, swaps.get()), (Verdict::Replayed, 1));
}

/// A store that refuses every swap leads to a conflict after ten tries.
#[test]
fn retries_end() {
    let swaps = Cell::new(0);
    let never = |_, _| {
        swaps.set(swaps.get() + 1);
        Ok::<_, Infallible>(Swap::Lost)
    };
    let load = || Ok(State::confirmed());
    let settled = VERIFIER.log_in(&totp(), &totp_code(1000), NOW, load, never).unwrap();
    assert_eq!((settled.verdict, swaps.get()), (Verdict::Conflict, 10));
    let line = "kind=code verdict=conflict failures=0 failures_before=0";
    assert_eq!(settled.record.to_string(), line);
}

/// A store that fails lets nobody in, for every code, before and after the commit.
#[test]
fn a_store_that_fails_lets_nobody_in() {
    #[derive(Debug, PartialEq)]
    struct Down;
    for code in [totp_code(1000), "000000".into()] {
        let state = State::confirmed();
        let swapped = VERIFIER.log_in(&totp(), &code, NOW, || Ok(state), |_, _| Err(Down));
        assert_eq!(swapped, Err(LoginError::Store(Down)));
        let no_swap = |_, _| -> Result<Swap, Down> { panic!("nothing was loaded") };
        let loaded = VERIFIER.log_in(&totp(), &code, NOW, || Err(Down), no_swap);
        assert_eq!(loaded, Err(LoginError::Store(Down)));
    }
}

/// An error like `anyhow::Error`: it can hold every error, but is not an `Error` itself.
struct Opaque(Box<dyn Error + Send + Sync>);

impl<E: Error + Send + Sync + 'static> From<E> for Opaque {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The shortest code: `?` in a function with boxed errors, and a store with boxed errors.
#[test]
fn a_question_mark_takes_the_error_of_a_login() {
    fn boxed(now: u64) -> Result<Settled, Box<dyn Error + Send + Sync>> {
        let load = || -> Result<State, Box<dyn Error + Send + Sync>> { Err("row 7 is gone")? };
        Ok(VERIFIER.log_in(&totp(), "000000", now, load, |_, _| Ok(Swap::Stored))?)
    }
    fn opaque(now: u64) -> Result<Settled, Opaque> {
        let load = || -> Result<State, Opaque> { Err(std::io::Error::other("row 7 is gone"))? };
        Ok(VERIFIER.log_in(&totp(), "000000", now, load, |_, _| Ok(Swap::Stored))?)
    }
    let text = "the state of the authenticator could not be loaded or stored: row 7 is gone";
    assert_eq!(boxed(NOW).unwrap_err().to_string(), text);
    assert_eq!(opaque(NOW).unwrap_err().to_string(), text);
}

/// The store's own error, with its type and its sources.
#[test]
fn the_error_of_a_store_can_be_had_as_it_is() {
    type BoxError = Box<dyn Error + Send + Sync>;
    let log_in = |state: Result<State, BoxError>, now| {
        let mut states = [state].into_iter();
        let load = || states.next().unwrap();
        let settled = VERIFIER.log_in(&totp(), "000000", now, load, |_, _| Ok(Swap::Stored));
        settled.map_err(LoginError::into_error)
    };
    let down = log_in(Err(std::io::Error::other("down").into()), NOW).unwrap_err();
    assert!(down.is::<std::io::Error>());
    let milliseconds = log_in(Ok(State::confirmed()), u64::MAX).unwrap_err();
    assert_eq!(milliseconds.downcast_ref(), Some(&AttemptError::<Infallible>::TimeTooFar));
}

/// F9, with whole logins: if 32 use one code, one is accepted.
#[test]
fn f09_of_many_logins_with_one_code_one_is_accepted() {
    for round in 0..20 {
        let row = Mutex::new(State::confirmed());
        let (code, now) = (totp_code(1000 + round), (1000 + round) * 30);
        let load = || Ok::<_, Infallible>(*row.lock().unwrap());
        let swap = |old, new| {
            let mut row = row.lock().unwrap();
            let found = *row == old;
            *row = if found { new } else { *row };
            Ok(Swap::from_rows(found.into()))
        };
        let log_in = || VERIFIER.log_in(&totp(), &code, now, load, swap).unwrap().verdict;
        let verdicts: Vec<_> = thread::scope(|scope| {
            let logins: Vec<_> = (0..32).map(|_| scope.spawn(log_in)).collect();
            logins.into_iter().map(|login| login.join().unwrap()).collect()
        });
        let accepted = |verdict: &&Verdict| matches!(verdict, Verdict::Accepted(_));
        assert_eq!(verdicts.iter().filter(accepted).count(), 1);
        let replayed = |verdict: &&Verdict| **verdict == Verdict::Replayed;
        assert_eq!(verdicts.iter().filter(replayed).count(), 31);
    }
}

/// F35: only one row that was found is a commit.
#[test]
fn f35_rows_open_the_seal_and_nothing_else() {
    assert_eq!(Swap::from_rows(1), Swap::Stored);
    for rows in [0, 2, u64::MAX] {
        assert_eq!(Swap::from_rows(rows), Swap::Lost);
    }
}

/// F33: a hundred wrong codes disable the authenticator. A login like the one in the README still
/// asks for a code, so the password is not enough.
#[test]
fn f33_a_disabled_authenticator_is_no_way_around_it() {
    let row = Row(Cell::new(State::enrolment()));
    let lets_in = |code: Option<&str>, now| {
        if !row.0.get().requires_code() {
            return true;
        }
        let verdict = code.map(|code| row.log_in(code, now).verdict);
        matches!(verdict, Some(Verdict::Accepted(_)))
    };
    assert!(lets_in(None, NOW), "not confirmed yet");
    assert!(matches!(row.log_in(&totp_code(1000), NOW).verdict, Verdict::Accepted(_)));
    assert!(!lets_in(None, NOW));
    let mut now = NOW;
    while row.log_in("000000", now).verdict != Verdict::Disabled {
        now = row.0.get().locked_until(now).unwrap_or(now);
    }
    assert_eq!(row.0.get().failures(), 100);
    for later in [now, now + (1 << 30)] {
        assert!(!lets_in(None, later) && !lets_in(Some(&totp_code(later / 30)), later));
    }
    // The same for a user from another system who has not logged in since.
    row.0.set(State::confirmed());
    assert!(!lets_in(None, now));
}

/// F43: a state that is kept while the period or the kind of the engine changes.
#[test]
fn f43_a_state_of_another_engine_is_an_error() {
    let row = Row(Cell::new(State::enrolment()));
    assert!(matches!(row.log_in(&totp_code(1000), NOW).verdict, Verdict::Accepted(_)));
    let state = row.0.get();
    let slow = totp().with_period(Period::new(60).unwrap());
    assert_eq!(
        VERIFIER.attempt(&slow, state, "000000", NOW).unwrap_err(),
        AttemptError::OtherEngine
    );
    assert_eq!(
        VERIFIER.attempt(&hotp(), state, "000000", NOW).unwrap_err(),
        AttemptError::OtherEngine
    );
    let codes = ["000000", "000001"];
    let error = VERIFIER.resynchronise(&slow, state, &codes, NOW).unwrap_err();
    assert_eq!(error, AttemptError::OtherEngine);

    let token = Row(Cell::new(State::enrolment()));
    let load = || Ok::<_, Infallible>(token.0.get());
    let swap = |old, new| Ok(token.swap(old, new));
    drop(VERIFIER.log_in(&hotp(), &totp_code(3), 0, load, swap).unwrap());
    let error = VERIFIER.attempt(&totp(), token.0.get(), "000000", NOW).unwrap_err();
    assert_eq!(error, AttemptError::OtherEngine);
}

/// F44: milliseconds are refused, and change nothing.
#[test]
fn f44_milliseconds_are_refused() {
    let state = State::confirmed();
    let milliseconds = 1_800_000_000_000;
    for code in ["000000", "x", &totp_code(milliseconds / 30)] {
        let error = VERIFIER.attempt(&totp(), state, code, milliseconds).unwrap_err();
        assert_eq!(error, AttemptError::TimeTooFar);
        assert!(error.to_string().contains("not milliseconds"));
    }
    let rejudged = VERIFIER.attempt_by_host(state, milliseconds, || Ok::<_, Infallible>(true));
    assert_eq!(rejudged.unwrap_err(), AttemptError::TimeTooFar);
    assert!(VERIFIER.attempt(&totp(), state.disabled(), "000000", State::MAX_TIME + 1).is_err());
    assert!(VERIFIER.attempt(&totp(), state, "000000", State::MAX_TIME).is_ok());
}

/// A factor that the host checks is counted together with all others.
#[test]
fn what_the_host_judges_is_under_the_same_throttle() {
    let row = Row(Cell::new(State::confirmed().with_last_used(999)));
    let asked = RefCell::new(Vec::new());
    let judge = |right: bool, now| {
        let attempt = VERIFIER.attempt_by_host(row.0.get(), now, || {
            asked.borrow_mut().push(right);
            Ok::<_, Infallible>(right)
        });
        attempt.unwrap().commit(|old, new| Ok::<_, Infallible>(row.swap(old, new))).unwrap().verdict
    };
    for failures in 1..=4 {
        assert!(matches!(judge(false, NOW), Verdict::Rejected(_)));
        assert_eq!(row.0.get().failures(), failures);
    }
    assert!(
        matches!(row.log_in("000000", NOW).verdict, Verdict::Rejected(wrong) if wrong.until().is_some())
    );
    asked.borrow_mut().clear();
    assert!(matches!(judge(true, NOW), Verdict::Locked { .. }));
    assert!(asked.borrow().is_empty(), "nothing is judged while it is locked");
    let attempt = VERIFIER.attempt_by_host(row.0.get(), NOW, || Ok::<_, Infallible>(true)).unwrap();
    let record = attempt.commit(|_, _| Ok::<_, Infallible>(Swap::Stored)).unwrap().record;
    let line = "kind=host verdict=locked failures=5 failures_before=5 until=30030";
    assert_eq!(record.to_string(), line);
    match judge(true, NOW + 30) {
        Verdict::Accepted(code) => {
            assert_eq!((code.moving_factor(), code.failures()), (None, 5));
        }
        other => panic!("{other:?}"),
    }
    // Used codes stay used.
    assert_eq!((row.0.get().failures(), row.0.get().next_factor()), (0, Some(1000)));
    let failed = VERIFIER.attempt_by_host(row.0.get(), NOW, || Err::<bool, _>("no gateway"));
    assert_eq!(failed.unwrap_err(), AttemptError::Host("no gateway"));

    // The host marks its own code as used in the closure, which is called although the state does
    // not change. It does not confirm an enrolment.
    for state in [State::confirmed(), State::enrolment()] {
        let mut used = false;
        let attempt = VERIFIER.attempt_by_host(state, NOW, || Ok::<_, Infallible>(true)).unwrap();
        let settled = attempt.commit(|old, new| {
            assert_eq!((old, new), (state, state));
            used = true;
            Ok::<_, Infallible>(Swap::Lost)
        });
        assert_eq!((settled.unwrap().verdict, used), (Verdict::Conflict, true));
    }
}

/// One state works with equal engines.
#[test]
fn a_state_of_before_knows_no_engine_yet() {
    let mut version_1 = [0; 24];
    version_1[..2].copy_from_slice(&[1, 0]);
    let state = State::from_bytes(&version_1).unwrap();
    assert!(Verifier::DEFAULT.attempt(&hotp(), state, "755224", 0).is_ok());
    let slow = Totp::new(&Secret::from_bytes(KEY).unwrap()).with_period(Period::new(60).unwrap());
    assert!(Verifier::DEFAULT.attempt(&slow, state, "755224", 0).is_ok());
}

/// The closure can store the session of a right code in the same transaction.
#[test]
fn the_closure_knows_whether_the_code_is_right() {
    for failures in [0, 1, 98, 99, u32::MAX - 1, u32::MAX] {
        let state = State::confirmed().with_failures(failures);
        for (code, right) in [(totp_code(1000), true), ("000000".into(), false)] {
            let sessions = Cell::new(0);
            let count = |old: State, new: State| {
                sessions.set(sessions.get() + u32::from(new.is_success_after(old)));
                Ok::<_, Infallible>(Swap::Stored)
            };
            let settled = VERIFIER.log_in(&totp(), &code, NOW, || Ok(state), count).unwrap();
            assert_eq!(matches!(settled.verdict, Verdict::Accepted(_)), right);
            assert_eq!(sessions.get(), u32::from(right), "after {failures} failures");
            let by_host = VERIFIER.attempt_by_host(state, NOW, || Ok::<_, Infallible>(right));
            let _ = by_host.unwrap().commit(count).unwrap();
            assert_eq!(sessions.get(), 2 * u32::from(right), "after {failures} failures");
        }
    }
}
