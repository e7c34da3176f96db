//! New codes: a whole set, the next generation of one, and one slot.

use zeroize::Zeroizing;

use crate::ct::equal_bytes;
use crate::error::RecoveryIssueError;

use super::code::RecoveryCode;
use super::hash::{HASH_LEN, SALT_LEN};
#[cfg(feature = "rand_core")]
use super::{Keyed, LongRecoveryLength, Pepper};
use super::{NO_HASH, RecoveryHash, RecoveryMatch, RecoverySet, bit};

/// How often a code is drawn that is not in the set yet. With a CSPRNG the first always is.
const DRAWS: usize = 8;

#[cfg(feature = "rand_core")]
#[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
impl<const N: usize> RecoverySet<N> {
    /// Makes a user's first set: `N` codes of 24 symbols, 120 bits, hashed by [`Keyed`].
    ///
    /// `user` is the identity of the user or the credential, 1 to 255 bytes, and must be the same
    /// ever after. `show` is called once for each slot, from 0 on, and its code is wiped
    /// thereafter: it is the only time that the code is there to be seen.
    ///
    /// # Errors
    /// [`RecoveryIssueError`] where `rng` fails or repeats itself, or `user` has another length.
    pub fn generate<R: rand_core::TryCryptoRng + ?Sized>(
        rng: &mut R,
        pepper: &Pepper,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<R::Error>> {
        let fill = |bytes: &mut [u8]| rng.try_fill_bytes(bytes);
        Self::generate_with(fill, Keyed, LongRecoveryLength::DEFAULT, pepper, user, show)
    }
}

impl<const N: usize, H: RecoveryHash> RecoverySet<N, H> {
    /// Makes a user's first set: `N` codes of `length` symbols, hashed by `hash`.
    ///
    /// `fill` fills a buffer from a CSPRNG, all of it. For the rest see
    /// `RecoverySet::generate`, which has the feature `rand_core`.
    ///
    /// ```
    /// # #[cfg(feature = "pbkdf2")] {
    /// use otp_core::{Pbkdf2, Pepper, RecoveryLength, RecoverySet};
    ///
    /// # let fill = |bytes: &mut [u8]| Ok::<(), ()>(bytes.fill(3));
    /// let pepper = Pepper::new(1, b"32 bytes that are not in the database").unwrap();
    /// let short = RecoveryLength::new(16).unwrap();
    /// let hash = Pbkdf2::DEFAULT;
    /// let set: RecoverySet<1, Pbkdf2> =
    ///     RecoverySet::generate_with(fill, hash, short, &pepper, b"user 17", |_, code| {
    ///         assert_eq!(code.expose().len(), 16);
    ///     })
    ///     .unwrap();
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RecoveryIssueError`] where `fill` fails or repeats itself, or keys or `user` do not fit.
    pub fn generate_with<E>(
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        hash: H,
        length: H::Length,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<E>> {
        let set = Self {
            hash,
            length: length.into(),
            pepper_key_id: H::pepper(&keys).key_id(),
            generation: 0,
            salt: salt(&mut fill)?,
            used: 0,
            revisions: [0; N],
            hashes: [NO_HASH; N],
        };
        set.filled(fill, keys, user, show)
    }

    /// Makes new codes in place of all old ones, which are dead at once (the next generation, with
    /// another salt), of the same length and hashed the same way.
    ///
    /// The pepper may be another than before: the set then stores its key id.
    ///
    /// # Errors
    /// As [`generate_with`](Self::generate_with), and [`RecoveryIssueError::Exhausted`] after
    /// generation 2^32 − 1.
    pub fn regenerate_with<E>(
        &self,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<E>> {
        let set = Self {
            hash: self.hash,
            length: self.length,
            pepper_key_id: H::pepper(&keys).key_id(),
            generation: self.generation.checked_add(1).ok_or(RecoveryIssueError::Exhausted)?,
            salt: salt(&mut fill)?,
            used: 0,
            revisions: [0; N],
            hashes: [NO_HASH; N],
        };
        set.filled(fill, keys, user, show)
    }

    /// Puts a fresh code into one slot, counted from 0, used or not. The code that it had is dead,
    /// the others are as they were.
    ///
    /// # Errors
    /// As [`generate_with`](Self::generate_with), [`RecoveryIssueError::Slot`] where there is no
    /// such slot, and [`RecoveryIssueError::Exhausted`] after 65,535 fresh codes in the slot.
    pub fn reissue_with<E>(
        &self,
        slot: u8,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        mut keys: H::Keys<'_>,
        user: &[u8],
        mut show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<E>> {
        self.check(&keys)?;
        let mut set = self.clone();
        let revision = set.revisions.get_mut(usize::from(slot)).ok_or(RecoveryIssueError::Slot)?;
        *revision = revision.checked_add(1).ok_or(RecoveryIssueError::Exhausted)?;
        // The old code stays in the set meanwhile, so that it is not drawn again.
        let (code, hash) = set.draw(&mut fill, &mut keys, user)?;
        set.place(slot, hash);
        show(slot, &code.revealed());
        Ok(set)
    }

    /// Fills every slot with a code.
    fn filled<E>(
        mut self,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        mut keys: H::Keys<'_>,
        user: &[u8],
        mut show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<E>> {
        self.check(&keys)?;
        for slot in 0..Self::SLOTS {
            let (code, hash) = self.draw(&mut fill, &mut keys, user)?;
            self.place(slot, hash);
            show(slot, &code.revealed());
        }
        Ok(self)
    }

    /// Draws a code that is not in the set, and its hash.
    fn draw<E>(
        &self,
        fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
        keys: &mut H::Keys<'_>,
        user: &[u8],
    ) -> Result<(RecoveryCode, Zeroizing<[u8; HASH_LEN]>), RecoveryIssueError<E>> {
        for _ in 0..DRAWS {
            let code =
                RecoveryCode::generate(self.length, fill).map_err(RecoveryIssueError::Rng)?;
            let hash = Zeroizing::new(self.hash_of(keys, user, &code)?);
            // Slots without a hash are all zeros, which a hash never is.
            if !equal_bytes(&*hash, &NO_HASH) && self.slot_of(&hash).is_none() {
                return Ok((code, hash));
            }
        }
        Err(RecoveryIssueError::Repeating)
    }

    fn place(&mut self, slot: u8, hash: Zeroizing<[u8; HASH_LEN]>) {
        if let Some(place) = self.hashes.get_mut(usize::from(slot)) {
            *place = *hash;
            self.used &= !bit(slot);
        }
    }
}

/// With an injected CSPRNG.
#[cfg(feature = "rand_core")]
#[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
impl<const N: usize, H: RecoveryHash> RecoverySet<N, H> {
    /// As [`generate_with`](Self::generate_with), from `rng`.
    ///
    /// # Errors
    /// As [`generate_with`](Self::generate_with).
    pub fn generate_for<R: rand_core::TryCryptoRng + ?Sized>(
        rng: &mut R,
        hash: H,
        length: H::Length,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<R::Error>> {
        Self::generate_with(|bytes| rng.try_fill_bytes(bytes), hash, length, keys, user, show)
    }

    /// As [`regenerate_with`](Self::regenerate_with), from `rng`.
    ///
    /// # Errors
    /// As [`regenerate_with`](Self::regenerate_with).
    pub fn regenerate<R: rand_core::TryCryptoRng + ?Sized>(
        &self,
        rng: &mut R,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<R::Error>> {
        self.regenerate_with(|bytes| rng.try_fill_bytes(bytes), keys, user, show)
    }

    /// As [`reissue_with`](Self::reissue_with), from `rng`.
    ///
    /// # Errors
    /// As [`reissue_with`](Self::reissue_with).
    pub fn reissue<R: rand_core::TryCryptoRng + ?Sized>(
        &self,
        slot: u8,
        rng: &mut R,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<Self, RecoveryIssueError<R::Error>> {
        self.reissue_with(slot, |bytes| rng.try_fill_bytes(bytes), keys, user, show)
    }
}

impl<const N: usize, H: RecoveryHash> RecoveryMatch<'_, N, H> {
    /// The set in which the code is used, and its slot has a fresh one: in one step, as NIST SP
    /// 800-63B-4 section 4.2.1.1 asks. `show` is called once, with the fresh code.
    ///
    /// Show it only once the set is stored: if another request was faster, it is worth nothing.
    ///
    /// # Errors
    /// As [`RecoverySet::reissue_with`].
    pub fn rotate_with<E>(
        self,
        fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        keys: H::Keys<'_>,
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<RecoverySet<N, H>, RecoveryIssueError<E>> {
        self.set.reissue_with(self.slot, fill, keys, self.user, show)
    }

    /// As [`rotate_with`](Self::rotate_with), from `rng`.
    ///
    /// # Errors
    /// As [`RecoverySet::reissue_with`].
    #[cfg(feature = "rand_core")]
    #[cfg_attr(docsrs, doc(cfg(feature = "rand_core")))]
    pub fn rotate<R: rand_core::TryCryptoRng + ?Sized>(
        self,
        rng: &mut R,
        keys: H::Keys<'_>,
        show: impl FnMut(u8, &RecoveryCode),
    ) -> Result<RecoverySet<N, H>, RecoveryIssueError<R::Error>> {
        self.rotate_with(|bytes| rng.try_fill_bytes(bytes), keys, show)
    }
}

fn salt<E>(
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<[u8; SALT_LEN], RecoveryIssueError<E>> {
    let mut salt = [0; SALT_LEN];
    fill(&mut salt).map_err(RecoveryIssueError::Rng)?;
    Ok(salt)
}
