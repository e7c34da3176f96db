//! The number of symbols of a recovery code.

use super::error::LengthError;
use crate::constant::compiled;

/// The bits of a symbol of Crockford's Base32.
const SYMBOL_BITS: u16 = 5;

/// The bits of 36 decimal digits: 36 times log2(10) is 119.6.
const DIGITS_BITS: u16 = 119;

/// The number of symbols of a recovery code: 16 to 32 of Crockford's Base32, with 5 bits each, or
/// 36 decimal digits. The default is 24 of Base32.
///
/// That is 80 to 160 bits. NIST SP 800-63B-4 section 4.2.1.1 requires at least 64. Codes under 112
/// bits, with fewer than 23 symbols, need a password hash (section 3.1.2.2). With
/// [`Keyed`](super::Keyed) they are an error. Codes of digits are for keypads without letters
/// ([`Length::DIGITS`]).
///
/// ```
/// use otp_core::recovery::Length;
///
/// assert_eq!(Length::DEFAULT.bits(), 120);
/// assert!(Length::new(15).is_err());
/// assert_eq!(Length::DIGITS.bits(), 119);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(u8);

impl Length {
    /// The smallest number of Base32 symbols: 16, which is 80 bits.
    pub const MIN: u8 = 16;

    /// The largest number of Base32 symbols: 32, which is 160 bits.
    pub const MAX: u8 = 32;

    /// 24 Base32 symbols, which is 120 bits: four groups of six.
    pub const DEFAULT: Self = Self(24);

    /// 36 decimal digits, which is 119 bits: six groups of six, for a keypad without letters.
    pub const DIGITS: Self = Self(36);

    /// Returns whether the symbols are decimal digits.
    #[must_use]
    pub const fn is_digits(self) -> bool {
        // A Base32 code never has this many symbols.
        self.0 == Self::DIGITS.0
    }

    /// Reads the length that a set stores. The number of symbols identifies the alphabet.
    pub(super) const fn stored(symbols: u8) -> Result<Self, LengthError> {
        if symbols == Self::DIGITS.0 { Ok(Self::DIGITS) } else { Self::new(symbols) }
    }

    /// Takes a number of Base32 symbols, [`Length::MIN`] to [`Length::MAX`].
    ///
    /// # Errors
    /// [`LengthError::Range`] for any other number.
    pub const fn new(symbols: u8) -> Result<Self, LengthError> {
        if symbols < Self::MIN || symbols > Self::MAX {
            return Err(LengthError::Range);
        }
        Ok(Self(symbols))
    }

    /// Makes the same value as [`Length::new`], for a number in the source code. A number out of
    /// range does not compile.
    ///
    /// ```
    /// use otp_core::recovery::Length;
    ///
    /// const LENGTH: Length = Length::of::<28>();
    /// assert_eq!(LENGTH.bits(), 140);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// const LENGTH: otp_core::recovery::Length = otp_core::recovery::Length::of::<15>();
    /// # let _ = LENGTH;
    /// ```
    #[must_use]
    pub const fn of<const SYMBOLS: u8>() -> Self {
        compiled!(Self::new(SYMBOLS))
    }

    /// Returns the number of symbols.
    #[must_use]
    pub const fn symbols(self) -> u8 {
        self.0
    }

    /// Returns the entropy of a generated code, in whole bits: 80 to 160.
    #[must_use]
    pub fn bits(self) -> u16 {
        if self.is_digits() {
            return DIGITS_BITS;
        }
        u16::from(self.0).saturating_mul(SYMBOL_BITS)
    }

    /// Returns this length if it has at least `min` symbols.
    pub(super) const fn at_least(self, min: u8) -> Result<Self, LengthError> {
        if self.0 < min { Err(LengthError::Short { min }) } else { Ok(self) }
    }
}

impl Default for Length {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Like [`Length::new`].
impl TryFrom<u8> for Length {
    type Error = LengthError;

    fn try_from(symbols: u8) -> Result<Self, Self::Error> {
        Self::new(symbols)
    }
}
