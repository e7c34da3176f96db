//! Lost races in each of the four calls that log in: what is loaded, what is stored, and when the
//! call gives up.

use std::cell::Cell;
use std::convert::Infallible;

use otp_core::verifier::{Authenticator, Judged, Record, State, Swap, Verdict};

use crate::verifier::{VERIFIER, totp, totp_code};
use crate::verifier_login::wait;

const NOW: u64 = 1000 * 30;

#[derive(Clone, Copy, Debug)]
enum Call {
    One,
    OneAsync,
    Any,
    AnyAsync,
}

const CALLS: [Call; 4] = [Call::One, Call::OneAsync, Call::Any, Call::AnyAsync];

/// A row for which another request is faster a number of times. The faster one stores `theirs`.
struct Row {
    state: Cell<State>,
    theirs: State,
    races: Cell<u32>,
    loads: Cell<u32>,
    swaps: Cell<u32>,
}

impl Row {
    fn new(state: State, theirs: State, races: u32) -> Self {
        let (loads, swaps) = (Cell::new(0), Cell::new(0));
        Self { state: Cell::new(state), theirs, races: Cell::new(races), loads, swaps }
    }

    fn load(&self) -> State {
        self.loads.update(|loads| loads + 1);
        self.state.get()
    }

    fn swap(&self, old: State, new: State) -> Swap {
        self.swaps.update(|swaps| swaps + 1);
        if let Some(left) = self.races.get().checked_sub(1) {
            self.races.set(left);
            self.state.set(self.theirs);
            return Swap::Lost;
        }
        assert_eq!(self.state.get(), old, "it compares with what was loaded");
        self.state.set(new);
        Swap::Stored
    }

    /// Returns the verdict and its record, with the numbers of loads and swaps.
    fn log_in(&self, call: Call, code: &str) -> (Verdict, Record, (u32, u32)) {
        let engine = totp();
        let load = || Ok::<_, Infallible>(self.load());
        let load_any = || load().map(|state| [Authenticator::new((), &engine, state)]);
        let swap = |old, new| Ok(self.swap(old, new));
        let (verdict, record) = match call {
            Call::One => {
                let settled = VERIFIER.log_in(&engine, code, NOW, load, swap).unwrap();
                (settled.verdict, settled.record)
            }
            Call::OneAsync => {
                let (load, swap) = (|| async { load() }, |old, new| async move { swap(old, new) });
                let settled = wait(VERIFIER.log_in_async(&engine, code, NOW, load, swap)).unwrap();
                (settled.verdict, settled.record)
            }
            Call::Any => {
                let settled = VERIFIER.log_in_any(code, NOW, load_any, |mut changes| {
                    let change = changes.next().expect("one row changes");
                    swap(change.old_state(), change.new_state())
                });
                let settled = settled.unwrap();
                (settled.verdict, settled.record)
            }
            Call::AnyAsync => {
                let load = || async { load_any() };
                let swap = |mut judged: Judged<_, _, _>| async move {
                    let change = judged.changes().next().expect("one row changes");
                    swap(change.old_state(), change.new_state())
                };
                let settled = wait(VERIFIER.log_in_any_async(code, NOW, load, swap)).unwrap();
                (settled.verdict, settled.record)
            }
        };
        (verdict, record, (self.loads.get(), self.swaps.get()))
    }
}

#[test]
fn a_code_that_the_winner_has_used_is_a_replay() {
    for call in CALLS {
        let confirmed = State::confirmed();
        let row = Row::new(confirmed, confirmed.with_last_used(1000), 1);
        let (verdict, _, calls) = row.log_in(call, &totp_code(1000));
        assert_eq!((verdict, calls), (Verdict::Replayed, (2, 1)), "{call:?}");
    }
}

#[test]
fn the_tenth_try_can_still_log_in_and_there_is_none_after_it() {
    for call in CALLS {
        let confirmed = State::confirmed();
        let row = Row::new(confirmed, confirmed, 9);
        let (verdict, _, calls) = row.log_in(call, &totp_code(1000));
        assert!(matches!(verdict, Verdict::Accepted(_)) && calls == (10, 10), "{call:?}");

        let row = Row::new(confirmed, confirmed, 10);
        let (verdict, _, calls) = row.log_in(call, &totp_code(1000));
        assert_eq!((verdict, calls), (Verdict::Conflict, (10, 10)), "{call:?}");
    }
}

/// Nothing was stored, so the log shows the failures that were loaded.
#[test]
fn the_record_of_a_lost_race_has_the_loaded_failures() {
    for call in CALLS {
        let disabled_next = State::confirmed().with_failures(99);
        let row = Row::new(disabled_next, disabled_next, 10);
        let (verdict, record, _) = row.log_in(call, "000000");
        assert_eq!(verdict, Verdict::Conflict, "{call:?}");
        let line = "kind=code verdict=conflict failures=99 failures_before=99";
        assert_eq!(record.to_string(), line, "{call:?}");
    }
}

#[test]
fn a_verdict_that_changes_nothing_is_not_stored() {
    let mut locked = State::confirmed();
    while locked.locked_until(NOW).is_none() {
        let attempt = VERIFIER.attempt(&totp(), locked, "000000", NOW).unwrap();
        locked = crate::verifier::next_state(attempt, locked);
    }
    let right = totp_code(1000);
    for call in CALLS {
        for (state, code) in [
            (State::confirmed().with_last_used(1000), &*right),
            (State::confirmed(), "x"),
            (State::confirmed().disabled(), &right),
            (locked, &right),
        ] {
            let (verdict, _, calls) = Row::new(state, state, 0).log_in(call, code);
            assert_eq!(calls, (1, 0), "{call:?} {verdict:?}");
        }
    }
}
