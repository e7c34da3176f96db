//! The rules for the rows of one user that are replaced in one transaction.

use core::convert::Infallible;
use std::format;
use std::vec::Vec;

use super::login::StepIsCode;
use super::record::together;
use super::states::{CHOSEN_COUNT, state};
use super::violation::Violation;
use crate::totp::Totp;
use crate::verifier::{Authenticator, Changes, State, Swap, Verdict, Verifier};

const ROUNDS: u64 = 8;
/// The distance between the states of two rows.
const APART: u64 = 1000;
/// Other threads change the rows at most once for each of their answers.
const TRIES: u32 = 64;

/// Checks the host's store of several authenticators: the rows of one user, with the closures of
/// [`Verifier::log_in_any`].
///
/// `load` returns at least two rows that only the test uses. `swap` stores the changed states in
/// one transaction, and returns `true` if and only if all of them were stored. Otherwise it rolls
/// back. Apart from that, the [module](super) says what the closures must do. The ids, the engines
/// and the order of the rows do not matter, but no two ids may be equal.
///
/// 1. Changes of all rows and of each single row must be read back, each in its own row.
/// 2. If one row does not hold the expected state, no row may be replaced.
/// 3. Sixteen threads replace all rows from one snapshot, eight times. One must commit each time.
/// 4. Sixteen threads submit one valid code, eight times. One submission must be accepted.
/// 5. Sixteen threads guess, eight times. Each row must have counted every answered guess.
///
/// All rows are disabled at the end.
///
/// ```
/// use std::sync::Mutex;
/// use otp_core::conformance;
/// use otp_core::verifier::{Authenticator, State};
/// use otp_core::{Secret, Totp};
///
/// let totp = || Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap());
/// let table = Mutex::new([(17, State::enrolment()), (42, State::enrolment())]); // id and state
/// conformance::check_store_any(
///     || table.lock().unwrap().map(|(id, state)| Authenticator::new(id, totp(), state)),
///     |changes| {
///         let mut table = table.lock().unwrap();
///         let mut transaction = *table;
///         for change in changes {
///             let old = (*change.id(), change.old_state());
///             let Some(row) = transaction.iter_mut().find(|row| **row == old) else {
///                 return false; // rolls back
///             };
///             row.1 = change.new_state();
///         }
///         *table = transaction;
///         true
///     },
/// )?;
/// # Ok::<(), conformance::Violation>(())
/// ```
///
/// # Errors
/// The [`Violation`] that was found. [`Violation::TooFewRows`] if `load` returns fewer than two.
pub fn check_store_any<I, V, C>(
    load: impl Fn() -> C + Sync,
    swap: impl Fn(Changes<'_, I, V>) -> bool + Sync,
) -> Result<(), Violation>
where
    I: Clone + PartialEq + Sync,
    C: AsMut<[Authenticator<I, V>]>,
{
    let ids: Vec<I> = load().as_mut().iter().map(|row| row.id().clone()).collect();
    if ids.len() < 2 {
        return Err(Violation::TooFewRows);
    }
    let rows = Rows { ids, load: &load, swap: &swap };
    rows.read_back()?;
    rows.refuse_the_unexpected()?;
    for round in 0..ROUNDS {
        rows.let_one_through(round)?;
    }
    for round in 0..ROUNDS {
        rows.put(&rows.all(State::confirmed()))?;
        rows.accept_once(round)?;
    }
    for _ in 0..ROUNDS {
        rows.put(&rows.all(State::confirmed()))?;
        rows.count_what_they_answer()?;
    }
    rows.put(&rows.all(State::enrolment().disabled()))
}

/// The rows of one user. Their states are listed in the order of `ids`.
struct Rows<'a, I, V, C> {
    ids: Vec<I>,
    load: &'a (dyn Fn() -> C + Sync),
    swap: &'a (dyn Fn(Changes<'_, I, V>) -> bool + Sync),
}

