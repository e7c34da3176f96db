//! Stores of several authenticators: correct ones pass, and each mistake is named.

use std::sync::Mutex;

use otp_core::conformance::{Violation, check_store_any};
use otp_core::verifier::{Authenticator, Change, State};
use otp_core::{Secret, Totp};

/// A table with the columns id and state.
struct Table(Mutex<Vec<(&'static str, State)>>);

impl Table {
    fn new(ids: &[&'static str]) -> Self {
        Self(Mutex::new(ids.iter().map(|id| (*id, State::enrolment())).collect()))
    }

    /// The rows come in another order each time.
    fn load(&self) -> Vec<Authenticator<&'static str, ()>> {
        let mut rows = self.0.lock().unwrap();
        let half = rows.len() / 2;
        rows.rotate_left(half);
        rows.iter().map(|(id, state)| Authenticator::new(*id, (), *state)).collect()
    }

    /// One transaction. `apply` changes the rows, and returns whether it is committed.
    fn transaction(&self, apply: impl FnOnce(&mut [(&'static str, State)]) -> bool) -> bool {
        let mut rows = self.0.lock().unwrap();
        let mut transaction = rows.clone();
        let committed = apply(&mut transaction);
        if committed {
            *rows = transaction;
        }
        committed
    }
}

/// Runs `UPDATE otp SET state = $new WHERE id = $id AND state = $old`. Returns whether it finds a
/// row.
fn update(rows: &mut [(&'static str, State)], change: &Change<'_, &'static str>) -> bool {
    let old = (*change.id(), change.old_state());
    let row = rows.iter_mut().find(|row| **row == old);
    row.map(|row| row.1 = change.new_state()).is_some()
}

#[test]
fn a_transaction_over_all_rows_passes() {
    for ids in [&["phone", "tablet"][..], &["a", "b", "c", "d", "e"]] {
        let table = Table::new(ids);
        let found = check_store_any(
            || table.load(),
            |mut changes| table.transaction(|rows| changes.all(|change| update(rows, &change))),
        );
        assert_eq!(found, Ok(()), "{ids:?}");
        // The next run can start from its end.
        assert!(table.0.lock().unwrap().iter().all(|row| row.1 == State::enrolment().disabled()));
    }
}

#[test]
fn one_row_is_too_few() {
    for ids in [&[][..], &["phone"]] {
        let table = Table::new(ids);
        let found = check_store_any(|| table.load(), |_| true);
        assert_eq!(found, Err(Violation::TooFewRows));
    }
}

/// A host that takes the position among the changes, or among the rows, for the row.
#[test]
fn states_in_the_row_of_another_are_found() {
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || table.load(),
        |changes| {
            table.transaction(|rows| {
                for (row, change) in rows.iter_mut().zip(changes) {
                    row.1 = change.new_state();
                }
                true
            })
        },
    );
    assert_eq!(found, Err(Violation::Altered));
}

#[test]
fn rows_that_are_added_up_are_found() {
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || table.load(),
        |changes| {
            table.transaction(|rows| changes.filter(|change| update(rows, change)).count() > 0)
        },
    );
    assert_eq!(found, Err(Violation::StaleSwap));
}

#[test]
fn a_transaction_that_is_not_rolled_back_is_found() {
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || table.load(),
        |mut changes| {
            let mut rows = table.0.lock().unwrap();
            changes.all(|change| update(&mut rows, &change))
        },
    );
    assert_eq!(found, Err(Violation::RefusedButWritten));
}

#[test]
fn a_host_that_compares_or_stores_one_row_is_found() {
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || table.load(),
        |mut changes| {
            table.transaction(|rows| changes.next().is_some_and(|change| update(rows, &change)))
        },
    );
    assert_eq!(found, Err(Violation::Altered));
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(|| table.load(), |_| true);
    assert_eq!(found, Err(Violation::NotWritten));
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(|| table.load(), |_| false);
    assert_eq!(found, Err(Violation::Refused));
}

/// It reads all rows, waits, and writes them, without a lock.
#[test]
fn rows_that_are_compared_before_they_are_written_are_found() {
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || table.load(),
        |changes| {
            let mut rows = table.0.lock().unwrap().clone();
            let changes: Vec<_> = changes.collect();
            if !changes.iter().all(|change| update(&mut rows, change)) {
                return false;
            }
            std::thread::sleep(std::time::Duration::from_millis(3));
            *table.0.lock().unwrap() = rows;
            true
        },
    );
    assert_eq!(found, Err(Violation::ManyCommits));
}

/// The phone never keeps a failure.
#[test]
fn failures_that_one_row_forgets_are_found() {
    let table = Table::new(&["phone", "tablet"]);
    let forget = |state: State| {
        let guessed = state.requires_code() && state.next_factor() == Some(0);
        if guessed && state.failures() == 3 { State::confirmed() } else { state }
    };
    let found = check_store_any(
        || table.load(),
        |changes| {
            table.transaction(|rows| {
                let changes: Vec<_> = changes.collect();
                let all = changes.iter().all(|change| update(rows, change));
                for row in rows.iter_mut().filter(|row| row.0 == "phone") {
                    row.1 = forget(row.1);
                }
                all
            })
        },
    );
    assert_eq!(found, Err(Violation::Uncounted));
}

/// The check can run on the secrets of real engines too.
#[test]
fn the_engines_do_not_matter() {
    let totp = || Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
    let table = Table::new(&["phone", "tablet"]);
    let found = check_store_any(
        || {
            let rows = table.0.lock().unwrap();
            let of = |(id, state): &(&'static str, State)| Authenticator::new(*id, totp(), *state);
            rows.iter().map(of).collect::<Vec<_>>()
        },
        |mut changes| table.transaction(|rows| changes.all(|change| update(rows, &change))),
    );
    assert_eq!(found, Ok(()));
}
