//! Secrets are wiped in place: the memory is read back after they were dropped.

// The memory after a drop cannot be read in another way.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;
use std::slice::from_ref;

use otp_core::{Algorithm, Hotp, KeySchedule, Secret, SecretBuffer, Totp};

/// Returns the bytes of a place before and after its value is dropped.
fn before_and_after<T>(value: T) -> [Vec<u8>; 2] {
    let mut place = MaybeUninit::<T>::zeroed();
    place.write(value);
    // From here on the compiler knows nothing about the content.
    let place = black_box(&mut place);
    let before = read(place);
    // SAFETY: the value was written above, and nothing uses it after this.
    unsafe { place.assume_init_drop() };
    let after = read(black_box(place));
    [before, after]
}

/// Reads a place byte by byte.
fn read<T>(place: &MaybeUninit<T>) -> Vec<u8> {
    let start = place.as_ptr().cast::<u8>();
    let byte = |at| {
        // SAFETY: `at` is less than the size of the place, which is memory of the stack. Its
        // padding may hold anything, and the result is only compared with the secret. The compiler
        // cannot assume anything about a volatile read of memory that went through `black_box`.
        unsafe { ptr::read_volatile(start.add(at)) }
    };
    (0..size_of::<T>()).map(byte).collect()
}

/// Returns how often the whole secret is in the place of a value, and how many of its bytes are not
/// zero after the value is dropped.
///
/// It looks for the whole secret, because a move also copies padding, and with it a few bytes that
/// were on the stack before. They may belong to a state, and nothing can wipe them there.
fn found_and_left<T>(value: T, secret: &[u8]) -> (usize, usize) {
    let [before, after] = before_and_after(value);
    let places = before.windows(secret.len()).zip(after.windows(secret.len()));
    let then: Vec<_> =
        places.filter(|(before, _)| *before == secret).map(|(_, then)| then).collect();
    (then.len(), then.concat().iter().filter(|byte| **byte != 0).count())
}

/// The secret may be there more than once. A move also copies the unused part of a buffer, and with
/// it bytes that an earlier value left on the stack. All of it must be gone.
#[track_caller]
fn is_wiped<T>(value: T, secret: &[u8]) {
    let (found, left) = found_and_left(value, secret);
    assert!(found >= 1, "the secret was not there");
    assert_eq!(left, 0, "bytes are left");
}

/// Returns a key whose bytes differ and are not zero.
fn key(len: u8) -> Vec<u8> {
    (0..len).map(|at| 0x80 | (at * 3 + 1)).collect()
}

/// Returns the states after the inner and after the outer key block (RFC 2104 section 4) as they
/// are in memory, for a key that is not longer than a block.
fn midstates(algorithm: Algorithm, key: &[u8]) -> [Vec<u8>; 2] {
    fn block<const LEN: usize>(key: &[u8], pad: u8) -> [u8; LEN] {
        std::array::from_fn(|at| key.get(at).unwrap_or(&0) ^ pad)
    }
    // The initial hash values of FIPS 180-4 section 5.3.
    [0x36, 0x5c].map(|pad| match algorithm {
        Algorithm::Sha1 => {
            let mut state = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
            sha1::block_api::compress(&mut state, from_ref(&block(key, pad)));
            state.iter().flat_map(|word: &u32| word.to_ne_bytes()).collect()
        }
        #[cfg(feature = "sha2")]
        Algorithm::Sha256 => {
            let mut state = [
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ];
            sha2::block_api::compress256(&mut state, from_ref(&block(key, pad)));
            state.iter().flat_map(|word: &u32| word.to_ne_bytes()).collect()
        }
        #[cfg(feature = "sha2")]
        Algorithm::Sha512 => {
            let mut state = [
                0x6a09_e667_f3bc_c908,
                0xbb67_ae85_84ca_a73b,
                0x3c6e_f372_fe94_f82b,
                0xa54f_f53a_5f1d_36f1,
                0x510e_527f_ade6_82d1,
                0x9b05_688c_2b3e_6c1f,
                0x1f83_d9ab_fb41_bd6b,
                0x5be0_cd19_137e_2179,
            ];
            sha2::block_api::compress512(&mut state, from_ref(&block(key, pad)));
            state.iter().flat_map(|word: &u64| word.to_ne_bytes()).collect()
        }
        #[cfg(not(feature = "sha2"))]
        Algorithm::Sha256 | Algorithm::Sha512 => Vec::new(),
    })
}

