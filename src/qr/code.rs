//! A QR code, made from a text.

use core::fmt::{self, Write};

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};
use zeroize::Zeroize;

use super::buffer::Buffer;
use super::error::Error;
use crate::buffer::Cursor;

/// A QR code, to be drawn in a [terminal](Self::in_terminal), as [SVG](Self::svg), or module by
/// module.
///
/// An authenticator app scans the one of a key URI at enrolment. **Whoever sees it has the shared
/// secret.** `Debug` only tells the size.
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
/// // On a display of one's own, with the quiet zone around it.
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
    /// How many light modules surround a QR code on each side: 4 (ISO/IEC 18004, "Quiet zone").
    /// Without them many readers do not find it.
    pub const QUIET_ZONE: i32 = 4;

    /// Makes the QR code of a text: of a `&str`, or of a value that writes itself as one, such as
    /// [`otpauth::UriBuilder`](crate::otpauth::UriBuilder), which then needs no space of its own.
    ///
    /// The text is stored as it is, in bytes. Apps read ASCII alike, which a key URI is when it is
    /// escaped; beyond it they have to guess the encoding.
    ///
    /// The version is the smallest that holds the text. The level of error correction is M, which
    /// restores some 15 % of a damaged code, or a higher one if that costs no module. The best of
    /// the eight masks is chosen by the rules of the standard, which takes most of the time.
    ///
    /// # Errors
    /// [`Error::TooLong`] when the text is longer than the buffer's version holds, and
    /// [`Error::Unwritten`] when the value fails to write itself. The buffer is then wiped.
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
        // Nothing is put into the grid before it is known that the text fits.
        work.zeroize();
        code.map(|code| Self { code })
    }

    /// The modules of a side, without the quiet zone: 21 to 177.
    #[must_use]
    pub fn size(&self) -> i32 {
        self.code.size()
    }

    /// Whether the module at column `x` and row `y` is dark. Both count from the upper left, at 0;
    /// whatever lies outside the code is light, as is the quiet zone.
    #[must_use]
    pub fn is_dark(&self, x: i32, y: i32) -> bool {
        self.code.get_module(x, y)
    }
}

/// Only tells the size.
impl fmt::Debug for Qr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Qr").field("size", &self.size()).finish_non_exhaustive()
    }
}
