//! The checks of a host's store: sound ones pass, and each way to break one is found and named.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use core::time::Duration;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, RwLock};
use std::thread;
use std::time::Instant;

use otp_core::conformance::{Violation, check_compare_and_swap, check_merge, check_store};
use otp_core::{Lifecycle, VerifierState};

/// A violation is found every time, not most of the time.
const TIMES: usize = 20;

/// A store in memory; what is broken about it, its user brings.
struct Memory(Mutex<VerifierState>);

impl Memory {
    fn new() -> Self {
        Self(Mutex::new(VerifierState::FRESH))
    }

    fn load(&self) -> VerifierState {
        *self.0.lock().unwrap()
    }

    fn write(&self, new: VerifierState) {
        *self.0.lock().unwrap() = new;
    }

    fn swap_if(&self, new: VerifierState, expected: impl Fn(VerifierState) -> bool) -> bool {
        let mut stored = self.0.lock().unwrap();
        let matches = expected(*stored);
        if matches {
            *stored = new;
        }
        matches
    }

    fn swap(&self, expected: VerifierState, new: VerifierState) -> bool {
        self.swap_if(new, |stored| stored == expected)
    }
}

/// The violation that all of so many runs find, each with a record of its own.
#[track_caller]
fn expect(violation: Violation, run: impl Fn(&Memory) -> Result<(), Violation>) {
    for _ in 0..TIMES {
        assert_eq!(run(&Memory::new()), Err(violation));
    }
}

fn with(state: VerifierState, change: impl Fn(&mut [u8; 24])) -> VerifierState {
    let mut bytes = state.to_bytes();
    change(&mut bytes);
    VerifierState::from_bytes(&bytes).unwrap()
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
        // From the state that the last run has left.
        assert_eq!(check(), Ok(()));
        assert_eq!(memory.load().lifecycle(), Lifecycle::Disabled);
    }
    assert!(began.elapsed().as_secs() < 2 * TIMES as u64);
    let most = 3000 * TIMES as u32;
    let counts = (loads.into_inner(), swaps.into_inner());
    assert!(counts.0 <= most && counts.1 <= most, "{counts:?}");
}

/// Threads that are slow to come back, as over a network: more refusals, and no violation.
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

/// Written down and never changed, states have a number that fits into one atomic.
#[test]
fn a_store_of_one_atomic_passes() {
    let states = RwLock::new(vec![VerifierState::FRESH]);
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

/// As `check_compare_and_swap` says of the numbers.
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
fn a_compare_that_is_left_out_is_found() {
    expect(Violation::StaleSwap, |memory| {
        check_store(
            || memory.load(),
            |_, new| {
                memory.write(new);
                true
            },
        )
    });
}

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

#[test]
fn a_load_from_a_cache_is_found() {
    expect(Violation::StaleRead, |memory| {
        let cache = OnceLock::new();
        check_store(
            || *cache.get_or_init(|| memory.load()),
            |expected, new| memory.swap(expected, new),
        )
    });
}

/// A replica that is behind, but only while much is written.
#[test]
fn a_load_that_is_behind_under_load_is_found() {
    expect(Violation::StaleRead, |memory| {
        let others = AtomicU32::new(0);
        let before = Mutex::new(VerifierState::FRESH);
        check_store(
            || {
                let alone = others.fetch_add(1, SeqCst) == 0;
                thread::yield_now();
                let loaded = if alone { memory.load() } else { *before.lock().unwrap() };
                others.fetch_sub(1, SeqCst);
                loaded
            },
            |expected, new| {
                let committed = memory.swap(expected, new);
                if committed {
                    *before.lock().unwrap() = expected;
                }
                committed
            },
        )
    });
}

#[test]
fn a_commit_that_writes_nothing_is_found() {
    expect(Violation::NotWritten, |memory| {
        check_store(|| memory.load(), |expected, _| memory.load() == expected)
    });
    expect(Violation::NotWritten, |memory| check_store(|| memory.load(), |_, _| true));
}

#[test]
fn a_refusal_that_writes_is_found() {
    // Where the expected state is stored, and where another one is.
    expect(Violation::RefusedButWritten, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                memory.swap(expected, new);
                false
            },
        )
    });
    expect(Violation::RefusedButWritten, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                let matches = memory.load() == expected;
                memory.write(new);
                matches
            },
        )
    });
}

