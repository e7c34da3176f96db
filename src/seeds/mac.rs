//! HMAC over encrypted values.
//!
//! Only this file and `derive.rs` use `hmac`, and the hash functions of `sha1` and `sha2` with it.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::algorithm::Algorithm;
use crate::ct::equal_bytes;

/// Returns whether `mac` is the HMAC of a message, in a time that does not depend on the position
/// of a difference.
pub(super) fn matches(algorithm: Algorithm, key: &[u8], message: &[u8], mac: &[u8]) -> bool {
    match algorithm {
        Algorithm::Sha1 => is_mac::<Hmac<Sha1>>(key, message, mac),
        Algorithm::Sha256 => is_mac::<Hmac<Sha256>>(key, message, mac),
        Algorithm::Sha512 => is_mac::<Hmac<Sha512>>(key, message, mac),
    }
}

fn is_mac<M: Mac + KeyInit>(key: &[u8], message: &[u8], mac: &[u8]) -> bool {
    // HMAC takes a key of any length.
    let Ok(mut hmac) = <M as KeyInit>::new_from_slice(key) else {
        return false;
    };
    hmac.update(message);
    equal_bytes(&hmac.finalize().into_bytes(), mac)
}

#[cfg(test)]
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn from_hex(text: &str) -> Vec<u8> {
        let digits = text.trim_matches('-').as_bytes().as_chunks::<2>().0;
        let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.iter().map(byte).collect()
    }

    /// Wycheproof's vectors: a right tag matches, and a changed or a shortened one does not.
    #[test]
    fn wycheproof() {
        let [mut matched, mut refused] = [0, 0];
        let lines = include_str!("../../tests/data/wycheproof_hmac.txt").lines();
        for line in lines.filter(|line| !line.starts_with('#')) {
            let [_, algorithm, result, key, message, tag] = *line.split(' ').collect::<Vec<_>>()
            else {
                panic!("{line}")
            };
            let algorithm: Algorithm = algorithm.parse().unwrap();
            let tag = from_hex(tag);
            let is_right = result == "valid" && tag.len() == algorithm.output_len();
            assert_eq!(
                matches(algorithm, &from_hex(key), &from_hex(message), &tag),
                is_right,
                "{line}"
            );
            *if is_right { &mut matched } else { &mut refused } += 1;
        }
        assert_eq!([matched, refused], [99, 419]);
    }
}
