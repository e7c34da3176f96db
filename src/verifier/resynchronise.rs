//! Resynchronisation: a client that has gone too far for a login. It lets nobody in.

use core::fmt;

use super::attempt::{Attempt, Settled, Swap};
use super::factor::Verifiable;
use super::judge::AskedFor;
use super::record::Record;
use super::settings::Verifier;
use super::state::State;
use super::verdict::{AttemptError, Rejection, Verdict};
use crate::decimal::Decimal;
use crate::hmac_key::HmacKey;
use crate::submitted::MalformedCode;

impl Verifier {
    /// Judges two or three codes in a row, as many as [`Resynchronisation::codes`](crate::verifier::Resynchronisation::codes) says,
    /// of a client that has gone too far for [`attempt`](Self::attempt) (RFC 4226 section 7.4, RFC 6238 section 6).
    ///
    /// They have to belong to consecutive moving factors within the reach of
    /// [`Resynchronisation`](crate::verifier::Resynchronisation), counted from the drift that is known. None of these may be used
    /// up, and all are used up then.
    ///
    /// **It is no login.** Its verdict lets nobody in: ask for the next code, and judge that one with
    /// [`attempt`](Self::attempt). For ten time steps it may be a code of the clock that was found, or of the clock that was
    /// known before. The one that it belongs to is the clock from then on. The next code of HOTP is the one after those that
    /// were used up. The codes must be typed without delay: a minute later the clock looks two steps slower.
    ///
    /// **Three codes in a row that somebody noted are a login for as long as they are within reach.** Such a replay looks
    /// like a slow clock, and no verifier can tell the two apart. So keep the reach small, do not offer a resynchronisation
    /// to everybody who knows the password, and tell the owner of each.
    ///
    /// A wrong sequence counts for the throttle as a wrong code does, and a right one clears no failures. Everything is
    /// computed and compared whatever the answer: nobody learns that only the first code was right.
    ///
    /// ```
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::{ResyncVerdict, State, Swap, Verdict, Verifier};
    ///
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// // A token that is 8 steps behind.
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
    /// assert!(matches!(settled.verdict, ResyncVerdict::Resynchronised(found) if found.drift() == -8));
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
    /// As [`attempt`](Self::attempt).
    #[doc(alias("resync"))]
    pub fn resynchronise<M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        engine: &V,
        state: State,
        codes: &[&str],
        now: u64,
    ) -> Result<ResyncAttempt, AttemptError<M::Error>> {
        self.judge(engine, state, codes, now, AskedFor::Resynchronisation).map(ResyncAttempt)
    }
}

/// A resynchronisation that was judged, and not answered yet: as an [`Attempt`].
#[must_use = "commit it: only then the verdict comes out"]
pub struct ResyncAttempt(pub(super) Attempt);

impl ResyncAttempt {
    /// As [`Attempt::commit`].
    ///
    /// # Errors
    /// As [`Attempt::commit`].
    pub fn commit<E>(
        self,
        swap: impl FnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled<ResyncVerdict>, E> {
        self.0.commit(swap).map(Settled::into_resynchronisation)
    }

    /// As [`Attempt::commit_async`].
    ///
    /// # Errors
    /// As [`Attempt::commit_async`].
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(State, State) -> Result<Swap, E>,
    ) -> Result<Settled<ResyncVerdict>, E> {
        self.0.commit_async(swap).await.map(Settled::into_resynchronisation)
    }
}

/// Tells nothing of the verdict.
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

/// The answer to the codes of a resynchronisation. None lets anybody in. It cannot be copied.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "tell the user whether to enter the next code"]
#[non_exhaustive]
pub enum ResyncVerdict {
    /// The codes are right, and used up now. Ask for the next one.
    Resynchronised(Resynchronised),
    /// As [`Verdict::Replayed`].
    Replayed,
    /// As [`Verdict::Rejected`].
    Rejected(Rejection),
    /// As [`Verdict::Locked`].
    Locked {
        /// Until when, in seconds of Unix time.
        until: u64,
    },
    /// As [`Verdict::Disabled`].
    Disabled,
    /// As [`Verdict::Malformed`].
    Malformed(MalformedCode),
    /// As [`Verdict::Conflict`].
    Conflict,
}

/// Tells what a user may know, and nothing of the codes.
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

/// What a resynchronisation has found.
#[derive(Debug, PartialEq, Eq)]
pub struct Resynchronised {
    drift: i64,
}

impl Resynchronised {
    /// Returns how many steps the client's clock is off, negative if it is behind; for HOTP how many counters it has gone
    /// ahead of the next one that was expected.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        self.drift
    }
}
