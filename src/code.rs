//! The code that a person is shown.

use core::fmt;

use crate::ct::{equal_bytes, reveal};
use crate::format::{CodeFormat, MAX_LEN};
use crate::hmac_key::Truncated;

/// A code to show: 6 to 10 decimal digits, leading zeros kept (RFC 4226 section 5.3), or five
/// symbols of Steam.
///
/// `Display` writes the symbols, and `as_str` and `as_bytes` return them. `Debug` does not tell
/// them, so that no live code gets into a log by accident. `==` takes the same time wherever two
/// codes differ. To check what a person typed, use the engine's `verify` and not `==`.
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
    /// ASCII; those after the width of the format are zero bytes.
    symbols: [u8; MAX_LEN],
    format: CodeFormat,
}

impl Code {
    pub(crate) fn new(truncated: Truncated, format: CodeFormat) -> Self {
        Self { symbols: format.symbols(truncated.expose_bits()), format }
    }

    /// The symbols in ASCII, the first one first: 5 to 10 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.symbols.get(..self.format.width().into()).unwrap_or_default()
    }

    /// The symbols as text, the first one first. Unlike `Display` it needs no formatter, which a
    /// small display has no use for. The time does not depend on which symbols they are.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // It is ASCII.
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// How it looks.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }
}

/// In a time that does not depend on the symbols.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        // The zero bytes after a shorter code equal no symbol.
        equal_bytes(&self.symbols, &other.symbols)
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever writes it shows it.
        let shown = Self { symbols: reveal(self.symbols), format: self.format };
        f.pad(shown.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("format", &self.format).finish_non_exhaustive()
    }
}
