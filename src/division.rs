//! Division of times and other public numbers of 64 bits.
//!
//! A Cortex-M has no instruction for it, and the routine that a compiler puts there takes 700
//! bytes of flash. Here a bit at a time takes 60, and some 1,000 instructions, a twelfth of an
//! HMAC. It also leaves a firmware without any division, so that nobody has to show which ones see
//! no secret.

use core::num::NonZeroU64;

/// Whether the processor divides numbers of 64 bits.
const HAS_DIVIDE: bool = cfg!(any(target_pointer_width = "64", target_arch = "wasm32"));

/// Quotient and remainder.
pub(crate) fn divide(number: u64, by: NonZeroU64) -> (u64, u64) {
    if HAS_DIVIDE { (number / by, number % by) } else { long_division(number, by) }
}

fn long_division(number: u64, by: NonZeroU64) -> (u64, u64) {
    let by = by.get();
    // Bits of the number leave at the top, bits of the quotient come in at the bottom.
    let (mut rest, mut remainder) = (number, 0_u64);
    for _ in 0..u64::BITS {
        // The remainder has only the bits that came in: none is shifted out, not even by the last.
        remainder = remainder << 1 | rest >> 63;
        rest <<= 1;
        if remainder >= by {
            remainder = remainder.wrapping_sub(by);
            rest |= 1;
        }
    }
    (rest, remainder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_processors(number: u64, by: u64, shift in 0_u32..64, other in 0_u32..64) {
            for number in [number, number >> shift, u64::MAX, u64::MAX - 1, 1, 0] {
                for by in [by >> other | 1, by | 1 << 63, u64::MAX, 30, 1] {
                    let Some(by) = NonZeroU64::new(by) else { continue };
                    prop_assert_eq!(long_division(number, by), (number / by, number % by));
                    prop_assert_eq!(divide(number, by), (number / by, number % by));
                }
            }
        }
    }
}
