//! Resynchronises a client that has drifted too far for a login. It is not a login.

use core::fmt;

use super::attempt::{Attempt, Settled, Swap};
use super::check::AskedFor;
use super::factor::Verifiable;
use super::record::Record;
use super::settings::Verifier;
use super::state::State;
use super::verdict::{AttemptError, Rejection, Verdict};
use crate::decimal::Decimal;
use crate::hmac_key::HmacKey;
use crate::submitted::MalformedCode;

impl Verifier {
    /// Checks two or three consecutive codes of a client that has drifted too far for
    /// [`attempt`](Self::attempt) (RFC 4226 section 7.4, RFC 6238 section 6).
    /// [`Resynchronisation::codes`](crate::verifier::Resynchronisation::codes) says how many codes
    /// it takes.
    ///
    /// The codes must belong to consecutive moving factors within the reach of
    /// [`Resynchronisation`](crate::verifier::Resynchronisation), counted from the known drift.
    /// None of these factors may be used, and afterwards all of them are used.
    ///
    /// **It is not a login.** Its verdict does not let anybody in: ask for the next code, and check
    /// that code with [`attempt`](Self::attempt). For ten time steps, the next code may belong to
    /// the clock that was found, or to the clock that was known before. From then on, the clock
    /// that it belongs to is the known one. For HOTP the next code is the one after the used codes.
    /// The codes must be typed without delay: after a minute the clock looks two steps slower.
    ///
    /// **Consecutive codes that an attacker noted are a login as long as they are within reach: the
    /// codes for the resynchronisation, and the next one.** Such a replay looks like a slow clock,
    /// and no verifier can distinguish the two. So keep the reach small. Do not offer a
    /// resynchronisation to everybody who knows the password, and tell the owner about each one.
    ///
    /// A wrong sequence counts for the throttle like a wrong code, and a right sequence does not
    /// reset the failures. Everything is computed and compared for every answer, so nobody learns
    /// that only the first code was right.
    ///
    /// ```
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::{ResyncVerdict, State, Swap, Verdict, Verifier};
    ///
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// // The token is 8 steps behind.
    /// let (now, theirs) = (1_234_567_890, 1_234_567_650);
    /// let code = |at| totp.code_at(at).map(|code| code.to_string());
    /// let (first, second, third) = (code(theirs)?, code(theirs + 30)?, code(theirs + 60)?);
    ///
    /// let mut stored = State::confirmed();
    /// let attempt = Verifier::DEFAULT.resynchronise(&totp, stored, &[&first, &second], now + 30)?;
    /// let settled = attempt.commit(|_, new| {
    ///     stored = new;
    ///     Ok::<_, std::io::Error>(Swap::Stored)
    /// })?;
    /// let ResyncVerdict::Resynchronised(found) = settled.verdict else { panic!("two codes") };
    /// assert_eq!(found.drift(), -8);
    ///
    /// // "Now enter the next code."
    /// let settled = Verifier::DEFAULT.attempt(&totp, stored, &third, now + 60)?.commit(|_, new| {
    ///     stored = new;
    ///     Ok::<_, std::io::Error>(Swap::Stored)
    /// })?;
    /// assert!(matches!(settled.verdict, Verdict::Accepted(_)));
    /// assert_eq!(stored.drift(), -8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`attempt`](Self::attempt).
    #[doc(alias("resync"))]
    pub fn resynchronise<M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        engine: &V,
        state: State,
        codes: &[&str],
        now: u64,
    ) -> Result<ResyncAttempt, AttemptError<M::Error>> {
        self.check(engine, state, codes, now, AskedFor::Resynchronisation).map(ResyncAttempt)
    }
}

/// A resynchronisation that was checked but not answered yet, like an [`Attempt`].
#[must_use = "commit it: only the commit returns the verdict"]
pub struct ResyncAttempt(pub(super) Attempt);

impl ResyncAttempt {
    /// Commits like [`Attempt::commit`].
    ///
    /// # Errors
    /// The error of `swap`, as in [`Attempt::commit`].
    pub fn commit<E>(
        self,
        swap: impl FnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled<ResyncVerdict>, E> {
        self.0.commit(swap).map(Settled::into_resynchronisation)
    }

    /// Commits like [`Attempt::commit_async`].
    ///
    /// # Errors
    /// The error of `swap`, as in [`Attempt::commit_async`].
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled<ResyncVerdict>, E> {
        self.0.commit_async(swap).await.map(Settled::into_resynchronisation)
    }
}

/// Does not show the verdict.
impl fmt::Debug for ResyncAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResyncAttempt(sealed)")
    }
}

impl Settled {
    fn into_resynchronisation(self) -> Settled<ResyncVerdict> {
        let verdict = match self.verdict {
            Verdict::Accepted(accepted) => {
                ResyncVerdict::Resynchronised(Resynchronised { drift: accepted.drift() })
            }
            Verdict::Replayed => ResyncVerdict::Replayed,
            Verdict::Rejected(rejection) => ResyncVerdict::Rejected(rejection),
            Verdict::Locked { until } => ResyncVerdict::Locked { until },
            Verdict::Disabled => ResyncVerdict::Disabled,
            Verdict::Malformed(error) => ResyncVerdict::Malformed(error),
            Verdict::Conflict => ResyncVerdict::Conflict,
        };
        let verdict_name = match verdict {
            ResyncVerdict::Resynchronised(_) => "resynchronised",
            _ => self.record.verdict,
        };
        let kind = "resynchronisation";
        Settled { verdict, record: Record { kind, verdict: verdict_name, ..self.record } }
    }
}

/// The answer to the codes of a resynchronisation. None of them is a login. It cannot be copied.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "tell the user whether to enter the next code"]
#[non_exhaustive]
pub enum ResyncVerdict {
    /// The codes are right, and are now used. Ask for the next one.
    Resynchronised(Resynchronised),
    /// Like [`Verdict::Replayed`].
    Replayed,
    /// Like [`Verdict::Rejected`].
    Rejected(Rejection),
    /// Like [`Verdict::Locked`].
    Locked {
        /// The end of the lock-out, in seconds of Unix time.
        until: u64,
    },
    /// Like [`Verdict::Disabled`].
    Disabled,
    /// Like [`Verdict::Malformed`].
    Malformed(MalformedCode),
    /// Like [`Verdict::Conflict`].
    Conflict,
}

/// Writes what a user may know, and nothing of the codes.
impl fmt::Display for ResyncVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resynchronised(_) => f.write_str("resynchronised, enter the next code"),
            Self::Replayed => f.write_str("the codes were used before"),
            Self::Rejected(rejection) => write!(f, "the codes are not accepted{rejection}"),
            Self::Locked { until } => write!(f, "locked until {}", Decimal::from(*until)),
            Self::Disabled => f.write_str("disabled"),
            Self::Malformed(error) => write!(f, "malformed code: {error}"),
            Self::Conflict => f.write_str("another request was faster"),
        }
    }
}

/// The result of a resynchronisation.
#[derive(Debug, PartialEq, Eq)]
pub struct Resynchronised {
    drift: i64,
}

impl Resynchronised {
    /// Returns the drift of the client's clock in steps, negative if it is behind. For HOTP it is
    /// how many counters the client is ahead of the expected one.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        self.drift
    }
}
