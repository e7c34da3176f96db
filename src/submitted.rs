//! The code that a person typed.

use core::fmt;

use crate::ct::reveal;
use crate::error::MalformedCode;
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
/// Reading takes a time that depends on the form: where separators stand, which script each symbol
/// is of, and where the first character stands that does not belong. It does not depend on which
/// symbols they are.
///
/// `Debug` does not tell the digits.
///
/// ```
/// use otp_core::{Digits, MalformedCode, Submitted};
///
/// assert!(Submitted::parse("287 082", Digits::Six).is_ok());
/// assert!(Submitted::parse("２８７－０８２", Digits::Six).is_err()); // a full-width dash
/// assert_eq!(
///     Submitted::parse("+287082", Digits::Six).unwrap_err(),
///     MalformedCode::Character { offset: 0 },
/// );
/// assert_eq!(
///     Submitted::parse("0287082", Digits::Six).unwrap_err(),
///     MalformedCode::Width { expected: 6 },
/// );
/// ```
#[derive(Clone, Copy)]
pub struct Submitted {
    value: u64,
    format: CodeFormat,
}

/// The kinds of characters, as bits.
const SYMBOL: u32 = 1;
const SPACE: u32 = 1 << 1;
const DASH: u32 = 1 << 2;

impl Submitted {
    /// The longest text that is read, a bound of this crate: 64 bytes, with room for ten digits of three bytes each and
    /// separators between them.
    pub const MAX_TEXT_LEN: usize = 64;

    /// Reads what a person typed, for an engine that makes codes of this format. A number of digits
    /// is a format (RFC 4226 section 5.3).
    ///
    /// # Errors
    /// [`MalformedCode`] for a character outside the closed list, another number of symbols, or a
    /// text over [`Submitted::MAX_TEXT_LEN`] bytes.
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
            let is_space = character.is(' ') | character.is('\u{a0}');
            // What kind of character it is, is form. No character is of two kinds.
            match reveal(is_symbol | is_space << 1 | character.is('-') << 2) {
                SYMBOL => {
                    // Those that find no place are counted all the same, and refused below.
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

impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitted").field("format", &self.format).finish_non_exhaustive()
    }
}
