//! Wipes the stack of the last command.

use zeroize::Zeroize;

/// The deepest stack of any command, in words of 4 bytes.
const WORDS: usize = if cfg!(feature = "control-unscrubbed") { 1 } else { 800 };

/// Writes zeros to the stack of the last call. Types that own a secret wipe it, but hash functions
/// and moves of values leave copies of the key on the stack.
///
/// Not inlined, so that its own stack is at the same place.
#[inline(never)]
pub(crate) fn scrub_stack() {
    let mut below = [0_u32; WORDS];
    below.zeroize();
    core::hint::black_box(&below);
}
