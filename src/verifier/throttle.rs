//! How guesses are slowed down, and ended.

use core::fmt;
use core::num::NonZeroU64;

use super::error::SettingsError;
use crate::constant::compiled;
use crate::decimal::Decimal;
use crate::division::divide;

/// How many wrong codes are let through, and how fast (RFC 4226 section 7.3, NIST SP 800-63B-4
/// section 3.2.2).
///
/// The first failures are free, because people mistype. Each later failure is followed by a wait, which grows up
/// to a maximum. A number of failures in a row disables the authenticator. An accepted code sets that count to 0.
///
/// The count does not bound an attack over a long time: each login of the owner clears it. So there is a
/// [`Budget`] beside it, which only time refills.
///
/// ```
/// use otp_core::verifier::{Backoff, Throttle};
///
/// let throttle = Throttle::DEFAULT;
/// assert_eq!((throttle.wait_after(4), throttle.wait_after(5)), (0, 30));
/// assert_eq!((throttle.wait_after(6), throttle.wait_after(99)), (60, 3600));
///
/// // The example of RFC 4226 section 7.3: 5 seconds, 10, 15 …
/// const RFC: Throttle =
///     Throttle::DEFAULT.with_free_tries_of::<1>().with_waits_of::<5, 900>(Backoff::Linear);
/// assert_eq!((RFC.wait_after(1), RFC.wait_after(2), RFC.wait_after(3)), (5, 10, 15));
/// ```
#[doc(alias("brute force", "lockout", "rate limit"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Throttle {
    free_tries: u32,
    first_wait: u32,
    max_wait: u32,
    backoff: Backoff,
    max_failures: u32,
    budget: Option<Budget>,
}

/// How many wrong codes are let through over a long time, whatever happens between them.
///
/// A bucket of guesses: each wrong code takes one, and only time puts one back. If it is empty, nothing is tried
/// until the next one is there. An accepted code does not refill it.
///
/// An attacker who knows the password guesses between two logins of the owner. Each of these logins clears the
/// count of failures in a row, so that the count ends no such attack. With three candidates of a million codes, the
/// default leaves a chance of 0.12 % in a year ([`Verifier::guess_bound`](crate::verifier::Verifier::guess_bound)). NIST SP
/// 800-63B-4 section 3.2.2 limits the failures in a row to 100; this limits all of them to 395 in the first year.
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
    guesses: u32,
    /// In seconds.
    refill: u32,
}

impl Budget {
    /// 30 guesses, and another one each day. An owner who logs in five times a day, mistypes one code in twenty, and
    /// mistypes ten more on one day of each month uses 0.6 a day, and is never shut out by their own mistakes (a
    /// test simulates ten years). While somebody else uses the budget up, the owner waits with them.
    pub const DEFAULT: Self = Self { guesses: 30, refill: 86_400 };

    /// Takes the number of guesses that a full budget has, at least 1, and the seconds after which one comes back,
    /// 1 to 2^32 − 1.
    ///
    /// # Errors
    /// [`SettingsError::Budget`] for other numbers.
    pub const fn new(guesses: u32, refill: u64) -> Result<Self, SettingsError> {
        match seconds(refill) {
            Some(refill) if guesses > 0 && refill > 0 => Ok(Self { guesses, refill }),
            _ => Err(SettingsError::Budget),
        }
    }

    /// As [`Budget::new`], for numbers that stand in the source. Numbers out of range do not
    /// compile.
    ///
    /// ```compile_fail,E0080
    /// const BUDGET: otp_core::verifier::Budget = otp_core::verifier::Budget::of::<0, 86_400>();
    /// # let _ = BUDGET;
    /// ```
    #[must_use]
    pub const fn of<const GUESSES: u32, const REFILL: u64>() -> Self {
        compiled!(Self::new(GUESSES, REFILL))
    }

    /// Returns the number of guesses that a full budget has.
    #[must_use]
    pub const fn guesses(self) -> u32 {
        self.guesses
    }

    /// Returns the seconds after which a guess comes back.
    #[must_use]
    pub const fn refill(self) -> u64 {
        self.refill as u64
    }

    /// Returns how many guesses there are at most in so many seconds, beginning with a full budget.
    #[must_use]
    pub fn guesses_in(self, seconds: u64) -> u64 {
        let refill = NonZeroU64::new(self.refill());
        let refilled = refill.map_or(0, |refill| divide(seconds, refill).0);
        refilled.saturating_add(self.guesses.into())
    }

