//! The hash functions as compression functions, with their parameters from FIPS 180-4.
//!
//! Only this file uses `sha2`, except for the HMAC of recovery codes and of seed files.

#[cfg(feature = "sha2")]
use core::slice::from_ref;

use zeroize::Zeroize;

use crate::hmac_key::Truncated;
use crate::sha1::{self, FOR_SPEED};

/// A hash function with blocks of 16 words. Its hash is the whole state.
pub(crate) trait Hash {
    type Word: Word;
    type State: Copy + Zeroize + AsRef<[Self::Word]>;
    type Block: Copy + AsRef<[u8]> + AsMut<[u8]>;
    /// The initial hash value (FIPS 180-4 section 5.3).
    const IV: Self::State;
    const EMPTY: Self::Block;
    /// A block with the padding of an inner message: eight bytes after the key block.
    const INNER: Self::Block;
    /// A block with the padding of an outer message: a hash after the key block.
    const OUTER: Self::Block;
    /// The length of a block in bytes.
    const BLOCK_LEN: usize = size_of::<Self::Block>();

    fn compress(state: &mut Self::State, block: &Self::Block);
}

pub(crate) struct Sha1;

impl Hash for Sha1 {
    type Word = u32;
    type State = [u32; 5];
    type Block = [u8; 64];
    const IV: Self::State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    const EMPTY: Self::Block = [0; 64];
    const INNER: Self::Block = padding(size_of::<u64>());
    const OUTER: Self::Block = padding(size_of::<Self::State>());

    fn compress(state: &mut Self::State, block: &Self::Block) {
        sha1::compress(state, block);
    }
}

#[cfg(feature = "sha2")]
pub(crate) struct Sha256;

#[cfg(feature = "sha2")]
impl Hash for Sha256 {
    type Word = u32;
    type State = [u32; 8];
    type Block = [u8; 64];
    const IV: Self::State = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    const EMPTY: Self::Block = [0; 64];
    const INNER: Self::Block = padding(size_of::<u64>());
    const OUTER: Self::Block = padding(size_of::<Self::State>());

    fn compress(state: &mut Self::State, block: &Self::Block) {
        sha2::block_api::compress256(state, from_ref(block));
    }
}

#[cfg(feature = "sha2")]
pub(crate) struct Sha512;

#[cfg(feature = "sha2")]
impl Hash for Sha512 {
    type Word = u64;
    type State = [u64; 8];
    type Block = [u8; 128];
    const IV: Self::State = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    const EMPTY: Self::Block = [0; 128];
    const INNER: Self::Block = padding(size_of::<u64>());
    const OUTER: Self::Block = padding(size_of::<Self::State>());

    fn compress(state: &mut Self::State, block: &Self::Block) {
        sha2::block_api::compress512(state, from_ref(block));
    }
}

/// Returns the padding of a message of `len` bytes that ends in the block after the key block (FIPS
/// 180-4 section 5.1).
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "evaluated when compiling"
)]
const fn padding<const BLOCK_LEN: usize>(len: usize) -> [u8; BLOCK_LEN] {
    let mut block = [0; BLOCK_LEN];
    block[len] = 0x80;
    let [.., high, low] = ((BLOCK_LEN + len) * 8).to_be_bytes();
    block[BLOCK_LEN - 2] = high;
    block[BLOCK_LEN - 1] = low;
    block
}

/// A word of a hash state.
pub(crate) trait Word: Sized {
    /// Writes a hash at the start of a block, the highest byte of each word first.
    fn write(words: &[Self], block: &mut [u8]);
    fn truncate(words: &[Self]) -> Truncated;
}

impl Word for u32 {
    fn write(words: &[Self], block: &mut [u8]) {
        // It writes pairs of words, because the hash reads the block back immediately. A processor
        // forwards a few wide writes faster than many narrow ones.
        let (pairs, last) = if FOR_SPEED { words.as_chunks() } else { (&[][..], words) };
        let (place, rest) = block.split_at_mut(size_of_val(pairs));
        for ([high, low], place) in pairs.iter().zip(place.as_chunks_mut().0) {
            *place = (u64::from(*high) << 32 | u64::from(*low)).to_be_bytes();
        }
        for (word, place) in last.iter().zip(rest.as_chunks_mut().0) {
            *place = word.to_be_bytes();
        }
    }

    fn truncate(words: &[Self]) -> Truncated {
        Truncated::from_words(words.iter().copied())
    }
}

#[cfg(feature = "sha2")]
impl Word for u64 {
    fn write(words: &[Self], block: &mut [u8]) {
        for (bytes, word) in block.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_be_bytes();
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "takes words apart")]
    fn truncate(words: &[Self]) -> Truncated {
        Truncated::from_words(words.iter().flat_map(|word| [(word >> 32) as u32, *word as u32]))
    }
}
