//! Several authenticators of one user, in rows that come in another order at each load.

use std::cell::RefCell;
use std::convert::Infallible;

use otp_core::verifier::{
    Authenticator, Changes, Judged, SettledAny, State, Swap, Verdict, Verifier,
};
use otp_core::{Secret, Totp};

const NOW: u64 = 1_800_000_000;

/// A table with the columns id and state. The secret of a row is its id, 20 times.
struct Table(RefCell<Vec<(u8, State)>>);

fn totp(id: u8) -> Totp {
    Totp::new(&Secret::from_bytes(&[id; 20]).unwrap())
}

fn code(id: u8) -> String {
    totp(id).code_at(NOW).unwrap().to_string()
}

impl Table {
    fn new() -> Self {
        Self(RefCell::new([1, 2, 3].map(|id| (id, State::confirmed())).to_vec()))
    }

    /// Another request deletes the first row and adds one, in front of the others.
    fn replace_first(&self) {
        let mut rows = self.0.borrow_mut();
        rows.remove(0);
        rows.insert(0, (4, State::confirmed()));
    }

    fn load(&self) -> Vec<Authenticator<u8, Totp>> {
        let mut rows = self.0.borrow_mut();
        rows.rotate_left(1);
        rows.iter().map(|(id, state)| Authenticator::new(*id, totp(*id), *state)).collect()
    }

    /// One transaction: `UPDATE otp SET state = $new WHERE id = $id AND state = $old`.
    fn swap(&self, changes: Changes<'_, u8, Totp>) -> Swap {
        let mut transaction = self.0.borrow().clone();
        for change in changes {
            let old = (*change.id(), change.old_state());
            let Some(row) = transaction.iter_mut().find(|row| **row == old) else {
                return Swap::Lost;
            };
            row.1 = change.new_state();
        }
        self.0.replace(transaction);
        Swap::Stored
    }

    /// Logs in. Another request is faster at first: the swap runs after a `race`.
    fn log_in(&self, code: &str, race: impl Fn(&Self)) -> SettledAny<u8> {
        let mut races = Some(race);
        let load = || Ok::<_, Infallible>(self.load());
        let swap = |changes: Changes<'_, u8, Totp>| {
            if let Some(race) = races.take() {
                race(self);
                return Ok(Swap::Lost);
            }
            Ok(self.swap(changes))
        };
        Verifier::DEFAULT.log_in_any(code, NOW, load, swap).unwrap()
    }

    fn used(&self) -> Vec<u8> {
        let rows = self.0.borrow();
        let mut used: Vec<_> =
            rows.iter().filter(|row| row.1.next_factor() != Some(0)).map(|row| row.0).collect();
        used.sort_unstable();
        used
    }
}

/// A host that stores positions marks the wrong row, and the code is accepted a second time.
#[test]
fn rows_that_come_in_another_order_are_marked_by_their_ids() {
    for id in [1, 2, 3] {
        let table = Table::new();
        let settled = table.log_in(&code(id), |_| ());
        assert!(matches!(settled.verdict, Verdict::Accepted(_)));
        assert_eq!((settled.accepted_by, table.used()), (Some(id), vec![id]));
        for _ in 0..3 {
            assert_eq!(table.log_in(&code(id), |_| ()).verdict, Verdict::Replayed);
        }
    }
}

#[test]
fn a_list_that_changes_between_two_loads_is_marked_by_its_ids() {
    for id in [1, 3] {
        let table = Table::new();
        let settled = table.log_in(&code(id), Table::replace_first);
        // The first load has moved row 2 to the front, and the race deletes it.
        assert_eq!((settled.accepted_by, table.used()), (Some(id), vec![id]));
        assert_eq!(table.log_in(&code(id), |_| ()).verdict, Verdict::Replayed);
    }
    let table = Table::new();
    let settled = table.log_in(&code(2), Table::replace_first);
    assert!(matches!(settled.verdict, Verdict::Rejected(_)), "the row is gone");
    assert_eq!(settled.accepted_by, None);
}

#[test]
fn the_asynchronous_login_marks_rows_by_their_ids_too() {
    let table = Table::new();
    let log_in = |code: String| {
        let mut lost = false;
        let load = || core::future::ready(Ok::<_, Infallible>(table.load()));
        let swap = |mut judged: Judged<_, _, _>| {
            let swapped = if lost { table.swap(judged.changes()) } else { Swap::Lost };
            lost = true;
            core::future::ready(Ok(swapped))
        };
        crate::verifier_login::wait(Verifier::DEFAULT.log_in_any_async(&code, NOW, load, swap))
            .unwrap()
    };
    for (count, id) in (1..).zip([2, 1, 3]) {
        assert_eq!(log_in(code(id)).accepted_by, Some(id));
        assert_eq!(table.used().len(), count);
        assert_eq!(log_in(code(id)).verdict, Verdict::Replayed);
    }
}

/// An id of any type: the row itself, and a text.
#[test]
fn an_id_can_be_anything() {
    let row = String::from("row 17");
    let mut all = [Authenticator::new(&row, totp(1), State::confirmed())];
    assert_eq!(*all[0].id(), "row 17");
    let attempt = Verifier::DEFAULT.attempt_any(&mut all, &code(1), NOW).unwrap();
    let settled = attempt.commit(|mut changes| {
        assert_eq!(changes.next().map(|change| change.id().as_str()), Some("row 17"));
        Ok::<_, Infallible>(Swap::Stored)
    });
    assert_eq!(settled.unwrap().accepted_by, Some(&&row));
}
