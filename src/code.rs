//! The code that a person is shown.

use core::fmt;

use crate::ct::{divide_by_ten, equal_bytes};
use crate::digits::Digits;
use crate::mac::Truncated;

/// A code to show: 6 to 10 decimal digits, leading zeros kept (RFC 4226 section 5.3).
///
/// `Display` writes the digits and `as_bytes` gives them as ASCII; `Debug` does not tell them, so
/// that no live code gets into a log by accident. `==` takes the same time wherever two codes
/// differ. To check what a person typed, use the engine's `verify` and not `==`.
///
/// ```
/// use otp_core::{Hotp, Secret};
///
/// let hotp = Hotp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let code = hotp.code(3);
/// assert_eq!(code.to_string(), "969429");
/// assert_eq!(code.as_bytes(), b"969429");
/// assert_eq!(format!("{code:?}"), "Code { digits: Six, .. }");
/// # Ok::<(), otp_core::SecretError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Code {
    /// ASCII digits; those after the first `digits` are zero bytes.
    ascii: [u8; Digits::MAX],
    digits: Digits,
}

impl Code {
    pub(crate) fn new(truncated: Truncated, digits: Digits) -> Self {
        let mut value = digits.modulus().reduce(truncated.expose_bits());
        let mut ascii = [0; Digits::MAX];
        let shown = ascii.get_mut(..digits.get().into()).unwrap_or_default();
        for symbol in shown.iter_mut().rev() {
            let (rest, digit) = divide_by_ten(value);
            *symbol = b'0' | digit;
            value = rest;
        }
        Self { ascii, digits }
    }

    /// The digits in ASCII, the first one first: 6 to 10 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.ascii.get(..self.digits.get().into()).unwrap_or_default()
    }

    /// How many digits there are.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }
}

/// In a time that does not depend on the digits.
impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        // Zero bytes behind a shorter code equal no digit.
        equal_bytes(&self.ascii, &other.ascii)
    }
}

impl Eq for Code {}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(self.as_bytes()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("digits", &self.digits).finish_non_exhaustive()
    }
}
