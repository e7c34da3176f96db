//! The results of a redemption.

use core::fmt;

use super::code::Code;
use super::error::MalformedCode;
use crate::decimal::Decimal;
use crate::verifier::{Barred, Rejection};

/// The answer to a submitted recovery code. It cannot be copied, so that nobody keeps a success for
/// later:
///
/// ```compile_fail,E0277
/// fn copied<T: Clone>() {}
/// copied::<otp_core::recovery::Verdict>();
/// ```
#[derive(Debug)]
#[must_use = "only `Redeemed` lets anybody in"]
#[non_exhaustive]
pub enum Verdict {
    /// The code is right, and is now used. Tell the owner if wrong codes came before it:
    /// [`Redeemed::failures`].
    Redeemed(Redeemed),
    /// The code is wrong, or was used before. Both get the same answer, so that a person who found
    /// an old code learns nothing from it. The failure is counted.
    Rejected(Rejection),
    /// There were too many failures, and the code was not checked.
    Locked {
        /// The end of the lock-out, in seconds of Unix time.
        until: u64,
    },
    /// The state is disabled, and the code was not checked.
    Disabled,
    /// The text is not formatted as a code. It is not counted, and nothing was hashed.
    Malformed(MalformedCode),
    /// Another request was faster. Nothing was stored, and the verdict reveals nothing about the
    /// code.
    Conflict,
}

impl Verdict {
    /// Returns the verdict in one word, for a log.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Redeemed(_) => "redeemed",
            Self::Rejected(_) => "rejected",
            Self::Locked { .. } => "locked",
            Self::Disabled => "disabled",
            Self::Malformed(_) => "malformed",
            Self::Conflict => "conflict",
        }
    }
}

impl From<Barred> for Verdict {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Locked { until } => Self::Locked { until },
            Barred::Disabled => Self::Disabled,
        }
    }
}

/// Writes what a user may know. It contains no code, not even the replacement of a redeemed one.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redeemed(code) => code.fmt(f),
            Self::Rejected(rejection) => {
                write!(f, "the recovery code is not accepted{rejection}")
            }
            Self::Locked { until } => write!(f, "locked until {}", Decimal::from(*until)),
            Self::Disabled => f.write_str("disabled"),
            Self::Malformed(error) => write!(f, "malformed recovery code: {error}"),
            Self::Conflict => f.write_str("another request was faster"),
        }
    }
}

/// The details of a redeemed code. It cannot be copied:
///
/// ```compile_fail,E0277
/// fn copied<T: Clone>() {}
/// copied::<otp_core::recovery::Redeemed>();
/// ```
#[derive(Debug)]
pub struct Redeemed {
    pub(super) slot: u8,
    pub(super) remaining: u8,
    pub(super) failures: u32,
    pub(super) replacement: Option<Code>,
}

impl Redeemed {
    /// Returns the slot of the code, counted from 0.
    #[must_use]
    pub const fn slot(&self) -> u8 {
        self.slot
    }

    /// Returns how many codes are left, including the replacement. If it is 0, make new codes:
    /// [`Set::regenerate`](super::Set::regenerate).
    #[must_use]
    pub const fn remaining(&self) -> u8 {
        self.remaining
    }

    /// Returns how many wrong recovery codes came since the last success. If there were any, tell
    /// the owner: somebody who knows the password may have tried.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns the new code that replaces the redeemed one. Show it now, because it cannot be shown
    /// again: see [`Redemption::with_replacement`](super::Redemption::with_replacement).
    #[must_use]
    pub const fn replacement(&self) -> Option<&Code> {
        self.replacement.as_ref()
    }
}

impl fmt::Display for Redeemed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the recovery code is accepted, codes left: {}", Decimal::from(self.remaining))
    }
}
