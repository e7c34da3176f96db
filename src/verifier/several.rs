//! Several authenticators of one user, checked in one call.

use core::fmt;

use super::attempt::Swap;
use super::factor::Verifiable;
use super::lifecycle::DisabledBy;
use super::record::Record;
use super::settings::Verifier;
use super::state::State;
use super::tally::Tally;
use super::verdict::{AttemptError, Verdict};
use crate::hmac_key::HmacKey;

/// One of several authenticators of a user, for [`Verifier::attempt_any`]. `I` is the type of its
/// id in the host's store.
pub struct Authenticator<I, V> {
    pub(super) id: I,
    engine: V,
    pub(crate) state: State,
    pub(crate) next: State,
}

impl<I, V> Authenticator<I, V> {
    /// Takes the id of a row, with the engine and the state of the same row.
    ///
    /// The id can be anything: the primary key, a reference to the row, or a position in an array.
    /// It comes back with each [`Change`], and with the verdict ([`SettledAny::accepted_by`]).
    pub const fn new(id: I, engine: V, state: State) -> Self {
        Self { id, engine, state, next: state }
    }

    /// Returns the id of the row.
    pub const fn id(&self) -> &I {
        &self.id
    }
}

/// Shows the state, but nothing of the key.
impl<I, V> fmt::Debug for Authenticator<I, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The states to replace, for the closure of [`AttemptAny::commit`], in the order of the
/// authenticators.
pub struct Changes<'a, I, V> {
    all: &'a [Authenticator<I, V>],
    /// The number of authenticators that the iterator has passed.
    passed: usize,
}

/// A state to replace, with the id of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a, I> {
    id: &'a I,
    old: State,
    new: State,
}

impl<'a, I> Change<'a, I> {
    /// Returns the id of the row, from [`Authenticator::new`].
    #[must_use]
    pub const fn id(&self) -> &'a I {
        self.id
    }

    /// Returns the loaded state.
    #[must_use]
    pub const fn old_state(&self) -> State {
        self.old
    }

    /// Returns the state to store, if the store still holds the old one.
    #[must_use]
    pub const fn new_state(&self) -> State {
        self.new
    }
}

impl<'a, I, V> Changes<'a, I, V> {
    pub(crate) fn of(authenticators: &'a [Authenticator<I, V>]) -> Self {
        Self { all: authenticators, passed: 0 }
    }

    /// Returns whether the code is right, so that the session of a login can be stored in the same
    /// transaction.
    ///
    /// Only [`Verdict::Accepted`] lets anybody in. The race may still be lost.
    #[must_use]
    pub fn is_success(&self) -> bool {
        Self::of(self.all).all(|change| change.new.is_success_after(change.old))
    }
}

impl<'a, I, V> Iterator for Changes<'a, I, V> {
    type Item = Change<'a, I>;

    fn next(&mut self) -> Option<Change<'a, I>> {
        loop {
            let one = self.all.get(self.passed)?;
            self.passed = self.passed.saturating_add(1);
            if one.state != one.next {
                return Some(Change { id: &one.id, old: one.state, new: one.next });
            }
        }
    }
}

/// Does not show the verdict.
impl<I, V> fmt::Debug for Changes<'_, I, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes(sealed)")
    }
}

/// The verdict of a code that was checked against several authenticators, and its line for an audit
/// log.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only a success lets anybody in"]
#[non_exhaustive]
pub struct SettledAny<I> {
    /// The answer.
    pub verdict: Verdict,
    /// The line for an audit log. It does not contain a code or a secret.
    pub record: Record,
    /// The id of the authenticator that accepted the code. It is `None` for every other verdict.
    pub accepted_by: Option<I>,
}

