//! The reach of a verifier around the expected moving factor.

use core::error::Error;
use core::fmt;

use crate::constant::compiled;
use crate::decimal::Decimal;

/// The largest reach of a window in one direction, in steps.
const MAX_REACH: u8 = 100;

/// The time steps around the current one whose codes a TOTP verifier accepts.
///
/// The verifier computes every step of the window for every submitted code, and each step is one
/// more guess for an attacker. So make the window as small as is usable:
///
/// - `past` is for the delay between reading a code and its arrival (RFC 6238 section 5.2
///   recommends at most one step);
/// - `future` is for clocks that are ahead.
///
/// It reaches at most [`Window::MAX`] steps in each direction, so that no request and no setting
/// can cause a hundred thousand HMACs.
///
/// ```
/// use otp_core::Window;
///
/// let window = Window::new(2, 1)?; // 2 steps back, 1 ahead: 4 candidates
/// assert_eq!((window.past(), window.future(), window.candidates()), (2, 1, 4));
/// assert!(Window::new(101, 0).is_err());
/// # Ok::<(), otp_core::WindowError>(())
/// ```
#[doc(alias("skew", "tolerance", "valid_window"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    past: u8,
    future: u8,
}

impl Window {
    /// The largest number of steps in each direction, a limit of this crate: 100, which is 50
    /// minutes at 30 seconds a step.
    pub const MAX: u8 = MAX_REACH;
    /// One step back, as RFC 6238 section 5.2 recommends for network delay, and one ahead for fast
    /// clocks. These are three candidates, as in most verifiers.
    pub const DEFAULT: Self = Self { past: 1, future: 1 };
    /// Only the current step.
    pub const EXACT: Self = Self { past: 0, future: 0 };

    /// Makes a window of `past` steps back and `future` steps ahead, in addition to the current
    /// step.
    ///
    /// # Errors
    /// [`WindowError`] if one of them is over [`Window::MAX`].
    pub const fn new(past: u8, future: u8) -> Result<Self, WindowError> {
        if past > MAX_REACH || future > MAX_REACH {
            return Err(WindowError(()));
        }
        Ok(Self { past, future })
    }

    /// Returns the window of `PAST` steps back and `FUTURE` steps ahead, for numbers in
    /// the source code.
    ///
    /// A number over [`Window::MAX`] does not compile. For numbers that are read at run time there
    /// is [`Window::new`].
    ///
    /// ```
    /// use otp_core::Window;
    ///
    /// const WINDOW: Window = Window::of::<2, 1>();
    /// assert_eq!(Window::new(2, 1), Ok(WINDOW));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use otp_core::Window;
    ///
    /// // "a window reaches at most 100 steps in a direction"
    /// const WINDOW: Window = Window::of::<101, 0>();
    /// # let _ = WINDOW;
    /// ```
    #[must_use]
    pub const fn of<const PAST: u8, const FUTURE: u8>() -> Self {
        compiled!(Self::new(PAST, FUTURE))
    }

    /// Returns the steps back, 0 to [`Window::MAX`].
    #[must_use]
    pub const fn past(self) -> u8 {
        self.past
    }

    /// Returns the steps ahead, 0 to [`Window::MAX`].
    #[must_use]
    pub const fn future(self) -> u8 {
        self.future
    }

    /// Returns the number of codes that are computed for each submitted code: 1 to 201.
    #[must_use]
    pub const fn candidates(self) -> u16 {
        // Both are at most MAX_REACH.
        (self.past as u16).saturating_add(self.future as u16).saturating_add(1)
    }

    /// Returns the window with `steps` more in each direction. No setting can request this.
    pub(crate) const fn widened(self, steps: u8) -> Self {
        Self { past: self.past.saturating_add(steps), future: self.future.saturating_add(steps) }
    }

    pub(crate) fn around(self, step: u64) -> Run {
        Run::around(step, self.past.into(), self.future.into())
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Writes it as `-1..+2`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-{}..+{}", Decimal::from(self.past), Decimal::from(self.future))
    }
}

