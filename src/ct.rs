//! Operations on secrets whose time does not depend on the secret: selection, comparison, `%`
//! without a division, and wiping.
//!
//! This is the only file that uses `subtle`. `docs/CONSTANT_TIME.md` lists what is secret, what is
//! public, and every place at which a secret value becomes public.

#[cfg(otp_core_valgrind)]
mod watch;

use core::hint::black_box;

use subtle::ConstantTimeEq;
use zeroize::optimization_barrier;

#[cfg(otp_core_valgrind)]
pub use self::watch::on_reveal;

/// Declassifies a value: returns a copy that callers may branch on. The barrier prevents the
/// optimiser from branching on parts of the value before they are combined.
///
/// `docs/CONSTANT_TIME.md` lists each call with its reason.
pub(crate) fn reveal<T: Copy>(secret: T) -> T {
    let revealed = black_box(secret);
    #[cfg(otp_core_valgrind)]
    let revealed = watch::tell(revealed);
    revealed
}

/// Returns whether two slices are equal, in a time that depends only on their lengths. The answer
/// is public.
pub(crate) fn equal_bytes(a: &[u8], b: &[u8]) -> bool {
    reveal(a.ct_eq(b).unwrap_u8()) == 1
}

/// A secret bit that fills a word. Secret answers are passed on only in this form.
///
/// Each constructor has a barrier. Without it, the optimiser would know that the word is all ones
/// or all zeros, and could turn a selection back into a branch.
#[derive(Clone, Copy)]
pub(crate) struct Mask(u32);

impl Mask {
    /// The answer "no".
    pub(crate) const NO: Self = Self(0);

    /// Returns the mask of the lowest bit of a word.
    pub(crate) fn lowest_bit(word: u32) -> Self {
        Self(black_box(word & 1).wrapping_neg())
    }

    /// Returns the masks of the four lowest bits of a word, highest bit first.
    ///
    /// They share one barrier, because every candidate of a window needs four of them.
    pub(crate) fn low_bits(word: u32) -> [Self; 4] {
        let bit = |n: u32| word.wrapping_shr(n) & 1;
        black_box([bit(3), bit(2), bit(1), bit(0)].map(u32::wrapping_neg)).map(Self)
    }

    /// Returns whether a word is zero, such as the difference of two equal values.
    pub(crate) fn is_zero(word: u64) -> Self {
        // Unless a number is zero, it or its negation has the highest bit set.
        let [.., high] = (word | word.wrapping_neg()).to_le_bytes();
        Self::lowest_bit(u32::from(high >> 7 ^ 1))
    }

    /// Returns whether all bytes are zero. It looks at all of them.
    pub(crate) fn all_zero(bytes: &[u8]) -> Self {
        Self::is_zero(bytes.iter().fold(0, |bits, byte| bits | byte).into())
    }

    /// Returns whether `value` is between `first` and `last`, both included. All three must be
    /// under 2^31.
    pub(crate) fn is_between(value: u32, first: u32, last: u32) -> Self {
        // A difference has its highest bit set if it is negative.
        Self::lowest_bit(!(value.wrapping_sub(first) | last.wrapping_sub(value)) >> 31)
    }

    /// Returns whether two hashes are equal. It compares word by word, with one barrier at the end.
    #[cfg(feature = "recovery")]
    pub(crate) fn equal(a: &[u8; 32], b: &[u8; 32]) -> Self {
        let words = a.as_chunks().0.iter().zip(b.as_chunks().0);
        Self::is_zero(words.fold(0, |difference, (a, b)| {
            difference | (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b))
        }))
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn not(self) -> Self {
        Self(!self.0)
    }

    pub(crate) fn select(self, no: u32, yes: u32) -> u32 {
        no ^ (self.0 & (no ^ yes))
    }

    pub(crate) fn select_u64(self, no: u64, yes: u64) -> u64 {
        let word = i64::from(self.0.cast_signed()).cast_unsigned();
        no ^ (word & (no ^ yes))
    }

    /// Returns 1 for "yes" and 0 for "no".
    pub(crate) fn bit(self) -> u32 {
        self.0 & 1
    }
}

/// Returns how many of the bytes are at most `value`, which is under 2^31, or −1 in wrapped form.
/// It compares all of them.
pub(crate) fn rank(bytes: &[u8], value: u32) -> u32 {
    // A difference has its highest bit set if it is negative.
    bytes.iter().fold(0, |rank, byte| {
        let is_greater = value.wrapping_sub((*byte).into()) >> 31;
        rank.wrapping_add(1 ^ is_greater)
    })
}

