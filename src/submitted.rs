//! The code that a person typed.

use core::fmt;

use crate::digits::Digits;
use crate::error::MalformedCode;

/// A code as a person submitted it, brought into its one form.
///
/// People type what they see, in groups and on the keyboard that they have. So these are read:
/// - the ASCII digits, the full-width digits `０`–`９`, and the Arabic-Indic digits `٠`–`٩`;
/// - ASCII spaces and no-break spaces anywhere, and dashes between digits, which are dropped.
///
/// The list is closed. Signs (a leading dash is one), underscores, superscripts, other alphabets'
/// digits and `0x` are malformed, and so is every number of digits but the one asked for: the
/// width of a code never comes from the guess. Nothing here touches a key.
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
    digits: Digits,
}

impl Submitted {
    /// The longest text that is read: 64 bytes, with room for ten digits of three bytes each and
    /// separators between them.
    pub const MAX_TEXT_LEN: usize = 64;

    /// Reads what a person typed, for an engine that makes codes of `digits` digits.
    ///
    /// # Errors
    /// [`MalformedCode`] for a character outside the closed list, another number of digits, or a
    /// text over [`Submitted::MAX_TEXT_LEN`] bytes.
    pub fn parse(text: &str, digits: Digits) -> Result<Self, MalformedCode> {
        if text.len() > Self::MAX_TEXT_LEN {
            return Err(MalformedCode::TooLong);
        }
        let mut value = 0_u64;
        let mut count = 0_u8;
        let mut open_dash = None;
        for (offset, character) in text.char_indices() {
            match character {
                ' ' | '\u{a0}' => {}
                '-' if count > 0 => open_dash = Some(offset),
                _ => {
                    let Some(digit) = digit(character) else {
                        return Err(MalformedCode::Character { offset });
                    };
                    // At most 64 digits are read; more than ten are refused below, wrapped or not.
                    value = value.wrapping_mul(10).wrapping_add(digit);
                    count = count.saturating_add(1);
                    open_dash = None;
                }
            }
        }
        if let Some(offset) = open_dash {
            return Err(MalformedCode::Character { offset });
        }
        if count != digits.get() {
            return Err(MalformedCode::Width { expected: digits.get() });
        }
        Ok(Self { value, digits })
    }

    /// How many digits there are.
    #[must_use]
    pub const fn digits(self) -> Digits {
        self.digits
    }

    /// The digits as a number, under 10^10.
    pub(crate) const fn value(self) -> u64 {
        self.value
    }
}

fn digit(character: char) -> Option<u64> {
    let zero = match character {
        '0'..='9' => '0',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        '\u{660}'..='\u{669}' => '\u{660}',
        _ => return None,
    };
    Some(u64::from(u32::from(character).wrapping_sub(u32::from(zero))))
}

impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitted").field("digits", &self.digits).finish_non_exhaustive()
    }
}
