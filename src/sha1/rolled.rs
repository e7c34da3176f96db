//! The compression function of SHA-1 (FIPS 180-4 section 6.1.2) as a loop, for processors with
//! little flash. It takes 320 bytes. The `sha1` crate unrolls the rounds and takes 2,600 to 2,900
//! bytes, and has no switch for that, unlike `sha2`. This loop executes a third more instructions.
//! On other targets, such as WebAssembly, `--cfg otp_core_small` selects it.
//!
//! Branches and addresses depend only on the number of the round.

/// The constants of rounds 0 to 19, 20 to 39, 40 to 59 and 60 to 79 (FIPS 180-4 section 4.2.1).
const K: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

/// Size is more important than speed.
pub(crate) const FOR_SPEED: bool = false;

/// The number of moving factors that are computed at a time. A microcontroller cannot overlap them,
/// and in a small WebAssembly module their code would take too much space.
pub(crate) const LANES: usize = 1;

pub(crate) fn compress(state: &mut [u32; 5], block: &[u8; 64]) {
    // Sixteen words of the message schedule. The word of round t is at `t & 15`. After it was
    // added, the word of round t + 16 replaces it.
    let mut schedule = [0_u32; 16];
    for (word, bytes) in schedule.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    let mut round = 0_usize;
    for (phase, k) in (0_u8..).zip(K) {
        for _ in 0..20 {
            let f = match phase {
                0 => d ^ (b & (c ^ d)),
                2 => (b & c) | (d & (b | c)),
                _ => b ^ c ^ d,
            };
            let word = at(&schedule, round);
            let sum = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
            let sum = sum.wrapping_add(k).wrapping_add(word);
            (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);

            let ahead = |by| at(&schedule, round.wrapping_add(by));
            let next = (word ^ ahead(2) ^ ahead(8) ^ ahead(13)).rotate_left(1);
            if let Some(slot) = schedule.get_mut(round & 15) {
                *slot = next;
            }
            round = round.wrapping_add(1);
        }
    }
    for (word, mixed) in state.iter_mut().zip([a, b, c, d, e]) {
        *word = word.wrapping_add(mixed);
    }
}

fn at(schedule: &[u32; 16], round: usize) -> u32 {
    schedule.get(round & 15).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use core::slice::from_ref;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_the_unrolled_one(state: [u32; 5], low: [u8; 32], high: [u8; 32]) {
            let mut block = [0; 64];
            block[..32].copy_from_slice(&low);
            block[32..].copy_from_slice(&high);
            let (mut rolled, mut unrolled) = (state, state);
            super::compress(&mut rolled, &block);
            ::sha1::block_api::compress(&mut unrolled, from_ref(&block));
            prop_assert_eq!(rolled, unrolled);
        }
    }
}