/// Overwrites a value that held a secret. The barrier prevents the optimiser from removing the
/// write.
pub(crate) fn wipe<T: Copy>(value: &mut T, empty: T) {
    *value = empty;
    optimization_barrier(value);
}

/// Microcontrollers do not scrub here: it would take 5 % more flash, and almost double the stack.
/// Their firmware knows when the stack is not in use, and scrubs all of it then.
const SCRUBS: bool = cfg!(not(all(target_os = "none", not(target_pointer_width = "64"))));

/// The most stack that a function uses.
#[derive(Clone, Copy)]
pub(crate) enum Stack {
    OneKilobyte,
    #[cfg(feature = "sha2")]
    TwoKilobytes,
    #[cfg(feature = "sha2")]
    FourKilobytes,
}

/// Calls `work`, and then overwrites the stack that it has used.
///
/// Two cases need this. The compiler may copy returned values on their way. Functions of other
/// crates leave the data they worked on in their stack frames. The result of `work` is written
/// directly into the caller's memory.
#[inline(always)]
pub(crate) fn scrubbed<T>(stack: Stack, work: impl FnOnce() -> T) -> T {
    struct Scrub(Stack);

    impl Drop for Scrub {
        fn drop(&mut self) {
            match self.0 {
                Stack::OneKilobyte => scrub::<1024>(),
                #[cfg(feature = "sha2")]
                Stack::TwoKilobytes => scrub::<2048>(),
                #[cfg(feature = "sha2")]
                Stack::FourKilobytes => scrub::<4096>(),
            }
        }
    }

    if !SCRUBS {
        return work();
    }
    let _scrub = Scrub(stack);
    below(work)
}

/// It is not inlined, so that everything `work` uses is below the caller's frame.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// It is not inlined, because its frame must cover the same memory as the frame of `below`.
#[inline(never)]
fn scrub<const STACK: usize>() {
    let stack = [0_u8; STACK];
    optimization_barrier(&stack);
}

/// A modulus and its reciprocal. They reduce 31-bit numbers by a multiplication.
///
/// On many processors the time of a division depends on its operands. On processors without a
/// divide instruction, a division is a loop.
///
/// Let `s = 31 + ceil(log2 m)` and `r = floor(2^s / m) + 1`. Then the quotient `floor(v / m)` is
/// `v * r >> s` for all `v < 2^31`. The reason: `r` exceeds `2^s / m` by at most 1, so the product
/// exceeds the true one by less than `2^31`. That is at most `2^s / m`, and only an error of
/// `2^s / m` would change the quotient. `r` needs 32 bits and the product needs 63. (A test checks
/// every `v`.)
#[derive(Clone, Copy)]
pub(crate) struct Modulus {
    modulus: u32,
    reciprocal: u32,
    shift: u32,
}

impl Modulus {
    /// Prepares a modulus from 2 to 2^31.
    #[expect(clippy::arithmetic_side_effects, reason = "evaluated when compiling")]
    pub(crate) const fn new(modulus: u32) -> Self {
        assert!(modulus >= 2 && modulus <= 1 << 31);
        let shift = 31 + (modulus - 1).ilog2() + 1;
        let reciprocal = (1_u64 << shift) / modulus as u64 + 1;
        assert!(reciprocal <= u32::MAX as u64);
        Self { modulus, reciprocal: low_word(reciprocal), shift }
    }

    pub(crate) const fn get(self) -> u32 {
        self.modulus
    }

    /// Returns the quotient and the remainder of a division by the modulus, for a `value` under
    /// 2^31.
    pub(crate) fn divide(self, value: u32) -> (u32, u32) {
        let product = u64::from(value).wrapping_mul(u64::from(self.reciprocal));
        let quotient = low_word(product.wrapping_shr(self.shift));
        (quotient, value.wrapping_sub(quotient.wrapping_mul(self.modulus)))
    }

    /// Returns `value % modulus`, for a `value` under 2^31.
    pub(crate) fn reduce(self, value: u32) -> u32 {
        self.divide(value).1
    }
}

#[expect(clippy::cast_possible_truncation, reason = "its callers hold values that fit")]
const fn low_word(value: u64) -> u32 {
    value as u32
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, reason = "a test")]
mod tests {
    use super::*;
    use std::thread;

    const CHUNK: u32 = 1 << 24;

