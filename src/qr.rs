//! The QR code of a text (ISO/IEC 18004), without an allocator.
//!
//! The `qrcodegen-no-heap` crate turns bytes into modules, the squares of a QR code. It asserts
//! that a version is 1 to 40, that buffers have the length of that version and that the bytes lie
//! within theirs. The first two hold here by the type of the buffer, the third since the text is
//! written into it. That a text is too long for a version is an error there, and here.

mod draw;

use core::fmt::{self, Write};

use qrcodegen_no_heap::{QrCode, QrCodeEcc, Version};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use self::draw::{QrSvg, QrText};
use crate::error::QrError;

/// The version of [`QrBuffer::new`].
const VERSION: u8 = 13;

/// The bytes of one grid: its side in a byte, then a bit for each module.
const fn grid_len(version: u8) -> usize {
    let side = (version as usize).saturating_mul(4).saturating_add(17);
    side.saturating_mul(side).div_ceil(8).saturating_add(1)
}

/// The space in which a QR code is made and kept: two grids of `N` bytes, on the stack or in a
/// static.
///
/// `N` says up to which version, which is to say size, a QR code may grow: it is
/// [`QrBuffer::len_of`] that version, and any other number does not compile. The code takes no more
/// modules than its text needs.
///
/// | version | bytes of text | modules a side | `N` | bytes of the buffer |
/// |---|---|---|---|---|
/// | 5 | 84 | 37 | 173 | 346 |
/// | 7 | 122 | 45 | 255 | 510 |
/// | 10 | 213 | 57 | 408 | 816 |
/// | 13, of [`QrBuffer::new`] | 331 | 69 | 597 | 1,194 |
/// | 20 | 666 | 97 | 1,178 | 2,356 |
/// | 40, the largest | 2,331 | 177 | 3,918 | 7,836 |
///
/// Version 13 is the largest that a terminal of 80 columns shows.
///
/// A QR code shows the shared secret, so the buffer is wiped when dropped. One in a static is never
/// dropped: call [`QrBuffer::wipe`].
///
/// ```
/// use otp_core::{Qr, QrBuffer, QrError};
///
/// let mut small = QrBuffer::<{ QrBuffer::len_of(5) }>::sized();
/// assert_eq!(size_of_val(&small), 346);
/// assert!(Qr::encode(&"x".repeat(84), &mut small).is_ok());
/// let error = Qr::encode(&"x".repeat(85), &mut small).unwrap_err();
/// assert_eq!(error, QrError::TooLong { version: 5 });
/// ```
///
/// ```compile_fail
/// let buffer = otp_core::QrBuffer::<{ otp_core::QrBuffer::len_of(41) }>::sized();
/// ```
pub struct QrBuffer<const N: usize = { grid_len(VERSION) }> {
    /// The code, from [`Qr::encode`] on.
    grid: [u8; N],
    /// The text, and what is needed on the way from it to the code.
    work: [u8; N],
}

impl QrBuffer {
    /// A buffer for QR codes up to version 13: texts up to 331 bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self::sized()
    }

    /// The `N` of a version, in bytes. Versions are 1 to 40: for others there is no buffer.
    #[must_use]
    pub const fn len_of(version: u8) -> usize {
        grid_len(version)
    }
}

impl<const N: usize> QrBuffer<N> {
    /// The version that `N` belongs to.
    const MAX_VERSION: Version = {
        let mut version = Version::MIN.value();
        while grid_len(version) < N && version < Version::MAX.value() {
            version = version.saturating_add(1);
        }
        let version = Version::new(version);
        assert!(version.buffer_len() == N, "N has to be QrBuffer::len_of a version from 1 to 40");
        version
    };

    /// A buffer for QR codes up to the version that `N` belongs to.
    #[must_use]
    pub const fn sized() -> Self {
        // Where `N` is no version's the build ends here, before there is a buffer.
        let _checked: Version = const { Self::MAX_VERSION };
        Self { grid: [0; N], work: [0; N] }
    }

    /// Wipes the QR code: for a buffer in a static. One that is dropped does so itself.
    pub fn wipe(&mut self) {
        self.grid.zeroize();
        self.work.zeroize();
    }
}

impl<const N: usize> Default for QrBuffer<N> {
    fn default() -> Self {
        Self::sized()
    }
}

impl<const N: usize> Drop for QrBuffer<N> {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl<const N: usize> ZeroizeOnDrop for QrBuffer<N> {}

/// Tells the largest version alone.
impl<const N: usize> fmt::Debug for QrBuffer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = Self::MAX_VERSION.value();
        f.debug_struct("QrBuffer").field("max_version", &version).finish_non_exhaustive()
    }
}

/// A QR code, to be drawn in a [terminal](Self::in_terminal), as [SVG](Self::svg), or module by
/// module.
///
/// That of a key URI is what an authenticator app scans at enrolment. **Whoever sees it has the
/// shared secret.** `Debug` tells the size alone.
///
/// ```
/// use otp_core::{KeyUriWriter, Qr, QrBuffer, Secret};
///
/// let secret = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")?;
/// let uri = KeyUriWriter::totp(&secret).with_issuer("tenant")?.with_account("user")?;
/// let mut buffer = QrBuffer::new();
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
    /// [`KeyUriWriter`](crate::KeyUriWriter), which then needs no space of its own.
    ///
    /// The text is stored as it is, in bytes. Apps read ASCII alike, which a key URI is when it is
    /// escaped; beyond it they have to guess the encoding.
    ///
    /// The version is the smallest that holds the text. Error correction is of level M, which
    /// restores some 15 % of a damaged code, or of a higher one where that costs no module. Of the
    /// eight masks the best is chosen by the rules of the standard, which takes most of the time.
    ///
    /// # Errors
    /// [`QrError::TooLong`] when the text is longer than the buffer's version holds, and
    /// [`QrError::Unwritten`] when the value fails to write itself. The buffer is then wiped.
    pub fn encode<const N: usize>(
        text: &(impl fmt::Display + ?Sized),
        buffer: &'b mut QrBuffer<N>,
    ) -> Result<Self, QrError> {
        buffer.wipe();
        let max = QrBuffer::<N>::MAX_VERSION;
        let too_long = QrError::TooLong { version: max.value() };
        let (grid, work) = (&mut buffer.grid, &mut buffer.work);

        let code = write(text, work, too_long).and_then(|len| {
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

/// Tells the size alone.
impl fmt::Debug for Qr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Qr").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// Writes a text into `space`, and returns its length in bytes.
fn write(
    text: &(impl fmt::Display + ?Sized),
    space: &mut [u8],
    too_long: QrError,
) -> Result<usize, QrError> {
    let mut writer = Writer { space, len: 0, full: false };
    let written = write!(writer, "{text}");
    if writer.full {
        Err(too_long)
    } else {
        written.map(|()| writer.len).map_err(|_| QrError::Unwritten)
    }
}

struct Writer<'s> {
    space: &'s mut [u8],
    len: usize,
    /// Something did not fit. A value may go on writing after it was told so, and come to an end.
    full: bool,
}

impl Write for Writer<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.len.saturating_add(part.len());
        match self.space.get_mut(self.len..end) {
            Some(space) => {
                space.copy_from_slice(part.as_bytes());
                self.len = end;
                Ok(())
            }
            None => {
                self.full = true;
                Err(fmt::Error)
            }
        }
    }
}
