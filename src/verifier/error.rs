//! The errors for settings and for stored states that are refused.

use core::error::Error;
use core::fmt;

/// The error for settings of a [`Verifier`](crate::verifier::Verifier) that would allow too much,
/// or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// There are no free tries. The first try cannot follow a failure.
    FreeTries,
    /// The first wait is over the longest, or it is 0 and so never grows.
    Waits,
    /// The authenticator would be disabled after 0 failures.
    MaxFailures,
    /// The drift is 0 or over 2,880 steps, or never changes.
    Drift,
    /// The widening is 0 or over 100 steps, or one for every 0 steps.
    Widening,
    /// The reach is 0 or over 24 hours, or 0 or over 1,000 counters, or the number of codes is not
    /// 2 or 3.
    Resynchronisation,
    /// The budget has no guesses, or its refill is 0 or at least 2^32 seconds.
    Budget,
}

impl SettingsError {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::FreeTries => "free tries: 0 is out of range (at least 1)",
            Self::Waits => "waits: the first is 0 or over the longest, or one is over 4294967295 s",
            Self::MaxFailures => "failures: 0 is out of range (at least 1)",
            Self::Drift => {
                "drift learning: it needs a drift of 1 to 2880 steps, and a change of at least 1"
            }
            Self::Widening => {
                "widening: it needs 1 to 100 steps, one for at least 1 step of silence"
            }
            Self::Resynchronisation => {
                "resynchronisation: it needs 1 to 24 hours, 1 to 1000 counters, and 2 or 3 codes"
            }
            Self::Budget => "budget: it needs at least 1 guess, and a refill of 1 to 4294967295 s",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for SettingsError {}

/// The error for bytes that are not those of a [`State`](crate::verifier::State).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The number of bytes does not fit the version.
    Length,
    /// A later version of this crate wrote it, or another program did.
    Version,
    /// A state is never written like this. It is damaged.
    Impossible,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the verifier state has the wrong number of bytes for its version",
            Self::Version => "the verifier state has an unknown version",
            Self::Impossible => "the verifier state is damaged",
        })
    }
}

impl Error for StateError {}
