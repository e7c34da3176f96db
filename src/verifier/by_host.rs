//! Codes that the host judges itself.

use super::attempt::Attempt;
use super::judge::barred;
use super::settings::Verifier;
use super::state::State;
use super::verdict::AttemptError;

impl Verifier {
    /// Counts a code that the host judges itself, under the same throttle: a code sent by SMS, or one whose hash is in a
    /// form of another system. At `now` in seconds of Unix time.
    ///
    /// `is_right` is called only if the authenticator is neither locked nor disabled. A right code clears the failures in
    /// a row. It confirms no enrolment and uses up no moving factor: **use up the host's own code in the closure of
    /// [`Attempt::commit`]**, in the same transaction, and return [`Swap::Lost`](super::Swap::Lost) if that finds it used.
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
    /// let attempt = Verifier::DEFAULT.attempt_by_host(State::confirmed(), 59, || db.is_right(typed))?;
    /// let settled = attempt.commit(|old, new| {
    ///     // One transaction: UPDATE … SET state = $new WHERE state = $old, and DELETE the code that was sent.
    ///     db.use_up(typed, old, new).map(Swap::from_rows)
    /// })?;
    /// assert_eq!(settled.verdict, Verdict::Conflict); // another request has used it up
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AttemptError::Host`] with the error of `is_right`, [`AttemptError::TimeTooFar`]. Nothing is counted then.
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
