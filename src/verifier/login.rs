//! The login in one call: load, check, swap, and start again after a lost race.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::Future;

use super::attempt::{Settled, Swap};
use super::factor::Verifiable;
use super::settings::Verifier;
use super::state::State;
use super::verdict::{AttemptError, Verdict};
use crate::hmac_key::HmacKey;

/// The largest number of tries of a login. Each lost race means that another request was answered.
pub(super) const TRIES: u32 = 10;

impl Verifier {
    /// Checks a code and stores the next state: a login in one call. `now` is in seconds of Unix
    /// time.
    ///
    /// `load` reads the state of the authenticator. `swap` replaces it, only if the store still
    /// holds the loaded state: see [`Attempt::commit`](crate::verifier::Attempt::commit). If
    /// another request was faster, both are called again, up to ten times in total. After that the
    /// verdict is [`Verdict::Conflict`].
    ///
    /// [`State::requires_code`] tells whether to ask for a code at all.
    ///
    /// ```
    /// use std::cell::Cell;
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::{State, Swap, Verdict, Verifier};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// let row = Cell::new(State::confirmed()); // stands for a row of a database
    /// let mut log_in = |code, now| {
    ///     let load = || Ok::<_, std::io::Error>(row.get());
    ///     let swap = |old, new| {
    ///         let found = u64::from(row.get() == old); // UPDATE … WHERE state = $old
    ///         if found == 1 { row.set(new) }
    ///         Ok(Swap::from_rows(found))
    ///     };
    ///     Verifier::DEFAULT.log_in(&totp, code, now, load, swap)
    /// };
    /// assert!(matches!(log_in("287082", 59)?.verdict, Verdict::Accepted(_)));
    /// assert!(matches!(log_in("287082", 60)?.verdict, Verdict::Replayed));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Both closures have one type of error. If you use `?` in a closure, write the type of its
    /// result, because the compiler cannot infer it. One of the two closures is enough:
    ///
    /// ```
    /// use otp_core::Totp;
    /// use otp_core::verifier::{State, StateError, Swap, Verdict, Verifier};
    ///
    /// # type DbError = std::io::Error;
    /// # #[derive(Debug)]
    /// # enum Error { Db(DbError), State(StateError), Login }
    /// # impl From<DbError> for Error { fn from(e: DbError) -> Self { Self::Db(e) } }
    /// # impl From<StateError> for Error { fn from(e: StateError) -> Self { Self::State(e) } }
    /// # struct Db;
    /// # impl Db {
    /// #     fn select(&self) -> Result<Vec<u8>, DbError> {
    /// #         Ok(State::confirmed().to_bytes().as_ref().to_vec())
    /// #     }
    /// #     fn update(&self, _: &[u8], _: &[u8]) -> Result<u64, DbError> { Ok(1) }
    /// # }
    /// # fn f(db: &Db, totp: &Totp, code: &str, now: u64) -> Result<bool, Error> {
    /// let load = || -> Result<State, Error> {
    ///     Ok(State::from_bytes(&db.select()?)?)
    /// };
    /// let swap = |old: State, new: State| {
    ///     Ok(Swap::from_rows(db.update(old.to_bytes().as_ref(), new.to_bytes().as_ref())?))
    /// };
    /// let settled = Verifier::DEFAULT.log_in(totp, code, now, load, swap);
    /// # let settled = settled.map_err(|_| Error::Login)?;
    /// # Ok(matches!(settled.verdict, Verdict::Accepted(_)))
    /// # }
    /// # let totp = Totp::new(&otp_core::Secret::from_bytes(b"12345678901234567890")?);
    /// # assert!(f(&Db, &totp, "287082", 59).unwrap());
    /// # Ok::<(), otp_core::SecretError>(())
    /// ```
    ///
    /// # Errors
    /// - [`LoginError::Store`] with the error of a closure.
    /// - [`LoginError::Attempt`] if the code could not be checked.
    ///
    /// Do not let anybody in then. If `swap` failed, it is unknown whether the code is now used.
    #[doc(alias("authenticate", "check", "verify"))]
    pub fn log_in<M: HmacKey, V: Verifiable<Key = M>, E>(
        &self,
        engine: &V,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> Result<State, E>,
        mut swap: impl FnMut(State, State) -> Result<Swap, E>,
    ) -> Result<Settled, LoginError<E, M::Error>> {
        let mut tries = TRIES;
        loop {
            let state = load().map_err(LoginError::Store)?;
            let attempt = self.attempt(engine, state, code, now).map_err(LoginError::Attempt)?;
            let settled = attempt.commit(&mut swap).map_err(LoginError::Store)?;
            tries = tries.saturating_sub(1);
            if settled.verdict != Verdict::Conflict || tries == 0 {
                return Ok(settled);
            }
        }
    }

