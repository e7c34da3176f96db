//! The code that a person typed.

use core::error::Error;
use core::fmt;

use crate::ct::reveal;
use crate::decimal::Decimal;
use crate::format::{CodeFormat, MAX_LEN};
use crate::sha1::FOR_SPEED;
use crate::typed::{Separator, Typed};

/// A code as a person submitted it, brought into its one form: as many symbols as a code has (RFC
/// 4226 section 5.3), without separators.
///
/// People type what they see, on the keyboard that they have, and paste what a clipboard carries.
/// This type reads:
/// - the decimal digits of every script below U+10000 (Unicode 17.0, general category Nd): `287082`,
///   `٢٨٧٠٨٢`, `۲۸۷۰۸۲`, `２８７０８２`;
/// - for a code of Steam, its symbols in either case instead of digits, also in full width.
///
/// It drops what carries no information:
/// - white space and invisible characters anywhere: Unicode's properties `White_Space`,
///   `Default_Ignorable_Code_Point` and `Bidi_Control`, such as a newline, a no-break space, a
///   zero-width space or a direction mark;
/// - dashes of any script between digits (general category Pd).
///
/// Everything else is malformed: a leading or trailing dash, a plus or minus sign, an underscore, a
/// superscript, `0x`, and every number of digits but the one asked for. The width of a code never
/// comes from the guess. Nothing here touches a key.
///
/// The time of reading depends on the form of the text: the places and kinds of separators, the
/// script of each symbol, and the first malformed character. It does not depend on which symbols
/// they are.
///
/// `Debug` does not tell the digits.
///
/// ```
/// use otp_core::{Digits, MalformedCode, SubmittedCode};
///
/// assert!(SubmittedCode::parse("287 082", Digits::Six).is_ok());
/// assert!(SubmittedCode::parse("\u{2068}２８７－０８２\u{2069}\r\n", Digits::Six).is_ok());
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

impl SubmittedCode {
    /// The maximum length of a text, a bound of this crate: 128 bytes, enough for ten digits of
    /// three bytes each with several separators between them.
    pub const MAX_TEXT_LEN: usize = 128;

    /// Reads what a person typed, for an engine that makes codes of this format. A number of
    /// digits is a format (RFC 4226 section 5.3).
    ///
    /// # Errors
    /// [`MalformedCode`] for any other character, another number of symbols, or a text over
    /// [`SubmittedCode::MAX_TEXT_LEN`] bytes.
    pub fn parse(text: &str, format: impl Into<CodeFormat>) -> Result<Self, MalformedCode> {
        let format = format.into();
        if FOR_SPEED && let Some(value) = plain(text.as_bytes(), format) {
            return Ok(Self { value, format });
        }
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
            // Whether it is a symbol is form. So is every character that is not a symbol.
            if reveal(is_symbol.bit()) == 1 {
                // Excess symbols are counted; the check of the width below refuses them.
                if let Some(slot) = values.get_mut(count) {
                    *slot = value;
                }
                count = count.saturating_add(1);
                open_dash = None;
            } else {
                match character.separator() {
                    Some(Separator::Space) => {}
                    Some(Separator::Dash) if count > 0 => open_dash = Some(offset),
                    _ => return Err(MalformedCode::Character { offset }),
                }
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

/// Reads a text that is as long as a code and has only ASCII digits, which is what nearly everybody sends: it is looked
/// at as a whole, and no character for itself.
fn plain(text: &[u8], format: CodeFormat) -> Option<u64> {
    if !matches!(format, CodeFormat::Decimal(_)) || text.len() != usize::from(format.width()) {
        return None;
    }
    let (mut value, mut other) = (0_u64, 0_u32);
    for byte in text {
        let digit = u32::from(*byte).wrapping_sub(u32::from(b'0'));
        // The highest bit is set if it is under 0 or over 9.
        other |= digit | 9_u32.wrapping_sub(digit);
        value = value.wrapping_mul(10).wrapping_add(digit.into());
    }
    // Whether all of them are digits is form.
    (reveal(other >> 31) == 0).then_some(value)
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
