//! The reasons why a text does not have a QR code.

use core::fmt;

use crate::decimal::Decimal;

/// The reason why a text does not have a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The text is too long for the largest version of the [`Buffer`](super::Buffer).
    TooLong {
        /// The largest version, 1 to 40.
        version: u8,
    },
    /// The value failed to write its text.
    Unwritten,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { version } => {
                write!(f, "too long for a QR code of version {}", Decimal::from(*version))
            }
            Self::Unwritten => f.write_str("the text of the QR code could not be written"),
        }
    }
}

impl core::error::Error for Error {}
