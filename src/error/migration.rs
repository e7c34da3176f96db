//! What can be wrong with an export of Google Authenticator.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;
use crate::label::REFUSED;

/// A URI that is no export that [`Migration`](crate::Migration) reads.
///
/// Offsets count bytes from 0: from the start of the URI, or, where it says so, from the start of
/// the payload that its Base64 stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationError {
    /// The URI does not begin with `otpauth-migration://`.
    Scheme,
    /// The host at `offset` is not `offline`.
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
    /// A text has a character that could forge lines of a log, steer a terminal or reorder what a
    /// screen shows: a control character, a line or paragraph separator (U+2028, U+2029), or a
    /// bidirectional embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069).
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

impl MigrationError {
    /// A short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Host { .. } => "host",
            Self::Path { .. } => "path",
            Self::NoData => "no-data",
            Self::SecondData { .. } => "second-data",
            Self::Escape { .. } => "escape",
            Self::Symbol { .. } => "symbol",
            Self::AfterPadding { .. } => "after-padding",
            Self::LastGroup { .. } => "last-group",
            Self::DoesNotFit => "does-not-fit",
            Self::Truncated { .. } => "truncated",
            Self::Varint { .. } => "varint",
            Self::Key { .. } => "key",
            Self::FieldType { .. } => "field-type",
            Self::Unsupported { .. } => "unsupported",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::Control { .. } => "control",
            Self::NoSecret { .. } => "no-secret",
            Self::SecondSecret { .. } => "second-secret",
        }
    }
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("the URI does not begin with `otpauth-migration://`"),
            Self::Host { offset } => {
                write!(f, "not the host `offline` at byte {}", Decimal::from(*offset))
            }
            Self::Path { offset } => {
                write!(f, "a path where the query belongs at byte {}", Decimal::from(*offset))
            }
            Self::NoData => f.write_str("the parameter `data` is missing or empty"),
            Self::SecondData { offset } => {
                write!(f, "a second parameter `data` at byte {}", Decimal::from(*offset))
            }
            Self::Escape { offset } => {
                write!(f, "`%` without two hexadecimal digits at byte {}", Decimal::from(*offset))
            }
            Self::Symbol { offset } => {
                write!(f, "not a Base64 symbol at byte {}", Decimal::from(*offset))
            }
            Self::AfterPadding { offset } => {
                write!(f, "a Base64 symbol after padding at byte {}", Decimal::from(*offset))
            }
            Self::LastGroup { offset } => {
                write!(
                    f,
                    "the last group of Base64 symbols is no whole bytes at byte {}",
                    Decimal::from(*offset)
                )
            }
            Self::DoesNotFit => f.write_str("more bytes than the buffer holds"),
            Self::Truncated { offset } => {
                write!(f, "truncated at byte {} of the payload", Decimal::from(*offset))
            }
            Self::Varint { offset } => {
                write!(f, "a number over 64 bits at byte {} of the payload", Decimal::from(*offset))
            }
            Self::Key { offset } => {
                write!(f, "not a field at byte {} of the payload", Decimal::from(*offset))
            }
            Self::FieldType { part, offset } => {
                write!(
                    f,
                    "the {part} is of the wrong wire type at byte {} of the payload",
                    Decimal::from(*offset)
                )
            }
            Self::Unsupported { part, offset } => {
                write!(
                    f,
                    "the {part} is not supported at byte {} of the payload",
                    Decimal::from(*offset)
                )
            }
            Self::NotUtf8 { part, offset } => {
                write!(
                    f,
                    "the {part} is not UTF-8 at byte {} of the payload",
                    Decimal::from(*offset)
                )
            }
            Self::Control { part, offset } => {
                write!(
                    f,
                    "the {part} has a {REFUSED} at byte {} of the payload",
                    Decimal::from(*offset)
                )
            }
            Self::NoSecret { offset } => {
                write!(
                    f,
                    "an entry without a secret at byte {} of the payload",
                    Decimal::from(*offset)
                )
            }
            Self::SecondSecret { offset } => {
                write!(
                    f,
                    "a second secret in an entry at byte {} of the payload",
                    Decimal::from(*offset)
                )
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
