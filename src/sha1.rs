//! The compression function of SHA-1 (FIPS 180-4 section 6.1.2), optimised for speed. It is the
//! `sha1` crate, which uses the SHA instructions of the processor if there are any.
//!
//! If size is more important, `sha1/rolled.rs` replaces this file. `lib.rs` chooses between them.

use core::slice::from_ref;

/// Speed is more important than size. WebAssembly is optimised for size: it does not have SHA
/// instructions that could overlap.
pub(crate) const FOR_SPEED: bool = cfg!(target_pointer_width = "64");

/// The number of moving factors that are computed at a time. Six are enough for TOTP's default
/// window and the last used steps. More would gain little and cost stack.
pub(crate) const LANES: usize = 6;

pub(crate) fn compress(state: &mut [u32; 5], block: &[u8; 64]) {
    ::sha1::block_api::compress(state, from_ref(block));
}

// The tests run it on every target.
#[cfg(test)]
#[allow(dead_code, reason = "only its own targets use its number of lanes")]
mod rolled;
