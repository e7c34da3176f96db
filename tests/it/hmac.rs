//! HMAC, compared with the vectors of RFC 2202, of RFC 4231 and of Wycheproof, and with the `hmac`
//! crate.
//!
//! The crate computes HMAC only of eight bytes, a moving factor. So each vector with a message of
//! eight bytes is tested through the public API. Every vector also tests the `hmac` crate. That
//! crate then tests this one, with the key of every vector and with random keys.

use hmac::{Hmac, KeyInit, Mac as _};
use otp_core::{Algorithm, HmacKey, KeySchedule, Truncated};
use proptest::prelude::*;

use crate::data::{algorithms, from_hex, rows, to_hex};

fn oracle(algorithm: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    macro_rules! compute {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).unwrap();
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }};
    }
    match algorithm {
        Algorithm::Sha1 => compute!(sha1::Sha1),
        #[cfg(feature = "sha2")]
        Algorithm::Sha256 => compute!(sha2::Sha256),
        #[cfg(feature = "sha2")]
        Algorithm::Sha512 => compute!(sha2::Sha512),
        #[cfg(not(feature = "sha2"))]
        _ => unreachable!("not among the algorithms under test"),
    }
}

/// RFC 4226 section 5.3, written as in the text.
fn truncate(hmac: &[u8]) -> u32 {
    let offset = usize::from(hmac[hmac.len() - 1] & 0xf);
    u32::from_be_bytes(hmac[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff
}

fn ours(algorithm: Algorithm, key: &[u8], moving_factor: u64) -> u32 {
    let Ok(truncated) = KeySchedule::from_raw_key(algorithm, key).unwrap().truncated(moving_factor);
    truncated.expose_bits()
}

#[test]
fn rfc_2202_and_rfc_4231() {
    let rows = [
        rows(include_str!("../data/rfc2202_hmac_sha1.txt")),
        rows(include_str!("../data/rfc4231_hmac_sha2.txt")),
    ]
    .concat();
    assert_eq!(rows.len(), 7 + 2 * 7);
    let mut through_the_public_path = 0;
    for [case, algorithm, key, message, hmac] in rows {
        let Some(algorithm) = algorithms().find(|known| known.name() == algorithm) else {
            continue;
        };
        let (key, message) = (from_hex(key), from_hex(message));
        assert_eq!(to_hex(&oracle(algorithm, &key, &message)), hmac, "case {case}");
        if let Ok(moving_factor) = message.as_slice().try_into().map(u64::from_be_bytes) {
            assert_eq!(ours(algorithm, &key, moving_factor), truncate(&from_hex(hmac)));
            through_the_public_path += 1;
        }
        let hmac = oracle(algorithm, &key, &[0; 8]);
        assert_eq!(ours(algorithm, &key, 0), truncate(&hmac), "the key of case {case}");
    }
    // "Hi There" of test case 1.
    assert_eq!(through_the_public_path, algorithms().count());
}

/// A tag of Wycheproof is valid if and only if the HMAC begins with it. Two messages for each hash
/// have eight bytes, and are tested through the public API. The key of every vector is tested in
/// the same way.
#[test]
fn wycheproof() {
    let rows = rows(include_str!("../data/wycheproof_hmac.txt"));
    assert_eq!(rows.len(), 170 + 2 * 174);
    let mut through_the_public_path = 0;
    for [case, algorithm, result, key, message, tag] in rows {
        let Some(algorithm) = algorithms().find(|known| known.name() == algorithm) else {
            continue;
        };
        let [key, message] = [key, message].map(|hex| from_hex(hex.trim_matches('-')));
        let hmac = oracle(algorithm, &key, &message);
        let is_valid = to_hex(&hmac).starts_with(tag);
        assert_eq!(is_valid, result == "valid", "{algorithm}, case {case}");
        if let Ok(moving_factor) = message.as_slice().try_into().map(u64::from_be_bytes) {
            assert_eq!(
                ours(algorithm, &key, moving_factor),
                truncate(&hmac),
                "{algorithm}, case {case}"
            );
            through_the_public_path += 1;
        }
        let hmac = oracle(algorithm, &key, &[0; 8]);
        assert_eq!(
            ours(algorithm, &key, 0),
            truncate(&hmac),
            "{algorithm}, the key of case {case}"
        );
    }
    assert_eq!(through_the_public_path, 2 * algorithms().count());
}

#[test]
fn every_key_length_over_several_blocks() {
    let key: Vec<u8> = (0..=u8::MAX).cycle().take(300).collect();
    for algorithm in algorithms() {
        for len in 0..=key.len() {
            let expected = truncate(&oracle(algorithm, &key[..len], &7_u64.to_be_bytes()));
            assert_eq!(ours(algorithm, &key[..len], 7), expected, "{algorithm}, {len} bytes");
        }
    }
}

proptest! {
    #[test]
    fn equals_the_oracle(
        key in proptest::collection::vec(any::<u8>(), 0..=300),
        moving_factor in any::<u64>(),
    ) {
        for algorithm in algorithms() {
            let expected = oracle(algorithm, &key, &moving_factor.to_be_bytes());
            prop_assert_eq!(ours(algorithm, &key, moving_factor), truncate(&expected));
            let mut hmac = [0; 64];
            let schedule = KeySchedule::from_raw_key(algorithm, &key).unwrap();
            prop_assert_eq!(schedule.expose_hmac(moving_factor, &mut hmac), expected);
        }
    }

    /// A batch gives the same results as its members one by one, for every length and all moving
    /// factors.
    #[test]
    fn a_batch_equals_its_members(
        key in proptest::collection::vec(any::<u8>(), 0..=150),
        factors in proptest::collection::vec(any::<u64>(), 0..20),
    ) {
        for algorithm in algorithms() {
            let schedule = KeySchedule::from_raw_key(algorithm, &key).unwrap();
            let mut batch = vec![Truncated::UNWRITTEN; factors.len()];
            let Ok(()) = schedule.truncated_batch(&factors, &mut batch);
            for (truncated, moving_factor) in batch.iter().zip(&factors) {
                let Ok(single) = schedule.truncated(*moving_factor);
                prop_assert_eq!(truncated.expose_bits(), single.expose_bits());
            }
        }
    }
}
