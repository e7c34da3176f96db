//! What can go wrong, as small `Copy` values.
//!
//! None of them holds the text or the bytes that were refused: an error can be logged as it is.

mod migration;

use core::convert::Infallible;
use core::error::Error;
use core::fmt;

pub use self::migration::{MigrationError, MigrationPart};
use crate::decimal::Decimal;

/// A name that is no [`Algorithm`](crate::Algorithm) here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlgorithmError {
    /// The name is none of `SHA1`, `SHA256`, `SHA512` (RFC 6238 section 1.2), in any case.
    Unknown,
    /// The algorithm is known, but this build leaves it out: it needs the feature `sha2`.
    NotBuiltIn,
}

impl fmt::Display for AlgorithmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown algorithm, expected SHA1, SHA256 or SHA512",
            Self::NotBuiltIn => "algorithm not built in, it needs the feature `sha2`",
        })
    }
}

impl Error for AlgorithmError {}

/// A number of digits outside 6 to 10 (RFC 4226 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitsError(pub(crate) ());

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code has 6 to 10 digits")
    }
}

impl Error for DigitsError {}

/// A period of 0 seconds (RFC 6238 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodError(pub(crate) ());

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a period is at least 1 second")
    }
}

impl Error for PeriodError {}

/// A [`Window`](crate::Window) or [`LookAhead`](crate::LookAhead) that reaches too far: over 100 steps
/// in a direction, a bound of this crate (RFC 4226 section 7.4 asks for one).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowError(pub(crate) ());

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a window reaches at most 100 steps in a direction")
    }
}

impl Error for WindowError {}

/// A text that is not Base32 (RFC 4648 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base32Error {
    /// The byte at `offset` is no symbol of the alphabet `A`–`Z` `2`–`7`, no space, dash or padding.
    Symbol {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// A symbol follows padding, at `offset`.
    AfterPadding {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// The buffer is too small for what the text holds.
    DoesNotFit,
}

impl fmt::Display for Base32Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbol { offset } => {
                write!(f, "not a Base32 symbol at byte {}", Decimal::from(*offset))
            }
            Self::AfterPadding { offset } => {
                write!(f, "a Base32 symbol after padding at byte {}", Decimal::from(*offset))
            }
            Self::DoesNotFit => f.write_str("more bytes than the buffer holds"),
        }
    }
}

impl Error for Base32Error {}

/// A buffer that is too small for what is to be copied into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit(pub(crate) ());

impl fmt::Display for DoesNotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text does not fit into the buffer")
    }
}

impl Error for DoesNotFit {}

/// Bytes or a text that cannot be a [`Secret`](crate::Secret).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// There is not one whole byte in it.
    Empty,
    /// Under 128 bits, the least that RFC 4226 section 4 (R6) allows.
    Short,
    /// Over [`Secret::MAX_LEN`](crate::Secret::MAX_LEN) bytes.
    Long,
    /// The text is not Base32.
    Base32(Base32Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the shared secret is empty"),
            Self::Short => f.write_str("the shared secret has less than 128 bits"),
            Self::Long => f.write_str("the shared secret has more than 128 bytes"),
            Self::Base32(error) => write!(f, "the shared secret is not Base32: {error}"),
        }
    }
}

impl Error for SecretError {}

/// The operating system could not give random bytes.
#[cfg(feature = "getrandom")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyError(pub(crate) ());

#[cfg(feature = "getrandom")]
impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no random bytes")
    }
}

#[cfg(feature = "getrandom")]
impl Error for EntropyError {}

/// Why there is no QR code of a text.
#[cfg(feature = "qr")]
#[cfg_attr(docsrs, doc(cfg(feature = "qr")))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QrError {
    /// The text is longer than the largest version of the [`QrBuffer`](crate::QrBuffer) holds.
    TooLong {
        /// That version, 1 to 40.
        version: u8,
    },
    /// The value that was to write the text failed to.
    Unwritten,
}

#[cfg(feature = "qr")]
impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { version } => {
                write!(f, "too long for a QR code of version {}", Decimal::from(*version))
            }
            Self::Unwritten => f.write_str("the text of the QR code could not be written"),
        }
    }
}

#[cfg(feature = "qr")]
impl Error for QrError {}

/// What a person typed has not the form of a code (RFC 4226 section 5.3). No key was touched to find
/// this out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedCode {
    /// The character at `offset` is no digit and no separator (see [`Submitted`](crate::Submitted)).
    Character {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// The number of digits is not the one that the engine makes.
    Width {
        /// How many digits a code of this engine has.
        expected: u8,
    },
    /// The text is longer than [`Submitted::MAX_TEXT_LEN`](crate::Submitted::MAX_TEXT_LEN) bytes.
    TooLong,
    /// A resynchronisation takes another number of codes.
    Count {
        /// How many.
        expected: u8,
    },
    /// Two codes of a resynchronisation are the same.
    Repeated,
}

