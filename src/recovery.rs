//! Recovery codes: made once, shown once, stored as hashes, used once each.

#[cfg(feature = "argon2")]
mod argon2id;
mod bytes;
mod code;
mod hash;
mod issue;
mod length;
mod matched;
mod merge;
#[cfg(feature = "pbkdf2")]
mod pbkdf2;
mod pepper;
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
mod phc;
#[cfg(feature = "serde")]
mod serde;

use core::fmt;

use zeroize::Zeroizing;

use crate::ct::{Mask, equal_bytes, reveal};
use crate::error::{RecoveryError, RecoveryInputError};

#[cfg(feature = "argon2")]
pub use self::argon2id::{Argon2Block, Argon2Keys, Argon2id};
pub use self::code::{GroupedCode, RecoveryCode};
use self::hash::{HASH_LEN, Message, SALT_LEN};
pub use self::hash::{Keyed, RecoveryHash};
pub use self::length::{LongRecoveryLength, RecoveryLength};
pub use self::matched::RecoveryMatch;
#[cfg(feature = "pbkdf2")]
pub use self::pbkdf2::Pbkdf2;
pub use self::pepper::Pepper;
#[cfg(any(feature = "argon2", feature = "pbkdf2"))]
pub use self::phc::{RecoveryPasswordHash, RecoveryPhc};

/// The stored form of a user's `N` recovery codes, 1 to 32: their hashes, and which are used (NIST
/// SP 800-63B-4 section 4.2.1.1).
///
/// A value without a heap: write it to bytes, store these, and replace them in a way that only one
/// of two requests can do. No operation changes a set; each returns the next one. It is not wiped
/// when dropped: it holds no more than the database does.
///
/// ```
/// use otp_core::{Keyed, LongRecoveryLength, Pepper, RecoveryError, RecoverySet};
///
/// # let mut seed = 0_u8;
/// # let fill = |bytes: &mut [u8]| {
/// #     bytes.fill_with(|| { seed = seed.wrapping_mul(5).wrapping_add(7); seed ^ (seed >> 3) });
/// #     Ok::<(), otp_core::RecoveryInputError>(())
/// # };
/// let pepper = Pepper::new(1, b"32 bytes that are not in the database")?;
/// let mut shown = Vec::new();
/// // `fill` fills a buffer from a CSPRNG. With the feature `rand_core` there is `generate`.
/// let length = LongRecoveryLength::DEFAULT;
/// let set: RecoverySet<10> =
///     RecoverySet::generate_with(fill, Keyed, length, &pepper, b"user 17", |_, code| {
///         shown.push(code.expose_grouped().to_string());
///     })?;
///
/// let hit = set.verify(&pepper, b"user 17", &shown[3].to_lowercase())?;
/// assert_eq!((hit.slot(), hit.remaining()), (3, 9));
/// let set = hit.burned(); // Store it before you let anybody in.
/// let again = set.verify(&pepper, b"user 17", &shown[3]);
/// assert_eq!(again.unwrap_err(), RecoveryError::Rejected);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # One hash for each guess
/// What is hashed is a domain tag, the hash function, the user's identity with its length, the
/// generation, the salt and the code; the slot is left out, and the salt is one for the set. So one
/// hash serves to compare a guess with all slots, however many there are, and even where it is a
/// password hash. All slots are compared, used ones too, without an early exit, so the time tells
/// neither the slot nor whether there was one.
///
/// What a salt for each slot would add is that two slots with one code have different hashes. Codes
/// are random and of 80 bits at least, and making a set draws again where two of its codes are
/// alike, so there are none to hide. An attacker with the database can compare each guess with `N`
/// hashes at once, which takes log2(N), at most 5, off the bits of a code. Between sets nothing is
/// shared: the same code has another hash in another set.
///
/// # What an attacker can do
/// A code has 80 to 160 bits of a CSPRNG, 120 unless told otherwise.
/// - With neither the database nor the pepper: guess, as often as the host lets them. Throttle.
/// - With the database: nothing, without a key of 112 bits or more.
/// - With the database and the pepper: guess offline. [`Keyed`] is fast, and its codes have 115 bits
///   at least, which no speed makes up for. Shorter codes cost a password hash a guess.
/// - With write access to the database: put in an older set, or one of another user. The latter
///   verifies nothing, for the user's identity is hashed; the former revives used codes.
///
/// # Used codes
/// A used slot holds no hash any more, so that a used code cannot be told from one that never was:
/// both are [`RecoveryError::Rejected`]. On purpose: whoever tries a code that they found learns not
/// even that it was one. Count it as a failure like any other.
pub struct RecoverySet<const N: usize, H = Keyed> {
    hash: H,
    length: RecoveryLength,
    pepper_key_id: u32,
    generation: u32,
    salt: [u8; SALT_LEN],
    /// Bit i is set where slot i is used. INVARIANT: no bit from `N` on.
    used: u32,
    /// How often each slot got a fresh code in this generation.
    revisions: [u16; N],
    /// INVARIANT: zeros where the slot is used, and nowhere else.
    hashes: [[u8; HASH_LEN]; N],
}

