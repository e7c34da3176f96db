//! Keys outside of the program: right ones pass, and each mistake is named.

use otp_core::conformance::{Violation, check_key};
use otp_core::{Algorithm, HmacKey, KeySchedule, Truncated};

fn software() -> KeySchedule {
    KeySchedule::from_raw_key(Algorithm::Sha1, b"a key for this test").unwrap()
}

/// A key with its own functions for a single answer and for a batch.
struct Key<S, B> {
    single: S,
    batch: B,
}

impl<S, B> HmacKey for Key<S, B>
where
    S: Fn(u64) -> Result<Truncated, ()>,
    B: Fn(&[u64], &mut [Truncated]) -> Result<(), ()>,
{
    type Error = ();

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, ()> {
        (self.single)(moving_factor)
    }

    fn truncated_batch(&self, factors: &[u64], answers: &mut [Truncated]) -> Result<(), ()> {
        (self.batch)(factors, answers)
    }
}

fn single(factor: u64) -> Result<Truncated, ()> {
    software().truncated(factor).map_err(|error| match error {})
}

fn batch(factors: &[u64], answers: &mut [Truncated]) -> Result<(), ()> {
    software().truncated_batch(factors, answers).map_err(|error| match error {})
}

/// Checks a key that answers in batches only as `wrong` does.
fn check_batches(
    wrong: impl Fn(&[u64], &mut [Truncated]) -> Result<(), ()>,
) -> Result<(), Violation> {
    check_key(&Key { single, batch: wrong }, &software())
}

/// Checks a key that computes the code of another factor in place of this one.
fn check_factors(taken_for: impl Fn(u64) -> u64) -> Result<(), Violation> {
    check_batches(|factors, answers| {
        let taken: Vec<u64> = factors.iter().map(|factor| taken_for(*factor)).collect();
        batch(&taken, answers)
    })
}

#[test]
fn the_same_key_passes() {
    assert_eq!(check_key(&software(), &software()), Ok(()));
    assert_eq!(check_batches(batch), Ok(()));
}

#[test]
fn another_key_is_found() {
    let other = KeySchedule::from_raw_key(Algorithm::Sha1, b"another key").unwrap();
    assert_eq!(check_key(&other, &software()), Err(Violation::KeyDiffers));
}

#[test]
fn factors_that_are_cut_off_are_found() {
    for bits in [8, 16, 32] {
        let found = check_factors(|factor| factor & ((1 << bits) - 1));
        assert_eq!(found, Err(Violation::KeyDiffers), "{bits} bits");
    }
    let found = check_factors(|factor| factor.min(u64::MAX - 1));
    assert_eq!(found, Err(Violation::KeyDiffers), "the last factor");
}

/// A batch of consecutive factors is right, and one with gaps is not.
#[test]
fn a_batch_that_only_counts_up_is_found() {
    let found = check_batches(|factors, answers| {
        let first = factors.first().copied().unwrap_or(0);
        let in_turn: Vec<u64> =
            (0..factors.len() as u64).map(|nth| first.wrapping_add(nth)).collect();
        batch(&in_turn, answers)
    });
    assert_eq!(found, Err(Violation::KeyDiffers));
}

#[test]
fn a_batch_that_is_too_short_is_found() {
    for longest in 1..8 {
        let found = check_batches(|factors, answers| {
            let len = factors.len().min(longest);
            batch(&factors[..len], &mut answers[..len])
        });
        assert_eq!(found, Err(Violation::KeyUnanswered), "{longest}");
    }
}

/// An answer that says "unwritten" has the bits of a code, which may be the right one.
#[test]
fn an_answer_that_is_written_as_unwritten_is_found() {
    let found = check_batches(|_, answers| {
        answers.fill(Truncated::UNWRITTEN);
        Ok(())
    });
    assert_eq!(found, Err(Violation::KeyUnanswered));
}

#[test]
fn a_key_that_fails_is_found() {
    let fails = |_: &[u64], _: &mut [Truncated]| Err(());
    assert_eq!(check_batches(fails), Err(Violation::KeyUnanswered));
    let found = check_key(&Key { single: |_| Err(()), batch }, &software());
    assert_eq!(found, Err(Violation::KeyUnanswered));
}

#[test]
fn a_single_answer_that_is_wrong_is_found() {
    for wrong in [0, 1, 0xffff_fffe, 1 << 40, u64::MAX] {
        let single = |factor| single(if factor == wrong { 2 } else { factor });
        let found = check_key(&Key { single, batch }, &software());
        assert_eq!(found, Err(Violation::KeyDiffers), "{wrong}");
    }
}
