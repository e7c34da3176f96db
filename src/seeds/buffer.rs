//! Memory for the keys and secrets of a seed file.

use core::fmt;

use zeroize::ZeroizeOnDrop;

use super::error::Problem;
use crate::ct::wipe;
use crate::secret::Secret;

/// The length of an AES block in bytes (FIPS 197).
pub(super) const BLOCK: usize = 16;

/// Space for the longest secret, with an initialisation vector and padding.
const SPACE: usize = Secret::MAX_LEN + 2 * BLOCK;

/// Memory for the keys and the secrets of a seed file.
///
/// A reader borrows it, so that no key or secret is ever moved. A move would leave a copy that
/// nothing wipes. It holds the key that the file is encrypted with, the MAC key, and the shared
/// secret of the current token. It is wiped when it is dropped and when a file is opened with it.
/// The secret is also wiped at each token.
///
/// Decrypting and deriving a key may leave words of the keys on the stack, in the frames of `aes`,
/// `hmac` and `pbkdf2`.
pub struct Buffer {
    pub(super) keys: Keys,
    pub(super) secret: Bytes,
}

/// The keys of an encrypted file. A missing key is empty.
pub(super) struct Keys {
    pub(super) encryption: Bytes,
    pub(super) mac: Bytes,
}

impl Buffer {
    /// Returns an empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self { keys: Keys { encryption: Bytes::new(), mac: Bytes::new() }, secret: Bytes::new() }
    }

    /// Overwrites everything in it with zeros.
    pub fn wipe(&mut self) {
        self.keys.encryption.clear();
        self.keys.mac.clear();
        self.secret.clear();
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl ZeroizeOnDrop for Buffer {}

/// Does not show the content.
impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}

/// A few bytes that are wiped when they are dropped.
pub(super) struct Bytes {
    bytes: [u8; SPACE],
    /// INVARIANT: at most `SPACE`.
    len: usize,
}

impl Bytes {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; SPACE], len: 0 }
    }

    pub(super) fn clear(&mut self) {
        wipe(&mut self.bytes, [0; SPACE]);
        self.len = 0;
    }

    pub(super) fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(super) fn get_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.len).unwrap_or_default()
    }

    /// Appends bytes.
    pub(super) fn extend(&mut self, more: &[u8]) -> Result<(), Problem> {
        let end = self.len.saturating_add(more.len());
        let place = self.bytes.get_mut(self.len..end).ok_or(Problem::TooLong)?;
        place.copy_from_slice(more);
        self.len = end;
        Ok(())
    }

    /// Sets the content to `len` zeros.
    pub(super) fn resize(&mut self, len: usize) -> Result<&mut [u8], Problem> {
        self.clear();
        let place = self.bytes.get_mut(..len).ok_or(Problem::TooLong)?;
        self.len = len;
        Ok(place)
    }

    /// Calls `decode` to write into it. `decode` returns how many bytes it wrote.
    pub(super) fn fill<E>(
        &mut self,
        decode: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        self.clear();
        self.len = decode(&mut self.bytes)?.min(SPACE);
        Ok(())
    }

    /// Removes the first block, and `padding` bytes at the end.
    pub(super) fn strip(&mut self, padding: usize) {
        self.bytes.copy_within(BLOCK.., 0);
        self.len = self.len.saturating_sub(BLOCK).saturating_sub(padding);
        if let Some(rest) = self.bytes.get_mut(self.len..) {
            rest.fill(0);
        }
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.clear();
    }
}
