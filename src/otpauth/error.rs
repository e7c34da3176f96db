//! The errors of key URIs: the part that is wrong, the problem, and the position.

use core::fmt;

use super::rules::Rule;
use crate::base32::Encoding;
use crate::decimal::Decimal;

/// A part of a key URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
// The known parameters come first, because `Parameters` uses their numbers as indices.
pub enum Part {
    /// The parameter `secret`.
    Secret,
    /// The parameter `issuer`.
    Issuer,
    /// The parameter `algorithm`.
    Algorithm,
    /// The parameter `digits`.
    Digits,
    /// The parameter `period`.
    Period,
    /// The parameter `counter`.
    Counter,
    /// The parameter `encoder`, which some apps use for Steam.
    Encoder,
    /// Another parameter.
    Unknown,
    /// `otpauth://`.
    Scheme,
    /// `totp`, `hotp` or `steam`.
    Type,
    /// The path: issuer and account.
    Label,
}

impl Part {
    /// The number of known parameters.
    pub(super) const PARAMETERS: usize = Self::Unknown as usize;

    /// Returns the parameter of this name. Names are case-sensitive.
    pub(super) fn of_parameter(name: &str) -> Self {
        match name {
            "secret" => Self::Secret,
            "issuer" => Self::Issuer,
            "algorithm" => Self::Algorithm,
            "digits" => Self::Digits,
            "period" => Self::Period,
            "counter" => Self::Counter,
            "encoder" => Self::Encoder,
            _ => Self::Unknown,
        }
    }

    /// Returns a short name, for programs. For a known parameter, this is its own name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheme => "scheme",
            Self::Type => "type",
            Self::Label => "label",
            Self::Secret => "secret",
            Self::Issuer => "issuer",
            Self::Algorithm => "algorithm",
            Self::Digits => "digits",
            Self::Period => "period",
            Self::Counter => "counter",
            Self::Encoder => "encoder",
            Self::Unknown => "parameter",
        }
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
    /// The decoded bytes are not UTF-8.
    NotUtf8,
    /// It has a control character.
    Control,
    /// It has a character that is not allowed there.
    Character,
    /// The secret is not Base32, but looks like another encoding.
    OtherEncoding(Encoding),
    /// A Base32 symbol follows padding.
    AfterPadding,
    /// It is not a plain decimal number of at most 64 bits.
    NotANumber,
    /// The number is outside its range: digits 6 to 10, a period of at least 1 second.
    OutOfRange,
    /// The value is not one of the known values.
    Unsupported,
    /// This rule refuses it.
    Refused(Rule),
}

impl Problem {
    /// Returns a short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Escape => "escape",
            Self::NotUtf8 => "not-utf8",
            Self::Control => "control-character",
            Self::Character => "character",
            Self::OtherEncoding(_) => "other-encoding",
            Self::AfterPadding => "after-padding",
            Self::NotANumber => "not-a-number",
            Self::OutOfRange => "out-of-range",
            Self::Unsupported => "unsupported",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Duplicate => f.write_str("given twice"),
            Self::Escape => f.write_str("malformed percent-escape"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Control => f.write_str("control character"),
            Self::Character => f.write_str("a character that is not allowed there"),
            Self::OtherEncoding(encoding) => write!(f, "not Base32, it looks like {encoding}"),
            Self::AfterPadding => f.write_str("a symbol after padding"),
            Self::NotANumber => f.write_str("not a decimal number"),
            Self::OutOfRange => f.write_str("out of range"),
            Self::Unsupported => f.write_str("not supported"),
            Self::Refused(rule) => rule.fmt(f),
        }
    }
}

/// The reason why a text is not a key URI, or not an accepted one: the part, the problem, and the
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

    /// Returns the position in bytes from the start of the text. If something is missing, it is the
    /// position at which it could be.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the values that the part may have, if it has another one.
    const fn valid(&self) -> Option<&'static str> {
        match (self.problem, self.part) {
            (Problem::Unsupported, Part::Scheme) => Some("otpauth://"),
            (Problem::Unsupported, Part::Type) => Some("totp, hotp or steam"),
            (Problem::Unsupported, Part::Algorithm) => Some("SHA1, SHA256 or SHA512"),
            (Problem::Unsupported, Part::Encoder) => Some("steam, with the type totp"),
            (Problem::OutOfRange, Part::Digits) => Some("6 to 10"),
            (Problem::OutOfRange, Part::Period) => Some("1 second or more"),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.name())?;
        write!(f, ": {}", self.problem)?;
        if let Some(valid) = self.valid() {
            write!(f, ", expected {valid}")?;
        }
        write!(f, " (at byte {})", Decimal::from(self.offset))
    }
}

impl core::error::Error for Error {}
