//! The code that a person typed.

use core::error::Error;
use core::fmt;

use crate::ct::reveal;
use crate::decimal::Decimal;
use crate::format::{CodeFormat, MAX_LEN};
use crate::typed::Typed;

/// A code as a person submitted it, brought into its one form: as many symbols as a code has (RFC
/// 4226 section 5.3), after a closed list of separators has gone.
///
/// People type what they see, in groups and on the keyboard that they have. So these are read:
/// - the ASCII digits, the full-width digits `０`–`９`, and the Arabic-Indic digits `٠`–`٩`;
/// - ASCII spaces and no-break spaces anywhere, and dashes between digits, which are dropped;
/// - for a code of Steam, instead of digits, its symbols in either case.
///
/// The list is closed. Signs (a leading dash is one), underscores, superscripts, other alphabets'
/// digits and `0x` are malformed, and so is every number of digits but the one asked for: the
/// width of a code never comes from the guess. Nothing here touches a key.
///
/// The time of reading depends on the form of the text: the places of separators, the script of
/// each symbol, and the place of the first malformed character. It does not depend on which
/// symbols they are.
///
/// `Debug` does not tell the digits.
///
/// ```
/// use otp_core::{Digits, MalformedCode, SubmittedCode};
///
/// assert!(SubmittedCode::parse("287 082", Digits::Six).is_ok());
/// assert!(SubmittedCode::parse("２８７－０８２", Digits::Six).is_err()); // a full-width dash
/// assert_eq!(
///     SubmittedCode::parse("+287082", Digits::Six).unwrap_err(),
///     MalformedCode::Character { offset: 0 },
/// );
/// assert_eq!(
///     SubmittedCode::parse("0287082", Digits::Six).unwrap_err(),
///     MalformedCode::Width { expected: 6 },
/// );
/// ```
#[derive(Clone, Copy)]
pub struct SubmittedCode {
    value: u64,
    format: CodeFormat,
}

/// The kinds of characters, as bits.
const SYMBOL: u32 = 1;
const SPACE: u32 = 1 << 1;
const DASH: u32 = 1 << 2;

impl SubmittedCode {
    /// The maximum length of a text, a bound of this crate: 64 bytes, enough for ten digits of
    /// three bytes each with separators between them.
    pub const MAX_TEXT_LEN: usize = 64;

    /// Reads what a person typed, for an engine that makes codes of this format. A number of
    /// digits is a format (RFC 4226 section 5.3).
    ///
    /// # Errors
    /// [`MalformedCode`] for a character outside the closed list, another number of symbols, or a
    /// text over [`SubmittedCode::MAX_TEXT_LEN`] bytes.
    pub fn parse(text: &str, format: impl Into<CodeFormat>) -> Result<Self, MalformedCode> {
        let format = format.into();
        if text.len() > Self::MAX_TEXT_LEN {
            return Err(MalformedCode::TooLong);
        }
        let mut values = [0; MAX_LEN];
        let mut count = 0;
        let mut open_dash = None;
        let mut rest = text.as_bytes();
        let mut offset = 0;
        while let Some(character) = Typed::take(&mut rest) {
            let (is_symbol, value) = format.value(character);
            let is_space = character.is(' ').or(character.is('\u{a0}'));
            let kind = is_symbol.select(0, SYMBOL)
                | is_space.select(0, SPACE)
                | character.is('-').select(0, DASH);
            // What kind of character it is, is form. No character is of two kinds.
            match reveal(kind) {
                SYMBOL => {
                    // Excess symbols are counted; the check of the width below refuses them.
                    if let Some(slot) = values.get_mut(count) {
                        *slot = value;
                    }
                    count = count.saturating_add(1);
                    open_dash = None;
                }
                SPACE => {}
                DASH if count > 0 => open_dash = Some(offset),
                _ => return Err(MalformedCode::Character { offset }),
            }
            offset = text.len().saturating_sub(rest.len());
        }
        if let Some(offset) = open_dash {
            return Err(MalformedCode::Character { offset });
        }
        match values.get(..count) {
            Some(values) if count == usize::from(format.width()) => {
                Ok(Self { value: format.number(values), format })
            }
            _ => Err(MalformedCode::Width { expected: format.width() }),
        }
    }

    /// The format that it was read for.
    #[must_use]
    pub const fn format(self) -> CodeFormat {
        self.format
    }

    /// The number that it stands for, under 10^10.
    pub(crate) const fn value(self) -> u64 {
        self.value
    }
}

impl fmt::Debug for SubmittedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmittedCode").field("format", &self.format).finish_non_exhaustive()
    }
}

/// What a person typed is not formatted as a code (RFC 4226 section 5.3). No key was touched to
/// find this out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedCode {
    /// The character at `offset` is neither a digit nor a separator (see [`SubmittedCode`]).
    Character {
        /// Where, in bytes from the start of the text.
        offset: usize,
    },
    /// The number of digits is not the one that the engine makes.
    Width {
        /// How many digits a code of this engine has.
        expected: u8,
    },
    /// The text is longer than [`SubmittedCode::MAX_TEXT_LEN`] bytes.
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
