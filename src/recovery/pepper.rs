//! The key for hashing recovery codes. It is stored inline and wiped.

use core::fmt;

use zeroize::ZeroizeOnDrop;

use super::error::PepperError;
use crate::ct::{Mask, reveal, wipe};

/// The key for hashing recovery codes: 14 to 64 bytes, which is at least 112 bits. Keep it separate
/// from the database (NIST SP 800-63B-4 section 3.1.1.2).
///
/// It has a key id. A [`Set`](super::Set) stores the key id together with a short check value. So a
/// pepper can be replaced: keep the old one while sets name it, and make new sets with the new one.
/// A different pepper with the same key id is detected, and no code is then counted as wrong.
///
/// It is wiped when it is dropped, and [`Pepper::new`] leaves no copy on the stack. A move leaves a
/// copy behind that nothing wipes, and `?` is a move. So make the pepper once, and borrow it.
/// `Debug` shows only the key id.
///
/// ```
/// use otp_core::recovery::{Pepper, PepperError};
///
/// let pepper = Pepper::new(7, b"a file that only the server reads")?;
/// assert_eq!(format!("{pepper:?}"), "Pepper { key_id: 7, .. }");
/// # Ok::<(), PepperError>(())
/// ```
pub struct Pepper {
    bytes: [u8; Self::MAX_LEN],
    /// INVARIANT: `MIN_LEN` to `MAX_LEN`.
    len: u8,
    key_id: u32,
}

impl Pepper {
    /// The smallest length in bytes: 14, which is 112 bits.
    pub const MIN_LEN: usize = 14;

    /// The largest length in bytes: 64, the block of SHA-256. HMAC hashes a longer key to fewer
    /// bytes (RFC 2104 section 3).
    pub const MAX_LEN: usize = 64;

    /// Takes a key of [`Pepper::MIN_LEN`] to [`Pepper::MAX_LEN`] bytes from a CSPRNG. The key id is
    /// any number that distinguishes the peppers of a host. It is not secret.
    ///
    /// # Errors
    /// [`PepperError`] for any other number of bytes, or if all of them are zero.
    pub fn new(key_id: u32, bytes: &[u8]) -> Result<Self, PepperError> {
        if bytes.len() < Self::MIN_LEN {
            return Err(PepperError::Short);
        }
        let Ok(len) = u8::try_from(bytes.len()) else {
            return Err(PepperError::Long);
        };
        let mut pepper = Self { bytes: [0; Self::MAX_LEN], len, key_id };
        match pepper.bytes.get_mut(..bytes.len()) {
            Some(place) => place.copy_from_slice(bytes),
            None => return Err(PepperError::Long),
        }
        if reveal(Mask::all_zero(bytes).bit()) == 1 {
            return Err(PepperError::Zero);
        }
        // A copy, because the original is wiped here.
        Ok(Self { bytes: pepper.bytes, len, key_id })
    }

    /// Returns the key id.
    #[must_use]
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl Drop for Pepper {
    fn drop(&mut self) {
        wipe(&mut self.bytes, [0; Self::MAX_LEN]);
    }
}

impl ZeroizeOnDrop for Pepper {}

/// Shows only the key id.
impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
