//! The budget of guesses over a long time.

use core::num::NonZeroU64;

use super::error::SettingsError;
use crate::constant::compiled;
use crate::division::divide;

/// The number of wrong codes that are checked over a long time, with any events between them.
///
/// It works like a bucket of guesses: each wrong code takes one guess, and only time adds one. If
/// the bucket is empty, no code is checked until the next guess is added. An accepted code does not
/// refill it.
///
/// An attacker who knows the password can guess between two logins of the owner. Each of these
/// logins resets the failures in a row, so that counter does not end such an attack. With three
/// candidates and a million codes, the default leaves a probability of 0.12 % in a year
/// ([`Verifier::guess_bound`](crate::verifier::Verifier::guess_bound)). NIST SP 800-63B-4 section
/// 3.2.2 limits the failures in a row to 100. This budget limits all failures to 395 in the first
/// year.
///
/// ```
/// use otp_core::verifier::{Budget, Throttle};
///
/// const WEEK: u64 = 7 * 86_400;
/// const STRICT: Throttle = Throttle::DEFAULT.with_budget(Budget::of::<10, WEEK>());
/// assert_eq!(STRICT.budget().unwrap().guesses_in(52 * WEEK), 62);
/// ```
#[doc(alias("rate limit"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    pub(super) guesses: u32,
    /// In seconds.
    pub(super) refill: u32,
}

impl Budget {
    /// 30 guesses, and one more each day.
    ///
    /// Take an owner who logs in five times a day, mistypes one code in twenty, and mistypes ten
    /// more on one day of each month. This owner uses 0.6 guesses a day, and is never locked out by
    /// their own mistakes (a test simulates ten years). If an attacker uses up the budget, the
    /// owner must wait too.
    pub const DEFAULT: Self = Self { guesses: 30, refill: 86_400 };

    /// Takes the number of guesses in a full budget, at least 1, and the seconds after which one
    /// guess is added, 1 to 2^32 − 1.
    ///
    /// # Errors
    /// [`SettingsError::Budget`] for other numbers.
    pub const fn new(guesses: u32, refill: u64) -> Result<Self, SettingsError> {
        match seconds(refill) {
            Some(refill) if guesses > 0 && refill > 0 => Ok(Self { guesses, refill }),
            _ => Err(SettingsError::Budget),
        }
    }

    /// Makes the same value as [`Budget::new`], for numbers in the source code. Numbers out of
    /// range do not compile.
    ///
    /// ```compile_fail,E0080
    /// const BUDGET: otp_core::verifier::Budget = otp_core::verifier::Budget::of::<0, 86_400>();
    /// # let _ = BUDGET;
    /// ```
    #[must_use]
    pub const fn of<const GUESSES: u32, const REFILL: u64>() -> Self {
        compiled!(Self::new(GUESSES, REFILL))
    }

    /// Returns the number of guesses in a full budget.
    #[must_use]
    pub const fn guesses(self) -> u32 {
        self.guesses
    }

    /// Returns the seconds after which one guess is added.
    #[must_use]
    pub const fn refill(self) -> u64 {
        self.refill as u64
    }

    /// Returns the largest number of guesses in `seconds`, starting with a full budget.
    #[must_use]
    pub fn guesses_in(self, seconds: u64) -> u64 {
        let refill = NonZeroU64::new(self.refill());
        let refilled = refill.map_or(0, |refill| divide(seconds, refill).0);
        refilled.saturating_add(self.guesses.into())
    }

    /// Takes a guess at `now`, and returns the time at which the budget is full again.
    ///
    /// A guess is taken only if there is one. A budget that looks emptier than that was filled
    /// under another verifier, or while the clock was ahead. It is treated as a budget with its
    /// last guess.
    pub(super) fn take(self, full_at: u64, now: u64) -> u64 {
        let last_guess = now.saturating_add(self.without_one());
        full_at.clamp(now, last_guess).saturating_add(self.refill())
    }

    /// Returns the time from which there is a guess, if the budget is full at `full_at`.
    pub(super) fn open_at(self, full_at: u64) -> u64 {
        full_at.saturating_sub(self.without_one())
    }

    /// Returns the seconds in which all guesses except one are added.
    fn without_one(self) -> u64 {
        // Both are less than 2^32.
        u64::from(self.guesses.saturating_sub(1)).wrapping_mul(self.refill())
    }

    /// Returns the number of guesses at `now`.
    pub(super) fn left(self, full_at: u64, now: u64) -> u32 {
        let missing = full_at.saturating_sub(now).saturating_add(self.refill()).saturating_sub(1);
        let missing = NonZeroU64::new(self.refill()).map_or(0, |refill| divide(missing, refill).0);
        self.guesses.saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Returns a number of seconds, if it can be stored.
#[expect(clippy::cast_possible_truncation, reason = "it fits")]
pub(super) const fn seconds(number: u64) -> Option<u32> {
    if number > u32::MAX as u64 { None } else { Some(number as u32) }
}
