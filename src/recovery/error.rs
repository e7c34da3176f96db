//! What can go wrong with recovery codes and the sets that store them.
//!
//! No error holds a code, a key or a hash: each can be logged as it is.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// A number of symbols that a recovery code cannot have (NIST SP 800-63B-4 sections 3.1.2.2 and
/// 4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LengthError {
    /// The number is not 16 to 32.
    Range,
    /// The hash is too fast for so short a code.
    Short {
        /// The fewest symbols with this hash.
        min: u8,
    },
}

impl LengthError {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Range => "a recovery code has 16 to 32 symbols",
            Self::Short { .. } => "a recovery code needs more symbols with this hash",
        }
    }
}

impl fmt::Display for LengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range => f.write_str(self.message()),
            Self::Short { min } => {
                write!(f, "a recovery code needs {} symbols with this hash", Decimal::from(*min))
            }
        }
    }
}

impl Error for LengthError {}

/// A cost of a password hash below the floor of OWASP's Password Storage Cheat Sheet, or above a
/// limit of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CostError {
    /// Guesses would be cheaper than OWASP advises.
    Low,
    /// A number is above a limit of this crate, or the hash does not have such a number.
    High,
}

impl CostError {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Low => "the cost of the password hash is below the floor",
            Self::High => "the cost of the password hash is out of bounds",
        }
    }
}

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for CostError {}

/// Bytes that cannot be a [`Pepper`](super::Pepper).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PepperError {
    /// Under 112 bits, the least that NIST SP 800-63B-4 section 3.1.1.2 allows.
    Short,
    /// Over [`Pepper::MAX_LEN`](super::Pepper::MAX_LEN) bytes.
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

/// A text that is not formatted as a recovery code. No key was touched to find this out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedCode {
    /// The character at `offset` is neither a symbol nor a separator (see
    /// [`Code::parse`](super::Code::parse)).
    Character {
        /// The place, in bytes from the start of the text.
        offset: usize,
    },
    /// The codes of this set have another number of symbols.
    Length {
        /// How many symbols a code of this set has.
        expected: u8,
    },
    /// The text is longer than [`Code::MAX_TEXT_LEN`](super::Code::MAX_TEXT_LEN) bytes.
    TooLong,
}

impl fmt::Display for MalformedCode {
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

impl Error for MalformedCode {}

/// The host's fault, not the user's: it brought something that does not belong to the set, or the set
/// is damaged. No guess was judged, and nothing was counted. To the user it is a failure of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The pepper has another key id than the one that the set was made under.
    PepperKeyId {
        /// The key id that the set was made under.
        expected: u32,
    },
    /// The set was made under another pepper of this key id, or for another user, or it is damaged:
    /// its cost, length of codes, generation, salt or check value.
    Mismatch,
    /// The user's identity is empty, or longer than [`Set::MAX_USER_LEN`](super::Set::MAX_USER_LEN)
    /// bytes.
    User,
    /// The password hash needs more memory.
    Memory {
        /// The blocks that it needs, of 1 KiB each.
        blocks: u32,
    },
    /// The state belongs to an authenticator. Recovery codes have a state of their own:
    /// [`State::for_recovery`](crate::verifier::State::for_recovery).
    OtherState,
    /// The time is beyond the year 5000: pass seconds, not milliseconds.
    TimeTooFar,
    /// The hash function failed.
    Hash,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PepperKeyId { expected } => {
                return write!(
                    f,
                    "the set needs the pepper of key id {}",
                    Decimal::from(*expected)
                );
            }
            Self::Memory { blocks } => {
                return write!(
                    f,
                    "the password hash needs {} KiB of memory",
                    Decimal::from(*blocks)
                );
            }
            Self::Mismatch => {
                "the set was made under another pepper or for another user, or it is damaged"
            }
            Self::User => "the user's identity has 1 to 255 bytes",
            Self::OtherState => "the state belongs to an authenticator, not to recovery codes",
            Self::TimeTooFar => "the time is beyond the year 5000: pass seconds, not milliseconds",
            Self::Hash => "the hash function failed",
        })
    }
}

impl Error for InputError {}

/// Why there are no new recovery codes. `E` is the error of the source of randomness.
///
/// Codes may have been shown before the error. They belong to no set, so drop them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueError<E> {
    /// The source of randomness failed.
    Rng(E),
    /// The source of randomness repeats itself: it gave a code or the salt of this set again, or bytes
    /// that are all equal, as it does if it writes nothing.
    Repeating,
    /// The hash does not take codes of this length.
    Length(LengthError),
    /// The host brought something that does not belong to the set.
    Input(InputError),
    /// The set does not have such a slot.
    Slot,
    /// The generation is at its maximum, 2^32 − 1.
    Exhausted,
}

impl<E> From<InputError> for IssueError<E> {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}

impl<E> fmt::Display for IssueError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rng(_) => f.write_str("the source of randomness failed"),
            Self::Repeating => f.write_str("the source of randomness repeats itself"),
            Self::Length(error) => error.fmt(f),
            Self::Input(error) => error.fmt(f),
            Self::Slot => f.write_str("the set has no such slot"),
            Self::Exhausted => f.write_str("the set has no further generation"),
        }
    }
}

impl<E: Error + 'static> Error for IssueError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rng(error) => Some(error),
            // `Display` tells them whole.
            Self::Repeating | Self::Length(_) | Self::Input(_) | Self::Slot | Self::Exhausted => {
                None
            }
        }
    }
}

/// Bytes or strings that are not a [`Set`](super::Set) of the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetError {
    /// There are more or fewer bytes than [`Set::LEN`](super::Set::LEN).
    Length,
    /// This version of the crate does not read this version of the bytes.
    Version,
    /// The codes were hashed by another function.
    Hash,
    /// The set has another number of slots.
    Slots,
    /// The hash does not take codes of this length.
    CodeLength,
    /// The parameters of the hash are impossible, or cheaper than allowed.
    Cost,
    /// A slot beyond the last one is marked as used.
    UsedBeyond,
    /// Two slots hold the same hash, so that one code could be used twice.
    Alike,
    /// The string of the slot is not one that `Set::phc` wrote, or it belongs to
    /// another set than the strings before it.
    Phc {
        /// Which slot, counted from 0.
        slot: u8,
    },
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phc { slot } => {
                let slot = Decimal::from(*slot);
                return write!(f, "the string of slot {slot} does not fit the recovery set");
            }
            Self::Length => "the recovery set has the wrong length",
            Self::Version => "the recovery set has an unknown version",
            Self::Hash => "the recovery set was hashed by another function",
            Self::Slots => "the recovery set has another number of slots",
            Self::CodeLength => "the recovery set has an impossible length of codes",
            Self::Cost => "the recovery set has an impossible cost",
            Self::UsedBeyond => "the recovery set marks a slot that it does not have",
            Self::Alike => "two slots of the recovery set are alike",
        })
    }
}

impl Error for SetError {}