/// What stands for no hash.
const NO_HASH: [u8; HASH_LEN] = [0; HASH_LEN];

impl<const N: usize, H> RecoverySet<N, H> {
    /// The most bytes of a user's identity: 255. It has at least one.
    pub const MAX_USER_LEN: usize = hash::MAX_USER_LEN;

    /// `N` as it is stored. Stops the compiler where there is no such set.
    const SLOTS: u8 = {
        assert!(N >= 1 && N <= 32, "a recovery set has 1 to 32 slots");
        let [.., slots] = N.to_be_bytes();
        slots
    };

    /// How many codes can still be used: 0 to `N`.
    #[must_use]
    pub const fn remaining(&self) -> u8 {
        let [.., used] = self.used.count_ones().to_be_bytes();
        Self::SLOTS.saturating_sub(used)
    }

    /// Whether the code of a slot, counted from 0, is used. A slot that does not exist is.
    #[must_use]
    pub const fn is_used(&self, slot: u8) -> bool {
        slot >= Self::SLOTS || self.used & bit(slot) != 0
    }

    /// How often the set was regenerated.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// How often a slot, counted from 0, got a fresh code in this generation. 0 for a slot that does
    /// not exist.
    #[must_use]
    pub fn revision(&self, slot: u8) -> u16 {
        self.revisions.get(usize::from(slot)).copied().unwrap_or_default()
    }

    /// The key id of the pepper that the set was made under.
    #[must_use]
    pub const fn pepper_key_id(&self) -> u32 {
        self.pepper_key_id
    }

    /// The number of symbols that its codes have.
    #[must_use]
    pub const fn code_length(&self) -> RecoveryLength {
        self.length
    }

    /// How its codes are hashed.
    #[must_use]
    pub const fn hash(&self) -> &H {
        &self.hash
    }

    /// The set after the use of a slot, with its hash wiped.
    pub(crate) fn burn(&mut self, slot: u8) {
        if let Some(hash) = self.hashes.get_mut(usize::from(slot)) {
            *hash = NO_HASH;
            self.used |= bit(slot);
        }
    }
}

impl<const N: usize, H: RecoveryHash> RecoverySet<N, H> {
    /// Checks what a person typed against all codes that can still be used. It keeps no state: store
    /// what [`RecoveryMatch::burned`] or [`RecoveryMatch::rotate`] returns.
    ///
    /// `user` is the identity that the set was made for, 1 to 255 bytes. One hash is computed,
    /// whatever `N` is and wherever the code stands.
    ///
    /// # Errors
    /// [`RecoveryError::Malformed`] where the text cannot be a code of this set (see
    /// [`RecoveryCode::parse`]), [`RecoveryError::Input`] where the pepper has another key id, the
    /// user's identity another length, or the memory is too small: in these cases no key was
    /// touched. [`RecoveryError::Rejected`] where it is none of the codes.
    pub fn verify<'a>(
        &'a self,
        keys: H::Keys<'_>,
        user: &'a [u8],
        text: &str,
    ) -> Result<RecoveryMatch<'a, N, H>, RecoveryError> {
        let slot = self.find(keys, user, text)?.ok_or(RecoveryError::Rejected)?;
        Ok(RecoveryMatch::new(self, user, slot))
    }

    /// The slot whose code was submitted, or none.
    pub(crate) fn find(
        &self,
        mut keys: H::Keys<'_>,
        user: &[u8],
        text: &str,
    ) -> Result<Option<u8>, RecoveryError> {
        let code = RecoveryCode::parse(text, self.length)?;
        self.check(&keys)?;
        let guess = Zeroizing::new(self.hash_of(&mut keys, user, &code)?);
        Ok(self.slot_of(&guess))
    }

    /// Whether these are the keys that the set was made with.
    fn check(&self, keys: &H::Keys<'_>) -> Result<(), RecoveryInputError> {
        if H::pepper(keys).key_id() != self.pepper_key_id {
            return Err(RecoveryInputError::Pepper { expected: self.pepper_key_id });
        }
        self.hash.check(keys)
    }

    fn hash_of(
        &self,
        keys: &mut H::Keys<'_>,
        user: &[u8],
        code: &RecoveryCode,
    ) -> Result<[u8; HASH_LEN], RecoveryInputError> {
        let message = Message::new(H::ID, user, self.generation, &self.salt, code)?;
        Ok(self.hash.hash(keys, &self.salt, &message))
    }

    /// The unused slot with this hash. Every slot is compared, and the time does not tell which it is.
    fn slot_of(&self, guess: &[u8; HASH_LEN]) -> Option<u8> {
        let mut found = u32::MAX;
        for (slot, hash) in (0_u8..).zip(&self.hashes) {
            let unused = Mask::lowest_bit(!self.used.wrapping_shr(slot.into()));
            found = Mask::equal(hash, guess).and(unused).select(found, slot.into());
        }
        // The verdict, and the slot that is stored as used with it.
        u8::try_from(reveal(found)).ok()
    }
}

