//! Why there is no QR code of a text.

use core::fmt;

use crate::decimal::Decimal;

/// Why there is no QR code of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The text is longer than the largest version of the [`Buffer`](super::Buffer) holds.
    TooLong {
        /// That version, 1 to 40.
        version: u8,
    },
    /// The value that was to write the text failed to.
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
