//! The compression function of SHA-1 (FIPS 180-4 section 6.1.2), for speed: the `sha1` crate, with
//! the processor's own instructions if it has them.
//!
//! If size counts, `sha1/rolled.rs` stands in for this file. `lib.rs` chooses between them.

use core::slice::from_ref;

/// Whether speed counts more than size. A module of WebAssembly is weighed, and knows no SHA instructions that could overlap.
pub(crate) const FOR_SPEED: bool = cfg!(target_pointer_width = "64");

/// How many moving factors are computed at a time. Six are the default window of TOTP, and the last steps that were used
/// up. More gains little and costs stack.
pub(crate) const LANES: usize = 6;

pub(crate) fn compress(state: &mut [u32; 5], block: &[u8; 64]) {
    ::sha1::block_api::compress(state, from_ref(block));
}

// It is tested on every target.
#[cfg(test)]
#[allow(dead_code, reason = "its number of lanes is for the targets that it is chosen for")]
mod rolled;
