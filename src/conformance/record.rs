//! The rules for any record that is replaced by compare-and-swap.

use core::sync::atomic::{AtomicU64, Ordering};
use std::panic::resume_unwind;
use std::sync::RwLock;
use std::thread;
use std::vec::Vec;

use super::violation::Violation;

/// The number of concurrent threads.
const THREADS: u64 = 16;
/// The number of values that are compared with each other one by one.
const VALUES: u64 = super::states::CHOSEN_COUNT;
const ROUNDS: u64 = 16;
/// The number of steps of each thread when all threads count.
const STEPS: u64 = 4;

/// One record of the host's store.
pub(super) struct Record<'a, T> {
    pub(super) load: &'a (dyn Fn() -> T + Sync),
    pub(super) swap: &'a (dyn Fn(T, T) -> bool + Sync),
}

impl<T> Clone for Record<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Record<'_, T> {}

impl<T: Clone + PartialEq + Send + Sync> Record<'_, T> {
    /// Checks all the rules.
    pub(super) fn check(self, value: &(dyn Fn(u64) -> T + Sync)) -> Result<(), Violation> {
        self.reads_back(value)?;
        self.refuses_the_unexpected(value)?;
        let mut stored_before: Vec<T> = (0..VALUES).map(value).collect();
        for round in 0..ROUNDS {
            // The values differ from those of the rounds before.
            let first = (THREADS.wrapping_mul(round)).wrapping_add(VALUES);
            self.lets_one_through(&mut stored_before, &|thread| value(first.wrapping_add(thread)))?;
        }
        self.loses_no_step(&stored_before, value)
    }

    pub(super) fn load(self) -> T {
        (self.load)()
    }

    pub(super) fn swap(self, expected: &T, new: &T) -> bool {
        (self.swap)(expected.clone(), new.clone())
    }

    /// Stores `value` while no other thread uses the record.
    pub(super) fn put(self, value: &T) -> Result<(), Violation> {
        let stored = self.load();
        if stored == *value { Ok(()) } else { self.replace(&stored, value) }
    }

    /// Replaces the stored value while no other thread uses the record.
    fn replace(self, old: &T, new: &T) -> Result<(), Violation> {
        let committed = self.swap(old, new);
        let stored = self.load();
        Err(if committed {
            if stored == *new {
                return Ok(());
            }
            if stored != *old {
                Violation::Altered
            } else if self.swap(new, new) && !self.swap(old, old) {
                // The store compares with the new value, so the new value is there.
                Violation::StaleRead
            } else {
                Violation::NotWritten
            }
        } else if stored != *old {
            Violation::RefusedButWritten
        } else if new == old {
            Violation::RefusedSame
        } else {
            Violation::Refused
        })
    }

    fn reads_back(self, value: &dyn Fn(u64) -> T) -> Result<(), Violation> {
        (0..VALUES).try_for_each(|number| self.put(&value(number)))?;
        for number in 0..VALUES {
            let value = value(number);
            self.put(&value)?;
            self.replace(&value, &value)?;
        }
        Ok(())
    }

    fn refuses_the_unexpected(self, value: &dyn Fn(u64) -> T) -> Result<(), Violation> {
        for number in 0..VALUES {
            let stored = value(number);
            self.put(&stored)?;
            for other in (0..VALUES).filter(|other| *other != number) {
                let expected = value(other);
                // It tries three new values: one that was never stored, the stored one, and the
                // expected one.
                let new = match other % 3 {
                    0 => value(VALUES),
                    1 => stored.clone(),
                    _ => expected.clone(),
                };
                if self.swap(&expected, &new) {
                    return Err(Violation::StaleSwap);
                }
                if self.load() != stored {
                    return Err(Violation::RefusedButWritten);
                }
            }
        }
        Ok(())
    }

    /// All threads swap at the same time, from one snapshot, each to a value of its own. Every
    /// thread that has its answer can see which thread won.
    fn lets_one_through(
        self,
        stored_before: &mut Vec<T>,
        value: &(dyn Fn(u64) -> T + Sync),
    ) -> Result<(), Violation> {
        let snapshot = self.load();
        let swap = |thread| (self.swap(&snapshot, &value(thread)), self.load());
        let (committed, seen): (Vec<_>, Vec<_>) = together(swap).into_iter().unzip();
        let mut winners = (0..).zip(committed).filter_map(|(thread, won)| won.then_some(thread));
        let stored = self.load();
        match (winners.next(), winners.next()) {
            (Some(_), Some(_)) => Err(Violation::ManyCommits),
            (Some(winner), None) if stored == value(winner) => Ok(()),
            (Some(_), None) if stored == snapshot => Err(Violation::NotWritten),
            (Some(_), None) => Err(Violation::LostUpdate),
            (None, _) if stored == snapshot => Err(Violation::Refused),
            (None, _) => Err(Violation::RefusedButWritten),
        }?;
        stored_before.push(snapshot);
        match seen.into_iter().find(|seen| *seen != stored) {
            None => Ok(()),
            Some(seen) if stored_before.contains(&seen) => Err(Violation::StaleRead),
            Some(_) => Err(Violation::Foreign),
        }
    }

    /// All threads count at the same time, each from the stored value to the next one.
    fn loses_no_step(
        self,
        stored_before: &[T],
        value: &(dyn Fn(u64) -> T + Sync),
    ) -> Result<(), Violation> {
        let value = |number: u64| value(number.saturating_add(VALUES));
        let all = THREADS.saturating_mul(STEPS);
        self.put(&value(0))?;
        // Values up to this number are certainly committed.
        let floor = AtomicU64::new(0);

        let climb = || {
            let mut steps = Vec::new();
            let mut violation = None;
            // A refused thread saw a step of another thread, so there are at most this many tries.
            for _ in 0..=all {
                let known = floor.load(Ordering::SeqCst);
                let loaded = self.load();
                let Some(number) = (0..=all).find(|number| value(*number) == loaded) else {
                    let stale = stored_before.contains(&loaded);
                    let violation = if stale { Violation::StaleRead } else { Violation::Foreign };
                    return (steps, Some(violation));
                };
                if number < known {
                    violation = Some(Violation::StaleRead);
                }
                let next = number.saturating_add(1);
                if next <= all && self.swap(&loaded, &value(next)) {
                    floor.fetch_max(next, Ordering::SeqCst);
                    steps.push(number);
                }
                if steps.len() as u64 == STEPS {
                    return (steps, violation);
                }
            }
            (steps, violation.or(Some(Violation::Refused)))
        };
        let (steps, violations): (Vec<_>, Vec<_>) = together(|_| climb()).into_iter().unzip();

        let mut steps: Vec<u64> = steps.into_iter().flatten().collect();
        steps.sort_unstable();
        let last = steps.len() as u64;
        let lost = !(0..last).eq(steps);
        let mut violations = violations.into_iter().flatten();
        match violations.next() {
            Some(Violation::Foreign) => Err(Violation::Foreign),
            _ if lost => Err(Violation::LostUpdate),
            Some(violation) => Err(violation),
            None if self.load() != value(last) => Err(Violation::LostUpdate),
            None => Ok(()),
        }
    }
}

/// Calls `job` in all threads at the same time, with the number of each thread. If one panics, this
/// function panics too.
pub(super) fn together<R: Send>(job: impl Fn(u64) -> R + Sync) -> Vec<R> {
    // Unlike a barrier, the gate always opens, even if a thread could not be started.
    let gate = RwLock::new(());
    thread::scope(|scope| {
        let closed = gate.write();
        let start = |thread| {
            let (gate, job) = (&gate, &job);
            scope.spawn(move || {
                drop(gate.read());
                job(thread)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(start).collect();
        drop(closed);
        let join = |thread: thread::ScopedJoinHandle<'_, R>| {
            thread.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    })
}
