//! The stored form of a user's codes, and the search for the typed code in it.

use core::fmt;
use core::hint::black_box;

use zeroize::Zeroizing;

use super::code::Code;
use super::error::InputError;
use super::hash::{
    CHECK_DOMAIN, CHECK_LEN, HASH_LEN, Hash, Keyed, MAX_USER_LEN, Message, SALT_LEN, hmac, trace,
    user_len,
};
use super::length::Length;
use super::pepper::Pepper;
use crate::ct::{Mask, equal_bytes, reveal};

/// The stored form of a user's `N` recovery codes, 1 to 32: their hashes, and which of them are
/// used (NIST SP 800-63B-4 section 4.2.1.1).
///
/// It does not need a heap. Store its bytes, and replace them only by compare-and-swap. No
/// operation changes a set; each returns the next one. It is not wiped when it is dropped, because
/// it contains only what the database contains.
/// [`Verifier::redeem`](crate::verifier::Verifier::redeem) redeems codes.
///
/// Four operations make codes:
/// - [`generate`](Self::generate): a user's first set;
/// - [`regenerate`](Self::regenerate): new codes that replace all old ones. Use it also to change
///   the hash, its cost, the length or the pepper;
/// - [`reissue`](Self::reissue): a new code in one slot;
/// - [`Redemption::with_replacement`](super::Redemption::with_replacement): a new code in the slot
///   of the code that is being redeemed.
///
/// # One hash for each guess
/// A code is hashed together with a domain tag, the hash function, the user's identity with its
/// length, and the generation and the salt of the set. The slot is not included. So a guess is
/// hashed once and compared with all slots, including used ones, without an early exit. The time
/// reveals neither the slot nor whether there was a match.
///
/// A salt for each slot would only hide that two slots have the same code. Codes are random and
/// have at least 80 bits, and a code that is already in the set is drawn again. An attacker with
/// the database can compare each guess with `N` hashes at the same time. This reduces the bits of a
/// code by log2(N), at most 5. Sets share nothing: the same code has a different hash in each set.
///
/// # What an attacker can do
/// A code has 80 to 160 bits from a CSPRNG, 120 by default.
/// - With neither the database nor the pepper: guess, limited by the verifier's throttle.
/// - With the database: nothing, without a key of at least 112 bits.
/// - With the database and the pepper: guess offline. [`Keyed`] is fast, and its codes have at
///   least 115 bits. With shorter codes, each guess costs a password hash.
/// - With write access to the database: insert an older set, or another user's set. The other
///   user's set does not accept any code of this user, because the identity is hashed. The older
///   set makes used codes valid again.
///
/// # Used codes
/// The hash of a used code is wiped. Its slot keeps HMAC-SHA-256 of the hash, which does not accept
/// any code. If a generator repeats itself, this prevents the last code of the slot from being
/// issued again. Older codes of the slot are not stored.
///
/// A used code and an unknown code get the same answer. So a person who found an old code does not
/// learn that it once was a code. Both count as failures.
///
/// # Replicas
/// Two sets cannot be merged. Replicas that diverge each accept one code once, and nothing can undo
/// that afterwards. So keep the set in a store that compares and swaps. This does not compile:
///
/// ```compile_fail,E0599
/// # use otp_core::recovery::Set;
/// fn joined(one: Set<10>, other: Set<10>) -> Set<10> {
///     one.merge(other)
/// }
/// ```
#[doc(alias("backup codes", "backup_codes", "scratch codes"))]
pub struct Set<const N: usize, H = Keyed> {
    pub(super) header: Header<H>,
    /// Bit i is set if slot i is used. INVARIANT: no bit from `N` on is set.
    pub(super) used: u32,
    /// The hash of each code. A used slot has its trace, or zeros if it never had a code.
    pub(super) hashes: [[u8; HASH_LEN]; N],
}

/// The part that all slots share. Nothing in it is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header<H> {
    pub(super) hash: H,
    /// INVARIANT: the hash accepts codes of this length.
    pub(super) length: Length,
    pub(super) pepper_key_id: u32,
    pub(super) check: [u8; CHECK_LEN],
    pub(super) generation: u32,
    pub(super) salt: [u8; SALT_LEN],
}

impl<H: Hash> Header<H> {
    /// Checks that the set was made with these keys, for this user, and with this header.
    pub(super) fn check(&self, keys: &H::Keys<'_>, user: &[u8]) -> Result<(), InputError> {
        let pepper = H::pepper(keys);
        if pepper.key_id() != self.pepper_key_id {
            return Err(InputError::PepperKeyId { expected: self.pepper_key_id });
        }
        if self.check_value(pepper, user)? != self.check {
            return Err(InputError::Mismatch);
        }
        Ok(())
    }

    /// Returns the check value, with which a set recognises its pepper, its user and its own
    /// header. It is stored, so it becomes public here.
    pub(super) fn check_value(
        &self,
        pepper: &Pepper,
        user: &[u8],
    ) -> Result<[u8; CHECK_LEN], InputError> {
        let cost = self.hash.cost().map(u32::to_be_bytes);
        let mac = hmac(
            pepper,
            &[
                CHECK_DOMAIN,
                &[H::ID, self.length.symbols(), user_len(user)?],
                user,
                cost.as_flattened(),
                &self.generation.to_be_bytes(),
                &self.salt,
            ],
        )?;
        Ok(reveal(*mac.first_chunk().ok_or(InputError::Hash)?))
    }

