//! The laws of merging.

use otp_core::conformance::{Violation, check_merge};
use otp_core::{Lifecycle, VerifierState};

use super::{bytes, with};

type Merge = fn(VerifierState, VerifierState) -> VerifierState;

#[test]
fn merges_are_told_apart() {
    let join: Merge = VerifierState::merge;
    let ours: Merge = |a, _| a;
    // The lower factor, with what belongs to it.
    let lowest: Merge = |a, b| {
        let factor = |state: &VerifierState| (bytes(*state)[1] & 4, bytes(*state)[8..16].to_vec());
        let order = |state: &VerifierState| (factor(state), state.drift(), bytes(*state)[1] & 1);
        let low = bytes(if order(&a) < order(&b) { a } else { b });
        with(a.merge(b), |bytes| {
            bytes[1] = bytes[1] & 2 | low[1] & !2;
            bytes[2..4].copy_from_slice(&low[2..4]);
            bytes[8..16].copy_from_slice(&low[8..16]);
        })
    };
    let sum: Merge = |a, b| {
        let failures = a.failures().saturating_add(b.failures());
        with(a.merge(b), |bytes| bytes[4..8].copy_from_slice(&failures.to_be_bytes()))
    };
    let average: Merge = |a, b| {
        let failures =
            a.failures().midpoint(b.failures()).max(u32::from(a.failures() | b.failures() > 0));
        with(a.merge(b), |bytes| bytes[4..8].copy_from_slice(&failures.to_be_bytes()))
    };
    let enabling: Merge = |a, b| {
        let both = [a, b].iter().all(|state| matches!(state.lifecycle(), Lifecycle::Disabled(_)));
        with(a.merge(b), |bytes| bytes[1] = bytes[1] & !2 | if both { 2 } else { 0 })
    };
    // The lower drift of two at the same factor: as safe, and different.
    let other_drift: Merge = |a, b| {
        let merged = a.merge(b);
        let drift = if a.next_factor() == b.next_factor() {
            a.drift().min(b.drift())
        } else {
            merged.drift()
        };
        with(merged, |bytes| bytes[2..4].copy_from_slice(&drift.to_be_bytes()))
    };
    for (merge, expected) in [
        (join, Ok(())),
        (ours, Err(Violation::MergeNotCommutative)),
        (lowest, Err(Violation::MergeBelow)),
        (sum, Err(Violation::MergeNotIdempotent)),
        (average, Err(Violation::MergeNotAssociative)),
        (enabling, Err(Violation::MergeBelow)),
        (other_drift, Err(Violation::MergeDiffers)),
    ] {
        assert_eq!(check_merge(merge), expected);
    }
}
