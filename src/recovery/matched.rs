//! A code that was good, and the set without it.

use core::fmt;

use super::{Keyed, RecoveryHash, RecoverySet};

/// The slot whose code was submitted.
///
/// Store the set of [`burned`](Self::burned) or [`rotate`](Self::rotate) before you let anybody in,
/// in a way that only one of two requests with the same code can do: until then the code can be used
/// again. `Debug` tells the slot and the counts.
#[must_use = "store the set without the code, or it can be used again"]
pub struct RecoveryMatch<'a, const N: usize, H = Keyed> {
    pub(super) set: &'a RecoverySet<N, H>,
    pub(super) user: &'a [u8],
    pub(super) slot: u8,
}

impl<'a, const N: usize, H> RecoveryMatch<'a, N, H> {
    pub(super) const fn new(set: &'a RecoverySet<N, H>, user: &'a [u8], slot: u8) -> Self {
        Self { set, user, slot }
    }

    /// The slot that matched, counted from 0.
    #[must_use]
    pub const fn slot(&self) -> u8 {
        self.slot
    }

    /// How many codes are left once this one is used: 0 to `N` − 1. None: it was the last.
    #[must_use]
    pub const fn remaining(&self) -> u8 {
        self.set.remaining().saturating_sub(1)
    }
}

impl<const N: usize, H: RecoveryHash> RecoveryMatch<'_, N, H> {
    /// The set in which the code is used and its hash wiped.
    #[must_use = "store it, or the code can be used again"]
    pub fn burned(self) -> RecoverySet<N, H> {
        let mut set = self.set.clone();
        set.burn(self.slot);
        set
    }
}

/// Tells the slot and the counts.
impl<const N: usize, H> fmt::Debug for RecoveryMatch<'_, N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryMatch")
            .field("slot", &self.slot)
            .field("set", self.set)
            .finish_non_exhaustive()
    }
}
