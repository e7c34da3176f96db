//! The login of a user with several authenticators, in one call.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;

use super::attempt::Swap;
use super::factor::Verifiable;
use super::login::{LoginError, TRIES};
use super::settings::Verifier;
use super::several::{Authenticator, Changes, SettledAny};
use super::verdict::Verdict;
use crate::hmac_key::HmacKey;

impl Verifier {
    /// Checks one code against all authenticators of a user and stores the next states: a login in
    /// one call. `now` is in seconds of Unix time.
    ///
    /// `load` reads all of them: each with the id, the secret and the state of one row. `swap`
    /// stores the changed states, each in the row of its [`id`](crate::verifier::Change::id): see
    /// [`AttemptAny::commit`](crate::verifier::AttemptAny::commit). If another request was faster,
    /// both are called again, up to ten times in total. The number and the order of the rows may
    /// change from one load to the next.
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::collections::BTreeMap;
    ///
    /// use otp_core::verifier::{Authenticator, State, Swap, Verdict, Verifier};
    /// use otp_core::{Secret, SecretError, Totp};
    ///
    /// // Stands for a table: id, secret, state.
    /// let table = RefCell::new(BTreeMap::from([
    ///     (17, (b"12345678901234567890", State::confirmed())), // the phone
    ///     (42, (b"abcdefghijklmnopqrst", State::confirmed())), // the tablet
    /// ]));
    ///
    /// let settled = Verifier::DEFAULT.log_in_any(
    ///     "287082",
    ///     59,
    ///     || {
    ///         // SELECT id, secret, state FROM otp WHERE user_id = $user
    ///         let table = table.borrow();
    ///         let rows = table.iter().map(|(id, (secret, state))| {
    ///             let totp = Totp::new(&Secret::from_bytes(*secret)?);
    ///             Ok(Authenticator::new(*id, totp, *state))
    ///         });
    ///         rows.collect::<Result<Vec<_>, SecretError>>()
    ///     },
    ///     |changes| {
    ///         let mut transaction = table.borrow().clone(); // BEGIN
    ///         for change in changes {
    ///             // UPDATE otp SET state = $new WHERE id = $id AND state = $old
    ///             let row = transaction.get_mut(change.id());
    ///             let row = row.filter(|(_, state)| *state == change.old_state());
    ///             let Some((_, state)) = row else { return Ok(Swap::Lost) }; // ROLLBACK
    ///             *state = change.new_state();
    ///         }
    ///         table.replace(transaction); // COMMIT
    ///         Ok(Swap::Stored)
    ///     },
    /// )?;
    /// assert!(matches!(settled.verdict, Verdict::Accepted(_)));
    /// assert_eq!(settled.accepted_by, Some(17));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`log_in`](Self::log_in) and of [`attempt_any`](Self::attempt_any).
    pub fn log_in_any<I, M, V, C, E>(
        &self,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> Result<C, E>,
        mut swap: impl FnMut(Changes<'_, I, V>) -> Result<Swap, E>,
    ) -> Result<SettledAny<I>, LoginError<E, M::Error>>
    where
        I: Clone,
        M: HmacKey,
        V: Verifiable<Key = M>,
        C: AsMut<[Authenticator<I, V>]>,
    {
        let mut tries = TRIES;
        loop {
            let mut loaded = load().map_err(LoginError::Store)?;
            let attempt = self.attempt_any(loaded.as_mut(), code, now);
            let settled = attempt.map_err(LoginError::Attempt)?.commit(&mut swap);
            let SettledAny { verdict, record, accepted_by } = settled.map_err(LoginError::Store)?;
            tries = tries.saturating_sub(1);
            if verdict != Verdict::Conflict || tries == 0 {
                return Ok(SettledAny { verdict, record, accepted_by: accepted_by.cloned() });
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
    pub async fn log_in_any_async<I, M, V, C, E, L, S>(
        &self,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> L,
        mut swap: impl FnMut(Judged<C, I, V>) -> S,
    ) -> Result<SettledAny<I>, LoginError<E, M::Error>>
    where
        I: Clone,
        M: HmacKey,
        V: Verifiable<Key = M>,
        C: AsMut<[Authenticator<I, V>]>,
        L: Future<Output = Result<C, E>>,
        S: Future<Output = Result<Swap, E>>,
    {
        let mut tries = TRIES;
        loop {
            let mut loaded = load().await.map_err(LoginError::Store)?;
            let attempt = self.attempt_any(loaded.as_mut(), code, now);
            let answer = attempt.map_err(LoginError::Attempt)?.answer;
            let id = answer.accepted_by(loaded.as_mut()).cloned();
            let swapped = if answer.changes() {
                let judged = Judged { loaded, authenticators: PhantomData };
                swap(judged).await.map_err(LoginError::Store)?
            } else {
                Swap::Stored
            };
            let settled = answer.settle(swapped, id);
            tries = tries.saturating_sub(1);
            if settled.verdict != Verdict::Conflict || tries == 0 {
                return Ok(settled);
            }
        }
    }
}

/// The authenticators of a user after the check, for the closure of [`Verifier::log_in_any_async`].
pub struct Judged<C, I, V> {
    loaded: C,
    authenticators: PhantomData<fn() -> (I, V)>,
}

impl<I, V, C: AsMut<[Authenticator<I, V>]>> Judged<C, I, V> {
    /// Returns the states to replace.
    pub fn changes(&mut self) -> Changes<'_, I, V> {
        Changes::of(self.loaded.as_mut())
    }
}

/// Does not show the verdict.
impl<C, I, V> fmt::Debug for Judged<C, I, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judged(sealed)")
    }
}