#[test]
fn a_store_that_never_commits_is_found() {
    expect(Violation::Refused, |memory| check_store(|| memory.load(), |_, _| false));
}

/// `MySQL` by default: a row that is set to what it was is not changed.
#[test]
fn a_count_of_changed_rows_is_found() {
    expect(Violation::RefusedSame, |memory| {
        check_store(|| memory.load(), |expected, new| memory.swap(expected, new) && expected != new)
    });
}

#[test]
fn a_column_that_is_too_narrow_is_found() {
    expect(Violation::Altered, |memory| {
        let narrow = |state| with(state, |bytes| bytes[8..12].fill(0));
        check_store(|| memory.load(), |expected, new| memory.swap(expected, narrow(new)))
    });
    // The width of a JSON number.
    expect(Violation::Altered, |memory| {
        let float = |state| {
            with(state, |bytes| {
                let factor = u64::from_be_bytes(bytes[8..16].try_into().unwrap());
                #[allow(
                    clippy::cast_precision_loss,
                    clippy::cast_sign_loss,
                    reason = "it is the test"
                )]
                let factor = factor as f64 as u64;
                bytes[8..16].copy_from_slice(&factor.to_be_bytes());
            })
        };
        check_store(|| memory.load(), |expected, new| memory.swap(expected, float(new)))
    });
}

#[test]
fn a_flag_that_is_lost_is_found() {
    expect(Violation::Altered, |memory| {
        let enable = |state| with(state, |bytes| bytes[1] &= !2);
        check_store(|| memory.load(), |expected, new| memory.swap(expected, enable(new)))
    });
}

/// Each single field and flag that is left out of the comparison, and all but the factor.
#[test]
fn a_comparison_of_some_fields_is_found() {
    let fields: [(usize, usize, u8); 7] = [
        (1, 2, 1),
        (1, 2, 2),
        (1, 2, 4),
        (2, 4, 0xff),
        (4, 8, 0xff),
        (8, 16, 0xff),
        (16, 24, 0xff),
    ];
    for (from, to, mask) in fields {
        expect(Violation::StaleSwap, |memory| {
            let rest = |state: VerifierState| {
                let mut bytes = state.to_bytes();
                bytes[from..to].iter_mut().for_each(|byte| *byte &= !mask);
                bytes
            };
            check_store(
                || memory.load(),
                |expected, new| memory.swap_if(new, |stored| rest(stored) == rest(expected)),
            )
        });
    }
    expect(Violation::StaleSwap, |memory| {
        check_store(
            || memory.load(),
            |expected, new| {
                memory.swap_if(new, |stored| stored.next_factor() == expected.next_factor())
            },
        )
    });
}

/// Two halves of a record that are written one after the other.
#[test]
fn a_load_of_half_a_write_is_found() {
    expect(Violation::Foreign, |memory| {
        let low = Mutex::new([0; 8]);
        let writer = Mutex::new(());
        let read = |pause: Duration| {
            let high = memory.load();
            thread::sleep(pause);
            let low = *low.lock().unwrap();
            with(high, |bytes| bytes[16..].copy_from_slice(&low))
        };
        let load = || read(Duration::from_micros(100));
        let swap = |expected: VerifierState, new: VerifierState| {
            let _one = writer.lock().unwrap();
            let matches = read(Duration::ZERO) == expected;
            if matches {
                memory.write(new);
                low.lock().unwrap().copy_from_slice(&new.to_bytes()[16..]);
            }
            matches
        };
        // All of them have a failure, so any wait is possible.
        let value = |number: u64| {
            with(VerifierState::starting_at(number + 1), |bytes| {
                bytes[7] = 1;
                bytes[16..].copy_from_slice(&number.to_be_bytes());
            })
        };
        memory.write(value(0));
        check_compare_and_swap(load, swap, value)
    });
}

/// Two steps again, but only where a count goes up by one.
#[test]
fn a_count_that_is_lost_is_found() {
    expect(Violation::LostUpdate, |_| {
        let record = AtomicU64::new(0);
        let swap = |old: u64, new: u64| {
            if old < 16 || old % 16 == 15 || new != old + 1 {
                return record.compare_exchange(old, new, SeqCst, SeqCst).is_ok();
            }
            let matches = record.load(SeqCst) == old;
            // Long enough for others to come between, on a machine that has more to do too.
            thread::sleep(Duration::from_micros(100));
            if matches {
                record.store(new, SeqCst);
            }
            matches
        };
        check_compare_and_swap(|| record.load(SeqCst), swap, |number| number)
    });
}

