//! Redeems recovery codes under the verifier's throttle. The verdict comes only after the commit.

use core::fmt;

use super::code::Code;
use super::error::{InputError, IssueError};
use super::hash::{Hash, Keyed};
use super::set::Set;
use super::verdict::{Redeemed, Verdict};
use crate::verifier::{Record, Settled, State, Swap, Verifier, barred};

impl Verifier {
    /// Checks a recovery code that a person typed, at `now` in seconds of Unix time. The result is
    /// hidden until the next set and state are stored: see [`Redemption`].
    ///
    /// `keys` and `user` are those of [`Set::generate`]. `state` is a separate state, stored beside
    /// the set: [`State::for_recovery`]. So a lost phone that was disabled never blocks recovery. A
    /// redeemed code resets the failures in a row.
    ///
    /// If the state is locked or disabled, nothing is hashed. Otherwise exactly one code is hashed,
    /// for every answer.
    ///
    /// For an example see [`recovery`](crate::recovery).
    ///
    /// # Errors
    /// [`InputError`] if the host passed another pepper, user identity, memory, state or time than
    /// the set needs, or a damaged set. Nothing is counted then.
    #[doc(alias("use_backup_code"))]
    #[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
    pub fn redeem<'a, const N: usize, H: Hash>(
        &self,
        set: &Set<N, H>,
        keys: H::Keys<'a>,
        user: &'a [u8],
        state: State,
        code: &str,
        now: u64,
    ) -> Result<Redemption<'a, N, H>, InputError> {
        if !state.is_for_recovery() {
            return Err(InputError::OtherState);
        }
        // There is only one copy of the set, in the returned value, because a set is large on a
        // token.
        let mut redemption = Redemption {
            keys,
            user,
            state,
            next_state: state,
            next_set: set.clone(),
            verdict: Verdict::Conflict,
            replaced: false,
        };
        if let Some(barred) = barred(state, now).map_err(|_| InputError::TimeTooFar)? {
            redemption.verdict = barred.into();
            return Ok(redemption);
        }
        let code = match Code::parse(code, set.code_length()) {
            Ok(code) => code,
            Err(error) => {
                redemption.verdict = Verdict::Malformed(error);
                return Ok(redemption);
            }
        };
        let (slot, trace) = set.find(&mut redemption.keys, user, &code)?;
        if let Some(slot) = slot {
            redemption.next_set.burn(slot, &trace);
            redemption.next_state = state.redeemed();
            redemption.verdict = Verdict::Redeemed(Redeemed {
                slot,
                remaining: redemption.next_set.remaining(),
                failures: state.failures(),
                replacement: None,
            });
        } else {
            let (next_state, rejection) = self.refuse(state, now);
            redemption.next_state = next_state;
            redemption.verdict = Verdict::Rejected(rejection);
        }
        Ok(redemption)
    }
}

/// A recovery code that was checked but not answered yet. It holds the set and the state to store,
/// and a hidden verdict, like [`Attempt`](crate::verifier::Attempt).
///
/// These do not compile:
///
/// ```compile_fail,E0308
/// # use otp_core::recovery::{Redemption, Set};
/// # use otp_core::verifier::State;
/// # fn swap(_: &Set<10>, _: State) -> Result<u64, ()> { Ok(0) }
/// fn settle(redemption: Redemption<'_, 10>) {
///     let settled = redemption.commit(|set, _, state| Ok::<_, ()>(swap(set, state).is_ok()));
/// }
/// ```
///
/// ```compile_fail,E0382
/// # use otp_core::recovery::Redemption;
/// # use otp_core::verifier::Swap;
/// fn twice(redemption: Redemption<'_, 10>) {
///     let first = redemption.commit(|_, _, _| Ok::<_, ()>(Swap::Stored)).unwrap();
///     let second = redemption.commit(|_, _, _| Ok::<_, ()>(Swap::Stored)).unwrap();
/// }
/// ```
#[must_use = "commit it: only the commit returns the verdict"]
pub struct Redemption<'a, const N: usize, H: Hash = Keyed> {
    keys: H::Keys<'a>,
    user: &'a [u8],
    state: State,
    next_state: State,
    next_set: Set<N, H>,
    verdict: Verdict,
    /// A replacement was drawn, for any verdict.
    replaced: bool,
}

