//! What computing leaves behind on the stack.

use zeroize::Zeroize;

/// As deep as any command goes, in words of 4 bytes.
const WORDS: usize = if cfg!(feature = "control-unscrubbed") { 1 } else { 800 };

/// Writes zeros where the stack of the last call was. What owns a secret wipes it, but hash functions
/// leave blocks of the key in frames that are gone, and so does every move of a value.
///
/// Not inlined: it has to lie where those frames lay.
#[inline(never)]
pub(crate) fn scrub_stack() {
    let mut below = [0_u32; WORDS];
    below.zeroize();
    core::hint::black_box(&below);
}
