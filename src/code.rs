//! The code that a device shows to a person.

use core::fmt;

use crate::ct::{equal_bytes, reveal};
use crate::format::{CodeFormat, MAX_LEN};
use crate::hmac_key::Truncated;

/// A code to show: 6 to 10 decimal digits with leading zeros (RFC 4226 section 5.3), or five Steam
/// symbols.
///
/// `Display` writes the symbols, and `as_str` and `as_bytes` return them. `Debug` does not show
/// them, so that a valid code does not get into a log by accident. The time of `==` does not depend
/// on the position of a difference. To check what a person typed, use the engine's `verify` instead
/// of `==`.
///
/// ```
/// use otp_core::{Hotp, Secret};
///
/// let hotp = Hotp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let code = hotp.code(3);
/// assert_eq!(code.to_string(), "969429");
/// assert_eq!(code.as_str(), "969429");
/// assert_eq!(format!("{code:?}"), "Code { format: Decimal(Six), .. }");
/// # Ok::<(), otp_core::SecretError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Code {
    /// ASCII. The bytes after the width of the format are zero.
    symbols: [u8; MAX_LEN],
    format: CodeFormat,
}

impl Code {
    pub(crate) fn new(truncated: Truncated, format: CodeFormat) -> Self {
        Self { symbols: format.symbols(truncated.expose_bits()), format }
    }

    /// Returns the symbols in ASCII, first symbol first: 5 to 10 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.symbols.get(..self.format.width().into()).unwrap_or_default()
    }

    /// Returns the symbols as text, first symbol first. Unlike `Display`, it does not need a
    /// formatter, which a small display does not use. The time does not depend on the symbols.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It is ASCII.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Returns the format of the code.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }
}

/// Compares in a time that does not depend on the symbols.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        // The zero bytes after a shorter code do not equal any symbol.
        equal_bytes(&self.symbols, &other.symbols)
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The caller writes the code to show it, so it becomes public here.
        let shown = Self { symbols: reveal(self.symbols), format: self.format };
        f.pad(shown.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("format", &self.format).finish_non_exhaustive()
    }
}