    /// Takes a guess, at `now`: returns the time at which the budget is full again.
    ///
    /// A guess is taken only if there is one. So a budget that looks emptier than that was filled under another
    /// verifier, or while the clock was ahead: it is taken for one with its last guess.
    fn take(self, full_at: u64, now: u64) -> u64 {
        let last_guess = now.saturating_add(self.without_one());
        full_at.clamp(now, last_guess).saturating_add(self.refill())
    }

    /// Returns from when on there is a guess, if the budget is full at `full_at`.
    fn open_at(self, full_at: u64) -> u64 {
        full_at.saturating_sub(self.without_one())
    }

    /// The seconds that all guesses but one take to come back.
    fn without_one(self) -> u64 {
        // Both are under 2^32.
        u64::from(self.guesses.saturating_sub(1)).wrapping_mul(self.refill())
    }

    /// How many guesses there are at `now`.
    fn left(self, full_at: u64, now: u64) -> u32 {
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

/// A number of seconds, if it is one that is stored.
#[expect(clippy::cast_possible_truncation, reason = "it fits")]
const fn seconds(number: u64) -> Option<u32> {
    if number > u32::MAX as u64 { None } else { Some(number as u32) }
}

/// How waits grow from one failure to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backoff {
    /// By the first wait each time, as RFC 4226 section 7.3 has it: 5, 10, 15 … seconds.
    Linear,
    /// To twice the last one: 30, 60, 120 … seconds.
    Exponential,
}

impl Throttle {
    /// Five free tries, so that nobody who mistypes is kept waiting; then 30 seconds, the life of a
    /// code, doubled up to an hour, as NIST SP 800-63B-4 section 3.2.2 suggests; disabled after 100
    /// failures in a row, the most that it allows; [`Budget::DEFAULT`] over a long time.
    pub const DEFAULT: Self = Self {
        free_tries: 5,
        first_wait: 30,
        max_wait: 3600,
        backoff: Backoff::Exponential,
        max_failures: 100,
        budget: Some(Budget::DEFAULT),
    };

    /// Sets how many failures it takes for the first wait, at least 1.
    ///
    /// # Errors
    /// [`SettingsError::FreeTries`] for 0: the first try has nothing to wait for.
    pub const fn with_free_tries(mut self, tries: u32) -> Result<Self, SettingsError> {
        if tries == 0 {
            return Err(SettingsError::FreeTries);
        }
        self.free_tries = tries;
        Ok(self)
    }

    /// As [`Throttle::with_free_tries`], for a number that stands in the source. 0 does not
    /// compile.
    #[must_use]
    pub const fn with_free_tries_of<const TRIES: u32>(mut self) -> Self {
        self.free_tries = compiled!(Self::DEFAULT.with_free_tries(TRIES)).free_tries;
        self
    }

    /// Sets the first and the longest wait, in seconds, 0 to 2^32 − 1, and how it grows. 0 and 0 is no wait.
    ///
    /// # Errors
    /// [`SettingsError::Waits`] for a longer one, if the first is over the longest, or if only the first is 0.
    pub const fn with_waits(
        mut self,
        first: u64,
        max: u64,
        backoff: Backoff,
    ) -> Result<Self, SettingsError> {
        let (Some(first), Some(max)) = (seconds(first), seconds(max)) else {
            return Err(SettingsError::Waits);
        };
        // A first wait of 0 would never grow.
        if first > max || (first == 0 && max > 0) {
            return Err(SettingsError::Waits);
        }
        self.first_wait = first;
        self.max_wait = max;
        self.backoff = backoff;
        Ok(self)
    }

    /// As [`Throttle::with_waits`], for numbers that stand in the source. Waits out of range do
    /// not compile.
    ///
    /// ```compile_fail,E0080
    /// use otp_core::verifier::{Backoff, Throttle};
    ///
    /// const THROTTLE: Throttle = Throttle::DEFAULT.with_waits_of::<60, 30>(Backoff::Linear);
    /// # let _ = THROTTLE;
    /// ```
    #[must_use]
    pub const fn with_waits_of<const FIRST: u64, const MAX: u64>(
        mut self,
        backoff: Backoff,
    ) -> Self {
        let checked = compiled!(Self::DEFAULT.with_waits(FIRST, MAX, Backoff::Linear));
        self.first_wait = checked.first_wait;
        self.max_wait = checked.max_wait;
        self.backoff = backoff;
        self
    }

