//! Several authenticators of one user, judged by one call.

use core::fmt;

use super::attempt::{Attempt, Settled, Swap};
use super::factor::Verifiable;
use super::login::{LoginError, TRIES};
use super::record::Record;
use super::settings::Verifier;
use super::state::State;
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

    /// Returns the state that is stored.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Returns the state that is to be stored: the same, if [`is_changed`](Self::is_changed) is false.
    #[must_use]
    pub const fn next_state(&self) -> State {
        self.next
    }

    /// Returns whether there is anything to store.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.state != self.next
    }
}

/// Tells the states, and nothing of the key.
impl<V> fmt::Debug for Authenticator<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator")
            .field("state", &self.state)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Checks one code against all authenticators of a user, at `now` in seconds of Unix time. A code of one is no failure
    /// of another.
    ///
    /// - If one accepts it, only that one uses it up, and the failures in a row of all that were tried are cleared.
    /// - If none does, it is counted as a failure of each that was tried: it was a guess at each of them.
    /// - If it is a used code of one of them, it is [`Verdict::Replayed`], and changes nothing.
    ///
    /// An authenticator that is not confirmed yet is not tried: somebody who knows only the password might have enrolled
    /// it. Confirm it with [`attempt`](Self::attempt). Locked and disabled ones are not tried either, and if all are,
    /// that is the verdict. [`log_in_any`](Self::log_in_any) is the whole login.
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
        let failures = tally.failures;
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
        Ok(AttemptAny { authenticators, verdict, failures })
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
    ///         let mut rows = rows.borrow_mut(); // one transaction
    ///         for (row, change) in rows.iter_mut().zip(changes).filter(|(_, change)| change.is_changed()) {
    ///             if *row != change.state() {
    ///                 return Ok(Swap::Lost); // roll back
    ///             }
    ///             *row = change.next_state();
    ///         }
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
        mut swap: impl FnMut(&[Authenticator<V>]) -> Result<Swap, E>,
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
}

/// A code that was judged for several authenticators, and not answered yet: as an [`Attempt`].
#[must_use = "commit it: only then the verdict comes out"]
pub struct AttemptAny<'a, V> {
    authenticators: &'a [Authenticator<V>],
    verdict: Verdict,
    /// Failures in a row that were loaded: the most of those that were tried.
    failures: u32,
}

impl<V> AttemptAny<'_, V> {
    /// Calls `swap` to replace the states that have [changed](Authenticator::is_changed), and returns the verdict.
    ///
    /// `swap` gets all authenticators, in the order in which they were loaded. It stores every change in one transaction,
    /// each only if the store still holds the state that was loaded. If one of them finds another state, it rolls back
    /// and returns [`Swap::Lost`]. It is called for a code that is accepted or rejected, and for no other.
    ///
    /// # Errors
    /// That of `swap`. The verdict is gone with it, because nobody knows whether the states were stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(&[Authenticator<V>]) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped = if self.changes() { swap(self.authenticators)? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    /// As [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(&[Authenticator<V>]) -> Result<Swap, E>,
    ) -> Result<Settled, E> {
        let swapped = if self.changes() { swap(self.authenticators).await? } else { Swap::Stored };
        Ok(self.settle(swapped))
    }

    fn changes(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted(_) | Verdict::Rejected(_))
    }

    fn settle(self, swapped: Swap) -> Settled {
        let Self { authenticators, verdict, failures } = self;
        let verdict = if swapped == Swap::Lost { Verdict::Conflict } else { verdict };
        let after = match verdict {
            Verdict::Accepted(_) => 0,
            Verdict::Rejected(_) => {
                authenticators.iter().map(|one| one.next.failures()).max().unwrap_or_default()
            }
            _ => failures,
        };
        let record = Record::of_several(&verdict, failures, after);
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
    disabled: bool,
    /// The most failures in a row of those that were looked at.
    failures: u32,
}

impl Tally {
    fn take(&mut self, nth: usize, attempt: Attempt) {
        self.failures = self.failures.max(attempt.before.failures());
        match attempt.verdict {
            Verdict::Accepted(accepted) => {
                self.accepted.get_or_insert(Accepted { authenticator: nth, ..accepted });
            }
            Verdict::Rejected(rejection) => {
                self.rejection = Some(self.rejection.map_or(rejection, |all| all.or(rejection)));
            }
            Verdict::Locked { until } => {
                self.locked_until = Some(self.locked_until.map_or(until, |all| all.min(until)));
            }
            Verdict::Malformed(error) => self.malformed = self.malformed.or(Some(error)),
            Verdict::Replayed => self.replayed = true,
            Verdict::Disabled => self.disabled = true,
            // Nothing was committed yet.
            Verdict::Conflict => {}
        }
    }

    /// A used code is used for all of them, so that it opens nothing by chance. What is open comes before what is not.
    fn verdict(self) -> Option<Verdict> {
        let Self { accepted, replayed, rejection, locked_until, malformed, disabled, failures } =
            self;
        if replayed {
            return Some(Verdict::Replayed);
        }
        let accepted =
            accepted.map(|accepted| Verdict::Accepted(Accepted { failures, ..accepted }));
        accepted
            .or(rejection.map(Verdict::Rejected))
            .or(locked_until.map(|until| Verdict::Locked { until }))
            .or(malformed.map(Verdict::Malformed))
            .or(disabled.then_some(Verdict::Disabled))
    }
}
