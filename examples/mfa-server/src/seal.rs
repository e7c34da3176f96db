//! Encryption of secrets at rest (RFC 6238 section 5.1). Each secret is bound to one place in
//! the database.
//!
//! The sealed form of version 2 is: the byte 2, the first four bytes of the master key's check
//! value, the nonce, and the ciphertext with its tag. The place is authenticated: its kind, row
//! and user. So a secret that somebody copies to another user, row or table does not open.
//!
//! Version 1 is: the byte 1, the nonce, the ciphertext. It only authenticates the row. The
//! server still reads version 1, and seals the secret again after its next use.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::keys::KeyError;

const VERSION: u8 = 2;
const VERSION_1: u8 = 1;
/// The number of bytes by which sealed data names its master key.
const ID_LEN: usize = 4;

/// The place where a sealed secret is stored.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    kind: &'static str,
    row: &'a str,
    user: &'a str,
    /// The text that version 1 authenticates.
    version_1: &'a str,
}

impl<'a> Place<'a> {
    /// Returns the place of an authenticator's secret.
    pub fn totp_secret(id: &'a str, user_id: &'a str) -> Self {
        Self { kind: "totp secret", row: id, user: user_id, version_1: id }
    }

    /// Returns the place of the private key with this number. Signing keys do not belong to a
    /// user.
    pub fn signing_key(number: &'a str) -> Self {
        Self { kind: "signing key", row: number, user: "", version_1: "signing key" }
    }

    /// Returns the place of the pepper with this key id.
    pub fn pepper(key_id: &'a str) -> Self {
        Self { kind: "pepper", row: key_id, user: "", version_1: "pepper" }
    }

    /// Returns the version and each part with its length in front. So two different places
    /// never have the same bytes.
    fn authenticated(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for part in [self.kind, self.row, self.user] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// The sealing key that is derived from a master key.
pub struct Seal {
    key: RandomizedNonceKey,
    id: [u8; ID_LEN],
}

impl Seal {
    /// Creates the key. `check` tells its master key from others.
    pub fn new(key: &[u8], check: &[u8]) -> Result<Self, KeyError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| KeyError::Refused)?;
        let id = *check.first_chunk().ok_or(KeyError::Refused)?;
        Ok(Self { key, id })
    }

    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        // Allocated at its full size, because a vector that grows leaves its old bytes in
        // memory.
        let mut text = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(secret);
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(place.authenticated()), &mut text)
            .map_err(|_| KeyError::Refused)?;
        Ok([&[VERSION], self.id.as_slice(), nonce.as_ref().as_slice(), &text].concat())
    }

    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (&version, rest) = sealed.split_first().ok_or(KeyError::Sealed)?;
        match version {
            VERSION_1 => self.decrypt(place.version_1.as_bytes(), rest),
            VERSION if self.sealed(sealed) => {
                self.decrypt(&place.authenticated(), rest.get(ID_LEN..).unwrap_or_default())
            }
            _ => Err(KeyError::Sealed),
        }
    }

    /// Returns whether this data has the current version and names this master key.
    pub fn sealed(&self, sealed: &[u8]) -> bool {
        sealed
            .split_first()
            .is_some_and(|(&version, rest)| version == VERSION && rest.starts_with(&self.id))
    }

    fn decrypt(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::Sealed)?;
        let mut text = Zeroizing::new(text.to_vec());
        let len = self
            .key
            .open_in_place(Nonce::from(nonce), Aad::from(place), &mut text)
            .map_err(|_| KeyError::Sealed)?
            .len();
        text.truncate(len);
        Ok(text)
    }
}
