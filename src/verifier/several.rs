//! Several authenticators of one user, checked in one call.

use core::iter::Enumerate;
use core::marker::PhantomData;
use core::{fmt, slice};

use super::attempt::{Settled, Swap};
use super::factor::Verifiable;
use super::lifecycle::DisabledBy;
use super::login::{LoginError, TRIES};
use super::record::Record;
use super::settings::Verifier;
use super::state::State;
use super::tally::Tally;
use super::verdict::{AttemptError, Verdict};
use crate::hmac_key::HmacKey;

/// One of several authenticators of a user, for [`Verifier::attempt_any`].
pub struct Authenticator<V> {
    engine: V,
    state: State,
    next: State,
}

impl<V> Authenticator<V> {
    /// Takes an engine and its stored state.
    pub const fn new(engine: V, state: State) -> Self {
        Self { engine, state, next: state }
    }
}

/// Shows the state, but nothing of the key.
impl<V> fmt::Debug for Authenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The states to replace, for the closure of [`AttemptAny::commit`], in the order of the
/// authenticators.
pub struct Changes<'a, V> {
    left: Enumerate<slice::Iter<'a, Authenticator<V>>>,
}

/// A state to replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    authenticator: usize,
    old: State,
    new: State,
}

impl Change {
    /// Returns the position of the authenticator among the loaded ones, counted from 0.
    #[must_use]
    pub const fn authenticator(self) -> usize {
        self.authenticator
    }

    /// Returns the loaded state.
    #[must_use]
    pub const fn old_state(self) -> State {
        self.old
    }

    /// Returns the state to store, if the store still holds the old one.
    #[must_use]
    pub const fn new_state(self) -> State {
        self.new
    }
}

impl<V> Iterator for Changes<'_, V> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        self.left.find_map(|(authenticator, one)| {
            let change = Change { authenticator, old: one.state, new: one.next };
            (change.old != change.new).then_some(change)
        })
    }
}

/// Does not show the verdict.
impl<V> fmt::Debug for Changes<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes(sealed)")
    }
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
    pub fn attempt_any<'a, M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        authenticators: &'a mut [Authenticator<V>],
        code: &str,
        now: u64,
    ) -> Result<AttemptAny<'a, V>, AttemptError<M::Error>> {
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

    /// Checks one code against all authenticators of a user and stores the next states: a login in
    /// one call.
    ///
    /// `load` reads all of them, and `swap` stores the changed ones: see [`AttemptAny::commit`]. If
    /// another request was faster, both are called again, up to ten times in total.
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::{Authenticator, State, Swap, Verdict, Verifier};
    ///
    /// let phone = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// let tablet = Totp::new(&Secret::from_bytes(b"abcdefghijklmnopqrst")?);
    /// let rows = RefCell::new([State::confirmed(); 2]); // stands for rows of a database
    ///
    /// let settled = Verifier::DEFAULT.log_in_any(
    ///     "287082",
    ///     59,
    ///     || {
    ///         let [first, second] = *rows.borrow();
    ///         let phone = Authenticator::new(&phone, first);
    ///         let tablet = Authenticator::new(&tablet, second);
    ///         Ok::<_, std::io::Error>([phone, tablet])
    ///     },
    ///     |changes| {
    ///         let mut transaction = *rows.borrow();
    ///         for change in changes {
    ///             let row = &mut transaction[change.authenticator()];
    ///             if *row != change.old_state() {
    ///                 return Ok(Swap::Lost); // rolls back
    ///             }
    ///             *row = change.new_state();
    ///         }
    ///         rows.replace(transaction);
    ///         Ok(Swap::Stored)
    ///     },
    /// )?;
    /// assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.authenticator() == 0));
    /// assert_eq!(rows.borrow()[1].failures(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`log_in`](Self::log_in) and of [`attempt_any`](Self::attempt_any).
    pub fn log_in_any<M: HmacKey, V: Verifiable<Key = M>, L: AsMut<[Authenticator<V>]>, E>(
        &self,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> Result<L, E>,
        mut swap: impl FnMut(Changes<'_, V>) -> Result<Swap, E>,
    ) -> Result<Settled, LoginError<E, M::Error>> {
        let mut tries = TRIES;
        loop {
            let mut loaded = load().map_err(LoginError::Store)?;
            let attempt = self.attempt_any(loaded.as_mut(), code, now);
            let settled = attempt.map_err(LoginError::Attempt)?.commit(&mut swap);
            let settled = settled.map_err(LoginError::Store)?;
            tries = tries.saturating_sub(1);
            if settled.verdict != Verdict::Conflict || tries == 0 {
                return Ok(settled);
            }
        }
    }

    /// Logs in like [`log_in_any`](Self::log_in_any), with closures that return a future. The
    /// returned future is `Send` if theirs are.
    ///
    /// `swap` receives the loaded value, with the states to store: see [`Judged::changes`].
    ///
    /// # Errors
    /// The errors of [`log_in_any`](Self::log_in_any).
    pub async fn log_in_any_async<M: HmacKey, V: Verifiable<Key = M>, C, E, L, S>(
        &self,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> L,
        mut swap: impl FnMut(Judged<C, V>) -> S,
    ) -> Result<Settled, LoginError<E, M::Error>>
    where
        C: AsMut<[Authenticator<V>]>,
        L: Future<Output = Result<C, E>>,
        S: Future<Output = Result<Swap, E>>,
    {
        let mut tries = TRIES;
        loop {
            let mut loaded = load().await.map_err(LoginError::Store)?;
            let attempt = self.attempt_any(loaded.as_mut(), code, now);
            let attempt = attempt.map_err(LoginError::Attempt)?.answer;
            let swapped = if attempt.changes() {
                let judged = Judged { loaded, engine: PhantomData };
                swap(judged).await.map_err(LoginError::Store)?
            } else {
                Swap::Stored
            };
            let settled = attempt.settle(swapped);
            tries = tries.saturating_sub(1);
            if settled.verdict != Verdict::Conflict || tries == 0 {
                return Ok(settled);
            }
        }
    }
}

