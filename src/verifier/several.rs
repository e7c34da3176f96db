//! Several authenticators of one user, judged by one call.

use core::iter::Enumerate;
use core::marker::PhantomData;
use core::{fmt, slice};

use super::attempt::{Attempt, Settled, Swap};
use super::factor::Verifiable;
use super::login::{LoginError, TRIES};
use super::record::Record;
use super::settings::Verifier;
use super::state::{DisabledBy, State};
use super::verdict::{Accepted, AttemptError, Rejection, Verdict};
use crate::hmac_key::HmacKey;
use crate::submitted::MalformedCode;

/// One of several authenticators of a user, for [`Verifier::attempt_any`].
pub struct Authenticator<V> {
    engine: V,
    state: State,
    next: State,
}

impl<V> Authenticator<V> {
    /// Takes an engine, and the state that is stored for it.
    pub const fn new(engine: V, state: State) -> Self {
        Self { engine, state, next: state }
    }
}

/// Tells the state, and nothing of the key.
impl<V> fmt::Debug for Authenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").field("state", &self.state).finish_non_exhaustive()
    }
}

/// The states that are to be replaced, for the closure of [`AttemptAny::commit`]. Their order is that of the
/// authenticators.
pub struct Changes<'a, V> {
    left: Enumerate<slice::Iter<'a, Authenticator<V>>>,
}

/// One state that is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    authenticator: usize,
    old: State,
    new: State,
}

impl Change {
    /// Returns whose state it is: the place of the authenticator in what was loaded, counted from 0.
    #[must_use]
    pub const fn authenticator(self) -> usize {
        self.authenticator
    }

    /// Returns the state that was loaded.
    #[must_use]
    pub const fn old_state(self) -> State {
        self.old
    }

    /// Returns the state to be stored, if the store still holds the old one.
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

/// Tells nothing of the verdict.
impl<V> fmt::Debug for Changes<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes(sealed)")
    }
}

impl Verifier {
    /// Checks one code against all authenticators of a user, at `now` in seconds of Unix time. A code that one accepts is
    /// no failure of another.
    ///
    /// - If one accepts it, it is used up there, and the failures in a row of all that were tried are cleared.
    /// - If none does, it is counted as a failure of each that was tried: it was a guess at each of them. So the chances of a
    ///   guesser add up ([`guess_bound`](Self::guess_bound)).
    /// - If it is a used code of one of them, it is [`Verdict::Replayed`], and changes nothing.
    ///
    /// An authenticator that is not confirmed yet is not tried: somebody who knows only the password might have enrolled
    /// it. Confirm it with [`attempt`](Self::attempt). Locked and disabled ones are not tried either: their codes are wrong
    /// codes to the others. If all are locked or disabled, that is the verdict.
    ///
    /// Ask for a code if [`State::requires_code`] is true for any of them. [`log_in_any`](Self::log_in_any) is the whole
    /// login.
    ///
    /// # Errors
    /// [`AttemptError`] if one of them cannot be judged; [`AttemptError::NoneConfirmed`] if there is none to be tried.
    /// Nothing is counted then.
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
                // Those that have counted it were tried, and no failure of theirs it was.
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

    /// Checks one code against all authenticators of a user and stores what follows from it: a login in one call.
    ///
    /// `load` reads all of them, `swap` stores those that have changed: see [`AttemptAny::commit`]. If another request was
    /// faster, both are called again, up to ten times in all.
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
    ///         Ok::<_, std::io::Error>([Authenticator::new(&phone, first), Authenticator::new(&tablet, second)])
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
    /// As [`log_in`](Self::log_in), and as [`attempt_any`](Self::attempt_any).
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

    /// As [`log_in_any`](Self::log_in_any), with closures that return a future. Its own future is `Send` if theirs are.
    ///
    /// `swap` gets what `load` has read, with the states to be stored: see [`Judged::changes`].
    ///
    /// # Errors
    /// As [`log_in_any`](Self::log_in_any).
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

/// The authenticators of a user after a judgement, for the closure of [`Verifier::log_in_any_async`].
pub struct Judged<C, V> {
    loaded: C,
    engine: PhantomData<fn() -> V>,
}

impl<V, C: AsMut<[Authenticator<V>]>> Judged<C, V> {
    /// Returns the states that are to be replaced.
    pub fn changes(&mut self) -> Changes<'_, V> {
        Changes { left: self.loaded.as_mut().iter().enumerate() }
    }
}