impl fmt::Display for MalformedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { offset } => {
                write!(f, "not a digit of a code at byte {}", Decimal::from(*offset))
            }
            Self::Width { expected } => {
                write!(f, "a code here has {} digits", Decimal::from(*expected))
            }
            Self::TooLong => f.write_str("too long for a code"),
            Self::Count { expected } => {
                write!(f, "{} codes in a row are needed", Decimal::from(*expected))
            }
            Self::Repeated => f.write_str("two of the codes are the same"),
        }
    }
}

impl Error for MalformedCode {}

/// A [`Policy`](crate::Policy) that would allow too much, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// No free try: the first one has nothing to wait for.
    FreeTries,
    /// A first wait that is over the longest, or that is 0 and so never grows.
    Waits,
    /// Disabled after 0 failures.
    MaxFailures,
    /// A drift of 0 or over 1,000 steps, or one that never changes.
    Drift,
    /// A widening of 0 or over 100 steps, or one for every 0 steps.
    Widening,
    /// A reach of 0 or over 1,000 steps, or a number of codes other than 2 and 3.
    Resynchronisation,
    /// A budget of no guesses, or a refill of 0 or of 2^32 seconds or more.
    Budget,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreeTries => "at least one try is free",
            Self::Waits => "the first wait is 0 or over the longest",
            Self::MaxFailures => "at least one failure is needed to disable",
            Self::Drift => "drift is learned up to 1 to 1000 steps, at least 1 at a time",
            Self::Widening => "a window widens by 1 to 100 steps, one for at least 1 of silence",
            Self::Resynchronisation => {
                "a resynchronisation reaches 1 to 1000 steps and takes 2 or 3 codes"
            }
            Self::Budget => "a budget has at least one guess, and a refill of 1 to 4294967295 s",
        })
    }
}

impl Error for PolicyError {}

/// Bytes that are no [`VerifierState`](crate::VerifierState).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// There are more or fewer bytes than a state has.
    Length,
    /// A later version of this crate wrote it, or something else did.
    Version,
    /// No state is written like this: it is damaged.
    Impossible,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the verifier state has another number of bytes than its version",
            Self::Version => "the verifier state is of a version that is not known here",
            Self::Impossible => "the verifier state is damaged",
        })
    }
}

impl Error for StateError {}

/// The time lies before T0, where no time step is defined (RFC 6238 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeT0(pub(crate) ());

impl fmt::Display for BeforeT0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time lies before T0")
    }
}

impl Error for BeforeT0 {}

/// Why there is no code for a time (RFC 6238 section 4.2).
///
/// `E` is the error of the place where HMAC is computed, [`Mac::Error`](crate::Mac::Error). Where
/// the crate computes it itself nothing can fail there, and the type is just `CodeError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeError<E = Infallible> {
    /// The time lies before T0.
    BeforeT0,
    /// HMAC could not be computed.
    Mac(E),
}

impl<E> From<BeforeT0> for CodeError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for CodeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeT0 => BeforeT0(()).fmt(f),
            Self::Mac(_) => f.write_str(MAC_FAILED),
        }
    }
}

impl<E: Error + 'static> Error for CodeError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::BeforeT0 => None,
            Self::Mac(error) => Some(error),
        }
    }
}

/// Why a submitted code was not accepted (RFC 4226 section 7.2, RFC 6238 section 5.2).
///
/// `E` is the error of the place where HMAC is computed, [`Mac::Error`](crate::Mac::Error). Where
/// the crate computes it itself nothing can fail there, and the type is just `VerifyError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError<E = Infallible> {
    /// It is no code of the window. Nothing else is said: not how near it was, nor where.
    Rejected,
    /// It has not the form of a code.
    Malformed(MalformedCode),
    /// The time lies before T0. Never from HOTP.
    BeforeT0,
    /// HMAC could not be computed.
    Mac(E),
}

impl<E> From<MalformedCode> for VerifyError<E> {
    fn from(error: MalformedCode) -> Self {
        Self::Malformed(error)
    }
}

impl<E> From<BeforeT0> for VerifyError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for VerifyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected => f.write_str("the code is not accepted"),
            Self::Malformed(error) => write!(f, "malformed code: {error}"),
            Self::BeforeT0 => BeforeT0(()).fmt(f),
            Self::Mac(_) => f.write_str(MAC_FAILED),
        }
    }
}

impl<E: Error + 'static> Error for VerifyError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // What is malformed, `Display` tells.
            Self::Rejected | Self::BeforeT0 | Self::Malformed(_) => None,
            Self::Mac(error) => Some(error),
        }
    }
}

const MAC_FAILED: &str = "HMAC could not be computed";
