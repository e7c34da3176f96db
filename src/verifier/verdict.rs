//! The results of an attempt.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;
use crate::period::BeforeT0;
use crate::submitted::MalformedCode;

/// The answer to a submitted code. It cannot be copied, so that nobody keeps a success for later.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only `Accepted` lets anybody in"]
#[non_exhaustive]
pub enum Verdict {
    /// The code is right and was unused, and is now used. Tell the owner if wrong codes came before
    /// it: [`Accepted::failures`].
    Accepted(Accepted),
    /// The code is right but used: it was accepted before, or a later code was accepted. It neither
    /// counts as a failure nor resets the failures (RFC 4226 section 7.2). You may tell the user to
    /// wait for the next code, or that somebody else may have used this one.
    Replayed,
    /// The code is wrong. It is counted.
    Rejected(Rejection),
    /// There were too many failures, and the code was not checked. Every code gets this answer, at
    /// the same cost.
    Locked {
        /// The end of the lock-out, in seconds of Unix time. After it, codes are checked again.
        until: u64,
    },
    /// The authenticator is disabled, and the code was not checked. Tell the owner whom to ask. If
    /// they may enrol a new one, keep this state until the new one is confirmed
    /// ([`State::enrolment`](crate::verifier::State::enrolment)).
    Disabled,
    /// The text is not formatted as a code. It is not counted, because no key was used, so nobody
    /// learns anything from it. A user who pastes the wrong text is not locked out. Show a message
    /// of its own, and not "wrong code".
    Malformed(MalformedCode),
    /// Another request was faster, and the state was not stored. The verdict reveals nothing about
    /// the code. Load the state again and try again, or let the user try again.
    Conflict,
}

impl Verdict {
    /// Returns the verdict in one word, for a log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Replayed => "replayed",
            Self::Rejected(_) => "rejected",
            Self::Locked { .. } => "locked",
            Self::Disabled => "disabled",
            Self::Malformed(_) => "malformed",
            Self::Conflict => "conflict",
        }
    }
}

impl From<MalformedCode> for Verdict {
    fn from(error: MalformedCode) -> Self {
        Self::Malformed(error)
    }
}

/// Writes what a user may know, and nothing of the code.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(code) => code.fmt(f),
            Self::Replayed => f.write_str("the code was used before"),
            Self::Rejected(rejection) => write!(f, "the code is not accepted{rejection}"),
            Self::Locked { until } => write!(f, "locked until {}", Decimal::from(*until)),
            Self::Disabled => f.write_str("disabled"),
            Self::Malformed(error) => write!(f, "malformed code: {error}"),
            Self::Conflict => f.write_str("another request was faster"),
        }
    }
}

/// The consequences of a wrong code, for an authenticator or for recovery codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejection {
    pub(super) tries_left: u32,
    pub(super) until: Option<u64>,
    pub(super) failures_left: u32,
}

impl Rejection {
    /// Returns the tries left before the next wait, or 0 if the wait has begun.
    #[must_use]
    pub const fn tries_left(self) -> u32 {
        self.tries_left
    }

    /// Returns the end of the wait in seconds of Unix time, if one has begun. No code is checked
    /// until then.
    #[must_use]
    pub const fn until(self) -> Option<u64> {
        self.until
    }

    /// Returns the failures left until the disabling, or 0 if it is now disabled.
    #[must_use]
    pub const fn failures_left(self) -> u32 {
        self.failures_left
    }

    /// Combines the results of two checked authenticators. The one that opens first counts, and a
    /// disabled one never does.
    pub(super) fn or(self, other: Self) -> Self {
        match (self.failures_left, other.failures_left) {
            (0, 1..) => return other,
            (1.., 0) => return self,
            _ => {}
        }
        Self {
            tries_left: self.tries_left.max(other.tries_left),
            until: self.until.and_then(|until| other.until.map(|other| other.min(until))),
            failures_left: self.failures_left.max(other.failures_left),
        }
    }
}

