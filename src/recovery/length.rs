//! How many symbols a recovery code has.

use crate::error::RecoveryLengthError;

/// Bits that a symbol of Crockford's Base32 stands for.
pub(super) const SYMBOL_BITS: u16 = 5;

/// The number of symbols of a recovery code: 16 to 32, of 5 bits each, 24 unless told otherwise.
///
/// That is 80 to 160 bits, where NIST SP 800-63B-4 section 4.2.1.1 asks for 64 at least. Under 112
/// bits, which is under 23 symbols, section 3.1.2.2 asks for a password hash, so for the fast hash,
/// [`Keyed`](crate::Keyed), there is [`LongRecoveryLength`].
///
/// ```
/// use otp_core::RecoveryLength;
///
/// assert_eq!(RecoveryLength::default().bits(), 120);
/// assert!(RecoveryLength::new(15).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryLength(u8);

impl RecoveryLength {
    /// The fewest symbols: 16, which are 80 bits.
    pub const MIN: u8 = 16;

    /// The most symbols: 32, which are 160 bits.
    pub const MAX: u8 = 32;

    /// 24 symbols, 120 bits: four groups of six.
    pub const DEFAULT: Self = Self(24);

    /// Takes 16 to 32 symbols.
    ///
    /// # Errors
    /// [`RecoveryLengthError`] for other numbers.
    pub const fn new(symbols: u8) -> Result<Self, RecoveryLengthError> {
        if symbols < Self::MIN || symbols > Self::MAX {
            return Err(RecoveryLengthError(()));
        }
        Ok(Self(symbols))
    }

    /// The number of symbols.
    #[must_use]
    pub const fn symbols(self) -> u8 {
        self.0
    }

    /// The entropy of a generated code, in bits: 80 to 160.
    #[must_use]
    pub fn bits(self) -> u16 {
        u16::from(self.0).saturating_mul(SYMBOL_BITS)
    }
}

impl Default for RecoveryLength {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// As [`RecoveryLength::new`].
impl TryFrom<u8> for RecoveryLength {
    type Error = RecoveryLengthError;

    fn try_from(symbols: u8) -> Result<Self, Self::Error> {
        Self::new(symbols)
    }
}

/// The number of symbols of a recovery code that needs no password hash: 23 to 32, which is 112 bits
/// at least (NIST SP 800-63B-4 section 3.1.2.2), 24 unless told otherwise.
///
/// The only length that [`Keyed`](crate::Keyed) takes: a shorter code does not get to it.
///
/// ```compile_fail,E0308
/// use otp_core::{Keyed, Pepper, RecoveryLength, RecoverySet};
///
/// let pepper = Pepper::new(1, &[7; 32]).unwrap();
/// let fill = |bytes: &mut [u8]| Ok::<(), ()>(bytes.fill(1));
/// let short = RecoveryLength::new(16).unwrap();
/// RecoverySet::<1, Keyed>::generate_with(fill, Keyed, short, &pepper, b"user", |_, _| ());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongRecoveryLength(RecoveryLength);

impl LongRecoveryLength {
    /// The fewest symbols: 23, which are 115 bits.
    pub const MIN: u8 = 23;

    /// 24 symbols, 120 bits: four groups of six.
    pub const DEFAULT: Self = Self(RecoveryLength::DEFAULT);

    /// Takes 23 to 32 symbols.
    ///
    /// # Errors
    /// [`RecoveryLengthError`] for other numbers.
    pub const fn new(symbols: u8) -> Result<Self, RecoveryLengthError> {
        match RecoveryLength::new(symbols) {
            Ok(length) if symbols >= Self::MIN => Ok(Self(length)),
            _ => Err(RecoveryLengthError(())),
        }
    }

    /// The number of symbols.
    #[must_use]
    pub const fn symbols(self) -> u8 {
        self.0.symbols()
    }

    /// The entropy of a generated code, in bits: 115 to 160.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0.bits()
    }
}

impl Default for LongRecoveryLength {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// As [`LongRecoveryLength::new`].
impl TryFrom<u8> for LongRecoveryLength {
    type Error = RecoveryLengthError;

    fn try_from(symbols: u8) -> Result<Self, Self::Error> {
        Self::new(symbols)
    }
}

impl From<LongRecoveryLength> for RecoveryLength {
    fn from(length: LongRecoveryLength) -> Self {
        length.0
    }
}
