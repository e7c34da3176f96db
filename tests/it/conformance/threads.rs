//! Stores that are correct for the thread that opened them, and broken for all other threads, like
//! a connection for each thread. The error is the same in every run.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::collections::HashSet;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

use otp_core::conformance::{Violation, check_compare_and_swap};

/// A number in memory, and the thread that opened it.
struct Number {
    stored: AtomicU64,
    owner: ThreadId,
    once: AtomicBool,
    /// It is set from the first value on that threads count up from.
    counting: AtomicBool,
}

/// The range in which threads count up. The check promises that no value is 1,000 or more.
const FIRST: u64 = 19;
const LAST: u64 = FIRST + 64;

impl Number {
    fn load(&self) -> u64 {
        self.stored.load(SeqCst)
    }

    fn swap(&self, expected: u64, new: u64) -> bool {
        let committed = self.stored.compare_exchange(expected, new, SeqCst, SeqCst).is_ok();
        if committed && self.is_owner() && new == FIRST {
            self.counting.store(true, SeqCst);
        }
        committed
    }

    fn is_owner(&self) -> bool {
        thread::current().id() == self.owner
    }

    fn is_counting(&self) -> bool {
        self.counting.load(SeqCst) && !self.is_owner()
    }

    /// Returns whether this is the first other thread that expects the stored value.
    fn is_first(&self, expected: u64) -> bool {
        self.load() == expected && !self.once.swap(true, SeqCst)
    }
}

/// Returns the result of the check for such a number. `load` and `swap` behave differently for
/// other threads.
fn found(
    load: impl Fn(&Number) -> u64 + Sync,
    swap: impl Fn(&Number, u64, u64) -> bool + Sync,
) -> Result<(), Violation> {
    let number = Number {
        stored: AtomicU64::new(0),
        owner: thread::current().id(),
        once: AtomicBool::new(false),
        counting: AtomicBool::new(false),
    };
    let load = || if number.is_owner() { number.load() } else { load(&number) };
    let swap = |expected, new| {
        if number.is_owner() { number.swap(expected, new) } else { swap(&number, expected, new) }
    };
    let found = check_compare_and_swap(load, swap, |number| number);
    // Each step of each thread was counted.
    assert!(found.is_err() || number.load() == LAST);
    found
}

#[test]
fn one_that_is_sound_for_all_passes() {
    assert_eq!(found(Number::load, Number::swap), Ok(()));
}

#[test]
fn what_the_one_that_is_let_through_does_is_looked_at() {
    let claims = |number: &Number, expected, _| number.is_first(expected);
    assert_eq!(found(Number::load, claims), Err(Violation::NotWritten));
    let writes_another = |number: &Number, expected, _| {
        let first = number.is_first(expected);
        if first {
            number.stored.store(999, SeqCst);
        }
        first
    };
    assert_eq!(found(Number::load, writes_another), Err(Violation::LostUpdate));
}

#[test]
fn that_nobody_is_let_through_is_seen() {
    assert_eq!(found(Number::load, |_, _, _| false), Err(Violation::Refused));
    let writes = |number: &Number, expected, new| {
        number.swap(expected, new);
        false
    };
    assert_eq!(found(Number::load, writes), Err(Violation::RefusedButWritten));
    // Only while all start from one value, and only while all count.
    let refuses_at_first =
        |number: &Number, expected, new| number.is_counting() && number.swap(expected, new);
    assert_eq!(found(Number::load, refuses_at_first), Err(Violation::Refused));
    let refuses_at_last = |number: &Number, expected, new| {
        !(number.is_counting() && new > FIRST + 10) && number.swap(expected, new)
    };
    assert_eq!(found(Number::load, refuses_at_last), Err(Violation::Refused));
}

#[test]
fn what_was_never_stored_is_not_taken_for_what_was() {
    assert_eq!(found(|_| 999, Number::swap), Err(Violation::Foreign));
    let foreign_at_first = |number: &Number| if number.is_counting() { number.load() } else { 999 };
    assert_eq!(found(foreign_at_first, Number::swap), Err(Violation::Foreign));
}

/// Once, a thread loads the first number although others have counted on.
#[test]
fn a_count_that_starts_again_is_seen() {
    let load = |number: &Number| {
        let stored = number.load();
        let is_stale = number.is_counting() && stored > FIRST + 30;
        if is_stale && !number.once.swap(true, SeqCst) { FIRST } else { stored }
    };
    assert_eq!(found(load, Number::swap), Err(Violation::StaleRead));
}

/// Two steps at the same time: some are lost too, but the check reports the reason first.
#[test]
fn a_foreign_value_says_more_than_steps_that_are_lost() {
    let load = |number: &Number| if number.load() == LAST { 999 } else { number.load() };
    let swap = |number: &Number, expected, new| {
        let leaps = number.is_counting() && expected == FIRST;
        number.swap(expected, if leaps { FIRST + 5 } else { new })
    };
    assert_eq!(found(load, swap), Err(Violation::Foreign));
}

#[test]
fn the_last_step_is_looked_for() {
    let swap = |number: &Number, expected, new| {
        if number.is_counting() && new == LAST { true } else { number.swap(expected, new) }
    };
    assert_eq!(found(Number::load, swap), Err(Violation::LostUpdate));
}

/// Correct for all kinds of requests except one, in any thread.
#[test]
fn each_kind_of_stale_swap_is_tried() {
    let check = |wrong: &(dyn Fn(u64, u64, u64) -> bool + Sync)| {
        let stored = Mutex::new(0_u64);
        let swap = |expected, new| {
            let mut stored = stored.lock().unwrap();
            let right = *stored == expected;
            let committed = right || wrong(*stored, expected, new);
            if committed {
                *stored = new;
            }
            committed
        };
        check_compare_and_swap(|| *stored.lock().unwrap(), swap, |number| number)
    };
    assert_eq!(check(&|_, _, _| false), Ok(()));
    // The new value is already stored, so it does not compare.
    assert_eq!(check(&|stored, _, new| stored == new), Err(Violation::StaleSwap));
    // Nothing changes, so it does not compare.
    assert_eq!(check(&|_, expected, new| expected == new), Err(Violation::StaleSwap));
    // It was never there, so it is inserted.
    let known = Mutex::new((0..19).collect::<HashSet<_>>());
    let inserts = |_, _, new| known.lock().unwrap().insert(new);
    assert_eq!(check(&inserts), Err(Violation::StaleSwap));
}