/// Writes the end of a message about a wrong code: `, tries left: 4`, `, locked until 89`, or
/// `, disabled now`.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { failures_left: 0, .. } => f.write_str(", disabled now"),
            Self { until: Some(until), .. } => write!(f, ", locked until {}", Decimal::from(until)),
            Self { tries_left, .. } => write!(f, ", tries left: {}", Decimal::from(tries_left)),
        }
    }
}

/// The details of an accepted code.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted {
    pub(super) moving_factor: Option<u64>,
    pub(super) drift: i64,
    pub(super) confirms: bool,
    pub(super) failures: u32,
    /// Its position among several. The host gets its id: see `SettledAny::accepted_by`.
    pub(super) authenticator: usize,
}

impl Accepted {
    /// Returns the time step or the counter of the code. Returns `None` if the host checked the
    /// code ([`Verifier::attempt_by_host`](crate::verifier::Verifier::attempt_by_host)).
    #[must_use]
    pub const fn moving_factor(&self) -> Option<u64> {
        self.moving_factor
    }

    /// Returns the drift of the client's clock in steps for TOTP, negative if it is behind. For
    /// HOTP it returns how many counters the client is ahead of the expected one.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        self.drift
    }

    /// Returns how many wrong codes came since the last success. If there were any, tell the owner:
    /// somebody who knows the password may have tried.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns whether this is the first code, which confirms the enrolment.
    #[must_use]
    pub const fn confirms(&self) -> bool {
        self.confirms
    }
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code is accepted")?;
        f.write_str(if self.confirms { " and confirms the enrolment" } else { "" })?;
        f.write_str(match self.drift.signum() {
            -1 => ", drift -",
            0 => ", drift ",
            _ => ", drift +",
        })?;
        Decimal::from(self.drift.unsigned_abs()).fmt(f)
    }
}

/// The reason why a code could not be checked. The state does not change, and nothing was counted.
///
/// `E` is the error of the HMAC computation, [`HmacKey::Error`](crate::HmacKey::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptError<E = Infallible> {
    /// The time is before T0 (RFC 6238 section 4.2).
    BeforeT0,
    /// The time is after the year 5000 ([`State::MAX_TIME`](crate::verifier::State::MAX_TIME)), so
    /// it is probably in milliseconds. Used as seconds, it would lock the authenticator for a very
    /// long time.
    TimeTooFar,
    /// The period of the engine is over
    /// [`Verifier::max_period`](crate::verifier::Verifier::max_period).
    PeriodTooLong,
    /// The state belongs to another kind of engine, to an engine with another period, or to
    /// recovery codes. The numbers in it mean other codes. Make a new enrolment, or restore the old
    /// settings. A change of T0 is not detected.
    OtherEngine,
    /// [`Plan::attempt`](crate::verifier::Plan::attempt) needs one truncated HMAC for each moving
    /// factor, but got another number, or an unwritten one.
    Answers {
        /// The required number of HMACs.
        expected: u16,
    },
    /// No authenticator of the user is confirmed, so none could be checked
    /// ([`Verifier::attempt_any`](crate::verifier::Verifier::attempt_any)).
    NoneConfirmed,
    /// HMAC could not be computed.
    Key(E),
    /// The host could not check its own code
    /// ([`Verifier::attempt_by_host`](crate::verifier::Verifier::attempt_by_host)).
    Host(E),
}

impl<E> From<BeforeT0> for AttemptError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for AttemptError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answers { expected } => {
                return write!(f, "the plan takes {} HMACs", Decimal::from(u32::from(*expected)));
            }
            Self::NoneConfirmed => "no authenticator is confirmed",
            Self::BeforeT0 => "the time is before T0",
            Self::TimeTooFar => "the time is beyond the year 5000: pass seconds, not milliseconds",
            Self::PeriodTooLong => "the period is longer than the verifier allows",
            Self::OtherEngine => "the state belongs to an engine of another kind or period",
            Self::Key(_) => "HMAC could not be computed",
            Self::Host(_) => "the host could not check the code",
        })
    }
}

impl<E: Error + 'static> Error for AttemptError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Key(error) | Self::Host(error) => Some(error),
            _ => None,
        }
    }
}
