//! What can go wrong, as small `Copy` values.
//!
//! None of them holds the text or the bytes that were refused: an error can be logged as it is.

use core::convert::Infallible;
use core::error::Error;
use core::fmt;

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

/// A number of digits outside 6 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitsError(pub(crate) ());

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code has 6 to 10 digits")
    }
}

impl Error for DigitsError {}

/// A period of 0 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodError(pub(crate) ());

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a period is at least 1 second")
    }
}

impl Error for PeriodError {}

/// A [`Window`](crate::Window) or [`LookAhead`](crate::LookAhead) that reaches too far.
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
            Self::Symbol { offset } => write!(f, "not a Base32 symbol at byte {offset}"),
            Self::AfterPadding { offset } => {
                write!(f, "a Base32 symbol after padding at byte {offset}")
            }
            Self::DoesNotFit => f.write_str("more bytes than the buffer holds"),
        }
    }
}

impl Error for Base32Error {}

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

impl Error for SecretError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Base32(error) => Some(error),
            _ => None,
        }
    }
}

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

/// What a person typed has not the form of a code. No key was touched to find this out.
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
}

impl fmt::Display for MalformedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { offset } => write!(f, "not a digit of a code at byte {offset}"),
            Self::Width { expected } => write!(f, "a code here has {expected} digits"),
            Self::TooLong => f.write_str("too long for a code"),
        }
    }
}

impl Error for MalformedCode {}

/// The time lies before T0, where no time step is defined (RFC 6238 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeT0(pub(crate) ());

impl fmt::Display for BeforeT0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time lies before T0")
    }
}

impl Error for BeforeT0 {}

/// Why there is no code for a time.
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

/// Why a submitted code was not accepted.
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
            Self::Rejected | Self::BeforeT0 => None,
            Self::Malformed(error) => Some(error),
            Self::Mac(error) => Some(error),
        }
    }
}

const MAC_FAILED: &str = "HMAC could not be computed";

