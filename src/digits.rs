//! The number of digits of a code.

use core::error::Error;
use core::fmt;

use crate::decimal::Decimal;

/// The number of digits of a code: 6 to 10.
///
/// RFC 4226 section 5.3 requires at least 6 digits, and allows 7 and 8. Nine and ten are used in
/// practice. A code is made from a 31-bit number. Ten digits are that number itself, padded with
/// zeros. Their first digit is always 0, 1 or 2, so a tenth digit adds little security.
///
/// ```
/// use otp_core::Digits;
///
/// assert_eq!(Digits::new(8), Ok(Digits::Eight));
/// assert!(Digits::new(5).is_err());
/// ```
#[doc(alias("length"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(clippy::exhaustive_enums, reason = "a code has 6 to 10 digits")]
pub enum Digits {
    /// The default. Every app supports it.
    #[default]
    Six = 6,
    /// Seven digits.
    Seven = 7,
    /// Eight digits, as in the test vectors of RFC 6238.
    Eight = 8,
    /// Nine digits.
    Nine = 9,
    /// Ten digits.
    Ten = 10,
}

impl Digits {
    /// The largest number of digits: 10.
    pub const MAX: usize = 10;

    /// Checks a number of digits, 6 to 10.
    ///
    /// # Errors
    /// [`DigitsError`] for any other number (RFC 4226 section 5.3).
    pub const fn new(digits: u8) -> Result<Self, DigitsError> {
        match digits {
            6 => Ok(Self::Six),
            7 => Ok(Self::Seven),
            8 => Ok(Self::Eight),
            9 => Ok(Self::Nine),
            10 => Ok(Self::Ten),
            _ => Err(DigitsError(())),
        }
    }

    /// Returns the number of digits, 6 to 10.
    #[must_use]
    pub const fn get(self) -> u8 {
        self as u8
    }
}

impl TryFrom<u8> for Digits {
    type Error = DigitsError;

    fn try_from(digits: u8) -> Result<Self, Self::Error> {
        Self::new(digits)
    }
}

impl From<Digits> for u8 {
    fn from(digits: Digits) -> Self {
        digits.get()
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from(self.get()).pad(f)
    }
}

/// The error for a number of digits outside 6 to 10 (RFC 4226 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitsError(pub(crate) ());

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code has 6 to 10 digits")
    }
}

impl Error for DigitsError {}