/// Returns the algorithms that this build has.
fn algorithms() -> impl Iterator<Item = Algorithm> {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]
        .into_iter()
        .filter(|algorithm| algorithm.is_built_in())
}

#[test]
fn a_secret_is_wiped_when_it_is_dropped() {
    let key = key(32);
    let secret = || Secret::from_bytes(&key).unwrap();
    let base32 = secret().expose_base32().to_string();
    is_wiped(secret(), &key);
    is_wiped(Secret::from_bytes_allow_short(&key[..10]).unwrap(), &key[..10]);
    is_wiped(Secret::from_base32(&base32).unwrap(), &key);
    is_wiped(Secret::from_base32_allow_short(&base32[..16]).unwrap(), &key[..10]);
    // It is wiped to its last byte, and inside another value too.
    is_wiped(Secret::from_bytes(&key.repeat(4)).unwrap(), &key.repeat(4));
    is_wiped((7_u8, Some(secret())), &key);
    let mut buffer = SecretBuffer::new();
    buffer.read_bytes(&key).unwrap();
    is_wiped(buffer, &key);
}

#[test]
fn a_key_schedule_is_wiped_when_it_is_dropped() {
    for algorithm in algorithms() {
        for len in [0, 20, 32] {
            let key = key(len);
            for midstate in midstates(algorithm, &key) {
                assert_eq!(midstate.len(), algorithm.output_len());
                is_wiped(KeySchedule::from_raw_key(algorithm, &key).unwrap(), &midstate);
            }
        }
    }
}

#[test]
fn a_key_schedule_holds_no_copy_of_the_key() {
    for algorithm in algorithms() {
        let key = key(32);
        let schedule = KeySchedule::from_raw_key(algorithm, &key).unwrap();
        assert_eq!(found_and_left(schedule, &key), (0, 0), "{algorithm}");
    }
}

#[test]
fn an_engine_is_wiped_when_it_is_dropped() {
    let key = key(32);
    let secret = Secret::from_bytes(&key).unwrap();
    for algorithm in algorithms() {
        for midstate in midstates(algorithm, &key) {
            is_wiped(Hotp::for_algorithm(algorithm, &secret).unwrap(), &midstate);
            is_wiped(Totp::for_algorithm(algorithm, &secret).unwrap(), &midstate);
        }
    }
    for midstate in midstates(Algorithm::Sha1, &key) {
        is_wiped(Hotp::new(&secret), &midstate);
        is_wiped(Totp::new(&secret), &midstate);
        is_wiped(Totp::steam(&secret), &midstate);
    }
}

/// Wipes only the first half of its content.
struct Half([u8; 32]);

impl Drop for Half {
    fn drop(&mut self) {
        for byte in &mut self.0[..16] {
            *byte = 0;
            black_box(byte);
        }
    }
}

#[test]
fn what_is_not_wiped_is_noticed() {
    struct Plain {
        _key: [u8; 32],
        _more: u64,
    }
    let key: [u8; 32] = key(32).try_into().unwrap();
    assert_eq!(found_and_left(Plain { _key: key, _more: 7 }, &key), (1, 32));
    assert_eq!(found_and_left(Half(key), &key), (1, 16));
    assert_eq!(found_and_left(Plain { _key: [7; 32], _more: 7 }, &key), (0, 0));
}

#[cfg(feature = "recovery")]
#[test]
fn a_pepper_and_a_recovery_code_are_wiped_when_they_are_dropped() {
    use otp_core::recovery::{Code, Length, Pepper};

    for len in [32, 64] {
        is_wiped(Pepper::new(1, &key(len)).unwrap(), &key(len));
    }
    let code = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for symbols in [16, 24, 32] {
        let text = &code[..symbols.into()];
        let read = Code::parse(text, Length::new(symbols).unwrap()).unwrap();
        is_wiped(read, text.as_bytes());
    }
}
