//! What an attempt leads to, and when it is told.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;

use super::Refused;
use super::state::VerifierState;
use crate::decimal::Decimal;
use crate::error::{BeforeT0, MalformedCode};

/// A code that was judged, and not answered yet: the state to be stored, and a sealed verdict.
///
/// The verdict comes out by [`settle`](Self::settle) alone, which asks whether the state was stored.
/// So a code opens one door only, and a guess that was not counted is not answered:
///
/// 1. load the state, and attempt;
/// 2. replace the loaded state by [`next_state`](Self::next_state), **if it is still the one that was
///    loaded**: `UPDATE … SET state = ? WHERE id = ? AND state = ?` and one row changed;
/// 3. settle with whether that happened.
///
/// Neither a lock nor a session is needed, and whether the store is asynchronous does not matter.
#[must_use = "store the next state, then settle"]
pub struct Attempt {
    before: VerifierState,
    next: VerifierState,
    verdict: Verdict,
}

impl Attempt {
    pub(super) const fn new(before: VerifierState, next: VerifierState, verdict: Verdict) -> Self {
        Self { before, next, verdict }
    }

    pub(super) const fn unchanged(state: VerifierState, verdict: Verdict) -> Self {
        Self::new(state, state, verdict)
    }

    /// The state to be stored in the place of the one that was passed in.
    #[must_use]
    pub const fn next_state(&self) -> VerifierState {
        self.next
    }

    /// Whether the next state differs from the one that was passed in. Where it does not, nothing
    /// has to be written, and the attempt may be settled as committed.
    #[must_use]
    pub fn changes_state(&self) -> bool {
        self.next != self.before
    }

    /// Gives the verdict if the next state was stored in the place of the one that was passed in, and
    /// otherwise [`Verdict::Conflict`], which tells nothing of the code.
    pub fn settle(self, committed: bool) -> Verdict {
        if committed { self.verdict } else { Verdict::Conflict }
    }
}

/// Tells nothing of the verdict.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(sealed)")
    }
}

/// The answer to a submitted code. It cannot be copied, so that no success is kept for later.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "only `Accepted` lets anybody in"]
#[non_exhaustive]
pub enum Verdict {
    /// The code is right, was not used before, and is used up now.
    Accepted(Accepted),
    /// The code is right, and used up: it was accepted before, or passed over when a later one was.
    /// It neither counts as a failure nor clears the failures (RFC 4226 section 7.2). The user may
    /// be told to wait for the next one, or that somebody else may have used it.
    Replayed,
    /// The code is wrong. It is counted.
    #[non_exhaustive]
    Rejected {
        /// Tries left before the next wait; 0 where it has begun.
        tries_left: u32,
        /// Until when nothing is tried, in seconds of Unix time, if a wait has begun.
        until: Option<u64>,
        /// Failures left until the authenticator is disabled; 0 where it is now.
        failures_left: u32,
    },
    /// Too many failures: nothing was tried. Every code gets this answer, and it costs the same.
    Locked {
        /// Until when, in seconds of Unix time. From then on codes are tried again.
        until: u64,
    },
    /// The authenticator is disabled: nothing was tried. Tell its owner how to enrol anew, or whom
    /// to ask.
    Disabled,
    /// What was typed has not the form of a code. It is not counted: no key was touched, so nobody
    /// learns from it, and whoever pastes the wrong thing is not locked out.
    Malformed(MalformedCode),
    /// Another request was faster: the state was not stored. Nothing is told of the code. Load the
    /// state again and try again, or let the user do so.
    Conflict,
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
            &Self::Rejected { tries_left, until, failures_left } => {
                write!(
                    f,
                    "the code is not accepted{}",
                    Refused { tries_left, until, failures_left }
                )
            }
            Self::Locked { until } => write!(f, "locked until {}", Decimal::from(*until)),
            Self::Disabled => f.write_str("disabled"),
            Self::Malformed(error) => write!(f, "malformed code: {error}"),
            Self::Conflict => f.write_str("another request was faster"),
        }
    }
}

/// What follows from a failure, behind what failed.
impl fmt::Display for Refused {
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
    pub(super) moving_factor: u64,
    pub(super) drift: i64,
    pub(super) confirms: bool,
}

impl Accepted {
    /// The time step or the counter that the code belongs to; with a resynchronisation, the last one.
    #[must_use]
    pub const fn moving_factor(&self) -> u64 {
        self.moving_factor
    }

    /// TOTP: how many steps the client's clock is off, negative where it is behind. HOTP: how many
    /// counters it has gone ahead of the next one that was expected.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        self.drift
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
/// `E` is the error of the place where HMAC is computed, [`Mac::Error`](crate::Mac::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttemptError<E = Infallible> {
    /// The time lies before T0 (RFC 6238 section 4.2).
    BeforeT0,
    /// The period of the engine is over [`Policy::longest_period`](crate::Policy::longest_period).
    PeriodTooLong,
    /// HMAC could not be computed.
    Mac(E),
}

impl<E> From<BeforeT0> for AttemptError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for AttemptError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeforeT0 => "the time lies before T0",
            Self::PeriodTooLong => "the period is longer than the policy allows",
            Self::Mac(_) => "HMAC could not be computed",
        })
    }
}

impl<E: Error + 'static> Error for AttemptError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::BeforeT0 | Self::PeriodTooLong => None,
            Self::Mac(error) => Some(error),
        }
    }
}