impl<I: PartialEq + Sync, V, C: AsMut<[Authenticator<I, V>]>> Rows<'_, I, V, C> {
    fn all(&self, state: State) -> Vec<State> {
        self.ids.iter().map(|_| state).collect()
    }

    /// Returns a different state for each row.
    fn numbered(&self, number: u64) -> Vec<State> {
        (0..)
            .zip(&self.ids)
            .map(|(row, _)| state(number.saturating_add(APART.saturating_mul(row))))
            .collect()
    }

    fn place(&self, id: &I) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    fn states(&self) -> Result<Vec<State>, Violation> {
        let mut loaded = (self.load)();
        let rows = loaded.as_mut();
        let of = |id: &I| rows.iter().find(|row| row.id() == id).map(|row| row.state);
        let states: Option<Vec<State>> = self.ids.iter().map(of).collect();
        states.filter(|states| states.len() == rows.len()).ok_or(Violation::Foreign)
    }

    /// Calls the host's swap. Rows with the same old and new state are not part of it.
    fn swap(&self, old: &[State], new: &[State]) -> bool {
        let mut loaded = (self.load)();
        let rows = loaded.as_mut();
        for row in &mut *rows {
            let place = self.place(row.id());
            let at = |states: &[State]| place.and_then(|place| states.get(place)).copied();
            if let (Some(old), Some(new)) = (at(old), at(new)) {
                (row.state, row.next) = (old, new);
            }
        }
        (self.swap)(Changes::of(rows))
    }

    /// Replaces the stored states while no other thread uses the rows.
    fn put(&self, new: &[State]) -> Result<(), Violation> {
        let old = self.states()?;
        if old == new {
            return Ok(());
        }
        let committed = self.swap(&old, new);
        let stored = self.states()?;
        match committed {
            true if stored == new => Ok(()),
            true if stored == old => Err(Violation::NotWritten),
            true => Err(Violation::Altered),
            false if stored == old => Err(Violation::Refused),
            false => Err(Violation::RefusedButWritten),
        }
    }

    fn read_back(&self) -> Result<(), Violation> {
        for number in 0..CHOSEN_COUNT {
            self.put(&self.numbered(number))?;
        }
        for row in 0..self.ids.len() {
            for number in 0..CHOSEN_COUNT {
                let mut states = self.states()?;
                states.iter_mut().skip(row).take(1).for_each(|one| *one = state(number));
                self.put(&states)?;
            }
        }
        Ok(())
    }

    /// All rows change, and one of them does not hold the expected state.
    fn refuse_the_unexpected(&self) -> Result<(), Violation> {
        for row in 0..self.ids.len() {
            for number in 0..CHOSEN_COUNT {
                let stored = self.numbered(number);
                self.put(&stored)?;
                let mut expected = stored.clone();
                let another = state(number.saturating_add(1) % CHOSEN_COUNT);
                expected.iter_mut().skip(row).take(1).for_each(|one| *one = another);
                let committed = self.swap(&expected, &self.numbered(number.saturating_add(100)));
                if committed {
                    return Err(Violation::StaleSwap);
                }
                if self.states()? != stored {
                    return Err(Violation::RefusedButWritten);
                }
            }
        }
        Ok(())
    }

    fn let_one_through(&self, round: u64) -> Result<(), Violation> {
        let first = round.saturating_add(2).saturating_mul(100);
        let snapshot = self.states()?;
        let new = |thread: u64| self.numbered(first.saturating_add(thread));
        let committed = together(|thread| self.swap(&snapshot, &new(thread)));
        let mut winners = (0..).zip(committed).filter_map(|(thread, won)| won.then_some(thread));
        let stored = self.states()?;
        match (winners.next(), winners.next()) {
            (Some(_), Some(_)) => Err(Violation::ManyCommits),
            (Some(winner), None) if stored == new(winner) => Ok(()),
            (Some(_), None) if stored == snapshot => Err(Violation::NotWritten),
            (Some(_), None) => Err(Violation::LostUpdate),
            (None, _) if stored == snapshot => Err(Violation::Refused),
            (None, _) => Err(Violation::RefusedButWritten),
        }
    }

    /// All submit a code of one row. A failure of each row is to be reset.
    fn accept_once(&self, round: u64) -> Result<(), Violation> {
        let step = round.saturating_add(1).saturating_mul(100);
        let round = usize::try_from(round).unwrap_or_default();
        let row = round.checked_rem(self.ids.len()).unwrap_or_default();
        if !matches!(self.submit("999999", step), Verdict::Rejected(_)) {
            return Err(Violation::Uncounted);
        }
        let code = format!("{:06}", offset(row).saturating_add(step));
        let verdicts = together(|_| self.submit(&code, step));
        let accepted = verdicts.iter().filter(|one| matches!(one, Verdict::Accepted(_))).count();
        match accepted {
            1 if verdicts.contains(&Verdict::Conflict) => Err(Violation::Refused),
            1 => Ok(()),
            0 => Err(Violation::NotAccepted),
            _ => Err(Violation::AcceptedTwice),
        }
    }

    fn count_what_they_answer(&self) -> Result<(), Violation> {
        let verdicts = together(|_| self.submit("999999", 1));
        let answered = verdicts.iter().filter(|one| matches!(one, Verdict::Rejected(_))).count();
        let answered = u32::try_from(answered).unwrap_or(u32::MAX);
        let counted = self.states()?.into_iter().map(State::failures);
        let (least, most) = counted.fold((u32::MAX, 0), |(least, most), failures| {
            (failures.min(least), failures.max(most))
        });
        let allowed = Verifier::DEFAULT.throttle().free_tries();
        if answered > least.min(allowed) {
            Err(Violation::Uncounted)
        } else if most > answered {
            // A guess was stored but not answered.
            Err(Violation::RefusedButWritten)
        } else if answered < allowed {
            Err(Violation::Refused)
        } else {
            Ok(())
        }
    }

    /// Logs in as the verifier does, with keys of the check's own in place of the host's.
    fn submit(&self, code: &str, step: u64) -> Verdict {
        let now = step.saturating_mul(crate::period::Period::DEFAULT.seconds());
        for _ in 0..TRIES {
            let mut loaded = (self.load)();
            let rows = loaded.as_mut();
            let of = |(index, row): (usize, &Authenticator<I, V>)| {
                let key = StepIsCode { offset: offset(self.place(row.id()).unwrap_or_default()) };
                Authenticator::new(index, Totp::from_key(key), row.state)
            };
            let mut own: Vec<_> = rows.iter().enumerate().map(of).collect();
            // The time is not before T0 and not too far, and the period is not too long.
            let Ok(attempt) = Verifier::DEFAULT.attempt_any(&mut own, code, now) else {
                return Verdict::Conflict;
            };
            let Ok(settled) = attempt.commit(|changes| {
                for change in changes {
                    if let Some(row) = rows.get_mut(*change.id()) {
                        row.next = change.new_state();
                    }
                }
                let swapped = (self.swap)(Changes::of(rows));
                Ok::<_, Infallible>(if swapped { Swap::Stored } else { Swap::Lost })
            });
            if settled.verdict != Verdict::Conflict {
                return settled.verdict;
            }
        }
        Verdict::Conflict
    }
}

/// The code of a step is its number plus the offset of the row. Up to nine rows have codes of their
/// own.
fn offset(row: usize) -> u64 {
    u64::try_from(row % 9).unwrap_or_default().saturating_mul(100_000)
}