    pub(super) fn hash_of(
        &self,
        keys: &mut H::Keys<'_>,
        user: &[u8],
        code: &Code,
    ) -> Result<Zeroizing<[u8; HASH_LEN]>, InputError> {
        let message = Message::new(H::ID, user, self.generation, &self.salt, code)?;
        self.hash.hash(keys, &self.salt, &message).map(Zeroizing::new)
    }
}

impl<const N: usize, H> Set<N, H> {
    /// The longest identity of a user in bytes: 255. It must have at least one byte.
    pub const MAX_USER_LEN: usize = MAX_USER_LEN;

    /// `N` as it is stored. Another `N` does not compile.
    pub(super) const SLOTS: u8 = {
        assert!(N >= 1 && N <= 32, "a recovery set has 1 to 32 slots");
        let [.., slots] = N.to_be_bytes();
        slots
    };

    /// The bits of all slots.
    pub(super) const ALL: u32 = u32::MAX >> (32 - Self::SLOTS as u32);

    /// Returns how many codes can still be used: 0 to `N`.
    #[must_use]
    pub const fn remaining(&self) -> u8 {
        let [.., used] = self.used.count_ones().to_be_bytes();
        Self::SLOTS.saturating_sub(used)
    }

    /// Returns whether the code of a slot, counted from 0, is used. Also returns `true` for a slot
    /// that does not exist.
    #[must_use]
    pub const fn is_used(&self, slot: u8) -> bool {
        slot >= Self::SLOTS || self.used & bit(slot) != 0
    }

    /// Returns how often the set was regenerated.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.header.generation
    }

    /// Returns the key id of the pepper that the set was made under.
    #[must_use]
    pub const fn pepper_key_id(&self) -> u32 {
        self.header.pepper_key_id
    }

    /// Returns the length of its codes.
    #[must_use]
    pub const fn code_length(&self) -> Length {
        self.header.length
    }

    /// Returns the hash function and its cost.
    #[must_use]
    pub const fn hash(&self) -> &H {
        &self.header.hash
    }

    /// Puts the hash of a code into a slot.
    pub(super) fn place(&mut self, slot: u8, hash: &[u8; HASH_LEN]) {
        if let Some(place) = self.hashes.get_mut(usize::from(slot)) {
            *place = *hash;
            self.used &= !bit(slot);
        }
    }

    /// Marks a slot as used. The trace replaces the hash.
    pub(super) fn burn(&mut self, slot: u8, trace: &[u8; HASH_LEN]) {
        if let Some(place) = self.hashes.get_mut(usize::from(slot)) {
            *place = *trace;
            self.used |= bit(slot);
        }
    }

    /// Returns the unused slot with this hash. It compares every slot, and the time does not depend
    /// on the position of the match.
    pub(super) fn slot_of(&self, guess: &[u8; HASH_LEN]) -> Option<u8> {
        let mut found = u32::MAX;
        for (slot, hash) in (0_u8..).zip(&self.hashes) {
            let unused = Mask::lowest_bit(!self.used.wrapping_shr(slot.into()));
            found = Mask::equal(hash, guess).and(unused).select(found, slot.into());
        }
        // The verdict becomes public here, and so does the slot that is stored as used.
        u8::try_from(reveal(found)).ok()
    }
}

impl<const N: usize, H: Hash> Set<N, H> {
    /// Returns the slot of the typed code, or `None`, and the trace of the code. It computes one
    /// hash, for every `N` and every position of the code.
    pub(super) fn find(
        &self,
        keys: &mut H::Keys<'_>,
        user: &[u8],
        code: &Code,
    ) -> Result<(Option<u8>, [u8; HASH_LEN]), InputError> {
        self.header.check(keys, user)?;
        let guess = self.header.hash_of(keys, user, code)?;
        // It is computed for every slot. The barrier prevents the optimiser from computing it only
        // for a match.
        let trace = black_box(trace(H::pepper(keys), &guess)?);
        Ok((self.slot_of(&guess), trace))
    }

    /// Returns whether this is the hash of a slot's code, or of its last code.
    pub(super) fn knows(
        &self,
        keys: &H::Keys<'_>,
        hash: &[u8; HASH_LEN],
    ) -> Result<bool, InputError> {
        let trace = trace(H::pepper(keys), hash)?;
        let known = (0..).zip(&self.hashes).fold(0, |known, (slot, stored)| {
            let expected = if self.is_used(slot) { &trace } else { hash };
            Mask::equal(stored, expected).select(known, 1)
        });
        // A known code is drawn again, so this answer is public.
        Ok(reveal(known) == 1)
    }
}

/// Returns the bit of a slot in the bitmap, or 0 for a slot that no set has.
pub(super) const fn bit(slot: u8) -> u32 {
    match 1_u32.checked_shl(slot as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

/// `clone_from` writes in place, because a temporary copy would take much of a token's stack.
impl<const N: usize, H: Clone> Clone for Set<N, H> {
    fn clone(&self) -> Self {
        Self { header: self.header.clone(), ..*self }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { header, used, hashes } = source;
        self.header.clone_from(header);
        self.used = *used;
        self.hashes = *hashes;
    }
}

/// Shows only the counts.
impl<const N: usize, H> fmt::Debug for Set<N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Set")
            .field("slots", &N)
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

/// Compares in a time that does not depend on the hashes.
impl<const N: usize, H: PartialEq> PartialEq for Set<N, H> {
    fn eq(&self, other: &Self) -> bool {
        let hashes = equal_bytes(self.hashes.as_flattened(), other.hashes.as_flattened());
        hashes && self.header == other.header && self.used == other.used
    }
}

impl<const N: usize, H: Eq> Eq for Set<N, H> {}
