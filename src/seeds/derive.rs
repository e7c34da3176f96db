//! The encryption key out of a passphrase: PBKDF2 (RFC 8018 section 5.2).
//!
//! The only file of the folder that names `pbkdf2`.

use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::buffer::Bytes;
use super::error::Problem;
use crate::algorithm::Algorithm;

/// Writes a key of `len` bytes.
pub(super) fn pbkdf2(
    algorithm: Algorithm,
    passphrase: &str,
    salt: &[u8],
    iterations: u32,
    len: usize,
    key: &mut Bytes,
) -> Result<(), Problem> {
    let (passphrase, key) = (passphrase.as_bytes(), key.resize(len)?);
    match algorithm {
        Algorithm::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(passphrase, salt, iterations, key),
        Algorithm::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, salt, iterations, key),
        Algorithm::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(passphrase, salt, iterations, key),
    }
    Ok(())
}