    /// Runs `check` over 0..`CHUNK` × `chunks`, on all processors.
    fn in_parallel(chunks: u32, check: impl Fn(core::ops::RangeInclusive<u32>) + Sync) {
        let workers = thread::available_parallelism().map_or(1, |workers| workers.get() as u32);
        thread::scope(|scope| {
            for worker in 0..workers {
                let check = &check;
                scope.spawn(move || {
                    for chunk in (worker..chunks).step_by(workers as usize) {
                        check(chunk * CHUNK..=chunk * CHUNK + (CHUNK - 1));
                    }
                });
            }
        });
    }

    fn divides<const M: u32>(values: core::ops::RangeInclusive<u32>) {
        let modulus = Modulus::new(M);
        // The loop does not stop at the first difference, so that it vectorises.
        let wrong = values.fold(0, |wrong, v| {
            let (quotient, remainder) = modulus.divide(v);
            wrong | (quotient ^ (v / M)) | (remainder ^ (v % M))
        });
        assert_eq!(wrong, 0, "division by {M}");
    }

    /// Every modulus in use: one for each number of digits, the radix of decimal codes and of Steam
    /// codes, and the number of Steam codes. For ten digits, nothing is subtracted.
    fn divides_by_all(values: &core::ops::RangeInclusive<u32>) {
        divides::<1_000_000>(values.clone());
        divides::<10_000_000>(values.clone());
        divides::<100_000_000>(values.clone());
        divides::<1_000_000_000>(values.clone());
        divides::<{ 1 << 31 }>(values.clone());
        divides::<10>(values.clone());
        divides::<26>(values.clone());
        divides::<{ 26_u32.pow(5) }>(values.clone());
    }

    #[test]
    #[cfg_attr(debug_assertions, ignore = "2^31 values eight times: run with --release")]
    fn division_is_right_for_every_value() {
        in_parallel(1 << 7, |values| divides_by_all(&values));
    }

    #[test]
    fn division_is_right_at_the_edges() {
        for around in (0..=31).map(|n| 1_u32 << n).chain((0..=9).map(|n| 10_u32.pow(n))) {
            let last = (around.saturating_add(2)).min((1 << 31) - 1);
            divides_by_all(&(around.saturating_sub(2)..=last));
        }
    }

    #[test]
    fn a_secret_bit_is_right() {
        let is = |mask: Mask| mask.select(0, 1) == 1;
        for value in (0..300).chain([1 << 20, (1 << 31) - 1]) {
            for (first, last) in [(0, 0), (7, 7), (48, 57), (97, 122), (0, (1 << 31) - 1)] {
                let between = (first..=last).contains(&value);
                assert_eq!(is(Mask::is_between(value, first, last)), between, "{value}");
            }
            assert_eq!(
                rank(b"0123", value),
                b"0123".map(u32::from).partition_point(|b| *b <= value) as u32
            );
        }
        for shift in 0..64 {
            for word in [0, 1_u64 << shift, u64::MAX << shift, u64::MAX >> shift] {
                assert_eq!(is(Mask::is_zero(word)), word == 0, "{word:#x}");
            }
        }
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let [mask_a, mask_b] = [a, b].map(Mask::lowest_bit);
            assert_eq!(is(mask_a.or(mask_b)), a | b == 1);
            assert_eq!(mask_a.select(3, 5), if a == 1 { 5 } else { 3 });
        }
        assert!(!is(Mask::NO));
    }

    /// Every bit of a hash is compared.
    #[cfg(feature = "recovery")]
    #[test]
    fn hashes_are_compared_whole() {
        let hash: [u8; 32] = core::array::from_fn(|at| at as u8);
        assert_eq!(Mask::equal(&hash, &hash).select(0, 7), 7);
        for bit in 0..256 {
            let flip = |at: usize| if at == bit / 8 { 1 << (bit % 8) } else { 0_u8 };
            let mut other = hash;
            (0..).zip(&mut other).for_each(|(at, byte)| *byte ^= flip(at));
            assert_eq!(Mask::equal(&hash, &other).select(0, 7), 0, "{bit}");
            // The same difference in two words does not cancel out.
            let mut twice = hash;
            (0..).zip(&mut twice).for_each(|(at, byte)| *byte ^= flip(at) ^ flip((at + 8) % 32));
            assert_eq!(Mask::equal(&hash, &twice).select(0, 7), 0, "{bit}");
        }
    }
}