/// The number of counters after the expected one that an HOTP verifier also tries: the look-ahead
/// parameter s of RFC 4226 section 7.2.
///
/// A token advances each time its button is pressed, but the server advances only when a code
/// arrives. So a token gets ahead. RFC 4226 section 7.4 recommends the lowest usable parameter,
/// because each step is one more guess for an attacker.
///
/// ```
/// use otp_core::LookAhead;
///
/// assert_eq!(LookAhead::new(3)?.candidates(), 4); // the counter itself and three more
/// assert!(LookAhead::new(101).is_err());
/// # Ok::<(), otp_core::WindowError>(())
/// ```
#[doc(alias("counter_window"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookAhead(u8);

impl LookAhead {
    /// The largest number of counters ahead, a limit of this crate: 100.
    pub const MAX: u8 = MAX_REACH;
    /// Ten counters ahead, the default of `FreeIPA`, privacyIDEA and Nitrokey.
    pub const DEFAULT: Self = Self(10);
    /// Only the expected counter.
    pub const NONE: Self = Self(0);

    /// Accepts the expected counter and `counters` after it.
    ///
    /// # Errors
    /// [`WindowError`] if `counters` is over [`LookAhead::MAX`].
    pub const fn new(counters: u8) -> Result<Self, WindowError> {
        if counters > MAX_REACH {
            return Err(WindowError(()));
        }
        Ok(Self(counters))
    }

    /// Looks `COUNTERS` ahead of the expected counter, for a number in the source code.
    ///
    /// A number over [`LookAhead::MAX`] does not compile. For a number that is read at run time
    /// there is [`LookAhead::new`].
    ///
    /// ```compile_fail,E0080
    /// const LOOK_AHEAD: otp_core::LookAhead = otp_core::LookAhead::of::<101>();
    /// # let _ = LOOK_AHEAD;
    /// ```
    #[must_use]
    pub const fn of<const COUNTERS: u8>() -> Self {
        compiled!(Self::new(COUNTERS))
    }

    /// Returns the counters ahead, 0 to [`LookAhead::MAX`].
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the number of codes that are computed for each submitted code: 1 to 101.
    #[must_use]
    pub const fn candidates(self) -> u16 {
        (self.0 as u16).saturating_add(1)
    }

    pub(crate) fn ahead_of(self, counter: u64) -> Run {
        Run::around(counter, 0, self.0.into())
    }
}

impl Default for LookAhead {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u8> for LookAhead {
    type Error = WindowError;

    fn try_from(counters: u8) -> Result<Self, Self::Error> {
        Self::new(counters)
    }
}

/// Consecutive moving factors, limited to 0 to `u64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    first: u64,
    last: u64,
}

impl Run {
    /// No moving factor.
    pub(crate) const NONE: Self = Self { first: 1, last: 0 };

    /// Returns the factor in the middle, with `past` factors before and `future` factors after it.
    pub(crate) fn around(middle: u64, past: u16, future: u16) -> Self {
        Self {
            first: middle.saturating_sub(past.into()),
            last: middle.saturating_add(future.into()),
        }
    }

    /// Returns the last `count` factors up to `last`.
    pub(crate) fn up_to(last: u64, count: u16) -> Self {
        Self::around(last, count.saturating_sub(1), 0)
    }

    /// Returns the factors that are also in the other run.
    pub(crate) fn within(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }

    pub(crate) fn first(self) -> u64 {
        self.first
    }

    pub(crate) fn contains(self, moving_factor: u64) -> bool {
        (self.first..=self.last).contains(&moving_factor)
    }

    /// Returns the lowest factor that is at least `at`.
    pub(crate) fn lowest_from(self, at: u64) -> Option<u64> {
        let lowest = self.first.max(at);
        (lowest <= self.last).then_some(lowest)
    }

    /// Returns the last factor, if the run continues after `end`.
    pub(crate) fn continues(self, end: u64) -> u64 {
        if self.first <= end.saturating_add(1) { self.last.max(end) } else { end }
    }
}

/// Iterates from the first to the last.
impl Iterator for Run {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.first > self.last {
            return None;
        }
        let first = self.first;
        match first.checked_add(1) {
            Some(next) => self.first = next,
            // There is no moving factor after `u64::MAX`.
            None => *self = Self::NONE,
        }
        Some(first)
    }
}

/// The error for a [`Window`] or a [`LookAhead`] over 100 steps in a direction, a limit of this
/// crate (RFC 4226 section 7.4 recommends a limit).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowError(pub(crate) ());

impl WindowError {
    const fn message(self) -> &'static str {
        "a window reaches at most 100 steps in a direction"
    }
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for WindowError {}
