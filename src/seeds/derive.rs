//! Derives the encryption key from a passphrase: PBKDF2 (RFC 8018 section 5.2).
//!
//! Only this file of the folder uses `pbkdf2`.

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

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    fn from_hex(text: &str) -> Vec<u8> {
        let digits = text.trim_matches('-').as_bytes().as_chunks::<2>().0;
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.iter().map(byte).collect()
    }

    /// Wycheproof's vectors. A passphrase is text, and 51 of the passwords are not UTF-8. One
    /// vector has 2^24 iterations, which take a minute: only `OTP_LONG=1` runs it.
    #[test]
    fn wycheproof() {
        let is_long = std::env::var_os("OTP_LONG").is_some();
        let [mut right, mut not_text] = [0, 0];
        let lines = include_str!("../../tests/data/wycheproof_pbkdf2.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            let [_, algorithm, password, salt, iterations, expected] =
                *line.split(' ').collect::<Vec<_>>()
            else {
                panic!("{line}")
            };
            let Ok(password) = String::from_utf8(from_hex(password)) else {
                not_text += 1;
                continue;
            };
            let iterations = iterations.parse().unwrap();
            if iterations == 1 << 24 && !is_long {
                continue;
            }
            let algorithm: Algorithm = algorithm.parse().unwrap();
            let (salt, expected) = (from_hex(salt), from_hex(expected));
            let mut key = Bytes::new();
            assert!(
                pbkdf2(algorithm, &password, &salt, iterations, expected.len(), &mut key).is_ok()
            );
            assert_eq!(key.get(), expected, "{line}");
            right += 1;
        }
        assert_eq!([right, not_text], [130 + i32::from(is_long), 51]);
    }
}
