//! How guesses are slowed down, and ended.

use core::fmt;

use crate::decimal::Decimal;
use crate::error::PolicyError;

/// How many wrong codes are let through, and how fast (RFC 4226 section 7.3, NIST SP 800-63B-4
/// section 3.2.2).
///
/// The first failures are free, for people mistype. Each one after them is followed by a wait, which
/// grows to a longest one. A number of failures in a row disables the authenticator. The last is what
/// bounds an attack: a rate alone lets a patient guesser in. An accepted code sets the count to 0.
///
/// ```
/// use otp_core::{Growth, Throttle};
///
/// let throttle = Throttle::DEFAULT;
/// assert_eq!((throttle.wait_after(4), throttle.wait_after(5)), (0, 30));
/// assert_eq!((throttle.wait_after(6), throttle.wait_after(99)), (60, 3600));
///
/// // The example of RFC 4226 section 7.3: 5 seconds, 10, 15 …
/// let rfc = throttle.with_free_tries(1)?.with_waits(5, 900, Growth::Linear)?;
/// assert_eq!((rfc.wait_after(1), rfc.wait_after(2), rfc.wait_after(3)), (5, 10, 15));
/// # Ok::<(), otp_core::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Throttle {
    free_tries: u32,
    first_wait: u64,
    longest_wait: u64,
    growth: Growth,
    max_failures: u32,
}

/// How waits grow from one failure to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Growth {
    /// By the first wait each time, as RFC 4226 section 7.3 has it: 5, 10, 15 … seconds.
    Linear,
    /// To twice the last one: 30, 60, 120 … seconds.
    Doubling,
}

impl Throttle {
    /// Five free tries, so that nobody who mistypes is kept waiting; then 30 seconds, the life of a
    /// code, doubled up to an hour, as NIST SP 800-63B-4 section 3.2.2 suggests; disabled after 100
    /// failures in a row, the most that it allows. Who never stops takes nearly four days to get
    /// there.
    pub const DEFAULT: Self = Self {
        free_tries: 5,
        first_wait: 30,
        longest_wait: 3600,
        growth: Growth::Doubling,
        max_failures: 100,
    };

    /// Sets how many failures it takes for the first wait, at least 1.
    ///
    /// # Errors
    /// [`PolicyError::FreeTries`] for 0: the first try has nothing to wait for.
    pub const fn with_free_tries(mut self, tries: u32) -> Result<Self, PolicyError> {
        if tries == 0 {
            return Err(PolicyError::FreeTries);
        }
        self.free_tries = tries;
        Ok(self)
    }

    /// Sets the first and the longest wait, in seconds, and how it grows. 0 and 0 is no wait.
    ///
    /// # Errors
    /// [`PolicyError::Waits`] where the first is over the longest, or only the first is 0.
    pub const fn with_waits(
        mut self,
        first: u64,
        longest: u64,
        growth: Growth,
    ) -> Result<Self, PolicyError> {
        // A first wait of 0 would never grow.
        if first > longest || (first == 0 && longest > 0) {
            return Err(PolicyError::Waits);
        }
        self.first_wait = first;
        self.longest_wait = longest;
        self.growth = growth;
        Ok(self)
    }

    /// Sets how many failures in a row disable the authenticator, at least 1. NIST SP 800-63B-4
    /// section 3.2.2 allows 100.
    ///
    /// # Errors
    /// [`PolicyError::MaxFailures`] for 0.
    pub const fn with_max_failures(mut self, failures: u32) -> Result<Self, PolicyError> {
        if failures == 0 {
            return Err(PolicyError::MaxFailures);
        }
        self.max_failures = failures;
        Ok(self)
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

    /// How many more failures it takes for a wait, or, where there are none, for the end.
    pub(crate) fn tries_left(self, failures: u32) -> u32 {
        let all = self.max_failures.saturating_sub(failures);
        if self.first_wait == 0 {
            return all;
        }
        self.free_tries.saturating_sub(failures).min(all)
    }

    /// The wait that follows the last of so many failures in a row, in seconds. Never shorter for
    /// more of them, and never over the longest wait.
    #[must_use]
    pub const fn wait_after(self, failures: u32) -> u64 {
        let Some(earlier_waits) = failures.checked_sub(self.free_tries) else { return 0 };
        // Saturation ends at the longest wait.
        let factor = match self.growth {
            Growth::Linear => (earlier_waits as u64).saturating_add(1),
            Growth::Doubling => match 1_u64.checked_shl(earlier_waits) {
                Some(factor) => factor,
                None => u64::MAX,
            },
        };
        let wait = self.first_wait.saturating_mul(factor);
        if wait < self.longest_wait { wait } else { self.longest_wait }
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
    /// Unix time in seconds; nothing waits where it is past.
    pub(crate) wait_until: u64,
}

impl Failures {
    /// One more. Both saturate: a count that is not exact is then over every maximum, and a time
    /// that is not exact never comes.
    pub(crate) fn and_one(self, throttle: Throttle, now: u64) -> Self {
        let count = self.count.saturating_add(1);
        let wait_until = match throttle.wait_after(count) {
            0 => self.wait_until,
            wait => now.saturating_add(wait),
        };
        Self { count, wait_until }
    }

    pub(crate) fn locked_until(self, now: u64) -> Option<u64> {
        (now < self.wait_until).then_some(self.wait_until)
    }

    /// The greater of each: never less safe than either.
    pub(crate) fn merge(self, other: Self) -> Self {
        Self {
            count: self.count.max(other.count),
            wait_until: self.wait_until.max(other.wait_until),
        }
    }
}

/// Written as `free 5, wait 30 to 3600 s, disabled after 100`.
impl fmt::Display for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [free_tries, max_failures] = [self.free_tries, self.max_failures].map(Decimal::from);
        let [first_wait, longest_wait] = [self.first_wait, self.longest_wait].map(Decimal::from);
        write!(f, "free {free_tries}, wait {first_wait} to {longest_wait} s, ")?;
        write!(f, "disabled after {max_failures}")
    }
}
