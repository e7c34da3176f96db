//! The time step of TOTP, and all arithmetic on times.

use core::error::Error;
use core::fmt;
use core::num::NonZeroU64;

use crate::constant::compiled;
use crate::decimal::Decimal;
use crate::division::divide;

/// The period of a TOTP code: the time step X of RFC 6238 section 4.1, 1 to 2^64 − 1 seconds.
///
/// The default is 30 seconds. RFC 6238 section 5.2 recommends it, and many apps ignore any other
/// value.
///
/// ```
/// use otp_core::Period;
///
/// assert_eq!(Period::default().seconds(), 30);
/// assert_eq!(Period::new(60)?.seconds(), 60);
/// assert!(Period::new(0).is_err());
/// # Ok::<(), otp_core::PeriodError>(())
/// ```
#[doc(alias("interval", "step", "time_step"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(NonZeroU64);

impl Period {
    /// 30 seconds.
    pub const DEFAULT: Self = Self(NonZeroU64::new(30).unwrap());
    /// The longest period that NIST SP 800-63B-4 section 3.1.4 allows.
    pub(crate) const TWO_MINUTES: Self = Self(NonZeroU64::new(120).unwrap());

    /// Checks a number of seconds, at least 1.
    ///
    /// # Errors
    /// [`PeriodError`] for 0.
    pub const fn new(seconds: u64) -> Result<Self, PeriodError> {
        match NonZeroU64::new(seconds) {
            Some(seconds) => Ok(Self(seconds)),
            None => Err(PeriodError(())),
        }
    }

    /// Takes a number of seconds in the source code, at least 1.
    ///
    /// 0 does not compile. For a number that is read at run time there is [`Period::new`].
    ///
    /// ```
    /// use otp_core::Period;
    ///
    /// const PERIOD: Period = Period::of::<60>();
    /// assert_eq!(Period::new(60), Ok(PERIOD));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let period = otp_core::Period::of::<0>(); // a period is at least 1 second
    /// ```
    #[must_use]
    pub const fn of<const SECONDS: u64>() -> Self {
        compiled!(Self::new(SECONDS))
    }

    /// Returns the number of seconds, never 0.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0.get()
    }

    /// Returns the time step T = floor((now − T0) / X) (RFC 6238 section 4.2).
    pub(crate) fn step_at(self, t0: u64, now: u64) -> Result<u64, BeforeT0> {
        let elapsed = now.checked_sub(t0).ok_or(BeforeT0(()))?;
        Ok(divide(elapsed, self.0).0)
    }

    /// Returns the seconds until the next step begins, 1 to X.
    pub(crate) fn remaining_at(self, t0: u64, now: u64) -> Result<u64, BeforeT0> {
        let elapsed = now.checked_sub(t0).ok_or(BeforeT0(()))?;
        // A remainder is less than X, so the difference is at least 1.
        Ok(self.seconds().wrapping_sub(divide(elapsed, self.0).1))
    }
}

impl Default for Period {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u64> for Period {
    type Error = PeriodError;

    fn try_from(seconds: u64) -> Result<Self, Self::Error> {
        Self::new(seconds)
    }
}

impl From<Period> for u64 {
    fn from(period: Period) -> Self {
        period.seconds()
    }
}

/// Writes the number of seconds, without a unit.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from(self.seconds()).pad(f)
    }
}

/// The error for a period of 0 seconds (RFC 6238 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodError(pub(crate) ());

impl PeriodError {
    const fn message(self) -> &'static str {
        "a period is at least 1 second"
    }
}

impl fmt::Display for PeriodError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for PeriodError {}

/// The error for a time before T0. No time step is defined there (RFC 6238 section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeT0(pub(crate) ());

impl fmt::Display for BeforeT0 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is before T0")
    }
}

impl Error for BeforeT0 {}
