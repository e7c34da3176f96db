//! The throttle, which slows guesses down and ends them.

use core::fmt;

use super::budget::{Budget, seconds};
use super::error::SettingsError;
use crate::constant::compiled;
use crate::decimal::Decimal;

/// The number and the rate of wrong codes that are checked (RFC 4226 section 7.3, NIST SP 800-63B-4
/// section 3.2.2).
///
/// The first failures are free, because people mistype. A wait follows each later failure, and
/// grows up to a maximum. A number of failures in a row disables the authenticator. An accepted
/// code resets that number to 0.
///
/// The number of failures in a row does not bound a long attack, because each login of the owner
/// resets it. So there is also a [`Budget`], which only time refills.
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

/// The growth of the wait from one failure to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backoff {
    /// It grows by the first wait each time, as in RFC 4226 section 7.3: 5, 10, 15 … seconds.
    Linear,
    /// It doubles each time: 30, 60, 120 … seconds.
    Exponential,
}

impl Throttle {
    /// The default settings:
    ///
    /// - five free tries, so that a user who mistypes does not wait;
    /// - then a wait of 30 seconds, the period of a code, doubled up to an hour, as NIST SP
    ///   800-63B-4 section 3.2.2 suggests;
    /// - disabled after 100 failures in a row, the most that this section allows;
    /// - [`Budget::DEFAULT`] over a long time.
    pub const DEFAULT: Self = Self {
        free_tries: 5,
        first_wait: 30,
        max_wait: 3600,
        backoff: Backoff::Exponential,
        max_failures: 100,
        budget: Some(Budget::DEFAULT),
    };

    /// Sets the number of failures before the first wait, at least 1.
    ///
    /// # Errors
    /// [`SettingsError::FreeTries`] for 0, because there is no failure before the first try.
    pub const fn with_free_tries(mut self, tries: u32) -> Result<Self, SettingsError> {
        if tries == 0 {
            return Err(SettingsError::FreeTries);
        }
        self.free_tries = tries;
        Ok(self)
    }

    /// Sets the same as [`Throttle::with_free_tries`], for a number in the source code. 0 does not
    /// compile.
    #[must_use]
    pub const fn with_free_tries_of<const TRIES: u32>(mut self) -> Self {
        self.free_tries = compiled!(Self::DEFAULT.with_free_tries(TRIES)).free_tries;
        self
    }

    /// Sets the first and the longest wait in seconds, 0 to 2^32 − 1, and the growth. 0 and 0 mean
    /// no wait.
    ///
    /// # Errors
    /// [`SettingsError::Waits`] for a longer wait, if the first is over the longest, or if only the
    /// first is 0.
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

    /// Sets the same as [`Throttle::with_waits`], for numbers in the source code. Waits out of
    /// range do not compile.
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

    /// Sets the number of failures in a row that disables the authenticator, at least 1. NIST SP
    /// 800-63B-4 section 3.2.2 allows 100.
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

    /// Sets the same as [`Throttle::with_max_failures`], for a number in the source code. 0 does
    /// not compile.
    #[must_use]
    pub const fn with_max_failures_of<const FAILURES: u32>(mut self) -> Self {
        self.max_failures = compiled!(Self::DEFAULT.with_max_failures(FAILURES)).max_failures;
        self
    }

    /// Sets the number of wrong codes that are checked over a long time.
    #[must_use]
    pub const fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Removes the limit on guesses over a long time. Only failures in a row count then, and each
    /// login of the owner resets them. So a patient attacker who knows the password will guess a
    /// code.
    #[must_use]
    pub const fn without_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Returns the number of wrong codes that are checked over a long time, if it is limited.
    #[must_use]
    pub const fn budget(self) -> Option<Budget> {
        self.budget
    }

    /// Returns the number of failures before the first wait.
    #[must_use]
    pub const fn free_tries(self) -> u32 {
        self.free_tries
    }

    /// Returns the number of failures in a row that disables the authenticator.
    #[must_use]
    pub const fn max_failures(self) -> u32 {
        self.max_failures
    }

    /// Returns how many more failures lead to a wait. If there are no waits, it returns how many
    /// lead to the disabling.
    pub(crate) fn tries_left(self, failures: Failures, now: u64) -> u32 {
        let all = self.max_failures.saturating_sub(failures.count);
        let affordable =
            self.budget.map_or(all, |budget| budget.left(failures.full_at, now).min(all));
        if self.first_wait == 0 {
            return affordable;
        }
        self.free_tries.saturating_sub(failures.count).min(affordable)
    }

    /// Returns the wait after `failures` in a row, in seconds. It never gets shorter with more
    /// failures, and never exceeds the longest wait.
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

/// The failures in a row, and the end of the wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Failures {
    pub(crate) count: u32,
    /// Unix time in seconds. If it is in the past, there is no wait.
    pub(crate) wait_until: u64,
    /// The time at which the budget is full again: Unix time in seconds, in the past if it is full.
    pub(crate) full_at: u64,
}

impl Failures {
    pub(crate) const NONE: Self = Self { count: 0, wait_until: 0, full_at: 0 };

    /// Returns the failures with one more at `now`, which is at most `State::MAX_TIME`. The count
    /// saturates, and is then over every maximum.
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

    /// Returns the failures after a success. Only time refills the budget.
    pub(crate) fn cleared(self) -> Self {
        Self { full_at: self.full_at, ..Self::NONE }
    }

    pub(crate) fn locked_until(self, now: u64) -> Option<u64> {
        (now < self.wait_until).then_some(self.wait_until)
    }
}

/// Writes it as `free 5, wait 30 to 3600 s, disabled after 100, budget 30, refill 86400 s`.
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
