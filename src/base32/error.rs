//! The errors for a text that should be Base32.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// The reason why a text is not Base32 (RFC 4648 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Base32Error {
    /// The character at `offset` is not in the alphabet `A`–`Z` `2`–`7`, and is not a separator or
    /// padding.
    Symbol {
        /// The offset of the character, in bytes from the start of the text.
        offset: usize,
    },
    /// Like [`Symbol`](Self::Symbol), and the whole text looks like another encoding.
    OtherEncoding {
        /// The offset of the first character that is not Base32, in bytes from the start of the
        /// text.
        offset: usize,
        /// The encoding that the text looks like.
        encoding: Encoding,
    },
    /// Upper and lower case are mixed. The text may be Base64: of 100 Base64 texts of 20 random
    /// bytes, about 7 contain only Base32 symbols. If the text is Base32, decode it with
    /// [`decode_base32`](crate::decode_base32).
    MixedCase {
        /// The offset at which the case changes, in bytes from the start of the text.
        offset: usize,
    },
    /// A symbol at `offset` follows padding.
    AfterPadding {
        /// The offset of the symbol, in bytes from the start of the text.
        offset: usize,
    },
    /// The buffer is too small for the decoded bytes.
    BufferTooSmall,
}

/// An encoding that people confuse with Base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Hexadecimal (RFC 4648 section 8).
    Hexadecimal,
    /// Base64 (RFC 4648 sections 4 and 5).
    Base64,
}

impl Encoding {
    /// Returns which encoding a text looks like that is not Base32. It returns one only for texts
    /// of at least 8 bytes, so that a mistyped secret is not taken for another encoding.
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
    /// Adds which encoding the whole text looks like, if a symbol is wrong.
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
