//! HMAC over encrypted values.
//!
//! With `derive.rs` the only file that names `hmac`, and the hashes of `sha1` and `sha2` below it.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use crate::algorithm::Algorithm;
use crate::ct::equal_bytes;

/// Whether `mac` is the HMAC of a message, in a time that does not depend on where they differ.
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
