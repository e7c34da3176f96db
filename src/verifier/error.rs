//! Why a setting is refused.

use core::error::Error;
use core::fmt;

/// A [`Verifier`](crate::verifier::Verifier) that would allow too much, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// No free try: the first one has nothing to wait for.
    FreeTries,
    /// A first wait that is over the longest, or that is 0 and so never grows.
    Waits,
    /// Disabled after 0 failures.
    MaxFailures,
    /// A drift of 0 or over 2,880 steps, or one that never changes.
    Drift,
    /// A widening of 0 or over 100 steps, or one for every 0 steps.
    Widening,
    /// A reach of 0 or over 24 hours, of 0 or over 1,000 counters, or a number of codes other than
    /// 2 and 3.
    Resynchronisation,
    /// A budget of no guesses, or a refill of 0 or of 2^32 seconds or more.
    Budget,
}

impl SettingsError {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::FreeTries => "at least one try is free",
            Self::Waits => "the first wait is 0 or over the longest",
            Self::MaxFailures => "at least one failure is needed to disable",
            Self::Drift => "drift is learned up to 1 to 2880 steps, at least 1 at a time",
            Self::Widening => "a window widens by 1 to 100 steps, one for at least 1 of silence",
            Self::Resynchronisation => {
                "a resynchronisation reaches 1 to 24 hours or 1 to 1000 counters, with 2 or 3 codes"
            }
            Self::Budget => "a budget has at least one guess, and a refill of 1 to 4294967295 s",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for SettingsError {}
