//! What is encrypted at rest (RFC 6238 section 5.1), and the one place that each belongs to.
//!
//! The sealed form of version 2 is: the byte 2, the first four bytes of the master key's check value, the
//! nonce, the ciphertext with its tag. The place is authenticated: its kind, its row and its user. So a
//! secret that somebody copies to another user, another row or another table does not open.
//!
//! Version 1 is the byte 1, the nonce, the ciphertext. It authenticates only the row. It is read, and what
//! opens is sealed anew when it was used.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::keys::KeyError;

const VERSION: u8 = 2;
const VERSION_1: u8 = 1;
/// Bytes by which a sealed form names its master key.
const ID_LEN: usize = 4;

/// Where something sealed is stored.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    kind: &'static str,
    row: &'a str,
    user: &'a str,
    /// What version 1 authenticated.
    version_1: &'a str,
}

impl<'a> Place<'a> {
    /// The secret of an authenticator of a user.
    pub fn totp_secret(id: &'a str, user_id: &'a str) -> Self {
        Self { kind: "totp secret", row: id, user: user_id, version_1: id }
    }

    /// The private key that has this number. Keys belong to no user.
    pub fn signing_key(number: &'a str) -> Self {
        Self { kind: "signing key", row: number, user: "", version_1: "signing key" }
    }

    /// The pepper that has this key id.
    pub fn pepper(key_id: &'a str) -> Self {
        Self { kind: "pepper", row: key_id, user: "", version_1: "pepper" }
    }

    /// The version and every part with its length before it, so that no two places are written alike.
    fn authenticated(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for part in [self.kind, self.row, self.user] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// The key of a master key that seals.
pub struct Seal {
    key: RandomizedNonceKey,
    id: [u8; ID_LEN],
}

impl Seal {
    /// `check` tells this master key from others.
    pub fn new(key: &[u8], check: &[u8]) -> Result<Self, KeyError> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| KeyError::Refused)?;
        let id = *check.first_chunk().ok_or(KeyError::Refused)?;
        Ok(Self { key, id })
    }

    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        // Reserved as a whole: a vector that grows leaves its old bytes behind.
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

    /// Whether this form is of the present version and names this master key.
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
