//! What is wrong with a key URI, in which part, and where.

use core::error::Error;
use core::fmt;

use super::rules::Rule;
use crate::decimal::Decimal;
use crate::error::Base32Error;
use crate::label::REFUSED;
use crate::percent::PercentError;

/// A part of a key URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UriPart {
    /// `otpauth://`.
    Scheme,
    /// `totp`, `hotp` or `steam`.
    Type,
    /// The path: issuer and account.
    Label,
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
}

impl UriPart {
    /// The name of the part, that of the parameter where it is one.
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

/// What is wrong with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UriProblem {
    /// It is missing, or nothing is in it.
    Missing,
    /// It is there twice.
    Duplicate,
    /// No two hexadecimal digits follow a `%`.
    Escape,
    /// The escapes stand for bytes that are not UTF-8.
    NotUtf8,
    /// It has a control character, a line or paragraph separator (U+2028, U+2029), or a bidirectional
    /// embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069).
    Control,
    /// There is a character in it that must not be there.
    Character,
    /// A Base32 symbol follows padding.
    AfterPadding,
    /// It is not a plain decimal number of at most 64 bits.
    NotANumber,
    /// The number is outside its range: digits 6 to 10, a period of at least 1 second.
    OutOfRange,
    /// It is none of the values that are known.
    Unsupported,
    /// It is what this rule refuses.
    Refused(Rule),
}

impl UriProblem {
    /// A short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::Escape => "escape",
            Self::NotUtf8 => "not-utf8",
            Self::Control => "control-character",
            Self::Character => "character",
            Self::AfterPadding => "after-padding",
            Self::NotANumber => "not-a-number",
            Self::OutOfRange => "out-of-range",
            Self::Unsupported => "unsupported",
            Self::Refused(_) => "refused",
        }
    }
}

impl fmt::Display for UriProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Duplicate => f.write_str("given twice"),
            Self::Escape => f.write_str("malformed percent-escape"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Control => f.write_str(REFUSED),
            Self::Character => f.write_str("a character that must not be there"),
            Self::AfterPadding => f.write_str("a symbol after padding"),
            Self::NotANumber => f.write_str("not a decimal number"),
            Self::OutOfRange => f.write_str("out of range"),
            Self::Unsupported => f.write_str("not supported"),
            Self::Refused(rule) => rule.fmt(f),
        }
    }
}

/// Why a text is not a key URI, or not one that is accepted: which part, what, and where.
///
/// It holds nothing of the text, so it can be logged and shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UriError {
    pub(super) part: UriPart,
    pub(super) problem: UriProblem,
    pub(super) offset: usize,
}

impl UriError {
    /// The part that is at fault.
    #[must_use]
    pub const fn part(&self) -> UriPart {
        self.part
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn problem(&self) -> UriProblem {
        self.problem
    }

    /// Where, in bytes from the start of the text. Where something is missing, where it could be.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.name())?;
        write!(f, ": {} (at byte {})", self.problem, Decimal::from(self.offset))
    }
}

impl Error for UriError {}

/// A finding within a part that begins at an offset.
pub(super) trait Finding {
    fn within(self, part: UriPart, start: usize) -> UriError;
}

impl Finding for PercentError {
    fn within(self, part: UriPart, start: usize) -> UriError {
        let (problem, offset) = match self {
            Self::Escape { offset } => (UriProblem::Escape, offset),
            Self::NotUtf8 { offset } => (UriProblem::NotUtf8, offset),
            Self::Control { offset } => (UriProblem::Control, offset),
        };
        UriError { part, problem, offset: start.saturating_add(offset) }
    }
}

impl Finding for Base32Error {
    fn within(self, part: UriPart, start: usize) -> UriError {
        let (problem, offset) = match self {
            Self::Symbol { offset } => (UriProblem::Character, offset),
            Self::AfterPadding { offset } => (UriProblem::AfterPadding, offset),
            // Only a buffer can be too small, and there is none while parsing.
            Self::DoesNotFit => (UriProblem::OutOfRange, 0),
        };
        UriError { part, problem, offset: start.saturating_add(offset) }
    }
}