impl<const N: usize, H: Hash> Redemption<'_, N, H> {
    /// Puts a new code into the slot of a redeemed code, in the same commit (NIST SP 800-63B-4
    /// section 4.2.1.1). [`Redeemed::replacement`] returns the new code. It always differs from the
    /// code that was just used. A second call does nothing.
    ///
    /// `fill` fills a buffer from a CSPRNG. It is called for every verdict. A wrong code costs a
    /// second hash like a right one, so that the time reveals nothing before the commit.
    ///
    /// # Errors
    /// [`IssueError`] if `fill` fails or repeats itself. The verdict is then lost, and the code
    /// still works.
    pub fn with_replacement<E>(
        mut self,
        mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, IssueError<E>> {
        if self.replaced {
            return Ok(self);
        }
        self.replaced = true;
        if !self.is_checked() {
            Code::generate(self.next_set.code_length(), &mut fill)?;
            return Ok(self);
        }
        // The set knows the code that was just used.
        let (code, hash) = self.next_set.draw(&mut fill, &mut self.keys, self.user)?;
        if let Verdict::Redeemed(redeemed) = &mut self.verdict {
            self.next_set.place(redeemed.slot, &hash);
            redeemed.remaining = self.next_set.remaining();
            redeemed.replacement = Some(code.revealed());
        }
        Ok(self)
    }

    /// Calls `swap` to replace the set and the state, and returns the verdict with its line for an
    /// audit log.
    ///
    /// `swap` receives the next set, the old state and the next state. It must store set and state
    /// together, in one transaction, and only if the store still holds the set and the state that
    /// were loaded. It is called only for codes that are redeemed or rejected.
    ///
    /// Each redemption changes both the set and the state. A store that compares only one of them
    /// still accepts each code once. But only the set shows that codes were regenerated or reissued
    /// in the meantime, and only the state shows a failure. So compare both if you can.
    ///
    /// If the race was lost, the verdict is [`Verdict::Conflict`], which reveals nothing about the
    /// code.
    ///
    /// # Errors
    /// The error of `swap`. The verdict is then lost, because it is unknown whether it was stored.
    pub fn commit<E>(
        self,
        swap: impl FnOnce(&Set<N, H>, State, State) -> Result<Swap, E>,
    ) -> Result<Settled<Verdict>, E> {
        let swapped = if self.is_checked() {
            swap(&self.next_set, self.state, self.next_state)?
        } else {
            Swap::Stored
        };
        Ok(self.settle(swapped))
    }

    /// Commits like [`commit`](Self::commit), with an asynchronous `swap`.
    ///
    /// # Errors
    /// The error of `swap`, as in [`commit`](Self::commit).
    pub async fn commit_async<E>(
        self,
        swap: impl AsyncFnOnce(&Set<N, H>, State, State) -> Result<Swap, E>,
    ) -> Result<Settled<Verdict>, E> {
        let swapped = if self.is_checked() {
            swap(&self.next_set, self.state, self.next_state).await?
        } else {
            Swap::Stored
        };
        Ok(self.settle(swapped))
    }

    /// Returns whether the code was compared with the set, so that there is something to store.
    const fn is_checked(&self) -> bool {
        matches!(self.verdict, Verdict::Redeemed(_) | Verdict::Rejected(_))
    }

    fn settle(self, swapped: Swap) -> Settled<Verdict> {
        let (verdict, next) = match swapped {
            Swap::Stored => (self.verdict, self.next_state),
            Swap::Lost => (Verdict::Conflict, self.state),
        };
        let mut record = Record::of("recovery", verdict.name(), self.state, next);
        match &verdict {
            Verdict::Redeemed(code) => record.slot = Some(code.slot),
            Verdict::Rejected(rejection) => record.until = rejection.until(),
            Verdict::Locked { until } => record.until = Some(*until),
            _ => {}
        }
        Settled { verdict, record }
    }
}

/// Does not show the verdict.
impl<const N: usize, H: Hash> fmt::Debug for Redemption<'_, N, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redemption(sealed)")
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test"
)]
mod tests {
    use core::cell::Cell;
    use core::convert::Infallible;
    use std::borrow::ToOwned;
    use std::vec::Vec;

    use super::super::error::CostError;
    use super::super::hash::{Cost, HASH_LEN, Message, SALT_LEN};
    use super::super::{Length, Pepper};
    use super::*;

    const USER: &[u8] = b"user";
    const VERIFIER: Verifier = Verifier::DEFAULT;

