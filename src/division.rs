//! Division of times and other public 64-bit numbers.
//!
//! A Cortex-M does not have an instruction for it, and the compiler's routine takes 700 bytes of
//! flash. The bit-by-bit division here takes 60 bytes and about 1,000 instructions, a twelfth of an
//! HMAC. With it, a firmware contains no division at all, so nobody has to prove which divisions
//! never see a secret.

use core::num::NonZeroU64;

/// The processor divides 64-bit numbers.
const HAS_DIVIDE: bool = cfg!(any(target_pointer_width = "64", target_arch = "wasm32"));

/// Returns the quotient and the remainder.
pub(crate) fn divide(number: u64, by: NonZeroU64) -> (u64, u64) {
    if HAS_DIVIDE { (number / by, number % by) } else { long_division(number, by) }
}

fn long_division(number: u64, by: NonZeroU64) -> (u64, u64) {
    let by = by.get();
    // Bits of the number leave at the top, and bits of the quotient enter at the bottom.
    let (mut rest, mut remainder) = (number, 0_u64);
    for _ in 0..u64::BITS {
        // The remainder has only the bits shifted in so far. Not even the last shift loses a bit.
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