/// Tells nothing of the verdict.
impl<C, V> fmt::Debug for Judged<C, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged(sealed)")
    }
}

/// A code that was judged for several authenticators, and not answered yet: as an [`Attempt`].
#[must_use = "commit it: only then the verdict comes out"]
pub struct AttemptAny<'a, V> {
    authenticators: &'a [Authenticator<V>],
    answer: Answer,
}

struct Answer {
    verdict: Verdict,
    /// The most failures in a row of those that were tried, before and after it.
    before: u32,
    after: u32,
    /// By whom one of them is disabled now, if it bars the login or has become so by this code.
    disabled: Option<DisabledBy>,
}

impl<V> AttemptAny<'_, V> {
    /// Calls `swap` to replace the states that change, and returns the verdict.
    ///
    /// `swap` stores every [`Change`] in one transaction, each only if the store still holds the old state. If one of them
    /// finds another state, it rolls back and returns [`Swap::Lost`]: apply [`Swap::from_rows`] to each statement, and not to
    /// the sum. It is called for a code that is accepted or rejected, and for no other.
    ///
    /// # Errors
    /// That of `swap`. The verdict is gone with it, because nobody knows whether the states were stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(Changes<'_, V>) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped = if self.answer.changes() { swap(self.states())? } else { Swap::Stored };
        Ok(self.answer.settle(swapped))
    }

    /// As [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
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

/// Tells nothing of the verdict.
impl<V> fmt::Debug for AttemptAny<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AttemptAny(sealed)")
    }
}

/// What the authenticators have answered.
#[derive(Default)]
struct Tally {
    accepted: Option<Accepted>,
    replayed: bool,
    rejection: Option<Rejection>,
    locked_until: Option<u64>,
    malformed: Option<MalformedCode>,
    is_disabled: bool,
    /// By whom one was disabled by this code.
    disabled: Option<DisabledBy>,
    /// By whom one was disabled before.
    barred_by: Option<DisabledBy>,
    /// The most failures in a row of those that were tried, before and after it.
    before: u32,
    after: u32,
}

impl Tally {
    fn take(&mut self, nth: usize, attempt: Attempt) {
        let (before, next) = (attempt.before, attempt.next);
        let is_tried = matches!(
            attempt.verdict,
            Verdict::Accepted(_) | Verdict::Rejected(_) | Verdict::Replayed
        );
        if is_tried {
            self.before = self.before.max(before.failures());
            self.after = self.after.max(next.failures());
        }
        match attempt.verdict {
            Verdict::Accepted(accepted) => {
                self.accepted.get_or_insert(Accepted { authenticator: nth, ..accepted });
            }
            Verdict::Rejected(rejection) => {
                self.rejection = Some(self.rejection.map_or(rejection, |all| all.or(rejection)));
                self.disabled = next.disabled.or(self.disabled);
            }
            Verdict::Locked { until } => {
                self.locked_until = Some(self.locked_until.map_or(until, |all| all.min(until)));
            }
            Verdict::Malformed(error) => self.malformed = self.malformed.or(Some(error)),
            Verdict::Replayed => self.replayed = true,
            Verdict::Disabled => {
                self.is_disabled = true;
                self.barred_by = self.barred_by.or(before.disabled);
            }
            // Nothing was committed yet.
            Verdict::Conflict => {}
        }
    }

    /// A used code is used for all of them, so that it opens nothing by chance. What is open comes before what is not.
    fn verdict(self) -> Option<Verdict> {
        if self.replayed {
            return Some(Verdict::Replayed);
        }
        let failures = self.before;
        let accepted = self.accepted.map(|accepted| Accepted { failures, ..accepted });
        (accepted.map(Verdict::Accepted))
            .or(self.rejection.map(Verdict::Rejected))
            .or(self.locked_until.map(|until| Verdict::Locked { until }))
            .or(self.malformed.map(Verdict::Malformed))
            .or(self.is_disabled.then_some(Verdict::Disabled))
    }
}
