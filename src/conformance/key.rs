//! Checks whether an external key gives the same answers as the same key in software.

use super::violation::Violation;
use crate::hmac_key::{HmacKey, Truncated};
use crate::key_schedule::KeySchedule;

/// At least as long as any batch of the crate.
const LONGEST: usize = 8;

/// Checks a host's implementation of [`HmacKey`], such as a secure element, a hash peripheral, or a
/// service on the network. `expected` is the same key in software, so use a key that is made for
/// the test.
///
/// It asks for single moving factors and for batches of 1 to 8, with and without gaps: at 0, beyond
/// 32 bits and at `u64::MAX`, about 300 moving factors in total. Every answer must be written, and
/// must equal the answer of `expected`.
///
/// ```
/// use otp_core::{Algorithm, KeySchedule, HmacKey, Truncated, conformance};
///
/// struct Forgetful(KeySchedule);
/// impl HmacKey for Forgetful {
///     type Error = core::convert::Infallible;
///     fn truncated(&self, moving_factor: u64) -> Result<Truncated, Self::Error> {
///         self.0.truncated(moving_factor)
///     }
///     fn truncated_batch(&self, _: &[u64], _: &mut [Truncated]) -> Result<(), Self::Error> {
///         Ok(()) // writes nothing
///     }
/// }
/// let key = || KeySchedule::from_raw_key(Algorithm::Sha1, b"a key for this test").unwrap();
/// assert_eq!(conformance::check_key(&key(), &key()), Ok(()));
/// let violation = conformance::check_key(&Forgetful(key()), &key()).unwrap_err();
/// assert_eq!(violation, conformance::Violation::KeyUnanswered);
/// ```
///
/// # Errors
/// [`Violation::KeyUnanswered`] or [`Violation::KeyDiffers`].
pub fn check_key<M: HmacKey>(key: &M, expected: &KeySchedule) -> Result<(), Violation> {
    for first in [0, 1, 0xffff_fffe, 1 << 40] {
        for (length, gap) in (1..=LONGEST).flat_map(|length| [(length, 1), (length, 1000)]) {
            check_batch(key, expected, first, length, gap)?;
        }
    }
    for length in 1..=LONGEST {
        check_batch(key, expected, u64::MAX - 7, length, 1)?;
    }
    for factor in [0, 1, 0xffff_fffe, 1 << 40, u64::MAX] {
        let answer = key.truncated(factor).map_err(|_| Violation::KeyUnanswered)?;
        compare(&[factor], &[answer], expected)?;
    }
    Ok(())
}

fn check_batch<M: HmacKey>(
    key: &M,
    expected: &KeySchedule,
    first: u64,
    length: usize,
    gap: u64,
) -> Result<(), Violation> {
    let mut factors = [first; LONGEST];
    for (slot, nth) in factors.iter_mut().zip(0..) {
        *slot = gap.wrapping_mul(nth).wrapping_add(first);
    }
    let mut answers = [Truncated::UNWRITTEN; LONGEST];
    let factors = factors.get(..length).unwrap_or_default();
    let answers = answers.get_mut(..length).unwrap_or_default();
    key.truncated_batch(factors, answers).map_err(|_| Violation::KeyUnanswered)?;
    compare(factors, answers, expected)
}

fn compare(
    factors: &[u64],
    answers: &[Truncated],
    expected: &KeySchedule,
) -> Result<(), Violation> {
    for (moving_factor, answer) in factors.iter().zip(answers) {
        if answer.is_unwritten() {
            return Err(Violation::KeyUnanswered);
        }
        let Ok(right) = expected.truncated(*moving_factor);
        if right.expose_bits() != answer.expose_bits() {
            return Err(Violation::KeyDiffers);
        }
    }
    Ok(())
}
