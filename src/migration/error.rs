//! The errors of exports: the part that is wrong, the problem, and the position.

use core::fmt;

use crate::decimal::Decimal;
use crate::label::REFUSED;

/// A part of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// `otpauth-migration://`.
    Scheme,
    /// `offline`.
    Host,
    /// The text between the host and the query: at most one `/`.
    Path,
    /// The parameter `data`: the payload in Base64.
    Data,
    /// The payload in `data`, or an unknown field of it.
    Payload,
    /// An entry as a whole.
    Entry,
    /// The shared secret of an entry.
    Secret,
    /// The name of an entry: the account, or issuer and account.
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
    /// The number of QR codes of the export.
    BatchSize,
    /// The number of this QR code.
    BatchIndex,
    /// The number that the QR codes of an export share.
    BatchId,
}

impl Part {
    /// Returns a short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Path => "path",
            Self::Data => "data",
            Self::Payload => "payload",
            Self::Entry => "entry",
            Self::Secret => "secret",
            Self::Name => "name",
            Self::Issuer => "issuer",
            Self::Algorithm => "algorithm",
            Self::Digits => "digits",
            Self::Type => "type",
            Self::Counter => "counter",
            Self::Version => "version",
            Self::BatchSize => "batch-size",
            Self::BatchIndex => "batch-index",
            Self::BatchId => "batch-id",
        }
    }

    /// Returns whether the part is in the payload. Otherwise it is in the text of the URI.
    #[must_use]
    pub const fn is_in_payload(self) -> bool {
        !matches!(self, Self::Scheme | Self::Host | Self::Path | Self::Data)
    }
}

/// The problem with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// It is missing or empty.
    Missing,
    /// It occurs twice.
    Duplicate,
    /// A `%` is not followed by two hexadecimal digits.
    Escape,
    /// A byte, raw or escaped, is not in the alphabet `A`–`Z` `a`–`z` `0`–`9` `+` `/`, and is not
    /// padding (RFC 4648 section 4).
    Character,
    /// A symbol follows padding.
    AfterPadding,
    /// The last group has only one symbol, or bits are set that do not fill a byte. The text is cut
    /// off or damaged.
    LastGroup,
    /// The buffer is too small for the payload.
    BufferTooSmall,
    /// The payload, or an entry in it, ends too early.
    Truncated,
    /// A number has more than ten bytes or exceeds 64 bits.
    OutOfRange,
    /// The bytes are not the start of a field: the field number is 0 or over 2^29 − 1, it is a
    /// group, or the wire type does not exist.
    NotAField,
    /// A known field holds a number instead of bytes, or bytes instead of a number.
    WireType,
    /// The value is not supported, such as MD5 or a negative counter.
    Unsupported,
    /// A text is not UTF-8.
    NotUtf8,
    /// A text has a control character, a line or paragraph separator (U+2028, U+2029), or a
    /// bidirectional embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069). Such a
    /// character could forge lines of a log, control a terminal, or reorder the text on a screen.
    Control,
}

impl Problem {
    /// Returns a short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Escape => "escape",
            Self::Character => "character",
            Self::AfterPadding => "after-padding",
            Self::LastGroup => "last-group",
            Self::BufferTooSmall => "buffer-too-small",
            Self::Truncated => "truncated",
            Self::OutOfRange => "out-of-range",
            Self::NotAField => "not-a-field",
            Self::WireType => "wire-type",
            Self::Unsupported => "unsupported",
            Self::NotUtf8 => "not-utf8",
            Self::Control => "control-character",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Duplicate => "given twice",
            Self::Escape => "malformed percent-escape",
            Self::Character => "not a Base64 symbol",
            Self::AfterPadding => "a symbol after padding",
            Self::LastGroup => "the last symbols are not whole bytes",
            Self::BufferTooSmall => "more bytes than the buffer holds",
            Self::Truncated => "cut off",
            Self::OutOfRange => "a number over 64 bits",
            Self::NotAField => "not a field",
            Self::WireType => "of the wrong wire type",
            Self::Unsupported => "not supported",
            Self::NotUtf8 => "not UTF-8",
            Self::Control => REFUSED,
        })
    }
}

/// The reason why [`Export`](super::Export) does not read a text: the part, the problem, and the
/// position.
///
/// It does not contain any of the text, so it can be logged and shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    part: Part,
    problem: Problem,
    offset: usize,
}

impl Error {
    pub(super) const fn new(part: Part, problem: Problem, offset: usize) -> Self {
        Self { part, problem, offset }
    }

    /// Returns the part that is wrong.
    #[must_use]
    pub const fn part(&self) -> Part {
        self.part
    }

    /// Returns the problem.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// Returns the position in bytes. It counts from the start of the payload if the part [is in
    /// it](Part::is_in_payload), and otherwise from the start of the URI. If something is missing,
    /// it is the position at which it could be.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the values that the part may have, if it has another one.
    const fn valid(&self) -> Option<&'static str> {
        match (self.problem, self.part) {
            (Problem::Unsupported, Part::Scheme) => Some("otpauth-migration://"),
            (Problem::Unsupported, Part::Host) => Some("offline"),
            (Problem::Unsupported, Part::Algorithm) => Some("SHA-1, SHA-256 or SHA-512"),
            (Problem::Unsupported, Part::Digits) => Some("6 or 8"),
            (Problem::Unsupported, Part::Type) => Some("HOTP or TOTP"),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = if self.part.is_in_payload() { " of the payload" } else { "" };
        f.write_str(self.part.name())?;
        write!(f, ": {}", self.problem)?;
        if let Some(valid) = self.valid() {
            write!(f, ", expected {valid}")?;
        }
        write!(f, " (at byte {}{of})", Decimal::from(self.offset))
    }
}

impl core::error::Error for Error {}

/// An entry of an export that cannot be read. The other entries are not affected.
///
/// `Display` shows the number of the entry and the problem, but not the content of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryError {
    pub(super) number: usize,
    pub(super) error: Error,
}

impl EntryError {
    /// Returns the number of the entry in the export, counted from 1.
    /// [`Export::label`](super::Export::label) returns its issuer and account.
    #[must_use]
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Returns the error.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", Decimal::from(self.number), self.error)
    }
}

impl core::error::Error for EntryError {}
