//! The stored form of a user's codes, and which of them is the one that was typed.

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

/// The stored form of a user's `N` recovery codes, 1 to 32: their hashes, and which of them are used
/// (NIST SP 800-63B-4 section 4.2.1.1).
///
/// It needs no heap. Store its bytes, and replace them only by compare-and-swap. No operation changes
/// a set; each returns the next one. It is not wiped when dropped, because it holds no more than the
/// database does. Codes are redeemed by [`Verifier::redeem`](crate::verifier::Verifier::redeem).
///
/// Four acts make codes:
/// - [`generate`](Self::generate): a user's first set;
/// - [`regenerate`](Self::regenerate): new codes in place of all old ones, also when the hash, its
///   cost, the length or the pepper changes;
/// - [`reissue`](Self::reissue): a new code in one slot;
/// - [`Redemption::with_replacement`](super::Redemption::with_replacement): a new code in the slot of
///   the one that is being redeemed.
///
/// # One hash for each guess
/// A code is hashed together with a domain tag, the hash function, the user's identity with its
/// length, the generation and the salt of the set. The slot is left out. So a guess is hashed once and
/// compared with all slots, used ones too, without an early exit. The time tells neither the slot nor
/// whether there was one.
///
/// A salt for each slot would only hide that two slots have the same code. Codes are random and have
/// at least 80 bits, and a code that is in the set already is drawn again. An attacker with the
/// database can compare each guess with `N` hashes at once, which takes log2(N), at most 5, off the
/// bits of a code. Nothing is shared between sets: the same code has another hash in another set.
///
/// # What an attacker can do
/// A code has 80 to 160 bits of a CSPRNG, 120 by default.
/// - With neither the database nor the pepper: guess, under the throttle of the verifier.
/// - With the database: nothing, without a key of at least 112 bits.
/// - With the database and the pepper: guess offline. [`Keyed`] is fast, and its codes have at least
///   115 bits. Shorter codes cost a password hash for each guess.
/// - With write access to the database: put in an older set, or one of another user. The other user's
///   set accepts no code of this user, because the identity is hashed. The older one revives used
///   codes.
///
/// # Used codes
/// The hash of a used code is wiped. Its slot keeps HMAC-SHA-256 of the hash, which accepts nothing: it
/// only keeps a generator that repeats itself from giving out the last code of the slot again. Older
/// codes of the slot are not remembered.
///
/// A used code and an unknown code get the same answer, so somebody who found an old code does not even
/// learn that it was one. Both count as failures.
///
/// # Replicas
/// There is no way to merge two sets. Replicas that diverge accept one code once each, whatever is done
/// afterwards, so keep the set in a store that compares and swaps. This does not compile:
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
    /// Bit i is set if slot i is used. INVARIANT: no bit from `N` on.
    pub(super) used: u32,
    /// The hash of each code; in a used slot its trace, or zeros before a code was put there.
    pub(super) hashes: [[u8; HASH_LEN]; N],
}

/// The part that all slots have in common. Nothing in it is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header<H> {
    pub(super) hash: H,
    /// INVARIANT: the hash takes codes of this length.
    pub(super) length: Length,
    pub(super) pepper_key_id: u32,
    pub(super) check: [u8; CHECK_LEN],
    pub(super) generation: u32,
    pub(super) salt: [u8; SALT_LEN],
}

impl<H: Hash> Header<H> {
    /// Whether the set was made under these keys and for this user, with this header.
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

    /// The value by which a set recognises its pepper, its user and its own header. It is stored, so
    /// it is public from here on.
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
    /// The most bytes of a user's identity: 255. It has at least one.
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

    /// Returns whether the code of a slot, counted from 0, is used. Also true for a slot that does not
    /// exist.
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

    /// Returns how its codes are hashed.
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

    /// Marks a slot as used. The trace takes the place of the hash.
    pub(super) fn burn(&mut self, slot: u8, trace: &[u8; HASH_LEN]) {
        if let Some(place) = self.hashes.get_mut(usize::from(slot)) {
            *place = *trace;
            self.used |= bit(slot);
        }
    }

    /// The unused slot with this hash. Every slot is compared, and the time does not tell which it is.
    pub(super) fn slot_of(&self, guess: &[u8; HASH_LEN]) -> Option<u8> {
        let mut found = u32::MAX;
        for (slot, hash) in (0_u8..).zip(&self.hashes) {
            let unused = Mask::lowest_bit(!self.used.wrapping_shr(slot.into()));
            found = Mask::equal(hash, guess).and(unused).select(found, slot.into());
        }
        // The verdict, and the slot that is stored as used with it.
        u8::try_from(reveal(found)).ok()
    }
}

impl<const N: usize, H: Hash> Set<N, H> {
    /// The slot whose code was typed, or none, and the trace of the code. One hash is computed, whatever
    /// `N` is and wherever the code stands.
    pub(super) fn find(
        &self,
        keys: &mut H::Keys<'_>,
        user: &[u8],
        code: &Code,
    ) -> Result<(Option<u8>, [u8; HASH_LEN]), InputError> {
        self.header.check(keys, user)?;
        let guess = self.header.hash_of(keys, user, code)?;
        // Computed whatever the slot is: the barrier keeps the optimiser from doing so only for a hit.
        let trace = black_box(trace(H::pepper(keys), &guess)?);
        Ok((self.slot_of(&guess), trace))
    }

    /// Whether a slot has a code with this hash, or had it last.
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
        // If it is known, the code is drawn again.
        Ok(reveal(known) == 1)
    }
}

/// The bit of a slot in the bitmap. None for those that no set has.
pub(super) const fn bit(slot: u8) -> u32 {
    match 1_u32.checked_shl(slot as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

/// `clone_from` writes in place: on a token a copy in between is much of the stack.
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

/// Takes a time that does not depend on the hashes.
impl<const N: usize, H: PartialEq> PartialEq for Set<N, H> {
    fn eq(&self, other: &Self) -> bool {
        let hashes = equal_bytes(self.hashes.as_flattened(), other.hashes.as_flattened());
        hashes && self.header == other.header && self.used == other.used
    }
}

impl<const N: usize, H: Eq> Eq for Set<N, H> {}
