//! What is wrong with a text that should be Base32.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// A text that is not Base32 (RFC 4648 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base32Error {
    /// The character at `offset` is not in the alphabet `A`–`Z` `2`–`7`, and is not a separator or
    /// padding.
    Symbol {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// As [`Symbol`](Self::Symbol), and the whole text looks like another encoding.
    OtherEncoding {
        /// Where the first character that is not Base32 is, in bytes from the start of the text.
        offset: usize,
        /// What the text looks like.
        encoding: Encoding,
    },
    /// Upper and lower case are mixed. The text may be Base64: 7 in 100 Base64 texts of 20 random
    /// bytes have only symbols of Base32. If it is Base32, decode it by
    /// [`decode_base32`](crate::decode_base32).
    MixedCase {
        /// Where the case changes, in bytes from the start of the text.
        offset: usize,
    },
    /// A symbol follows padding, at `offset`.
    AfterPadding {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// The buffer is too small for what the text holds.
    BufferTooSmall,
}

/// An encoding that people take for Base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Hexadecimal (RFC 4648 section 8).
    Hexadecimal,
    /// Base64 (RFC 4648 sections 4 and 5).
    Base64,
}

impl Encoding {
    /// Returns what a text that is not Base32 looks like. Only for texts of at least 8 bytes, so that
    /// a mistyped secret is not taken for something else.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('=');
        let all = |accepts: fn(u8) -> bool| text.bytes().all(accepts);
        let any = |accepts: fn(u8) -> bool| text.bytes().any(accepts);
        let is_of_base64 =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        if text.len() >= 16 && text.len().is_multiple_of(2) && all(|byte| byte.is_ascii_hexdigit())
        {
            Some(Self::Hexadecimal)
        } else if text.len() >= 11
            && all(is_of_base64)
            && any(|byte| byte.is_ascii_lowercase())
            && any(|byte| byte.is_ascii_uppercase())
        {
            Some(Self::Base64)
        } else {
            None
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hexadecimal => "hexadecimal",
            Self::Base64 => "Base64",
        })
    }
}

impl Base32Error {
    /// Says what the whole text looks like, if a symbol is wrong.
    pub(super) fn with_hint(self, text: &str) -> Self {
        match (self, Encoding::of(text)) {
            (Self::Symbol { offset }, Some(encoding)) => Self::OtherEncoding { offset, encoding },
            _ => self,
        }
    }
}

impl fmt::Display for Base32Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symbol { offset } => {
                write!(f, "not a Base32 symbol at byte {}", Decimal::from(*offset))
            }
            Self::OtherEncoding { offset, encoding } => {
                let offset = Decimal::from(*offset);
                write!(f, "not a Base32 symbol at byte {offset}, it looks like {encoding}")
            }
            Self::MixedCase { offset } => {
                let offset = Decimal::from(*offset);
                write!(f, "upper and lower case mixed at byte {offset}, it may be Base64")
            }
            Self::AfterPadding { offset } => {
                write!(f, "a Base32 symbol after padding at byte {}", Decimal::from(*offset))
            }
            Self::BufferTooSmall => f.write_str("more bytes than the buffer holds"),
        }
    }
}

impl Error for Base32Error {}