/// A URI that is no export that [`Migration`](crate::Migration) reads.
///
/// Offsets count bytes from 0: from the start of the URI, or, where it says so, from the start of
/// the payload that its Base64 stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationError {
    /// The URI does not begin with `otpauth-migration:`.
    Scheme,
    /// `//offline`, and the end of the host, do not follow at `offset`.
    Host {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// Between host and query, at `offset`, stands more than one `/`.
    Path {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// The parameter `data` is missing or empty.
    NoData,
    /// Another parameter `data` begins at `offset`.
    SecondData {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// Two hexadecimal digits do not follow the `%` at `offset`.
    Escape {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// The byte at `offset`, or what its escape stands for, is no symbol of the alphabet `A`–`Z`
    /// `a`–`z` `0`–`9` `+` `/`, and no padding (RFC 4648 section 4).
    Symbol {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// Something follows padding, at `offset`.
    AfterPadding {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// The last group of symbols, which begins at `offset`, is one symbol, or has bits set that
    /// fill no byte: the text is cut off or damaged.
    LastGroup {
        /// Where, in bytes from the start of the URI.
        offset: usize,
    },
    /// The buffer is too small for the payload.
    DoesNotFit,
    /// The payload, or an entry in it, ends before what begins at `offset` does.
    Truncated {
        /// Where, in bytes from the start of the payload.
        offset: usize,
    },
    /// The number at `offset` has more than ten bytes or exceeds 64 bits.
    Varint {
        /// Where, in bytes from the start of the payload.
        offset: usize,
    },
    /// No field begins like that: it is numbered 0 or over 2^29 − 1, is a group, or of no wire type
    /// that there is.
    Key {
        /// Where, in bytes from the start of the payload.
        offset: usize,
    },
    /// A known field holds a number where bytes belong, or the other way round.
    FieldType {
        /// Which field.
        part: MigrationPart,
        /// Where it begins, in bytes from the start of the payload.
        offset: usize,
    },
    /// The number in a field stands for nothing that is supported: MD5, a negative counter.
    Unsupported {
        /// Which field.
        part: MigrationPart,
        /// Where it begins, in bytes from the start of the payload.
        offset: usize,
    },
    /// A text is not UTF-8.
    NotUtf8 {
        /// Which text.
        part: MigrationPart,
        /// Where it stops being UTF-8, in bytes from the start of the payload.
        offset: usize,
    },
    /// A text has a control character, which could forge lines of a log or steer a terminal.
    Control {
        /// Which text.
        part: MigrationPart,
        /// Where the character stands, in bytes from the start of the payload.
        offset: usize,
    },
    /// The entry at `offset` has no secret or an empty one.
    NoSecret {
        /// Where the entry begins, in bytes from the start of the payload.
        offset: usize,
    },
    /// An entry has two secrets. The second begins at `offset`.
    SecondSecret {
        /// Where, in bytes from the start of the payload.
        offset: usize,
    },
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("the URI does not begin with `otpauth-migration:`"),
            Self::Host { offset } => write!(f, "not the host `//offline` at byte {offset}"),
            Self::Path { offset } => write!(f, "a path where the query belongs at byte {offset}"),
            Self::NoData => f.write_str("the parameter `data` is missing or empty"),
            Self::SecondData { offset } => {
                write!(f, "a second parameter `data` at byte {offset}")
            }
            Self::Escape { offset } => {
                write!(f, "`%` without two hexadecimal digits at byte {offset}")
            }
            Self::Symbol { offset } => write!(f, "not a Base64 symbol at byte {offset}"),
            Self::AfterPadding { offset } => {
                write!(f, "a Base64 symbol after padding at byte {offset}")
            }
            Self::LastGroup { offset } => {
                write!(f, "the last group of Base64 symbols is no whole bytes at byte {offset}")
            }
            Self::DoesNotFit => f.write_str("more bytes than the buffer holds"),
            Self::Truncated { offset } => {
                write!(f, "truncated at byte {offset} of the payload")
            }
            Self::Varint { offset } => {
                write!(f, "a number over 64 bits at byte {offset} of the payload")
            }
            Self::Key { offset } => write!(f, "not a field at byte {offset} of the payload"),
            Self::FieldType { part, offset } => {
                write!(f, "the {part} is of the wrong wire type at byte {offset} of the payload")
            }
            Self::Unsupported { part, offset } => {
                write!(f, "the {part} is not supported at byte {offset} of the payload")
            }
            Self::NotUtf8 { part, offset } => {
                write!(f, "the {part} is not UTF-8 at byte {offset} of the payload")
            }
            Self::Control { part, offset } => {
                write!(f, "the {part} has a control character at byte {offset} of the payload")
            }
            Self::NoSecret { offset } => {
                write!(f, "an entry without a secret at byte {offset} of the payload")
            }
            Self::SecondSecret { offset } => {
                write!(f, "a second secret in an entry at byte {offset} of the payload")
            }
        }
    }
}

impl Error for MigrationError {}

/// The part of an export that a [`MigrationError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationPart {
    /// An entry as a whole.
    Entry,
    /// The shared secret of an entry.
    Secret,
    /// The name of an entry: account, or issuer and account.
    Name,
    /// The issuer of an entry.
    Issuer,
    /// The algorithm of an entry.
    Algorithm,
    /// The number of digits of an entry.
    Digits,
    /// The type of an entry, HOTP or TOTP.
    Type,
    /// The counter of an entry.
    Counter,
    /// The version of the payload.
    Version,
    /// How many QR codes the export has.
    BatchSize,
    /// Which of them this is.
    BatchIndex,
    /// The number that they share.
    BatchId,
}

impl fmt::Display for MigrationPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Entry => "entry",
            Self::Secret => "secret",
            Self::Name => "name",
            Self::Issuer => "issuer",
            Self::Algorithm => "algorithm",
            Self::Digits => "number of digits",
            Self::Type => "type",
            Self::Counter => "counter",
            Self::Version => "version",
            Self::BatchSize => "batch size",
            Self::BatchIndex => "batch index",
            Self::BatchId => "batch id",
        })
    }
}
