//! The secret by value.

use core::error::Error;
use core::fmt;
use core::str::FromStr;

use zeroize::ZeroizeOnDrop;

#[cfg(any(feature = "rand_core", feature = "getrandom"))]
use crate::algorithm::Algorithm;
use crate::base32::{Base32, Base32Error, decode_one_case};
use crate::ct::wipe;

/// The secret that a verifier and a prover share, called K in RFC 4226.
///
/// Held inline, 1 to [`Secret::MAX_LEN`] bytes.
///
/// # What is wiped
/// A secret is wiped when it is dropped, and so is what its bytes pass through on the way in: in a
/// release build the constructors leave no copy on the stack. A test searches all of it
/// (`tests/proofs/stack.sh`).
///
/// A move leaves a copy behind that nothing wipes. That includes the move out of a `Result` by `?`.
/// To prevent it, read the secret into a [`SecretBuffer`](crate::SecretBuffer), which lends it.
///
/// # Length
/// RFC 4226 section 4 (R6) wants at least 128 bits, and recommends 160. The ordinary constructors
/// refuse less. Real services do issue 80 bits. To accept such a secret, call the method whose name
/// says so. It accepts a short secret and relaxes nothing else:
///
/// | from | refuses less than 128 bits | accepts less |
/// |---|---|---|
/// | bytes | [`from_bytes`](Self::from_bytes) | [`from_bytes_allow_short`](Self::from_bytes_allow_short) |
/// | Base32 | [`from_base32`](Self::from_base32) | [`from_base32_allow_short`](Self::from_base32_allow_short) |
/// | a key URI | [`otpauth::Uri::secret`](crate::otpauth::Uri::secret), [`engine`](crate::otpauth::Uri::engine) | [`secret_allow_short`](crate::otpauth::Uri::secret_allow_short), [`engine_allow_short`](crate::otpauth::Uri::engine_allow_short) |
/// | an export | [`migration::Entry::secret`](crate::migration::Entry::secret), [`engine`](crate::migration::Entry::engine) | [`secret_allow_short`](crate::migration::Entry::secret_allow_short), [`engine_allow_short`](crate::migration::Entry::engine_allow_short) |
///
/// # Not printed, not copied
/// `Debug` tells the length alone. There is no `Display`, no `Clone` and no `PartialEq`. What
/// gives the secret away has `expose` in its name.
///
/// ```
/// use otp_core::{Secret, SecretError};
///
/// let secret = Secret::from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")?;
/// assert_eq!(secret.expose_bytes(), b"12345678901234567890");
/// assert_eq!(secret.expose_base32().to_string(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
/// assert_eq!(format!("{secret:?}"), "Secret { bits: 160, .. }");
///
/// assert_eq!(Secret::from_base32("JBSWY3DPEHPK3PXP").unwrap_err(), SecretError::Short);
/// let short = Secret::from_base32_allow_short("JBSWY3DPEHPK3PXP")?;
/// assert_eq!(short.bits(), 80);
/// # Ok::<(), SecretError>(())
/// ```
pub struct Secret {
    pub(super) bytes: [u8; Self::MAX_LEN],
    /// INVARIANT: 1 to `MAX_LEN` once the secret is written.
    pub(super) len: u8,
}

impl Secret {
    /// The most bytes that a secret holds: 128, the block of SHA-512. HMAC hashes a longer key
    /// down to less, so more bytes add nothing (RFC 2104 section 3). An engine can still be made
    /// of such a key: [`KeySchedule::from_raw_key`](crate::KeySchedule::from_raw_key).
    pub const MAX_LEN: usize = 128;

    /// The least bits that RFC 4226 section 4 (R6) allows: 128.
    pub const MIN_BITS: usize = 128;

    /// Takes raw bytes, 16 to [`Secret::MAX_LEN`].
    ///
    /// # Errors
    /// [`SecretError::Empty`], [`SecretError::Short`] or [`SecretError::Long`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_bytes(Self::MIN_BITS, bytes))
    }

    /// Takes raw bytes, 1 to [`Secret::MAX_LEN`]: for keys that another system has issued too short.
    ///
    /// # Errors
    /// [`SecretError::Empty`] or [`SecretError::Long`].
    pub fn from_bytes_allow_short(bytes: &[u8]) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_bytes(0, bytes))
    }

    /// Reads Base32 as [`decode_base32`](crate::decode_base32) does: upper or lower case, with or
    /// without padding, and without regard to separators.
    ///
    /// Refuses a text that mixes upper and lower case, as Base64 does. Only the first letter may be in
    /// upper case, as a phone's keyboard makes it. To accept such a text, decode it by
    /// [`decode_base32`](crate::decode_base32).
    ///
    /// # Errors
    /// [`SecretError::Base32`] for another text, otherwise as [`Secret::from_bytes`].
    pub fn from_base32(text: &str) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_base32(Self::MIN_BITS, text))
    }

    /// Reads Base32, and takes what has less than 128 bits: for keys that another system has
    /// issued too short.
    ///
    /// # Errors
    /// [`SecretError::Base32`] for another text, otherwise as [`Secret::from_bytes_allow_short`].
    pub fn from_base32_allow_short(text: &str) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_base32(0, text))
    }

    /// Makes a new secret of the length that RFC 6238 section 5.1 wants: that of the hash, 20, 32
    /// or 64 bytes.
    ///
    /// # Errors
    /// The error of `rng`. With a generator that cannot fail there is none.
    #[doc(alias("generate_secret"))]
    #[cfg(feature = "rand_core")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
    pub fn generate<R: rand_core::TryCryptoRng + ?Sized>(
        rng: &mut R,
        algorithm: Algorithm,
    ) -> Result<Self, R::Error> {
        Self::make(|secret| secret.fill(algorithm, |bytes| rng.try_fill_bytes(bytes)))
    }

    /// Makes a new secret as [`Secret::generate`] does, from the operating system's CSPRNG.
    ///
    /// # Errors
    /// [`EntropyError`] if the operating system gives no random bytes.
    #[doc(alias("gen_secret", "generate_secret", "random_base32"))]
    #[cfg(feature = "getrandom")]
    #[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
    pub fn generate_from_os(algorithm: Algorithm) -> Result<Self, EntropyError> {
        Self::make(|secret| secret.fill(algorithm, from_os))
    }

    /// The length in bits: 8 to 1,024. How hard the secret is to guess only if it was made well.
    #[must_use]
    pub fn bits(&self) -> usize {
        usize::from(self.len).saturating_mul(8)
    }

    /// The secret itself.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The secret itself as upper-case unpadded Base32, to be displayed.
    #[must_use]
    pub fn expose_base32(&self) -> Base32<'_> {
        Base32(self.expose_bytes())
    }
}