    /// Logs in like [`log_in`](Self::log_in), with closures that return a future. The returned
    /// future is `Send` if theirs are.
    ///
    /// # Errors
    /// The errors of [`log_in`](Self::log_in).
    pub async fn log_in_async<M: HmacKey, V: Verifiable<Key = M>, E, L, S>(
        &self,
        engine: &V,
        code: &str,
        now: u64,
        mut load: impl FnMut() -> L,
        mut swap: impl FnMut(State, State) -> S,
    ) -> Result<Settled, LoginError<E, M::Error>>
    where
        L: Future<Output = Result<State, E>>,
        S: Future<Output = Result<Swap, E>>,
    {
        let mut tries = TRIES;
        loop {
            let state = load().await.map_err(LoginError::Store)?;
            let attempt = self.attempt(engine, state, code, now).map_err(LoginError::Attempt)?;
            let settled = attempt.commit_async(async |old, new| swap(old, new).await).await;
            let settled = settled.map_err(LoginError::Store)?;
            tries = tries.saturating_sub(1);
            if settled.verdict != Verdict::Conflict || tries == 0 {
                return Ok(settled);
            }
        }
    }
}

/// The reason why a login has no verdict. `S` is the error of the store, and `E` is the error of
/// the HMAC computation.
///
/// `?` converts it into a boxed error. The store's error may be one too: `anyhow::Error` and
/// `Box<dyn Error + Send + Sync>` do not implement [`Error`] themselves. The text ends with the
/// text of the store's error:
///
/// ```
/// use std::error::Error;
/// use otp_core::verifier::{State, Swap, Verdict, Verifier};
/// use otp_core::{Secret, Totp};
///
/// type BoxError = Box<dyn Error + Send + Sync>;
///
/// fn load() -> Result<State, BoxError> {
///     Err("the database is down")?
/// }
/// # fn swap(_: State, _: State) -> Result<Swap, BoxError> { Ok(Swap::Stored) }
///
/// fn log_in(totp: &Totp, code: &str, now: u64) -> Result<bool, BoxError> {
///     let settled = Verifier::DEFAULT.log_in(totp, code, now, load, swap)?;
///     Ok(matches!(settled.verdict, Verdict::Accepted(_)))
/// }
///
/// let totp = Totp::new(&Secret::from_bytes(&[0x5a; 20])?);
/// let error = log_in(&totp, "000000", 59).unwrap_err();
/// assert!(error.to_string().ends_with("the database is down"));
/// # Ok::<(), otp_core::SecretError>(())
/// ```
///
/// [`source`](Error::source) does not lead to the store's error. To keep that error with its
/// sources, match on [`Store`](Self::Store) or call [`into_error`](Self::into_error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginError<S, E = Infallible> {
    /// The store failed.
    Store(S),
    /// The code could not be checked.
    Attempt(AttemptError<E>),
}

impl<S, E> LoginError<S, E> {
    /// Returns the store's error as it is. Another error is converted into the same type.
    ///
    /// ```
    /// # use std::error::Error;
    /// # use otp_core::verifier::{LoginError, Settled, State, Swap, Verifier};
    /// # type BoxError = Box<dyn Error + Send + Sync>;
    /// # fn load() -> Result<State, BoxError> { Err(std::io::Error::other("down"))? }
    /// # fn swap(_: State, _: State) -> Result<Swap, BoxError> { Ok(Swap::Stored) }
    /// fn log_in(totp: &otp_core::Totp, code: &str, now: u64) -> Result<Settled, BoxError> {
    ///     Verifier::DEFAULT.log_in(totp, code, now, load, swap).map_err(LoginError::into_error)
    /// }
    /// # let totp = otp_core::Totp::new(&otp_core::Secret::from_bytes(&[0x5a; 20])?);
    /// # assert!(log_in(&totp, "000000", 59).unwrap_err().is::<std::io::Error>());
    /// # Ok::<(), otp_core::SecretError>(())
    /// ```
    pub fn into_error(self) -> S
    where
        S: From<AttemptError<E>>,
    {
        match self {
            Self::Store(error) => error,
            Self::Attempt(error) => error.into(),
        }
    }
}

impl<S: fmt::Display, E> fmt::Display for LoginError<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => {
                f.write_str("the state of the authenticator could not be loaded or stored: ")?;
                error.fmt(f)
            }
            Self::Attempt(error) => error.fmt(f),
        }
    }
}

// `S` is not `Error`, because boxed errors are not.
impl<S: fmt::Debug + fmt::Display, E: Error + 'static> Error for LoginError<S, E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // `Display` has it.
            Self::Store(_) => None,
            Self::Attempt(error) => error.source(),
        }
    }
}
