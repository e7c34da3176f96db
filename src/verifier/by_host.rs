//! Codes that the host checks itself.

use super::attempt::Attempt;
use super::check::barred;
use super::settings::Verifier;
use super::state::State;
use super::verdict::AttemptError;

impl Verifier {
    /// Counts a code that the host checks itself, under the same throttle. Examples are a code sent
    /// by SMS, and a code whose hash is in the format of another system. `now` is in seconds of
    /// Unix time.
    ///
    /// `is_right` is called only if the authenticator is neither locked nor disabled. A right code
    /// resets the failures in a row. It does not confirm an enrolment, and it does not use a moving
    /// factor. **Mark the host's own code as used in the closure of [`Attempt::commit`]**, in the
    /// same transaction. Return [`Swap::Lost`](super::Swap::Lost) if that code was already used.
    ///
    /// ```
    /// use otp_core::verifier::{State, Swap, Verdict, Verifier};
    ///
    /// # struct Db;
    /// # impl Db {
    /// #     fn is_right(&self, _: &str) -> Result<bool, std::io::Error> { Ok(true) }
    /// #     fn use_up(&self, _: &str, _: State, _: State) -> Result<u64, std::io::Error> { Ok(0) }
    /// # }
    /// # let (db, typed) = (Db, "483920");
    /// let (state, now) = (State::confirmed(), 59);
    /// let attempt = Verifier::DEFAULT.attempt_by_host(state, now, || db.is_right(typed))?;
    /// let settled = attempt.commit(|old, new| {
    ///     // One transaction: UPDATE … SET state = $new WHERE state = $old, and DELETE the code.
    ///     db.use_up(typed, old, new).map(Swap::from_rows)
    /// })?;
    /// assert_eq!(settled.verdict, Verdict::Conflict); // another request has used it up
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AttemptError::Host`] with the error of `is_right`, [`AttemptError::TimeTooFar`]. Nothing
    /// is counted then.
    pub fn attempt_by_host<E>(
        &self,
        state: State,
        now: u64,
        is_right: impl FnOnce() -> Result<bool, E>,
    ) -> Result<Attempt, AttemptError<E>> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Attempt::unchanged(state, barred.into()).of_kind("host"));
        }
        let is_right = is_right().map_err(AttemptError::Host)?;
        Ok(self.conclude_by_host(state, now, is_right).of_kind("host"))
    }
}