/// How a secret is written. Until then it has no bytes, and nobody sees it.
impl Secret {
    pub(super) const fn unwritten() -> Self {
        Self { bytes: [0; Self::MAX_LEN], len: 0 }
    }

    /// Returns a copy of the secret that `write` has written, and wipes the original. The compiler
    /// does not promise to build a value in the caller's place, and a move would leave the original.
    fn make<E>(write: impl FnOnce(&mut Self) -> Result<(), E>) -> Result<Self, E> {
        let mut made = Self::unwritten();
        match write(&mut made) {
            Ok(()) => Ok(Self { bytes: made.bytes, len: made.len }),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write_bytes(
        &mut self,
        least_bits: usize,
        bytes: &[u8],
    ) -> Result<(), SecretError> {
        let place = self.bytes.get_mut(..bytes.len()).ok_or(SecretError::Long)?;
        place.copy_from_slice(bytes);
        self.set_len(least_bits, bytes.len())
    }

    pub(super) fn write_base32(
        &mut self,
        least_bits: usize,
        text: &str,
    ) -> Result<(), SecretError> {
        self.write_decoded(least_bits, |buffer| decode_one_case(text, buffer))
    }

    fn write_decoded(
        &mut self,
        least_bits: usize,
        decode: impl FnOnce(&mut [u8]) -> Result<usize, Base32Error>,
    ) -> Result<(), SecretError> {
        let len = decode(&mut self.bytes).map_err(|error| match error {
            Base32Error::BufferTooSmall => SecretError::Long,
            error => SecretError::Base32(error),
        })?;
        self.set_len(least_bits, len)
    }

    #[cfg(any(feature = "rand_core", feature = "getrandom"))]
    pub(super) fn fill<E>(
        &mut self,
        algorithm: Algorithm,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let len = algorithm.output_len();
        fill(self.bytes.get_mut(..len).unwrap_or_default())?;
        // The longest hash has 64 bytes, and the shortest has 160 bits.
        let _ = self.set_len(Self::MIN_BITS, len);
        Ok(())
    }

    /// The one place that checks the length of a secret. Returns an error for a secret that is empty
    /// or has less than `least_bits`.
    fn set_len(&mut self, least_bits: usize, len: usize) -> Result<(), SecretError> {
        self.len = u8::try_from(len).map_err(|_| SecretError::Long)?;
        match self.bits() {
            0 => Err(SecretError::Empty),
            bits if bits < least_bits => Err(SecretError::Short),
            _ => Ok(()),
        }
    }

    /// Lets `decode` write a secret of at least `least_bits`.
    pub(crate) fn decode_with(
        least_bits: usize,
        decode: impl FnOnce(&mut [u8]) -> Result<usize, Base32Error>,
    ) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_decoded(least_bits, decode))
    }

    pub(super) fn wipe(&mut self) {
        wipe(&mut self.bytes, [0; Self::MAX_LEN]);
        self.len = 0;
    }
}

#[cfg(feature = "getrandom")]
pub(super) fn from_os(bytes: &mut [u8]) -> Result<(), EntropyError> {
    getrandom::fill(bytes).map_err(|_| EntropyError(()))
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl ZeroizeOnDrop for Secret {}

/// Tells the length alone.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("bits", &self.bits()).finish_non_exhaustive()
    }
}

/// As [`Secret::from_bytes`].
impl TryFrom<&[u8]> for Secret {
    type Error = SecretError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(bytes)
    }
}

/// As [`Secret::from_base32`].
impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_base32(text)
    }
}

/// Bytes or a text that cannot be a [`Secret`](crate::Secret).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// There is not one whole byte in it.
    Empty,
    /// Under 128 bits, the least that RFC 4226 section 4 (R6) allows.
    Short,
    /// Over [`Secret::MAX_LEN`](crate::Secret::MAX_LEN) bytes.
    Long,
    /// The text is not Base32.
    Base32(Base32Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the shared secret is empty"),
            Self::Short => f.write_str("the shared secret has less than 128 bits"),
            Self::Long => f.write_str("the shared secret has more than 128 bytes"),
            Self::Base32(error) => write!(f, "the shared secret is not Base32: {error}"),
        }
    }
}

impl Error for SecretError {}

/// The operating system could not give random bytes.
#[cfg(feature = "getrandom")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntropyError(pub(crate) ());

#[cfg(feature = "getrandom")]
impl fmt::Display for EntropyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no random bytes")
    }
}

#[cfg(feature = "getrandom")]
impl Error for EntropyError {}
