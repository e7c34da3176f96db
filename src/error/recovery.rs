//! What can go wrong with recovery codes and the sets that store them.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// A number of symbols that no recovery code has: 16 to 32, and 23 at least where no password hash
/// slows guesses down (NIST SP 800-63B-4 sections 3.1.2.2 and 4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryLengthError(pub(crate) ());

impl fmt::Display for RecoveryLengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recovery code has 16 to 32 symbols, without a password hash at least 23")
    }
}

impl Error for RecoveryLengthError {}

/// A cost of a password hash below the floor of OWASP's Password Storage Cheat Sheet, or beyond what
/// this crate takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryCostError {
    /// Cheaper to guess than OWASP advises.
    Low,
    /// Over a bound of this crate, or a set of numbers that the hash does not take.
    High,
}

impl fmt::Display for RecoveryCostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "the cost of the password hash is below the floor",
            Self::High => "the cost of the password hash is out of bounds",
        })
    }
}

impl Error for RecoveryCostError {}

/// Bytes that cannot be a [`Pepper`](crate::Pepper).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PepperError {
    /// Under 112 bits, the least that NIST SP 800-63B-4 section 3.1.1.2 allows.
    Short,
    /// Over [`Pepper::MAX_LEN`](crate::Pepper::MAX_LEN) bytes.
    Long,
}

impl fmt::Display for PepperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "the pepper has less than 112 bits",
            Self::Long => "the pepper has more than 64 bytes",
        })
    }
}

impl Error for PepperError {}

/// What a person typed has not the form of a recovery code. No key was touched to find this out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedRecoveryCode {
    /// The character at `offset` is no symbol and no separator (see
    /// [`RecoveryCode::parse`](crate::RecoveryCode::parse)).
    Character {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// The number of symbols is not the one that codes of this set have.
    Length {
        /// How many symbols a code of this set has.
        expected: u8,
    },
    /// The text is longer than [`RecoveryCode::MAX_TEXT_LEN`](crate::RecoveryCode::MAX_TEXT_LEN)
    /// bytes.
    TooLong,
}

impl fmt::Display for MalformedRecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { offset } => {
                write!(f, "not a symbol of a recovery code at byte {}", Decimal::from(*offset))
            }
            Self::Length { expected } => {
                write!(f, "a recovery code here has {} symbols", Decimal::from(*expected))
            }
            Self::TooLong => f.write_str("too long for a recovery code"),
        }
    }
}

impl Error for MalformedRecoveryCode {}

/// What the host brought beside the code does not fit the set. Nothing was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryInputError {
    /// The pepper has another key id than the one that the set was made under.
    Pepper {
        /// The key id that the set was made under.
        expected: u32,
    },
    /// The user's identity is empty, or longer than
    /// [`RecoverySet::MAX_USER_LEN`](crate::RecoverySet::MAX_USER_LEN) bytes.
    User,
    /// The password hash needs more memory.
    Memory {
        /// The blocks that it needs, of 1 KiB each.
        blocks: u32,
    },
    /// The time lies beyond the year 5000: pass seconds, not milliseconds.
    TimeTooFar,
}

impl fmt::Display for RecoveryInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pepper { expected } => {
                write!(f, "the set needs the pepper of key id {}", Decimal::from(*expected))
            }
            Self::User => f.write_str("the user's identity has 1 to 255 bytes"),
            Self::Memory { blocks } => {
                write!(f, "the password hash needs {} KiB of memory", Decimal::from(*blocks))
            }
            Self::TimeTooFar => {
                f.write_str("the time is beyond the year 5000: pass seconds, not milliseconds")
            }
        }
    }
}

impl Error for RecoveryInputError {}

/// Why a submitted recovery code was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryError {
    /// It is no code of the set that can still be used. Whether it once was, is not said: the hash
    /// of a used code is gone.
    Rejected,
    /// It has not the form of a recovery code.
    Malformed(MalformedRecoveryCode),
    /// Pepper, user or memory do not fit the set: the fault is the host's, not the user's.
    Input(RecoveryInputError),
}

