//! The secret by value.

use core::error::Error;
use core::fmt;
use core::str::FromStr;

use zeroize::ZeroizeOnDrop;

#[cfg(any(feature = "rand_core", feature = "getrandom"))]
use crate::algorithm::Algorithm;
use crate::base32::{Base32, Base32Error, decode_one_case};
use crate::ct::{Mask, reveal, wipe};

/// The secret that a verifier and a prover share, called K in RFC 4226.
///
/// It is stored inline, and has 1 to [`Secret::MAX_LEN`] bytes.
///
/// # What is wiped
/// A secret is wiped when it is dropped. The memory that its bytes pass through on the way in is
/// wiped too: in a release build the constructors leave no copy on the stack. A test searches the
/// whole stack (`tests/proofs/stack.sh`).
///
/// A move leaves a copy behind that nothing wipes. The move out of a `Result` by `?` is also a
/// move. To prevent it, read the secret into a [`SecretBuffer`](crate::SecretBuffer), and borrow it
/// from there.
///
/// # Length
/// RFC 4226 section 4 (R6) requires at least 128 bits, and recommends 160. The ordinary
/// constructors refuse less. Some real services issue 80 bits. To accept such a secret, call the
/// method with `allow_short` in its name. It accepts a short secret and relaxes nothing else:
///
/// | from | refuses less than 128 bits | accepts less |
/// |---|---|---|
/// | bytes | [`from_bytes`](Self::from_bytes) | [`from_bytes_allow_short`](Self::from_bytes_allow_short) |
/// | Base32 | [`from_base32`](Self::from_base32) | [`from_base32_allow_short`](Self::from_base32_allow_short) |
/// | a key URI | [`otpauth::Uri::secret`](crate::otpauth::Uri::secret), [`engine`](crate::otpauth::Uri::engine) | [`secret_allow_short`](crate::otpauth::Uri::secret_allow_short), [`engine_allow_short`](crate::otpauth::Uri::engine_allow_short) |
/// | an export | [`migration::Entry::secret`](crate::migration::Entry::secret), [`engine`](crate::migration::Entry::engine) | [`secret_allow_short`](crate::migration::Entry::secret_allow_short), [`engine_allow_short`](crate::migration::Entry::engine_allow_short) |
///
/// # Not zero
/// Every constructor refuses a secret whose bytes are all zero: it is a buffer that nobody filled.
/// HMAC pads a key with zeros (RFC 2104 section 2), so its codes are those of an empty secret.
///
/// # Not printed, not copied
/// `Debug` shows only the length. There is no `Display`, no `Clone` and no `PartialEq`. Methods
/// that reveal the secret have `expose` in their names.
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
    /// The largest length of a secret in bytes: 128, the block of SHA-512. HMAC hashes a longer key
    /// to fewer bytes, so more bytes add nothing (RFC 2104 section 3). An engine can still use such
    /// a key: [`KeySchedule::from_raw_key`](crate::KeySchedule::from_raw_key).
    pub const MAX_LEN: usize = 128;

    /// The smallest number of bits that RFC 4226 section 4 (R6) allows: 128.
    pub const MIN_BITS: usize = 128;

    /// Takes raw bytes, 16 to [`Secret::MAX_LEN`].
    ///
    /// # Errors
    /// [`SecretError::Empty`], [`SecretError::Short`], [`SecretError::Long`] or
    /// [`SecretError::Zero`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_bytes(Self::MIN_BITS, bytes))
    }

    /// Takes raw bytes, 1 to [`Secret::MAX_LEN`]. Use it for keys that another system has issued
    /// too short.
    ///
    /// # Errors
    /// [`SecretError::Empty`], [`SecretError::Long`] or [`SecretError::Zero`].
    pub fn from_bytes_allow_short(bytes: &[u8]) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_bytes(0, bytes))
    }

    /// Reads Base32 like [`decode_base32`](crate::decode_base32): in upper or lower case, with or
    /// without padding, and with any separators.
    ///
    /// It refuses a text that mixes upper and lower case, as Base64 does. Only the first letter may
    /// be in upper case, because a phone's keyboard capitalises it. To accept a text in mixed case,
    /// decode it with [`decode_base32`](crate::decode_base32).
    ///
    /// # Errors
    /// [`SecretError::Base32`] if the text is not Base32. Otherwise the errors of
    /// [`Secret::from_bytes`].
    pub fn from_base32(text: &str) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_base32(Self::MIN_BITS, text))
    }

    /// Reads Base32, and also accepts less than 128 bits. Use it for keys that another system has
    /// issued too short.
    ///
    /// # Errors
    /// [`SecretError::Base32`] if the text is not Base32. Otherwise the errors of
    /// [`Secret::from_bytes_allow_short`].
    pub fn from_base32_allow_short(text: &str) -> Result<Self, SecretError> {
        Self::make(|secret| secret.write_base32(0, text))
    }

    /// Makes a new secret of the length that RFC 6238 section 5.1 recommends. It is the length of
    /// the hash: 20, 32 or 64 bytes.
    ///
    /// # Errors
    /// The error of `rng`. A generator that cannot fail never returns one.
    #[doc(alias("generate_secret"))]
    #[cfg(feature = "rand_core")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
    pub fn generate<R: rand_core::TryCryptoRng + ?Sized>(
        rng: &mut R,
        algorithm: Algorithm,
    ) -> Result<Self, R::Error> {
        Self::make(|secret| secret.fill(algorithm, |bytes| rng.try_fill_bytes(bytes)))
    }

    /// Makes a new secret like [`Secret::generate`], from the operating system's CSPRNG.
    ///
    /// # Errors
    /// [`EntropyError`] if the operating system does not give random bytes.
    #[doc(alias("gen_secret", "generate_secret", "random_base32"))]
    #[cfg(feature = "getrandom")]
    #[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
    pub fn generate_from_os(algorithm: Algorithm) -> Result<Self, EntropyError> {
        Self::make(|secret| secret.fill(algorithm, from_os))
    }

    /// Returns the length in bits: 8 to 1,024. It tells how hard the secret is to guess only if the
    /// secret was generated well.
    #[must_use]
    pub fn bits(&self) -> usize {
        usize::from(self.len).saturating_mul(8)
    }

    /// Returns the secret itself.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Returns the secret itself, which `Display` writes as upper-case unpadded Base32.
    #[must_use]
    pub fn expose_base32(&self) -> Base32<'_> {
        Base32(self.expose_bytes())
    }
}

