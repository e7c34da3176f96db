//! Stores that are broken for concurrent threads.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread;

use otp_core::conformance::{Violation, check_compare_and_swap, check_store};
use otp_core::verifier::State;

use super::{bytes, expect, with};

#[test]
fn a_compare_and_a_write_that_are_two_steps_are_found() {
    expect(Violation::ManyCommits, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                let matches = memory.load() == expected;
                thread::yield_now();
                if matches {
                    memory.write(new);
                }
                matches
            },
        )
    });
}

/// A replica that is one commit behind, but only under a load of many writes.
#[test]
fn a_load_that_is_behind_under_load_is_found() {
    is_behind_under_load(1);
}

/// A value from far back was stored once, so it is stale and not foreign.
#[test]
fn a_load_that_is_three_commits_behind_under_load_is_found() {
    is_behind_under_load(3);
}

#[track_caller]
fn is_behind_under_load(commits: usize) {
    expect(Violation::StaleRead, |memory| {
        let others = AtomicU32::new(0);
        let before = Mutex::new(VecDeque::from(vec![State::enrolment(); commits]));
        check_store(
            || {
                let alone = others.fetch_add(1, SeqCst) == 0;
                thread::yield_now();
                let loaded = if alone { memory.load() } else { before.lock().unwrap()[0] };
                others.fetch_sub(1, SeqCst);
                loaded
            },
            |expected, new| {
                // The lock covers both, so that every load is this number of commits behind.
                let mut before = before.lock().unwrap();
                let committed = memory.swap(expected, new);
                if committed && expected != new {
                    before.push_back(expected);
                    before.pop_front();
                }
                committed
            },
        )
    });
}

/// The two halves of a record are written one after the other.
#[test]
fn a_load_of_half_a_write_is_found() {
    expect(Violation::Foreign, |memory| {
        let low = Mutex::new([0; 8]);
        let writer = Mutex::new(());
        let read = |pause: Duration| {
            let high = memory.load();
            thread::sleep(pause);
            let low = *low.lock().unwrap();
            with(high, |bytes| bytes[16..24].copy_from_slice(&low))
        };
        let load = || read(Duration::from_micros(100));
        let swap = |expected: State, new: State| {
            let _one = writer.lock().unwrap();
            let matches = read(Duration::ZERO) == expected;
            if matches {
                memory.write(new);
                low.lock().unwrap().copy_from_slice(&bytes(new)[16..24]);
            }
            matches
        };
        // All of them have a failure, so any wait is possible.
        let value = |number: u64| {
            with(State::enrolment().with_next_counter(number + 1), |bytes| {
                bytes[7] = 1;
                bytes[16..24].copy_from_slice(&number.to_be_bytes());
            })
        };
        memory.write(value(0));
        check_compare_and_swap(load, swap, value)
    });
}

/// Two steps again, but only if a count goes up by one.
#[test]
fn a_count_that_is_lost_is_found() {
    expect(Violation::LostUpdate, |_| {
        let record = AtomicU64::new(0);
        let swap = |old: u64, new: u64| {
            if old < 19 || (old - 19) % 16 == 15 || new != old + 1 {
                return record.compare_exchange(old, new, SeqCst, SeqCst).is_ok();
            }
            let matches = record.load(SeqCst) == old;
            // The sleep is long enough for other threads to come between, even on a busy machine.
            thread::sleep(Duration::from_micros(100));
            if matches {
                record.store(new, SeqCst);
            }
            matches
        };
        check_compare_and_swap(|| record.load(SeqCst), swap, |number| number)
    });
}
