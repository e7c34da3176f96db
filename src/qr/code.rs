//! Makes a QR code from a text.

use core::fmt::{self, Write};

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};
use zeroize::Zeroize;

use super::buffer::Buffer;
use super::error::Error;
use crate::buffer::Cursor;

/// A QR code. Draw it in a [terminal](Self::in_terminal), as [SVG](Self::svg), or module by module.
///
/// At enrolment, an authenticator app scans the QR code of a key URI. **Everybody who sees it has
/// the shared secret.** `Debug` shows only the size.
///
/// ```
/// use otp_core::qr::{Buffer, Qr};
/// use otp_core::{Secret, otpauth::UriBuilder};
///
/// let secret = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")?;
/// let uri = UriBuilder::totp(&secret).with_issuer("tenant")?.with_account("user")?;
/// let mut buffer = Buffer::new();
/// let qr = Qr::encode(&uri, &mut buffer)?;
/// println!("{}", qr.in_terminal());
/// let page = format!("<figure>{}</figure>", qr.svg());
/// # assert!(page.contains("</svg>"));
///
/// // On your own display, with the quiet zone around it.
/// for y in -Qr::QUIET_ZONE..qr.size() + Qr::QUIET_ZONE {
///     for x in -Qr::QUIET_ZONE..qr.size() + Qr::QUIET_ZONE {
///         let _ink = qr.is_dark(x, y);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Qr<'b> {
    code: QrCode<'b>,
}

impl<'b> Qr<'b> {
    /// The number of light modules on each side of a QR code: 4 (ISO/IEC 18004, "Quiet zone").
    /// Without them many readers do not find the code.
    pub const QUIET_ZONE: i32 = 4;

    /// Makes the QR code of a text. The text is a `&str`, or a value that writes itself, such as
    /// [`otpauth::UriBuilder`](crate::otpauth::UriBuilder), which then needs no memory of its own.
    ///
    /// The bytes of the text are stored as they are. All apps read ASCII in the same way, and an
    /// escaped key URI is ASCII. For other characters they must guess the encoding.
    ///
    /// The version is the smallest that holds the text. The level of error correction is M, which
    /// restores about 15 % of a damaged code. A higher level is used if it does not need more
    /// modules. The best of the eight masks is chosen by the rules of the standard, and this choice
    /// takes most of the time.
    ///
    /// # Errors
    /// - [`Error::TooLong`] if the text is longer than the buffer's version allows.
    /// - [`Error::Unwritten`] if the value fails to write itself.
    ///
    /// The buffer is then wiped.
    pub fn encode<const N: usize>(
        text: &(impl fmt::Display + ?Sized),
        buffer: &'b mut Buffer<N>,
    ) -> Result<Self, Error> {
        buffer.wipe();
        let max = Buffer::<N>::MAX_VERSION;
        let too_long = Error::TooLong { version: max.value() };
        let (grid, work) = (&mut buffer.grid, &mut buffer.work);

        let mut out = Cursor::new(work);
        let written = write!(out, "{text}");
        let code = out.written().map_err(|_| too_long).and_then(|len| {
            written.map_err(|_| Error::Unwritten)?;
            QrCode::encode_binary(work, len, grid, QrCodeEcc::Medium, Version::MIN, max, None, true)
                .map_err(|_| too_long)
        });
        // Nothing is written into the grid before it is known that the text fits.
        work.zeroize();
        code.map(|code| Self { code })
    }

    /// Returns the number of modules on a side, without the quiet zone: 21 to 177.
    #[must_use]
    pub fn size(&self) -> i32 {
        self.code.size()
    }

    /// Returns whether the module at column `x` and row `y` is dark. Both count from 0 at the upper
    /// left. Every module outside the code is light, including the quiet zone.
    #[must_use]
    pub fn is_dark(&self, x: i32, y: i32) -> bool {
        self.code.get_module(x, y)
    }
}

/// Shows only the size.
impl fmt::Debug for Qr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Qr").field("size", &self.size()).finish_non_exhaustive()
    }
}
