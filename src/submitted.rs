//! The code that a person typed.

use core::error::Error;
use core::fmt;

use crate::ct::reveal;
use crate::decimal::Decimal;
use crate::format::{CodeFormat, MAX_LEN};
use crate::sha1::FOR_SPEED;
use crate::typed::{Separator, Typed};

/// A submitted code in its normal form: the symbols of a code (RFC 4226 section 5.3), without
/// separators.
///
/// People type with the keyboard that they have, and paste what a clipboard contains. This type
/// reads:
/// - the decimal digits of every script below U+10000 (Unicode 17.0, general category Nd):
///   `287082`, `٢٨٧٠٨٢`, `۲۸۷۰۸۲`, `２８７０８２`;
/// - for a Steam code, its symbols in either case instead of digits, also in full width.
///
/// It drops characters that carry no information:
/// - white space and invisible characters anywhere: Unicode's properties `White_Space`,
///   `Default_Ignorable_Code_Point` and `Bidi_Control`, such as a newline, a no-break space, a
///   zero-width space or a direction mark;
/// - dashes of any script between digits (general category Pd).
///
/// Everything else is malformed: a leading or trailing dash, a plus or minus sign, an underscore, a
/// superscript, `0x`, and any other number of digits than requested. The submitted text never
/// decides the width of a code. Reading it does not use a key.
///
/// The time depends on the format of the text: the positions and kinds of separators, the script of
/// each symbol, and the first malformed character. It does not depend on the symbols themselves.
///
/// `Debug` does not show the digits.
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
    /// The largest length of a text, a limit of this crate: 128 bytes. It is enough for ten digits
    /// of three bytes each, with several separators between them.
    pub const MAX_TEXT_LEN: usize = 128;

    /// Reads a typed code for an engine with this format. A number of digits is a format (RFC 4226
    /// section 5.3).
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
            // The format is public: whether a character is a symbol, and every character that is
            // not one.
            if reveal(is_symbol.bit()) == 1 {
                // Excess symbols are counted. The check of the width below refuses them.
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

    /// Returns the format that the code was read for.
    #[must_use]
    pub const fn format(self) -> CodeFormat {
        self.format
    }

    /// Returns the number of the code, less than 10^10.
    pub(crate) const fn value(self) -> u64 {
        self.value
    }
}

/// Reads a text that is as long as a code and has only ASCII digits, as almost every submitted
/// text. It processes the text as a whole instead of each character separately.
fn plain(text: &[u8], format: CodeFormat) -> Option<u64> {
    if !matches!(format, CodeFormat::Decimal(_)) || text.len() != usize::from(format.width()) {
        return None;
    }
    let (mut value, mut other) = (0_u64, 0_u32);
    for byte in text {
        let digit = u32::from(*byte).wrapping_sub(u32::from(b'0'));
        // The highest bit is set if the digit is under 0 or over 9.
        other |= digit | 9_u32.wrapping_sub(digit);
        value = value.wrapping_mul(10).wrapping_add(digit.into());
    }
    // It is public whether all of them are digits.
    (reveal(other >> 31) == 0).then_some(value)
}

impl fmt::Debug for SubmittedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmittedCode").field("format", &self.format).finish_non_exhaustive()
    }
}

/// The error for a text that is not formatted as a code (RFC 4226 section 5.3). The check does not
/// use any key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MalformedCode {
    /// The character at `offset` is neither a digit nor a separator (see [`SubmittedCode`]).
    Character {
        /// The offset of the character, in bytes from the start of the text.
        offset: usize,
    },
    /// The number of digits differs from the engine's.
    Width {
        /// The number of digits of a code of this engine.
        expected: u8,
    },
    /// The text is longer than [`SubmittedCode::MAX_TEXT_LEN`] bytes.
    TooLong,
    /// A resynchronisation needs another number of codes.
    Count {
        /// The required number of codes.
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