/// What only a login writes: confirmed, no failures.
fn is_of_a_login(state: VerifierState) -> bool {
    state.is_active() && state.failures() == 0
}

#[test]
fn logins_that_do_not_compare_are_found() {
    expect(Violation::AcceptedTwice, |memory| {
        check_store(
            || {
                let loaded = memory.load();
                thread::yield_now();
                loaded
            },
            |expected, new| memory.swap_if(new, |stored| stored == expected || is_of_a_login(new)),
        )
    });
}

#[test]
fn logins_that_are_refused_are_found() {
    expect(Violation::NotAccepted, |memory| {
        check_store(
            || memory.load(),
            |expected, new| !is_of_a_login(new) && memory.swap(expected, new),
        )
    });
}

/// Failures are reset behind the back of whoever counts them: the third is never there for long.
#[test]
fn failures_that_are_forgotten_are_found() {
    expect(Violation::Uncounted, |memory| {
        let guessed = |state: VerifierState| {
            state.lifecycle() == Lifecycle::Unconfirmed && state.next_factor() == Some(0)
        };
        // One of the states that are stored one by one has one failure.
        let forget = |state: VerifierState| {
            if guessed(state) && state.failures() == 3 { state.reset() } else { state }
        };
        check_store(
            || forget(memory.load()),
            |expected, new| memory.swap_if(new, |stored| forget(stored) == expected),
        )
    });
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

type Merge = fn(VerifierState, VerifierState) -> VerifierState;

#[test]
fn merges_are_told_apart() {
    let join: Merge = VerifierState::merge;
    let ours: Merge = |a, _| a;
    // The lower factor, with what belongs to it.
    let lowest: Merge = |a, b| {
        let factor =
            |state: &VerifierState| (state.to_bytes()[1] & 4, state.to_bytes()[8..16].to_vec());
        let order = |state: &VerifierState| (factor(state), state.drift(), state.to_bytes()[1] & 1);
        let low = if order(&a) < order(&b) { a } else { b }.to_bytes();
        with(a.merge(b), |bytes| {
            bytes[1] = bytes[1] & 2 | low[1] & !2;
            bytes[2..4].copy_from_slice(&low[2..4]);
            bytes[8..16].copy_from_slice(&low[8..16]);
        })
    };
    let sum: Merge = |a, b| {
        let failures = a.failures().saturating_add(b.failures());
        with(a.merge(b), |bytes| bytes[4..8].copy_from_slice(&failures.to_be_bytes()))
    };
    let average: Merge = |a, b| {
        let failures =
            a.failures().midpoint(b.failures()).max(u32::from(a.failures() | b.failures() > 0));
        with(a.merge(b), |bytes| bytes[4..8].copy_from_slice(&failures.to_be_bytes()))
    };
    let enabling: Merge = |a, b| {
        let both = [a, b].iter().all(|state| state.lifecycle() == Lifecycle::Disabled);
        with(a.merge(b), |bytes| bytes[1] = bytes[1] & !2 | if both { 2 } else { 0 })
    };
    // The lower drift of two at the same factor: as safe, and different.
    let other_drift: Merge = |a, b| {
        let merged = a.merge(b);
        let drift = if a.next_factor() == b.next_factor() {
            a.drift().min(b.drift())
        } else {
            merged.drift()
        };
        with(merged, |bytes| bytes[2..4].copy_from_slice(&drift.to_be_bytes()))
    };
    for (merge, expected) in [
        (join, Ok(())),
        (ours, Err(Violation::MergeNotCommutative)),
        (lowest, Err(Violation::MergeBelow)),
        (sum, Err(Violation::MergeNotIdempotent)),
        (average, Err(Violation::MergeNotAssociative)),
        (enabling, Err(Violation::MergeBelow)),
        (other_drift, Err(Violation::MergeDiffers)),
    ] {
        assert_eq!(check_merge(merge), expected);
    }
}

/// Each says another thing, and says what it leads to.
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
        MergeNotIdempotent,
        MergeNotCommutative,
        MergeNotAssociative,
        MergeBelow,
        MergeDiffers,
    ];
    let texts: HashSet<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len());
    for text in texts {
        assert!(text.contains(": ") && !text.contains("  "), "{text}");
    }
}