/// Writes secrets. Before it is written, a secret has no bytes, and is not visible outside.
impl Secret {
    pub(super) const fn unwritten() -> Self {
        Self { bytes: [0; Self::MAX_LEN], len: 0 }
    }

    /// Returns a copy of the secret that `write` wrote, and wipes the original. The compiler does
    /// not guarantee that a value is built in the caller's memory, and a move would leave the
    /// original.
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

    /// Sets the length of a secret, and checks the secret, which happens only here. Returns an
    /// error for a secret that is empty, has less than `least_bits`, or is all zero.
    fn set_len(&mut self, least_bits: usize, len: usize) -> Result<(), SecretError> {
        self.len = u8::try_from(len).map_err(|_| SecretError::Long)?;
        match self.bits() {
            0 => Err(SecretError::Empty),
            bits if bits < least_bits => Err(SecretError::Short),
            _ if reveal(Mask::all_zero(self.expose_bytes()).bit()) == 1 => Err(SecretError::Zero),
            _ => Ok(()),
        }
    }

    /// Calls `decode` to write a secret of at least `least_bits`.
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

/// Shows only the length.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("bits", &self.bits()).finish_non_exhaustive()
    }
}

/// Like [`Secret::from_bytes`].
impl TryFrom<&[u8]> for Secret {
    type Error = SecretError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Self::from_bytes(bytes)
    }
}

/// Like [`Secret::from_base32`].
impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_base32(text)
    }
}

/// The error for bytes or a text that cannot be a [`Secret`](crate::Secret).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretError {
    /// It has less than one whole byte.
    Empty,
    /// It has less than 128 bits, the minimum of RFC 4226 section 4 (R6).
    Short,
    /// It has more than [`Secret::MAX_LEN`](crate::Secret::MAX_LEN) bytes.
    Long,
    /// All of its bytes are zero, as in a buffer that was not filled.
    Zero,
    /// The text is not Base32.
    Base32(Base32Error),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the shared secret is empty"),
            Self::Short => f.write_str("the shared secret has less than 128 bits"),
            Self::Long => f.write_str("the shared secret has more than 128 bytes"),
            Self::Zero => f.write_str("the shared secret is all zero bytes: was it filled?"),
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