/// The bit of a slot in the bitmap. None for those that no set has.
const fn bit(slot: u8) -> u32 {
    match 1_u32.checked_shl(slot as u32) {
        Some(bit) => bit,
        None => 0,
    }
}

/// `clone_from` writes in place: on a token a copy in between is much of the stack.
impl<const N: usize, H: Clone> Clone for RecoverySet<N, H> {
    fn clone(&self) -> Self {
        Self { hash: self.hash.clone(), ..*self }
    }

    fn clone_from(&mut self, source: &Self) {
        let Self { hash, length, pepper_key_id, generation, salt, used, revisions, hashes } =
            source;
        self.hash.clone_from(hash);
        self.length = *length;
        self.pepper_key_id = *pepper_key_id;
        self.generation = *generation;
        self.salt = *salt;
        self.used = *used;
        self.revisions = *revisions;
        self.hashes = *hashes;
    }
}

/// Tells the counts alone.
impl<const N: usize, H> fmt::Debug for RecoverySet<N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoverySet")
            .field("slots", &N)
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

/// Takes a time that does not depend on the hashes.
impl<const N: usize, H: RecoveryHash> PartialEq for RecoverySet<N, H> {
    fn eq(&self, other: &Self) -> bool {
        let hashes = equal_bytes(self.hashes.as_flattened(), other.hashes.as_flattened());
        hashes
            && self.header() == other.header()
            && self.used == other.used
            && self.revisions == other.revisions
    }
}

impl<const N: usize, H: RecoveryHash> Eq for RecoverySet<N, H> {}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, clippy::unwrap_used, reason = "a test")]
mod tests {
    use core::cell::Cell;
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use super::hash::{Cost, Scheme};
    use super::*;
    use crate::error::RecoveryCostError;

    /// Counts what is hashed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Counting;

    impl Scheme for Counting {
        const ID: u8 = 255;

        type Length = RecoveryLength;
        type Keys<'k> = (&'k Pepper, &'k Cell<u32>);

        fn cost(&self) -> Cost {
            [0; 3]
        }

        fn from_cost(_: Cost) -> Result<Self, RecoveryCostError> {
            Ok(Self)
        }

        fn pepper<'a>((pepper, _): &'a Self::Keys<'_>) -> &'a Pepper {
            pepper
        }

        fn check(&self, _: &Self::Keys<'_>) -> Result<(), RecoveryInputError> {
            Ok(())
        }

        fn hash(
            &self,
            (pepper, count): &mut Self::Keys<'_>,
            _: &[u8; SALT_LEN],
            message: &Message,
        ) -> [u8; HASH_LEN] {
            count.set(count.get() + 1);
            hash::hmac(pepper, message)
        }
    }

    /// F22: as many hashes for the first slot as for the last, for a used one, and for none: one.
    #[test]
    fn f22_one_hash_for_each_guess() {
        fn check<const N: usize>() {
            let (pepper, other) = [1, 2].map(|id| Pepper::new(id, &[7; 32]).unwrap()).into();
            let count = Cell::new(0);
            let mut next = 0_u8;
            let fill = |bytes: &mut [u8]| {
                bytes.fill_with(|| {
                    next = next.wrapping_mul(5).wrapping_add(113);
                    next >> 3
                });
                next = next.wrapping_add(1);
                Ok::<(), ()>(())
            };
            let mut codes = Vec::new();
            let keys = (&pepper, &count);
            let length = RecoveryLength::DEFAULT;
            let set: RecoverySet<N, Counting> =
                RecoverySet::generate_with(fill, Counting, length, keys, b"user", |_, code| {
                    codes.push(code.expose().to_owned());
                })
                .unwrap();

            let find = |set: &RecoverySet<N, Counting>, pepper, text: &str| {
                count.set(0);
                let found = set.find((pepper, &count), b"user", text);
                (found, count.get())
            };
            for (slot, code) in (0..).zip(&codes) {
                assert_eq!(find(&set, &pepper, code), (Ok(Some(slot)), 1));
                let mut burned = set.clone();
                burned.burn(slot);
                assert_eq!(find(&burned, &pepper, code), (Ok(None), 1));
            }
            let miss = "0".repeat(24);
            assert_eq!(find(&set, &pepper, &miss), (Ok(None), 1));
            let mut all_used = set.clone();
            (0..).take(N).for_each(|slot| all_used.burn(slot));
            assert_eq!(find(&all_used, &pepper, &miss), (Ok(None), 1));
            assert_eq!(all_used.remaining(), 0);

            // Nothing is hashed where no code can match.
            let mismatch = RecoveryInputError::Pepper { expected: 1 };
            assert_eq!(find(&set, &other, &miss), (Err(mismatch.into()), 0));
            assert!(matches!(find(&set, &other, "?"), (Err(RecoveryError::Malformed(_)), 0)));
        }
        check::<1>();
        check::<10>();
        check::<32>();
    }
}
