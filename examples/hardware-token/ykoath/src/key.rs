//! A shared secret with its hash: that of an account, or the access key.

use core::fmt;

use heapless::Vec;
use otp_core::{Algorithm, KeySchedule};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest key in bytes: a block of SHA-512. Clients hash what is longer.
pub const MAX_KEY: usize = 128;

/// A shared secret with the hash that it is used with. Wiped when it is dropped.
///
/// **The place for a secure element:** a [`Store`](crate::Store) that keeps keys in one hands out a
/// `Key` of a handle, and computes HMAC there; or it seals the bytes before it writes them.
pub struct Key {
    algorithm: Algorithm,
    bytes: Vec<u8, MAX_KEY>,
}

impl Key {
    /// Takes 1 to 64 bytes, for SHA-512 1 to 128.
    ///
    /// # Errors
    /// For any other length.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let block = if algorithm == Algorithm::Sha512 { 128 } else { 64 };
        if bytes.is_empty() || bytes.len() > block {
            return Err(KeyError);
        }
        Ok(Self { algorithm, bytes: Vec::from_slice(bytes).map_err(|_| KeyError)? })
    }

    /// The hash below HMAC.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the number of the hash in the protocol, for a store: 1 to 3.
    #[must_use]
    pub fn number(&self) -> u8 {
        number(self.algorithm)
    }

    /// Reads stored bytes. Returns `None` if they are not a key.
    #[must_use]
    pub fn from_record(number: u8, bytes: &[u8]) -> Option<Self> {
        Self::new(by_number(number)?, bytes).ok()
    }

    /// Returns the secret itself, for a store.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Computes HMAC of eight bytes. Not inlined, for size, as the hash functions are in it.
    #[inline(never)]
    pub(crate) fn hmac(&self, message: u64) -> Hmac {
        let mut hmac = Hmac { bytes: [0; 64], len: 0 };
        // All three hashes are built in.
        if let Ok(schedule) = KeySchedule::from_raw_key(self.algorithm, &self.bytes) {
            hmac.len = schedule.expose_hmac(message, &mut hmac.bytes).len();
        }
        hmac
    }

    /// Returns whether `response` is the HMAC of a challenge. The time depends only on the length.
    pub(crate) fn answers(&self, challenge: u64, response: &[u8]) -> bool {
        let hmac = self.hmac(challenge);
        !hmac.expose_bytes().is_empty() && hmac.expose_bytes().ct_eq(response).into()
    }
}

impl Drop for Key {
    #[inline(never)]
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

/// An HMAC, wiped when it is dropped.
pub(crate) struct Hmac {
    bytes: [u8; 64],
    len: usize,
}

impl Hmac {
    pub(crate) fn expose_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Drop for Hmac {
    #[inline(never)]
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self { algorithm: self.algorithm, bytes: self.bytes.clone() }
    }
}

/// Without the secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// A key is empty or longer than a block of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError;

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("key: empty, or longer than a block of its hash")
    }
}

impl core::error::Error for KeyError {}

/// The number of a hash in the protocol.
pub(crate) const fn number(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::Sha1 => 1,
        Algorithm::Sha256 => 2,
        _ => 3,
    }
}

/// Returns the hash of a number. The high bits have another meaning.
pub(crate) const fn by_number(number: u8) -> Option<Algorithm> {
    match number & 0x0f {
        1 => Some(Algorithm::Sha1),
        2 => Some(Algorithm::Sha256),
        3 => Some(Algorithm::Sha512),
        _ => None,
    }
}
