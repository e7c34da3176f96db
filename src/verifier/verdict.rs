//! What an attempt leads to, and when it is told.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;
use crate::period::BeforeT0;
use crate::submitted::MalformedCode;

/// The answer to a submitted code. It cannot be copied, so that no success is kept for later.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only `Accepted` lets anybody in"]
#[non_exhaustive]
pub enum Verdict {
    /// The code is right, was not used before, and is used up now. Tell the owner if wrong codes came before it:
    /// [`Accepted::failures`].
    Accepted(Accepted),
    /// The code is right, and used up: it was accepted before, or passed over when a later one was.
    /// It neither counts as a failure nor clears the failures (RFC 4226 section 7.2). The user may
    /// be told to wait for the next one, or that somebody else may have used it.
    Replayed,
    /// The code is wrong. It is counted.
    Rejected(Rejection),
    /// Too many failures: nothing was tried. Every code gets this answer, and it costs the same.
    Locked {
        /// Until when, in seconds of Unix time. From then on codes are tried again.
        until: u64,
    },
    /// The authenticator is disabled: nothing was tried. Tell its owner whom to ask. If they may enrol a new one, keep this
    /// state until the new one is confirmed ([`State::enrolment`](crate::verifier::State::enrolment)).
    Disabled,
    /// What was typed is not formatted as a code. It is not counted: no key was touched, so nobody learns from it, and a
    /// user who pastes the wrong thing is not locked out. Say so in words of its own, and not "wrong code".
    Malformed(MalformedCode),
    /// Another request was faster: the state was not stored. Nothing is told of the code. Load the
    /// state again and try again, or let the user do so.
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

/// Tells what a user may know, and nothing of the code.
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

/// What follows from a wrong code: of an authenticator, or a recovery code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejection {
    pub(super) tries_left: u32,
    pub(super) until: Option<u64>,
    pub(super) failures_left: u32,
}

impl Rejection {
    /// Returns the tries left before the next wait; 0 if it has begun.
    #[must_use]
    pub const fn tries_left(self) -> u32 {
        self.tries_left
    }

    /// Returns until when nothing is tried, in seconds of Unix time, if a wait has begun.
    #[must_use]
    pub const fn until(self) -> Option<u64> {
        self.until
    }

    /// Returns the failures left until it is disabled; 0 if it is disabled now.
    #[must_use]
    pub const fn failures_left(self) -> u32 {
        self.failures_left
    }

    /// What follows for two authenticators that were both tried: the one that is open first counts, and none that is
    /// disabled.
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

/// Is put behind the words for the wrong code: `, tries left: 4`, `, locked until 89`, `, disabled now`.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { failures_left: 0, .. } => f.write_str(", disabled now"),
            Self { until: Some(until), .. } => write!(f, ", locked until {}", Decimal::from(until)),
            Self { tries_left, .. } => write!(f, ", tries left: {}", Decimal::from(tries_left)),
        }
    }
}

/// What is known of an accepted code.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted {
    pub(super) moving_factor: Option<u64>,
    pub(super) drift: i64,
    pub(super) confirms: bool,
    pub(super) failures: u32,
    pub(super) authenticator: usize,
}

impl Accepted {
    /// Returns the time step or the counter that the code belongs to; `None` if
    /// the host judged the code ([`Verifier::attempt_by_host`](crate::verifier::Verifier::attempt_by_host)).
    #[must_use]
    pub const fn moving_factor(&self) -> Option<u64> {
        self.moving_factor
    }

    /// TOTP: how many steps the client's clock is off, negative if it is behind. HOTP: how many
    /// counters it has gone ahead of the next one that was expected.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        self.drift
    }

    /// Returns how many wrong codes came since the last success. If there were any, tell the owner: somebody who knows
    /// the password may have tried.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns which of several authenticators has accepted it, counted from 0 ([`Verifier::attempt_any`](crate::verifier::Verifier::attempt_any)).
    #[must_use]
    pub const fn authenticator(&self) -> usize {
        self.authenticator
    }

    /// Whether this is the first code, the one that confirms the enrolment.
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

/// Why a code could not be judged. The state stays as it is, and nothing was counted.
///
/// `E` is the error of the place where HMAC is computed, [`HmacKey::Error`](crate::HmacKey::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptError<E = Infallible> {
    /// The time lies before T0 (RFC 6238 section 4.2).
    BeforeT0,
    /// The time lies beyond the year 5000 ([`State::MAX_TIME`](crate::verifier::State::MAX_TIME)): it is
    /// milliseconds. In seconds it would lock the authenticator for ages.
    TimeTooFar,
    /// The period of the engine is over [`Verifier::max_period`](crate::verifier::Verifier::max_period).
    PeriodTooLong,
    /// The state belongs to another kind of engine, to one with another period, or to recovery codes. It means other codes:
    /// begin with a new enrolment, or bring the old settings back. Another T0 is not noticed.
    OtherEngine,
    /// [`Plan::attempt`](crate::verifier::Plan::attempt) takes one truncated HMAC for each moving factor, and got another number, or
    /// one that was left unwritten.
    Answers {
        /// How many there are to be.
        expected: u16,
    },
    /// None of several authenticators is confirmed, so that none could be tried ([`Verifier::attempt_any`](crate::verifier::Verifier::attempt_any)).
    NoneConfirmed,
    /// HMAC could not be computed.
    Key(E),
    /// The host could not judge its own code ([`Verifier::attempt_by_host`](crate::verifier::Verifier::attempt_by_host)).
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
            Self::BeforeT0 => "the time lies before T0",
            Self::TimeTooFar => "the time is beyond the year 5000: pass seconds, not milliseconds",
            Self::PeriodTooLong => "the period is longer than the verifier allows",
            Self::OtherEngine => "the state belongs to an engine of another kind or period",
            Self::Key(_) => "HMAC could not be computed",
            Self::Host(_) => "the host could not judge the code",
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
