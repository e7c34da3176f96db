//! The errors of recovery codes, and of the sets that store them.
//!
//! No error contains a code, a key or a hash, so each can be logged as it is.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// The error for a number of symbols that a recovery code cannot have (NIST SP 800-63B-4 sections
/// 3.1.2.2 and 4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LengthError {
    /// The number is not 16 to 32.
    Range,
    /// The hash is too fast for such a short code.
    Short {
        /// The smallest number of symbols with this hash.
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

/// The error for a password hash whose cost is below the minimum of OWASP's Password Storage Cheat
/// Sheet, or above a limit of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CostError {
    /// Guesses would be cheaper than OWASP recommends.
    Low,
    /// A number is above a limit of this crate, or the hash does not use such a number.
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

/// The error for bytes that cannot be a [`Pepper`](super::Pepper).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PepperError {
    /// It has less than 112 bits, the minimum of NIST SP 800-63B-4 section 3.1.1.2.
    Short,
    /// It has more than [`Pepper::MAX_LEN`](super::Pepper::MAX_LEN) bytes.
    Long,
    /// All of its bytes are zero, as in a buffer that was not filled. HMAC pads a key with zeros
    /// (RFC 2104 section 2), so such a pepper is the same key as no bytes at all.
    Zero,
}

impl fmt::Display for PepperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "the pepper has less than 112 bits",
            Self::Long => "the pepper has more than 64 bytes",
            Self::Zero => "the pepper is all zero bytes: was it filled?",
        })
    }
}

impl Error for PepperError {}

/// The error for a text that is not formatted as a recovery code. The check does not use any key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedCode {
    /// The character at `offset` is neither a symbol nor a separator (see
    /// [`Code::parse`](super::Code::parse)).
    Character {
        /// The position, in bytes from the start of the text.
        offset: usize,
    },
    /// Codes of this set have another number of symbols.
    Length {
        /// The number of symbols in a code of this set.
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

/// An error of the host, not of the user: the host passed something that does not belong to the
/// set, or the set is damaged. No guess was checked or counted. Show it to the user as a server
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// The pepper has a different key id than the pepper that the set was made with.
    PepperKeyId {
        /// The key id of the pepper that the set was made with.
        expected: u32,
    },
    /// One of these is wrong: the set was made with another pepper of this key id, or for another
    /// user, or it is damaged. The damage may be in its cost, length of codes, generation, salt or
    /// check value.
    Mismatch,
    /// The user's identity is empty or longer than [`Set::MAX_USER_LEN`](super::Set::MAX_USER_LEN)
    /// bytes.
    User,
    /// The password hash needs more memory.
    Memory {
        /// The number of blocks that it needs, of 1 KiB each.
        blocks: u32,
    },
    /// The state belongs to an authenticator. Recovery codes have their own state:
    /// [`State::for_recovery`](crate::verifier::State::for_recovery).
    OtherState,
    /// The time is after the year 5000. Pass seconds, not milliseconds.
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

/// The reason why new recovery codes could not be made. `E` is the error of the source of
/// randomness.
///
/// Codes may have been shown before the error. They do not belong to any set, so discard them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssueError<E> {
    /// The source of randomness failed.
    Rng(E),
    /// The source of randomness repeats itself. It produced a code or the salt of this set again,
    /// or bytes that are all equal, which happens if it writes nothing.
    Repeating,
    /// The hash does not accept codes of this length.
    Length(LengthError),
    /// The host passed something that does not belong to the set.
    Input(InputError),
    /// The set does not have such a slot.
    Slot,
    /// The generation has reached its maximum, 2^32 − 1.
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
            // `Display` already shows them completely.
            Self::Repeating | Self::Length(_) | Self::Input(_) | Self::Slot | Self::Exhausted => {
                None
            }
        }
    }
}

/// The error for bytes or strings that are not a [`Set`](super::Set) of the requested type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetError {
    /// The number of bytes is not [`Set::LEN`](super::Set::LEN).
    Length,
    /// This version of the crate cannot read this version of the bytes.
    Version,
    /// The codes were hashed with another function.
    Hash,
    /// The set has another number of slots.
    Slots,
    /// The hash does not accept codes of this length.
    CodeLength,
    /// The parameters of the hash are impossible, or cheaper than allowed.
    Cost,
    /// A slot beyond the last one is marked as used.
    UsedBeyond,
    /// Two slots hold the same hash, so that one code could be used twice.
    Alike,
    /// The string of the slot was not written by `Set::phc`, or it belongs to another set than the
    /// strings before it.
    Phc {
        /// The number of the slot, counted from 0.
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
            Self::UsedBeyond => "the recovery set marks a slot as used that does not exist",
            Self::Alike => "two slots of the recovery set are alike",
        })
    }
}

impl Error for SetError {}
