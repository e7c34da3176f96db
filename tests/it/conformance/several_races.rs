//! Stores of several authenticators that are right for the thread that opened them, and wrong for
//! all others, or wrong only for logins or for guesses.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use otp_core::conformance::{Violation, check_store_any};
use otp_core::verifier::{Authenticator, Change, Lifecycle, State};

type Id = &'static str;
type Rows = Vec<(Id, State)>;

/// Runs `UPDATE otp SET state = $new WHERE id = $id AND state = $old` for each change. Returns
/// whether each of them finds its row.
fn update(rows: &mut Rows, changes: &[Change<'_, Id>]) -> bool {
    changes.iter().all(|change| {
        let old = (*change.id(), change.old_state());
        rows.iter_mut().find(|row| **row == old).map(|row| row.1 = change.new_state()).is_some()
    })
}

/// Stores the changes without a look at the old states.
fn write(rows: &mut Rows, changes: &[Change<'_, Id>]) {
    for change in changes {
        rows.iter_mut().filter(|row| row.0 == *change.id()).for_each(|row| {
            row.1 = change.new_state();
        });
    }
}

/// Returns the result of the check. `load` sees the rows, and `swap` the rows and the changes.
fn check(
    load: impl Fn(&Rows) -> Rows + Sync,
    swap: impl Fn(&mut Rows, &[Change<'_, Id>]) -> bool + Sync,
) -> Result<(), Violation> {
    let rows = Mutex::new(vec![("phone", State::enrolment()), ("tablet", State::enrolment())]);
    let load = || {
        let rows = load(&rows.lock().unwrap());
        rows.into_iter().map(|(id, state)| Authenticator::new(id, (), state)).collect::<Vec<_>>()
    };
    check_store_any(load, |changes| {
        let changes: Vec<_> = changes.collect();
        swap(&mut rows.lock().unwrap(), &changes)
    })
}

/// Commits the changes if each of them finds its row.
fn right(rows: &mut Rows, changes: &[Change<'_, Id>]) -> bool {
    let mut transaction = rows.clone();
    let committed = update(&mut transaction, changes);
    if committed {
        *rows = transaction;
    }
    committed
}

#[test]
fn a_refusal_that_writes_is_found() {
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        write(rows, changes);
        false
    };
    assert_eq!(check(Clone::clone, swap), Err(Violation::RefusedButWritten));
}

/// A change of one row by itself is lost, for one of the rows.
#[test]
fn a_row_that_is_stored_only_with_others_is_found() {
    for row in ["phone", "tablet"] {
        let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
            let is_lost = changes.len() == 1 && *changes[0].id() == row;
            if is_lost { true } else { right(rows, changes) }
        };
        assert_eq!(check(Clone::clone, swap), Err(Violation::NotWritten), "{row}");
    }
}

#[test]
fn a_row_that_is_not_compared_is_found() {
    for row in ["phone", "tablet"] {
        let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
            let compared: Vec<_> =
                changes.iter().filter(|change| *change.id() != row).copied().collect();
            let found = update(&mut rows.clone(), &compared);
            if found {
                write(rows, changes);
            }
            found
        };
        assert_eq!(check(Clone::clone, swap), Err(Violation::StaleSwap), "{row}");
    }
}

#[test]
fn a_row_that_appears_during_the_check_is_found() {
    let loads = std::sync::atomic::AtomicU32::new(0);
    let load = |rows: &Rows| {
        let mut rows = rows.clone();
        if loads.fetch_add(1, SeqCst) > 0 {
            rows.push(("watch", State::enrolment()));
        }
        rows
    };
    assert_eq!(check(load, right), Err(Violation::Foreign));
}

/// Returns the result for a store that is wrong only for other threads than the first one. `swap`
/// also learns whether this is their first swap that finds its rows.
fn check_others(
    swap: impl Fn(&mut Rows, &[Change<'_, Id>], bool) -> bool + Sync,
) -> Result<(), Violation> {
    let (owner, once) = (thread::current().id(), AtomicBool::new(false));
    check(Clone::clone, |rows, changes| {
        if thread::current().id() == owner {
            return right(rows, changes);
        }
        let is_first = update(&mut rows.clone(), changes) && !once.swap(true, SeqCst);
        swap(rows, changes, is_first)
    })
}

#[test]
fn what_the_one_that_is_let_through_does_is_looked_at() {
    let claims = |_: &mut Rows, _: &[Change<'_, Id>], is_first| is_first;
    assert_eq!(check_others(claims), Err(Violation::NotWritten));
    let writes_another = |rows: &mut Rows, _: &[Change<'_, Id>], is_first| {
        if is_first {
            rows[0].1 = State::confirmed().with_last_used(7);
        }
        is_first
    };
    assert_eq!(check_others(writes_another), Err(Violation::LostUpdate));
}

#[test]
fn that_nobody_is_let_through_is_seen() {
    assert_eq!(check_others(|_, _, _| false), Err(Violation::Refused));
    let writes = |rows: &mut Rows, changes: &[Change<'_, Id>], _| {
        right(rows, changes);
        false
    };
    assert_eq!(check_others(writes), Err(Violation::RefusedButWritten));
}

/// Only a login writes such a state: a code is used, and there are no failures.
fn is_of_a_login(state: State) -> bool {
    state.lifecycle() == Lifecycle::Confirmed
        && state.failures() == 0
        && state.next_factor() > Some(0)
}

/// Only guesses leave such a state, from the second guess on.
fn is_of_guesses(state: State) -> bool {
    state.lifecycle() == Lifecycle::Confirmed
        && state.failures() > 1
        && state.next_factor() == Some(0)
}

fn any(changes: &[Change<'_, Id>], is: fn(State) -> bool) -> bool {
    changes.iter().any(|change| is(change.new_state()))
}

/// A login does not compare. The load after it comes too early, and still finds the code unused.
#[test]
fn logins_that_do_not_compare_are_found() {
    let before = Mutex::new(None);
    let load = |rows: &Rows| before.lock().unwrap().take().unwrap_or_else(|| rows.clone());
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        if !any(changes, is_of_a_login) {
            return right(rows, changes);
        }
        if update(&mut rows.clone(), changes) {
            *before.lock().unwrap() = Some(rows.clone());
        }
        write(rows, changes);
        true
    };
    assert_eq!(check(load, swap), Err(Violation::AcceptedTwice));
}

#[test]
fn logins_that_are_refused_are_found() {
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        !any(changes, is_of_a_login) && right(rows, changes)
    };
    assert_eq!(check(Clone::clone, swap), Err(Violation::NotAccepted));
}

/// One login succeeds, and the others are told for ever that another request was faster.
#[test]
fn logins_that_stay_behind_are_found() {
    let before = Mutex::new(Rows::new());
    let load = |rows: &Rows| {
        if rows.iter().any(|row| is_of_a_login(row.1)) {
            before.lock().unwrap().clone()
        } else {
            rows.clone()
        }
    };
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        let stored = rows.clone();
        let committed = right(rows, changes);
        if committed && any(changes, is_of_a_login) {
            *before.lock().unwrap() = stored;
        }
        committed
    };
    assert_eq!(check(load, swap), Err(Violation::Refused));
}

#[test]
fn guesses_that_are_refused_are_found() {
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        !any(changes, is_of_guesses) && right(rows, changes)
    };
    assert_eq!(check(Clone::clone, swap), Err(Violation::Refused));
}

/// The first wrong code is refused too. No failure would be there for the login to reset.
#[test]
fn a_first_guess_that_is_refused_is_found() {
    let is_a_guess = |change: &Change<'_, Id>| {
        change.new_state().failures() == 1 && change.old_state() == State::confirmed()
    };
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        !changes.iter().any(is_a_guess) && right(rows, changes)
    };
    assert_eq!(check(Clone::clone, swap), Err(Violation::Uncounted));
}

#[test]
fn guesses_that_are_refused_and_written_are_found() {
    let swap = |rows: &mut Rows, changes: &[Change<'_, Id>]| {
        right(rows, changes) && !any(changes, is_of_guesses)
    };
    assert_eq!(check(Clone::clone, swap), Err(Violation::RefusedButWritten));
}