    /// Sets how many failures in a row disable the authenticator, at least 1. NIST SP 800-63B-4
    /// section 3.2.2 allows 100.
    ///
    /// # Errors
    /// [`SettingsError::MaxFailures`] for 0.
    pub const fn with_max_failures(mut self, failures: u32) -> Result<Self, SettingsError> {
        if failures == 0 {
            return Err(SettingsError::MaxFailures);
        }
        self.max_failures = failures;
        Ok(self)
    }

    /// As [`Throttle::with_max_failures`], for a number that stands in the source. 0 does not
    /// compile.
    #[must_use]
    pub const fn with_max_failures_of<const FAILURES: u32>(mut self) -> Self {
        self.max_failures = compiled!(Self::DEFAULT.with_max_failures(FAILURES)).max_failures;
        self
    }

    /// Sets how many wrong codes are let through over a long time.
    #[must_use]
    pub const fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Leaves guesses over a long time without a limit. Only failures in a row count, and each login of the owner
    /// clears these: an attacker who knows the password and has patience gets in.
    #[must_use]
    pub const fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Returns how many wrong codes are let through over a long time, if that is limited.
    #[must_use]
    pub const fn budget(self) -> Option<Budget> {
        self.budget
    }

    /// How many failures it takes for the first wait.
    #[must_use]
    pub const fn free_tries(self) -> u32 {
        self.free_tries
    }

    /// How many failures in a row disable the authenticator.
    #[must_use]
    pub const fn max_failures(self) -> u32 {
        self.max_failures
    }

    /// How many more failures it takes for a wait, or, if there are no waits, for the end.
    pub(crate) fn tries_left(self, failures: Failures, now: u64) -> u32 {
        let all = self.max_failures.saturating_sub(failures.count);
        let affordable =
            self.budget.map_or(all, |budget| budget.left(failures.full_at, now).min(all));
        if self.first_wait == 0 {
            return affordable;
        }
        self.free_tries.saturating_sub(failures.count).min(affordable)
    }

    /// The wait that follows the last of so many failures in a row, in seconds. Never shorter for
    /// more of them, and never over the longest wait.
    #[must_use]
    pub const fn wait_after(self, failures: u32) -> u64 {
        let Some(earlier_waits) = failures.checked_sub(self.free_tries) else { return 0 };
        let (first, max) = (self.first_wait as u64, self.max_wait as u64);
        // Both factors are at most 2^32.
        let wait = match self.backoff {
            Backoff::Linear => first.wrapping_mul((earlier_waits as u64).wrapping_add(1)),
            Backoff::Exponential if earlier_waits < 32 => first << earlier_waits,
            Backoff::Exponential => max,
        };
        if wait < max { wait } else { max }
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Failures in a row, and the time until which nothing is tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    /// Unix time in seconds; nothing waits if it is past.
    pub(crate) wait_until: u64,
    /// When the budget is full again: Unix time in seconds, past if it is full.
    pub(crate) full_at: u64,
}

impl Failures {
    pub(crate) const NONE: Self = Self { count: 0, wait_until: 0, full_at: 0 };

    /// One more, at `now`, which is at most `State::MAX_TIME`. The count saturates: it is then over every maximum.
    pub(crate) fn and_one(self, throttle: Throttle, now: u64) -> Self {
        let count = self.count.saturating_add(1);
        let mut wait_until = match throttle.wait_after(count) {
            0 => self.wait_until,
            wait => now.wrapping_add(wait),
        };
        let mut full_at = self.full_at;
        if let Some(budget) = throttle.budget {
            full_at = budget.take(full_at, now);
            let open_at = budget.open_at(full_at);
            if open_at > now {
                wait_until = wait_until.max(open_at);
            }
        }
        Self { count, wait_until, full_at }
    }

    /// After a success: only time refills the budget.
    pub(crate) fn cleared(self) -> Self {
        Self { full_at: self.full_at, ..Self::NONE }
    }

    pub(crate) fn locked_until(self, now: u64) -> Option<u64> {
        (now < self.wait_until).then_some(self.wait_until)
    }
}

/// Written as `free 5, wait 30 to 3600 s, disabled after 100, budget 30, refill 86400 s`.
impl fmt::Display for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [free_tries, max_failures] = [self.free_tries, self.max_failures].map(Decimal::from);
        let [first_wait, max_wait] = [self.first_wait, self.max_wait].map(Decimal::from);
        write!(f, "free {free_tries}, wait {first_wait} to {max_wait} s, ")?;
        write!(f, "disabled after {max_failures}")?;
        match self.budget {
            Some(Budget { guesses, refill }) => {
                write!(f, ", budget {}, refill {} s", Decimal::from(guesses), Decimal::from(refill))
            }
            None => f.write_str(", no budget"),
        }
    }
}