    /// Counts the hashes, and fails if requested.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Counting {
        fails: bool,
    }

    const COUNTING: Counting = Counting { fails: false };

    impl Hash for Counting {
        type Keys<'k> = (&'k Pepper, &'k Cell<u32>);

        const ID: u8 = 255;
        const MIN_SYMBOLS: u8 = Length::MIN;
        const NAME: &'static str = "counting";
        const VERSION: Option<u32> = None;
        const PARAMETERS: &'static [&'static str] = &[];

        fn cost(&self) -> Cost {
            [self.fails.into(), 0, 0]
        }

        fn from_cost([fails, ..]: Cost) -> Result<Self, CostError> {
            Ok(Self { fails: fails == 1 })
        }

        fn pepper<'a>((pepper, _): &'a Self::Keys<'_>) -> &'a Pepper {
            pepper
        }

        fn hash(
            &self,
            (pepper, count): &mut Self::Keys<'_>,
            salt: &[u8; SALT_LEN],
            message: &Message<'_>,
        ) -> Result<[u8; HASH_LEN], InputError> {
            count.set(count.get() + 1);
            if self.fails { Err(InputError::Hash) } else { Keyed.hash(pepper, salt, message) }
        }
    }

    fn fill(mut next: u8) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
        move |bytes| {
            bytes.fill_with(|| {
                next = next.wrapping_mul(5).wrapping_add(113);
                next >> 3
            });
            next = next.wrapping_add(1);
            Ok(())
        }
    }

    fn made<const N: usize>(pepper: &Pepper) -> (Set<N, Counting>, Vec<std::string::String>) {
        let mut codes = Vec::new();
        let keys = (pepper, &Cell::new(0));
        let show = |_, code: &Code| codes.push(code.expose().to_owned());
        let set = Set::generate(fill(0), COUNTING, Length::DEFAULT, keys, USER, show);
        (set.unwrap(), codes)
    }

    /// F22: a guess computes one hash, for the first slot, the last slot, a used slot, and no slot.
    #[test]
    fn f22_one_hash_for_each_guess() {
        fn check<const N: usize>() {
            let (pepper, other) = [1, 2].map(|id| Pepper::new(id, &[7; 32]).unwrap()).into();
            let (set, codes) = made::<N>(&pepper);
            let find = |set: &Set<N, Counting>, pepper, text: &str| {
                let count = Cell::new(0);
                let code = Code::parse(text, Length::DEFAULT).unwrap();
                let found = set.find(&mut (pepper, &count), USER, &code);
                (found.map(|(slot, _)| slot), count.get())
            };
            let mut all_used = set.clone();
            for (slot, code) in (0..).zip(&codes) {
                assert_eq!(find(&set, &pepper, code), (Ok(Some(slot)), 1));
                let mut burned = set.clone();
                burned.burn(slot, &[slot; HASH_LEN]);
                assert_eq!(find(&burned, &pepper, code), (Ok(None), 1));
                all_used.burn(slot, &[slot; HASH_LEN]);
            }
            let miss = "0".repeat(24);
            assert_eq!(find(&set, &pepper, &miss), (Ok(None), 1));
            assert_eq!(find(&all_used, &pepper, &miss), (Ok(None), 1));
            assert_eq!(all_used.remaining(), 0);
            // Nothing is hashed with another pepper.
            let mismatch = InputError::PepperKeyId { expected: 1 };
            assert_eq!(find(&set, &other, &miss), (Err(mismatch), 0));
        }
        check::<1>();
        check::<10>();
        check::<32>();
    }

    /// F39: a locked or disabled state computes no hash, and a malformed code computes none either.
    /// A right code and a wrong code compute the same number, also with a replacement.
    #[test]
    fn f39_nothing_is_hashed_while_locked_or_disabled() {
        let pepper = Pepper::new(1, &[7; 32]).unwrap();
        let (set, codes) = made::<3>(&pepper);
        let open = State::for_recovery();
        let mut locked = open;
        while locked.locked_until(0).is_none() {
            (locked, _) = VERIFIER.refuse(locked, 0);
        }
        let miss = "0".repeat(24);
        for (state, code, hashes) in [
            (open, &*codes[0], 1),
            (open, &codes[2], 1),
            (open, &miss, 1),
            (open, "?", 0),
            (locked, &codes[0], 0),
            (locked, &miss, 0),
            (open.disabled(), &codes[0], 0),
            (open.disabled(), &miss, 0),
        ] {
            let count = Cell::new(0);
            let redemption =
                VERIFIER.redeem(&set, (&pepper, &count), USER, state, code, 0).unwrap();
            assert_eq!(count.get(), hashes);
            drop(redemption.with_replacement(fill(77)).unwrap());
            assert_eq!(count.get(), 2 * hashes);
        }
    }

    /// A failing hash is an error, and no value replaces it.
    #[test]
    fn a_hash_that_fails_is_not_a_guess() {
        let (pepper, count) = (Pepper::new(1, &[7; 32]).unwrap(), Cell::new(0));
        let (failing, keys) = (Counting { fails: true }, (&pepper, &count));
        let issued =
            Set::<1, _>::generate(fill(0), failing, Length::DEFAULT, keys, USER, |_, _| ());
        assert_eq!(issued.unwrap_err(), IssueError::Input(InputError::Hash));
        let (mut set, codes) = made::<1>(&pepper);
        set.header.hash = failing;
        set.header.check = set.header.check_value(&pepper, USER).unwrap();
        let state = State::for_recovery();
        for code in [&*codes[0], "0".repeat(24).as_str()] {
            let redeemed = VERIFIER.redeem(&set, keys, USER, state, code, 0);
            assert_eq!(redeemed.unwrap_err(), InputError::Hash);
        }
    }
}
