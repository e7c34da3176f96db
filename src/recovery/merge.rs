//! Which of two copies of a set counts, and what of each.

use core::cmp::Ordering;

use crate::ct::greater;

use super::{RecoveryHash, RecoverySet, bit};

impl<const N: usize, H: RecoveryHash> RecoverySet<N, H> {
    /// What two replicas of a user's set come to when they meet: the least set that is at or after
    /// both.
    ///
    /// - The higher generation wins as a whole.
    /// - Within one generation slots are merged one by one. The higher revision of a slot wins;
    ///   within one revision a used slot wins, its hash wiped.
    /// - What replicas did behind each other's back has a winner too, the same on all: of two sets
    ///   of one generation with different salts (both were regenerated) the one whose header has
    ///   the greater bytes; of two fresh codes in one revision of a slot (both were rotated) the one
    ///   with the greater hash. The loser's codes are dead.
    ///
    /// # Why a used code never comes back
    /// That is a total order of headers and, below one header, of the states of a slot: revision,
    /// then used or not, then hash. A merge takes the greater of each, so it is commutative,
    /// associative and idempotent. Every other operation goes up in that order: a burn from unused
    /// to used, a rotation to the next revision, a regeneration to the next generation. A code is
    /// good in one state alone: that of its generation, salt, slot and revision, unused, with its
    /// hash. Once it was used, the replica on which it was is above that state, and so is everything
    /// that this replica is ever merged into.
    ///
    /// It holds for sets of one user that come from one first set. To start afresh, regenerate:
    /// [`RecoverySet::generate_with`] starts from generation 0, which loses against what there was.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let by_generation = self.generation.cmp(&other.generation);
        match by_generation.then_with(|| self.header().cmp(&other.header())) {
            Ordering::Greater => self,
            Ordering::Less => other,
            Ordering::Equal => self.merge_slots(&other),
        }
    }

    /// Of two sets with the same header.
    fn merge_slots(mut self, other: &Self) -> Self {
        let ours = self.revisions.iter_mut().zip(&mut self.hashes);
        let theirs = other.revisions.iter().zip(&other.hashes);
        for (slot, ((revision, hash), (their_revision, their_hash))) in (0..).zip(ours.zip(theirs))
        {
            let bit = bit(slot);
            match their_revision.cmp(revision) {
                Ordering::Less => continue,
                Ordering::Greater => {
                    *revision = *their_revision;
                    *hash = *their_hash;
                    self.used = (self.used & !bit) | (other.used & bit);
                }
                Ordering::Equal => {
                    self.used |= other.used & bit;
                    // Where one is used it is not the hash that decides.
                    *hash = greater(hash, their_hash);
                }
            }
            if self.used & bit != 0 {
                *hash = super::NO_HASH;
            }
        }
        self
    }
}