impl Verifier {
    /// Checks one code against all authenticators of a user, at `now` in seconds of Unix time. A
    /// code that one authenticator accepts is not a failure of another.
    ///
    /// - If one accepts the code, it is used there, and the failures in a row of all checked
    ///   authenticators are reset.
    /// - If none accepts it, it counts as a failure of each checked one, because it was a guess at
    ///   each of them. So the chances of an attacker add up ([`guess_bound`](Self::guess_bound)).
    /// - If it is a used code of one of them, the verdict is [`Verdict::Replayed`], and nothing
    ///   changes.
    ///
    /// An unconfirmed authenticator is not checked, because an attacker who knows only the password
    /// might have enrolled it. Confirm it with [`attempt`](Self::attempt). Locked and disabled ones
    /// are not checked either: their codes are wrong codes to the others. If all are locked or
    /// disabled, that is the verdict.
    ///
    /// Ask for a code if [`State::requires_code`] is true for any of them.
    /// [`log_in_any`](Self::log_in_any) is the whole login.
    ///
    /// # Errors
    /// [`AttemptError`] if one of them cannot be checked. [`AttemptError::NoneConfirmed`] if there
    /// is none to check. Nothing is counted then.
    pub fn attempt_any<'a, I, M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        authenticators: &'a mut [Authenticator<I, V>],
        code: &str,
        now: u64,
    ) -> Result<AttemptAny<'a, I, V>, AttemptError<M::Error>> {
        let mut tally = Tally::default();
        for (nth, authenticator) in authenticators.iter_mut().enumerate() {
            authenticator.next = authenticator.state;
            if authenticator.state.requires_code() {
                let attempt =
                    self.attempt(&authenticator.engine, authenticator.state, code, now)?;
                authenticator.next = attempt.next;
                tally.take(nth, attempt);
            }
        }
        let (before, after) = (tally.before, tally.after);
        let disabled = if tally.rejection.is_some() { tally.disabled } else { tally.barred_by };
        let verdict = tally.verdict().ok_or(AttemptError::NoneConfirmed)?;
        for Authenticator { state, next, .. } in &mut *authenticators {
            match verdict {
                // The code was not a failure of the authenticators that were checked and counted
                // it.
                Verdict::Accepted(_) if next.failures.count > state.failures.count => {
                    *next = state.cleared();
                }
                Verdict::Accepted(_) | Verdict::Rejected(_) => {}
                _ => *next = *state,
            }
        }
        let answer = Answer { verdict, before, after, disabled };
        Ok(AttemptAny { authenticators, answer })
    }
}

/// A code that was checked against several authenticators but not answered yet, like an
/// [`Attempt`](crate::verifier::Attempt).
#[must_use = "commit it: only the commit returns the verdict"]
pub struct AttemptAny<'a, I, V> {
    authenticators: &'a [Authenticator<I, V>],
    pub(super) answer: Answer,
}

pub(super) struct Answer {
    verdict: Verdict,
    /// The largest number of failures in a row among the checked ones, before and after the code.
    before: u32,
    after: u32,
    /// The reason why one of them is disabled, if that blocks the login or if this code caused it.
    disabled: Option<DisabledBy>,
}

impl<'a, I, V> AttemptAny<'a, I, V> {
    /// Calls `swap` to replace the changed states, and returns the verdict.
    ///
    /// `swap` must store every [`Change`] in one transaction, each only if the store still holds
    /// the old state. If one of them finds another state, it must roll back and return
    /// [`Swap::Lost`]. So apply [`Swap::from_rows`] to each statement, and not to the sum. It is
    /// called only for codes that are accepted or rejected.
    ///
    /// # Errors
    /// The error of `swap`. The verdict is then lost, because it is unknown whether the states were
    /// stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(Changes<'_, I, V>) -> Result<Swap, E>,
    ) -> Result<SettledAny<&'a I>, E> {
        let stores = self.answer.changes();
        let swapped = if stores { swap(Changes::of(self.authenticators))? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// Commits like [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// The error of `swap`, as in [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(Changes<'_, I, V>) -> Result<Swap, E>,
    ) -> Result<SettledAny<&'a I>, E> {
        let stores = self.answer.changes();
        let swapped =
            if stores { swap(Changes::of(self.authenticators)).await? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    fn settle(self, swapped: Swap) -> SettledAny<&'a I> {
        let id = self.answer.accepted_by(self.authenticators);
        self.answer.settle(swapped, id)
    }
}

impl Answer {
    pub(super) const fn changes(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted(_) | Verdict::Rejected(_))
    }

    /// Returns the id of the authenticator that accepts the code.
    pub(super) fn accepted_by<'a, I, V>(&self, all: &'a [Authenticator<I, V>]) -> Option<&'a I> {
        let Verdict::Accepted(accepted) = &self.verdict else { return None };
        all.get(accepted.authenticator).map(Authenticator::id)
    }

    pub(super) fn settle<I>(self, swapped: Swap, id: Option<I>) -> SettledAny<I> {
        let (verdict, after, disabled) = match (swapped, &self.verdict) {
            (Swap::Lost, _) => (Verdict::Conflict, self.before, None),
            (Swap::Stored, Verdict::Accepted(_)) => (self.verdict, 0, None),
            (Swap::Stored, Verdict::Rejected(_) | Verdict::Disabled) => {
                (self.verdict, self.after, self.disabled)
            }
            (Swap::Stored, _) => (self.verdict, self.before, None),
        };
        let record = Record::of_several(&verdict, self.before, after, disabled);
        let accepted_by = if verdict == Verdict::Conflict { None } else { id };
        SettledAny { verdict, record, accepted_by }
    }
}

/// Does not show the verdict.
impl<I, V> fmt::Debug for AttemptAny<'_, I, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptAny(sealed)")
    }
}