/// The authenticators of a user after the check, for the closure of [`Verifier::log_in_any_async`].
pub struct Judged<C, V> {
    loaded: C,
    engine: PhantomData<fn() -> V>,
}

impl<V, C: AsMut<[Authenticator<V>]>> Judged<C, V> {
    /// Returns the states to replace.
    pub fn changes(&mut self) -> Changes<'_, V> {
        Changes { left: self.loaded.as_mut().iter().enumerate() }
    }
}

/// Does not show the verdict.
impl<C, V> fmt::Debug for Judged<C, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged(sealed)")
    }
}

/// A code that was checked against several authenticators but not answered yet, like an
/// [`Attempt`](crate::verifier::Attempt).
#[must_use = "commit it: only the commit returns the verdict"]
pub struct AttemptAny<'a, V> {
    authenticators: &'a [Authenticator<V>],
    answer: Answer,
}

struct Answer {
    verdict: Verdict,
    /// The largest number of failures in a row among the checked ones, before and after the code.
    before: u32,
    after: u32,
    /// The reason why one of them is disabled, if that blocks the login or if this code caused it.
    disabled: Option<DisabledBy>,
}

impl<V> AttemptAny<'_, V> {
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
        swap: impl FnOnce(Changes<'_, V>) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped = if self.answer.changes() { swap(self.states())? } else { Swap::Stored };
        Ok(self.answer.settle(swapped))
    }

    /// Commits like [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// The error of `swap`, as in [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(Changes<'_, V>) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped = if self.answer.changes() { swap(self.states()).await? } else { Swap::Stored };
        Ok(self.answer.settle(swapped))
    }

    fn states(&self) -> Changes<'_, V> {
        Changes { left: self.authenticators.iter().enumerate() }
    }
}

impl Answer {
    fn changes(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted(_) | Verdict::Rejected(_))
    }

    fn settle(self, swapped: Swap) -> Settled {
        let (verdict, after, disabled) = match (swapped, &self.verdict) {
            (Swap::Lost, _) => (Verdict::Conflict, self.before, None),
            (Swap::Stored, Verdict::Accepted(_)) => (self.verdict, 0, None),
            (Swap::Stored, Verdict::Rejected(_) | Verdict::Disabled) => {
                (self.verdict, self.after, self.disabled)
            }
            (Swap::Stored, _) => (self.verdict, self.before, None),
        };
        let record = Record::of_several(&verdict, self.before, after, disabled);
        Settled { verdict, record }
    }
}

/// Does not show the verdict.
impl<V> fmt::Debug for AttemptAny<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptAny(sealed)")
    }
}
