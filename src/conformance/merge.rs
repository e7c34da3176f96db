//! The laws of merging.

use core::cmp::max;
use std::vec::Vec;

use super::states;
use super::violation::Violation;
use crate::verifier::{Lifecycle, VerifierState};

const STATES: u64 = 48;

/// Checks a merge of states that is not [`VerifierState::merge`] itself: one that a host has written
/// for its own replication, as in SQL or in a script of the store.
///
/// 1. Idempotent, commutative, associative.
/// 2. Never below either in moving factor, failures, wait or being disabled.
/// 3. The same as [`VerifierState::merge`], in drift and confirmation too.
///
/// On a fixed set of 48 states and all triples of them, half a million merges: no place for a
/// connection.
///
/// ```
/// use otp_core::{VerifierState, conformance};
///
/// conformance::check_merge(VerifierState::merge)?;
/// assert!(conformance::check_merge(|_, theirs| theirs).is_err());
/// # Ok::<(), conformance::Violation>(())
/// ```
///
/// # Errors
/// The [`Violation`] that was found.
pub fn check_merge(
    merge: impl Fn(VerifierState, VerifierState) -> VerifierState,
) -> Result<(), Violation> {
    let states: Vec<_> = states::mixed(STATES).collect();
    let all = || states.iter().copied();
    let pairs = || all().flat_map(|a| all().map(move |b| (a, b)));
    let law = |holds: bool, violation| if holds { Ok(()) } else { Err(violation) };

    law(all().all(|a| merge(a, a) == a), Violation::MergeNotIdempotent)?;
    law(pairs().all(|(a, b)| merge(a, b) == merge(b, a)), Violation::MergeNotCommutative)?;
    let associates = |(a, b)| {
        let ab = merge(a, b);
        all().all(|c| merge(ab, c) == merge(a, merge(b, c)))
    };
    law(pairs().all(associates), Violation::MergeNotAssociative)?;
    let above = |(a, b)| {
        let merged = severity(merge(a, b));
        let least = severity(a).zip_max(severity(b));
        merged.zip_max(least) == merged
    };
    law(pairs().all(above), Violation::MergeBelow)?;
    law(pairs().all(|(a, b)| merge(a, b) == a.merge(b)), Violation::MergeDiffers)
}

/// What a state keeps out, each the more the greater.
#[derive(Clone, Copy, PartialEq)]
struct Severity {
    used_up_to: (bool, Option<u64>),
    failures: u32,
    wait_until: Option<u64>,
    disabled: bool,
}

impl Severity {
    fn zip_max(self, other: Self) -> Self {
        Self {
            used_up_to: max(self.used_up_to, other.used_up_to),
            failures: max(self.failures, other.failures),
            wait_until: max(self.wait_until, other.wait_until),
            disabled: self.disabled | other.disabled,
        }
    }
}

fn severity(state: VerifierState) -> Severity {
    let next = state.next_factor();
    Severity {
        // After the last factor there is none.
        used_up_to: (next.is_none(), next),
        failures: state.failures(),
        wait_until: state.locked_until(0),
        disabled: matches!(state.lifecycle(), Lifecycle::Disabled(_)),
    }
}
