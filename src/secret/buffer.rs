//! Memory for a secret, so that the secret is never moved.

use core::fmt;

use zeroize::ZeroizeOnDrop;

#[cfg(feature = "getrandom")]
use super::owned::{EntropyError, from_os};
use super::owned::{Secret, SecretError};
#[cfg(any(feature = "rand_core", feature = "getrandom"))]
use crate::algorithm::Algorithm;

/// Memory that a secret is read or generated into.
///
/// [`Secret::from_base32`] returns the secret by value, and `?` then moves it. The bytes stay at
/// the old place, and nothing wipes them. The methods of this buffer write the secret into the
/// buffer and return a reference. While the reference exists, the compiler does not allow a move of
/// the buffer, so the only copy is the one that is wiped. If you move the buffer later, a copy
/// stays behind too: wipe the buffer where it is.
///
/// The buffer is wiped when it is dropped, when it is read into again, and after an error. A buffer
/// in a static is never dropped: call [`SecretBuffer::wipe`].
///
/// ```
/// use otp_core::{SecretBuffer, Totp};
///
/// let mut buffer = SecretBuffer::new();
/// let totp = Totp::new(buffer.read_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")?);
/// buffer.wipe(); // or drop it
/// assert_eq!(totp.code_at(59)?.to_string(), "287082");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SecretBuffer(Secret);

impl SecretBuffer {
    /// Returns an empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Secret::unwritten())
    }

    /// Reads raw bytes like [`Secret::from_bytes`].
    ///
    /// # Errors
    /// The errors of [`Secret::from_bytes`].
    pub fn read_bytes(&mut self, bytes: &[u8]) -> Result<&Secret, SecretError> {
        self.read(|secret| secret.write_bytes(Secret::MIN_BITS, bytes))
    }

    /// Reads raw bytes, also of a short secret, like [`Secret::from_bytes_allow_short`].
    ///
    /// # Errors
    /// The errors of [`Secret::from_bytes_allow_short`].
    pub fn read_bytes_allow_short(&mut self, bytes: &[u8]) -> Result<&Secret, SecretError> {
        self.read(|secret| secret.write_bytes(0, bytes))
    }

    /// Reads Base32 like [`Secret::from_base32`].
    ///
    /// # Errors
    /// The errors of [`Secret::from_base32`].
    pub fn read_base32(&mut self, text: &str) -> Result<&Secret, SecretError> {
        self.read(|secret| secret.write_base32(Secret::MIN_BITS, text))
    }

    /// Reads Base32, also of a short secret, like [`Secret::from_base32_allow_short`].
    ///
    /// # Errors
    /// The errors of [`Secret::from_base32_allow_short`].
    pub fn read_base32_allow_short(&mut self, text: &str) -> Result<&Secret, SecretError> {
        self.read(|secret| secret.write_base32(0, text))
    }

    /// Makes a new secret like [`Secret::generate`].
    ///
    /// # Errors
    /// The error of `rng`. A generator that cannot fail never returns one.
    #[cfg(feature = "rand_core")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
    pub fn generate<R: rand_core::TryCryptoRng + ?Sized>(
        &mut self,
        rng: &mut R,
        algorithm: Algorithm,
    ) -> Result<&Secret, R::Error> {
        self.read(|secret| secret.fill(algorithm, |bytes| rng.try_fill_bytes(bytes)))
    }

    /// Makes a new secret from the operating system's CSPRNG, like [`Secret::generate_from_os`].
    ///
    /// # Errors
    /// [`EntropyError`] if the operating system does not give random bytes.
    #[cfg(feature = "getrandom")]
    #[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
    pub fn generate_from_os(&mut self, algorithm: Algorithm) -> Result<&Secret, EntropyError> {
        self.read(|secret| secret.fill(algorithm, from_os))
    }

    /// Overwrites the secret with zeros. The buffer is then empty.
    pub fn wipe(&mut self) {
        self.0.wipe();
    }

    fn read<E>(&mut self, write: impl FnOnce(&mut Secret) -> Result<(), E>) -> Result<&Secret, E> {
        self.wipe();
        match write(&mut self.0) {
            Ok(()) => Ok(&self.0),
            Err(error) => {
                self.wipe();
                Err(error)
            }
        }
    }
}

impl Default for SecretBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl ZeroizeOnDrop for SecretBuffer {}

/// Does not show the secret.
impl fmt::Debug for SecretBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretBuffer").field("bits", &self.0.bits()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base32::Base32Error;

    const EMPTY: [u8; Secret::MAX_LEN] = [0; Secret::MAX_LEN];

    #[test]
    fn nothing_is_left_after_an_error() {
        let mut buffer = SecretBuffer::new();
        for (text, error) in [
            (
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ!",
                SecretError::Base32(Base32Error::Symbol { offset: 32 }),
            ),
            ("GEZDGNBVGY3TQOJQ", SecretError::Short),
            ("", SecretError::Empty),
        ] {
            assert!(buffer.read_bytes(&[0xee; 100]).is_ok());
            assert_eq!(buffer.read_base32(text).err(), Some(error));
            assert_eq!((buffer.0.bytes, buffer.0.len), (EMPTY, 0), "{text}");
        }
    }

    #[test]
    fn nothing_is_left_of_a_longer_secret() {
        let mut buffer = SecretBuffer::new();
        assert!(buffer.read_bytes(&[0xee; 100]).is_ok());
        assert!(buffer.read_bytes(&[0x5a; 20]).is_ok());
        assert_eq!(buffer.0.bytes.last_chunk(), Some(&[0; Secret::MAX_LEN - 20]));
        buffer.wipe();
        assert_eq!((buffer.0.bytes, buffer.0.len), (EMPTY, 0));
    }
}