impl From<MalformedRecoveryCode> for RecoveryError {
    fn from(error: MalformedRecoveryCode) -> Self {
        Self::Malformed(error)
    }
}

impl From<RecoveryInputError> for RecoveryError {
    fn from(error: RecoveryInputError) -> Self {
        Self::Input(error)
    }
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected => f.write_str("the recovery code is not accepted"),
            Self::Malformed(error) => write!(f, "malformed recovery code: {error}"),
            Self::Input(error) => error.fmt(f),
        }
    }
}

impl Error for RecoveryError {}

/// Why there are no new recovery codes. `E` is the error of the source of randomness.
///
/// Codes may have been handed out before the fault: they belong to no set, so drop them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoveryIssueError<E> {
    /// The source of randomness failed.
    Rng(E),
    /// The source of randomness repeats itself: it gave the code of another slot again and again.
    Repeating,
    /// Pepper, user or memory do not fit the set.
    Input(RecoveryInputError),
    /// There is no such slot.
    Slot,
    /// The generation, or the revision of a slot, is at its maximum. After the last revision,
    /// 65,535, the set can be regenerated; after the last generation, 2^32 − 1, nothing can.
    Exhausted,
}

impl<E> From<RecoveryInputError> for RecoveryIssueError<E> {
    fn from(error: RecoveryInputError) -> Self {
        Self::Input(error)
    }
}

impl<E> fmt::Display for RecoveryIssueError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rng(_) => f.write_str("the source of randomness failed"),
            Self::Repeating => f.write_str("the source of randomness repeats itself"),
            Self::Input(error) => error.fmt(f),
            Self::Slot => f.write_str("the set has no such slot"),
            Self::Exhausted => f.write_str("the set has no further generation or revision"),
        }
    }
}

impl<E: Error + 'static> Error for RecoveryIssueError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rng(error) => Some(error),
            // What does not fit, `Display` tells.
            Self::Repeating | Self::Input(_) | Self::Slot | Self::Exhausted => None,
        }
    }
}

/// Bytes or strings that are no [`RecoverySet`](crate::RecoverySet) of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecoverySetError {
    /// There are more or fewer bytes than [`RecoverySet::LEN`](crate::RecoverySet::LEN).
    Length,
    /// The version is none that this build reads.
    Version,
    /// The codes were hashed by another function.
    Scheme,
    /// The set has another number of slots.
    Slots,
    /// Codes of this length cannot be hashed by this function.
    CodeLength,
    /// The parameters of the hash are impossible, or cheaper than allowed.
    Cost,
    /// A slot beyond the last one is marked as used.
    UsedBeyond,
    /// The slot is used, and yet there is a hash in it; or the other way round.
    Slot {
        /// Which, counted from 0.
        slot: u8,
    },
    /// Two slots hold the same hash, so that one code could be used twice.
    Alike,
    /// The string of the slot is no PHC string of this hash with a salt of 16 and a hash of 32 bytes,
    /// or it has another salt or other parameters than the slots before; or no slot has a string.
    Phc {
        /// Which, counted from 0.
        slot: u8,
    },
}

impl fmt::Display for RecoverySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the recovery set has the wrong length",
            Self::Version => "the recovery set has an unknown version",
            Self::Scheme => "the recovery set was hashed by another function",
            Self::Slots => "the recovery set has another number of slots",
            Self::CodeLength => "the recovery set has an impossible length of codes",
            Self::Cost => "the recovery set has an impossible cost",
            Self::UsedBeyond => "the recovery set marks a slot that it does not have",
            Self::Slot { slot } => {
                return write!(
                    f,
                    "slot {} of the recovery set contradicts itself",
                    Decimal::from(*slot)
                );
            }
            Self::Alike => "two slots of the recovery set are alike",
            Self::Phc { slot } => {
                return write!(
                    f,
                    "the string of slot {} does not fit the recovery set",
                    Decimal::from(*slot)
                );
            }
        })
    }
}

impl Error for RecoverySetError {}
