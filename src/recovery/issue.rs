//! Makes new codes: a whole set, the next generation of a set, or one slot.

use zeroize::Zeroizing;

use super::code::{Code, draw};
use super::error::IssueError;
use super::hash::{CHECK_LEN, HASH_LEN, Hash, SALT_LEN};
use super::length::Length;
use super::pepper::Pepper;
use super::set::{Header, Set};
use crate::ct::reveal;

/// The number of tries to draw a code that is new to the set. With a CSPRNG the first one is new.
const DRAWS: usize = 8;

impl<const N: usize, H: Hash> Set<N, H> {
    /// Makes a user's first set: `N` codes of `length`, hashed with `hash`.
    ///
    /// - `fill` fills a whole buffer from a CSPRNG: the function of the crate `getrandom`, or
    ///   `|bytes| rng.try_fill_bytes(bytes)`.
    /// - `keys` is a `&`[`Pepper`], or for Argon2id the pepper and memory.
    /// - `user` is the identity of the user or the credential, 1 to 255 bytes. It must never
    ///   change.
    /// - `show` is called once for each slot, counted from 0. The code is wiped afterwards, and can
    ///   never be shown again.
    ///
    /// If the user already has a set, [`regenerate`](Self::regenerate) it.
    ///
    /// ```
    /// use otp_core::recovery::{Code, Keyed, Length, Pepper, Set};
    ///
    /// # let mut seed = 0_u8;
    /// # let fill = |bytes: &mut [u8]| {
    /// #     bytes.fill_with(|| {
    /// #         seed = seed.wrapping_mul(5).wrapping_add(7);
    /// #         seed ^ (seed >> 3)
    /// #     });
    /// #     Ok::<(), std::io::Error>(())
    /// # };
    /// let pepper = Pepper::new(1, b"32 bytes that are not in the database")?;
    /// let mut shown = Vec::new();
    /// let show = |_slot, code: &Code| shown.push(code.expose_grouped().to_string());
    /// let set: Set<10> =
    ///     Set::generate(fill, Keyed, Length::DEFAULT, &pepper, b"user 17", show)?;
    /// assert_eq!((set.remaining(), shown.len()), (10, 10));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IssueError`] if `fill` fails or repeats itself, if the hash needs longer codes, or if the
    /// keys or `user` cannot be used.
    pub fn generate<E>(
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        hash: H,
        length: Length,
        keys: H::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &Code),
    ) -> Result<Self, IssueError<E>> {
        let header = Header::new(&mut fill, hash, length, H::pepper(&keys), user, 0)?;
        Self::filled(header, fill, keys, user, show)
    }

    /// Puts a new code into one slot, counted from 0, whether used or not. Returns the set and the
    /// code. The previous code of the slot stops working, and the other codes do not change. The
    /// new code differs from all codes of the set, and from the last code of each used slot. Older
    /// codes of a slot are not stored.
    ///
    /// Show the code only after the set is stored. To replace a code while it is used, call
    /// [`Redemption::with_replacement`](super::Redemption::with_replacement).
    ///
    /// # Errors
    /// - The errors of [`generate`](Self::generate).
    /// - [`IssueError::Slot`] if there is no such slot.
    /// - [`IssueError::Input`] if the set was made with another pepper or for another user, or if
    ///   it is damaged.
    pub fn reissue<E>(
        &self,
        slot: u8,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        mut keys: H::Keys<'_>,
        user: &[u8],
    ) -> Result<(Self, Code), IssueError<E>> {
        if slot >= Self::SLOTS {
            return Err(IssueError::Slot);
        }
        self.header.check(&keys, user)?;
        // The old code stays in the set for now, so that it is not drawn again.
        let (code, hash) = self.draw(&mut fill, &mut keys, user)?;
        let mut set = self.clone();
        set.place(slot, &hash);
        Ok((set, code.revealed()))
    }

    /// Fills every slot with a code.
    fn filled<E>(
        header: Header<H>,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        mut keys: H::Keys<'_>,
        user: &[u8],
        mut show: impl FnMut(u8, &Code),
    ) -> Result<Self, IssueError<E>> {
        let mut set = Self { header, used: Self::ALL, hashes: [[0; HASH_LEN]; N] };
        for slot in 0..Self::SLOTS {
            let (code, hash) = set.draw(&mut fill, &mut keys, user)?;
            set.place(slot, &hash);
            show(slot, &code.revealed());
        }
        Ok(set)
    }

    /// Draws a code that is new to the set, and its hash.
    pub(super) fn draw<E>(
        &self,
        fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
        keys: &mut H::Keys<'_>,
        user: &[u8],
    ) -> Result<(Code, Zeroizing<[u8; HASH_LEN]>), IssueError<E>> {
        for _ in 0..DRAWS {
            let code = Code::generate(self.header.length, fill)?;
            let hash = self.header.hash_of(keys, user, &code)?;
            if !self.knows(keys, &hash)? {
                return Ok((code, hash));
            }
        }
        Err(IssueError::Repeating)
    }
}

impl<const N: usize, H> Set<N, H> {
    /// Makes new codes that replace all old codes. The old codes stop working immediately. The
    /// hash, its cost, the length and the pepper may differ from before. The generation increases
    /// by one.
    ///
    /// See [`generate`](Self::generate) for the arguments. Old codes are not stored. A generator
    /// that restarts is recognised only by its salt, if the previous set has the same salt.
    ///
    /// # Errors
    /// The errors of [`generate`](Self::generate), and [`IssueError::Exhausted`] after generation
    /// 2^32 − 1.
    pub fn regenerate<G: Hash, E>(
        &self,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
        hash: G,
        length: Length,
        keys: G::Keys<'_>,
        user: &[u8],
        show: impl FnMut(u8, &Code),
    ) -> Result<Set<N, G>, IssueError<E>> {
        let generation = self.header.generation.checked_add(1).ok_or(IssueError::Exhausted)?;
        let header = Header::new(&mut fill, hash, length, G::pepper(&keys), user, generation)?;
        // A generator that restarts would produce the old codes too.
        if header.salt == self.header.salt {
            return Err(IssueError::Repeating);
        }
        Set::filled(header, fill, keys, user, show)
    }
}

impl<H: Hash> Header<H> {
    /// Draws a salt.
    fn new<E>(
        fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
        hash: H,
        length: Length,
        pepper: &Pepper,
        user: &[u8],
        generation: u32,
    ) -> Result<Self, IssueError<E>> {
        let length = length.at_least(H::MIN_SYMBOLS).map_err(IssueError::Length)?;
        let mut salt = [0; SALT_LEN];
        draw(fill, &mut salt)?;
        // The salt is stored in the clear.
        let (salt, check, pepper_key_id) = (reveal(salt), [0; CHECK_LEN], pepper.key_id());
        let mut header = Self { hash, length, pepper_key_id, check, generation, salt };
        header.check = header.check_value(pepper, user)?;
        Ok(header)
    }
}
