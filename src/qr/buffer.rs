//! The memory of a QR code. Its size is checked at compile time.

use core::fmt;

use qrcodegen_no_heap::Version;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The version of [`Buffer::new`].
const VERSION: u8 = 13;

/// Returns the length of one grid in bytes: one byte for its side, then one bit for each module.
const fn grid_len(version: u8) -> usize {
    let side = (version as usize).saturating_mul(4).saturating_add(17);
    side.saturating_mul(side).div_ceil(8).saturating_add(1)
}

/// The memory of a QR code: two grids of `N` bytes, on the stack or in a static.
///
/// `N` limits the version of the QR code, and with it the size. `N` must be [`Buffer::len_of`] a
/// version. Any other number does not compile. A code has only as many modules as its text needs.
///
/// | version | bytes of text | modules a side | `N` | bytes of the buffer |
/// |---|---|---|---|---|
/// | 5 | 84 | 37 | 173 | 346 |
/// | 7 | 122 | 45 | 255 | 510 |
/// | 10 | 213 | 57 | 408 | 816 |
/// | 13, of [`Buffer::new`] | 331 | 69 | 597 | 1,194 |
/// | 20 | 666 | 97 | 1,178 | 2,356 |
/// | 40, the largest | 2,331 | 177 | 3,918 | 7,836 |
///
/// Version 13 is the largest that fits on a terminal of 80 columns.
///
/// A QR code contains the shared secret, so the buffer is wiped when it is dropped. A buffer in a
/// static is never dropped: call [`Buffer::wipe`].
///
/// ```
/// use otp_core::qr::{Buffer, Error, Qr};
///
/// let mut small = Buffer::<{ Buffer::len_of(5) }>::sized();
/// assert_eq!(size_of_val(&small), 346);
/// assert!(Qr::encode(&"x".repeat(84), &mut small).is_ok());
/// let error = Qr::encode(&"x".repeat(85), &mut small).unwrap_err();
/// assert_eq!(error, Error::TooLong { version: 5 });
/// ```
///
/// ```compile_fail
/// let buffer = otp_core::qr::Buffer::<{ otp_core::qr::Buffer::len_of(41) }>::sized();
/// ```
pub struct Buffer<const N: usize = { grid_len(VERSION) }> {
    /// The finished code.
    pub(super) grid: [u8; N],
    /// The text, and intermediate data.
    pub(super) work: [u8; N],
}

impl Buffer {
    /// Returns a buffer for QR codes up to version 13: texts up to 331 bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self::sized()
    }

    /// Returns the `N` of a version, in bytes. Versions are 1 to 40. A buffer for another version
    /// does not compile.
    #[must_use]
    pub const fn len_of(version: u8) -> usize {
        grid_len(version)
    }
}

impl<const N: usize> Buffer<N> {
    /// The version of `N`.
    pub(super) const MAX_VERSION: Version = {
        let mut version = Version::MIN.value();
        while grid_len(version) < N && version < Version::MAX.value() {
            version = version.saturating_add(1);
        }
        let version = Version::new(version);
        assert!(version.buffer_len() == N, "N has to be Buffer::len_of a version from 1 to 40");
        version
    };

    /// Returns a buffer for QR codes up to the version of `N`.
    #[must_use]
    pub const fn sized() -> Self {
        // If `N` does not belong to a version, the build fails here.
        let _checked: Version = const { Self::MAX_VERSION };
        Self { grid: [0; N], work: [0; N] }
    }

    /// Wipes the QR code. Use it for a buffer in a static. Dropping a buffer wipes it too.
    pub fn wipe(&mut self) {
        self.grid.zeroize();
        self.work.zeroize();
    }
}

impl<const N: usize> Default for Buffer<N> {
    fn default() -> Self {
        Self::sized()
    }
}

impl<const N: usize> Drop for Buffer<N> {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl<const N: usize> ZeroizeOnDrop for Buffer<N> {}

/// Shows only the largest version.
impl<const N: usize> fmt::Debug for Buffer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = Self::MAX_VERSION.value();
        f.debug_struct("Buffer").field("max_version", &version).finish_non_exhaustive()
    }
}
