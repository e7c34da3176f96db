//! The checks of a host's store. Correct stores pass, and each way to break one is found and named.

mod alone;
mod host;
mod key;
mod logins;
mod races;
mod recovery;
mod several;
mod several_races;
mod threads;

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use core::time::Duration;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, RwLock};
use std::thread;
use std::time::Instant;

use otp_core::conformance::{Violation, check_compare_and_swap, check_store};
use otp_core::verifier::{DisabledBy, Lifecycle, State};

/// A violation is found every time, not most of the time.
const TIMES: usize = 20;

/// A store in memory. The tests add the mistakes.
struct Memory(Mutex<State>);

impl Memory {
    fn new() -> Self {
        Self(Mutex::new(State::enrolment()))
    }

    fn load(&self) -> State {
        *self.0.lock().unwrap()
    }

    fn write(&self, new: State) {
        *self.0.lock().unwrap() = new;
    }

    fn swap_if(&self, new: State, expected: impl Fn(State) -> bool) -> bool {
        let mut stored = self.0.lock().unwrap();
        let matches = expected(*stored);
        if matches {
            *stored = new;
        }
        matches
    }

    fn swap(&self, expected: State, new: State) -> bool {
        self.swap_if(new, |stored| stored == expected)
    }
}

/// Returns the violation that all runs find, each with its own record.
#[track_caller]
fn expect(violation: Violation, run: impl Fn(&Memory) -> Result<(), Violation>) {
    for _ in 0..TIMES {
        assert_eq!(run(&Memory::new()), Err(violation));
    }
}

fn bytes(state: State) -> [u8; 38] {
    state.to_bytes().as_ref().try_into().unwrap()
}

fn with(state: State, change: impl Fn(&mut [u8; 38])) -> State {
    let mut bytes = bytes(state);
    change(&mut bytes);
    State::from_bytes(&bytes).unwrap()
}

#[test]
fn a_store_behind_a_lock_passes() {
    let (loads, swaps) = (AtomicU32::new(0), AtomicU32::new(0));
    let memory = Memory::new();
    let check = || {
        check_store(
            || {
                loads.fetch_add(1, SeqCst);
                memory.load()
            },
            |expected, new| {
                swaps.fetch_add(1, SeqCst);
                memory.swap(expected, new)
            },
        )
    };
    let began = Instant::now();
    for _ in 0..TIMES {
        // It starts from the state that the last run left.
        assert_eq!(check(), Ok(()));
        assert_eq!(memory.load().lifecycle(), Lifecycle::Disabled(DisabledBy::Host));
    }
    assert!(began.elapsed().as_secs() < 2 * TIMES as u64);
    let most = 3000 * TIMES as u32;
    let counts = (loads.into_inner(), swaps.into_inner());
    assert!(counts.0 <= most && counts.1 <= most, "{counts:?}");
}

/// Slow threads, as on a network, cause more refusals but no violation.
#[test]
fn a_store_that_is_slow_passes() {
    let (loads, swaps) = (AtomicU32::new(0), AtomicU32::new(0));
    let memory = Memory::new();
    let load = || {
        thread::yield_now();
        loads.fetch_add(1, SeqCst);
        let loaded = memory.load();
        thread::sleep(Duration::from_micros(100));
        loaded
    };
    let swap = |expected, new| {
        thread::yield_now();
        swaps.fetch_add(1, SeqCst);
        memory.swap(expected, new)
    };
    assert_eq!(check_store(load, swap), Ok(()));
    let counts = (loads.into_inner(), swaps.into_inner());
    assert!(counts.0 <= 3000 && counts.1 <= 3000, "{counts:?}");
}

/// The states are stored in a list and never changed, so the number of a state fits into one
/// atomic.
#[test]
fn a_store_of_one_atomic_passes() {
    let states = RwLock::new(vec![State::enrolment()]);
    let number = |state| {
        let mut states = states.write().unwrap();
        states.iter().position(|known| *known == state).unwrap_or_else(|| {
            states.push(state);
            states.len() - 1
        }) as u64
    };
    for _ in 0..TIMES {
        let record = AtomicU64::new(0);
        let load = || states.read().unwrap()[record.load(SeqCst) as usize];
        let swap = |expected, new| {
            record.compare_exchange(number(expected), number(new), SeqCst, SeqCst).is_ok()
        };
        assert_eq!(check_store(load, swap), Ok(()));
    }
}

#[test]
fn a_record_of_another_kind_passes() {
    let record = Mutex::new(String::from("anything"));
    let swap = |expected: String, new| {
        let mut stored = record.lock().unwrap();
        let matches = *stored == expected;
        if matches {
            *stored = new;
        }
        matches
    };
    let load = || record.lock().unwrap().clone();
    assert_eq!(check_compare_and_swap(load, swap, |number| number.to_string()), Ok(()));
}

/// The documentation of `check_compare_and_swap` promises this about the numbers.
#[test]
fn values_are_asked_for_by_small_numbers() {
    let record = AtomicU64::new(0);
    let load = || record.load(SeqCst);
    let swap = |old, new| record.compare_exchange(old, new, SeqCst, SeqCst).is_ok();
    let value = |number| {
        assert!(number < 1000);
        number
    };
    assert_eq!(check_compare_and_swap(load, swap, value), Ok(()));
}

#[test]
fn a_panic_of_the_store_reaches_the_caller() {
    let memory = Memory::new();
    let calls = AtomicU32::new(0);
    for last in [0, 10, 400, 600] {
        calls.store(0, SeqCst);
        let run = || {
            check_store(
                || memory.load(),
                |expected, new| {
                    assert!(calls.fetch_add(1, SeqCst) != last, "no connection");
                    memory.swap(expected, new)
                },
            )
        };
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"no connection"), "{last}");
    }
}

/// Each message is different, and describes the consequences.
#[test]
fn violations_explain_themselves() {
    use Violation::*;
    let all = [
        Altered,
        Foreign,
        NotWritten,
        StaleRead,
        StaleSwap,
        Refused,
        RefusedSame,
        RefusedButWritten,
        ManyCommits,
        LostUpdate,
        AcceptedTwice,
        NotAccepted,
        Uncounted,
        EnrolmentReplayed,
        Replayed,
        Unthrottled,
        KeyUnanswered,
        KeyDiffers,
    ];
    let texts: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len());
    for text in texts {
        assert!(text.contains(": ") && !text.contains("  "), "{text}");
    }
}
