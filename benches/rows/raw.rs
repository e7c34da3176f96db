//! Compressions without any HMAC around them, with the crates `sha1` and `sha2`.

use std::hint::black_box;
use std::slice::from_ref;

use otp_core::Algorithm;

/// Compresses one fixed block `N` times. Each compression needs the result of the one before.
pub(super) fn chained<const N: usize>(algorithm: Algorithm) {
    match algorithm {
        Algorithm::Sha1 => chain::<_, _, N>([1_u32; 5], [2_u8; 64], sha1),
        Algorithm::Sha256 => chain::<_, _, N>([1_u32; 8], [2_u8; 64], sha256),
        Algorithm::Sha512 => chain::<_, _, N>([1_u64; 8], [2_u8; 128], sha512),
    }
}

/// Two layers of three compressions. Those of a layer are independent, and may overlap in the
/// processor.
pub(super) fn layered(algorithm: Algorithm) {
    match algorithm {
        Algorithm::Sha1 => layers([1_u32; 5], [2_u8; 64], sha1),
        Algorithm::Sha256 => layers([1_u32; 8], [2_u8; 64], sha256),
        Algorithm::Sha512 => layers([1_u64; 8], [2_u8; 128], sha512),
    }
}

fn chain<S: Copy, B, const N: usize>(state: S, block: B, compress: impl Fn(&mut S, &B)) {
    let (mut state, block) = (black_box(state), black_box(block));
    for _ in 0..N {
        compress(&mut state, &block);
    }
    black_box(state);
}

fn layers<S: Copy, B>(state: S, block: B, compress: impl Fn(&mut S, &B)) {
    let (mut states, block) = (black_box([state; 3]), black_box(block));
    for _ in 0..2 {
        for state in &mut states {
            compress(state, &block);
        }
    }
    black_box(states);
}

fn sha1(state: &mut [u32; 5], block: &[u8; 64]) {
    sha1::block_api::compress(state, from_ref(block));
}

fn sha256(state: &mut [u32; 8], block: &[u8; 64]) {
    sha2::block_api::compress256(state, from_ref(block));
}

fn sha512(state: &mut [u64; 8], block: &[u8; 128]) {
    sha2::block_api::compress512(state, from_ref(block));
}
