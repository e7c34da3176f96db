//! The checks of the lock.

use otp_core::recovery::{Length, Pepper, Set, Verdict as RecoveryVerdict};
use otp_core::verifier::{State, StateBytes, Swap, Verdict, Verifier};
use otp_core::{Totp, recovery};
use token_flash::{FlashStore, MultiwriteNorFlash};
use ykoath::StoreError;

use crate::keypad::{Key, Keypad};

/// The places of the authenticator's state, and of the recovery codes with their state.
const CODES: u8 = 0;
const RECOVERY: u8 = 1;

/// Codes of a recovery set.
const SLOTS: usize = 10;
const STATE_LEN: usize = StateBytes::MAX_LEN;
const RECORD_LEN: usize = Set::<SLOTS>::LEN + STATE_LEN;

/// A lock for one authenticator.
pub struct Lock<'a, F: MultiwriteNorFlash> {
    keypad: Keypad,
    totp: Totp,
    verifier: Verifier,
    pepper: &'a Pepper,
    user: &'a [u8],
    flash: FlashStore<F>,
}

/// The answer of the lock to a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The lock opens.
    Open,
    /// The lock stays closed: the code is wrong, or was used.
    Closed,
    /// The lock stays closed, and does not check any code before this time.
    Locked {
        /// Unix time in seconds.
        until: u64,
    },
    /// There were too many wrong codes. Only a recovery code or a mechanical key opens the lock.
    Disabled,
    /// The typed digits are not formatted as a code.
    Malformed,
}

/// The lock cannot check the code. It stays closed, and nothing was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The flash cannot be read or written, or does not hold a state.
    Store,
    /// The clock is out of range.
    Clock,
    /// The pepper or the user does not belong to the recovery codes.
    Recovery,
}

impl From<StoreError> for Fault {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

impl<'a, F: MultiwriteNorFlash> Lock<'a, F> {
    /// Makes a lock from a flash that [`enrol`](Self::enrol) has written once.
    pub fn new(
        totp: Totp,
        verifier: Verifier,
        pepper: &'a Pepper,
        user: &'a [u8],
        flash: FlashStore<F>,
    ) -> Self {
        Self { keypad: Keypad::new(), totp, verifier, pepper, user, flash }
    }

    /// Writes the first state of a lock: a confirmed authenticator, and its recovery codes.
    ///
    /// # Errors
    /// [`Fault::Store`] if the flash cannot be written.
    pub fn enrol(flash: &mut FlashStore<F>, codes: &Set<SLOTS>) -> Result<(), Fault> {
        write_recovery(flash, codes, State::for_recovery())?;
        Ok(flash.set_state(CODES, State::confirmed().to_bytes().as_ref())?)
    }

    /// Takes a key. `now` is Unix time in seconds by the clock of the lock. Returns `None` until a
    /// hash is pressed.
    ///
    /// # Errors
    /// [`Fault`] if the lock cannot check the code.
    pub fn press(&mut self, key: Key, now: u64) -> Option<Result<Outcome, Fault>> {
        let Self { keypad, totp, verifier, pepper, user, flash } = self;
        keypad.press(key, |typed| {
            if typed.len() == usize::from(Length::DIGITS.symbols()) {
                recover(flash, verifier, pepper, user, typed, now)
            } else {
                verify(flash, verifier, totp, typed, now)
            }
        })
    }

    /// Returns the flash, as if the power was switched off.
    pub fn into_flash(self) -> FlashStore<F> {
        self.flash
    }
}

/// This function and the next are not inlined, so that only the one that runs uses its stack.
#[inline(never)]
fn verify<F: MultiwriteNorFlash>(
    flash: &mut FlashStore<F>,
    verifier: &Verifier,
    totp: &Totp,
    typed: &str,
    now: u64,
) -> Result<Outcome, Fault> {
    let mut stored = [0; STATE_LEN];
    let stored = flash.state(CODES, &mut stored)?.ok_or(Fault::Store)?;
    let state = State::from_bytes(stored).map_err(|_| Fault::Store)?;
    let attempt = verifier.attempt(totp, state, typed, now).map_err(|_| Fault::Clock)?;
    let settled = attempt.commit(|_, next| {
        flash.set_state(CODES, next.to_bytes().as_ref()).map(|()| Swap::Stored)
    })?;
    Ok(match settled.verdict {
        Verdict::Accepted(_) => Outcome::Open,
        Verdict::Locked { until, .. } => Outcome::Locked { until },
        Verdict::Disabled => Outcome::Disabled,
        Verdict::Malformed(_) => Outcome::Malformed,
        _ => Outcome::Closed,
    })
}

#[inline(never)]
fn recover<F: MultiwriteNorFlash>(
    flash: &mut FlashStore<F>,
    verifier: &Verifier,
    pepper: &Pepper,
    user: &[u8],
    typed: &str,
    now: u64,
) -> Result<Outcome, Fault> {
    let mut record = [0; RECORD_LEN];
    let record = flash.state(RECOVERY, &mut record)?.ok_or(Fault::Store)?;
    let (set, state) = record.split_at_checked(Set::<SLOTS>::LEN).ok_or(Fault::Store)?;
    let set = Set::<SLOTS>::from_bytes(set).map_err(|_| Fault::Store)?;
    let state = State::from_bytes(state).map_err(|_| Fault::Store)?;
    let redemption =
        verifier.redeem(&set, pepper, user, state, typed, now).map_err(|error| match error {
            recovery::InputError::TimeTooFar => Fault::Clock,
            _ => Fault::Recovery,
        })?;
    let settled = redemption
        .commit(|set, _, next| write_recovery(flash, set, next).map(|()| Swap::Stored))?;
    Ok(match settled.verdict {
        RecoveryVerdict::Redeemed(_) => Outcome::Open,
        RecoveryVerdict::Locked { until, .. } => Outcome::Locked { until },
        RecoveryVerdict::Disabled => Outcome::Disabled,
        RecoveryVerdict::Malformed(_) => Outcome::Malformed,
        _ => Outcome::Closed,
    })
}

/// Writes the set and its state as one record, so that a cut of power keeps both or neither.
#[inline(never)]
fn write_recovery<F: MultiwriteNorFlash>(
    flash: &mut FlashStore<F>,
    set: &Set<SLOTS>,
    state: State,
) -> Result<(), Fault> {
    let mut record = [0; RECORD_LEN];
    let (codes, after) = record.split_at_mut(Set::<SLOTS>::LEN);
    set.write_bytes(codes).map_err(|_| Fault::Store)?;
    let state = state.to_bytes();
    let len = Set::<SLOTS>::LEN.saturating_add(state.as_ref().len());
    for (to, from) in after.iter_mut().zip(state.as_ref()) {
        *to = *from;
    }
    Ok(flash.set_state(RECOVERY, record.get(..len).ok_or(Fault::Store)?)?)
}
