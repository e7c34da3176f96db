//! How far a verifier looks around the moving factor that it expects.

use core::error::Error;
use core::fmt;

use crate::constant::compiled;
use crate::decimal::Decimal;

/// The most steps that a window reaches in one direction.
const MAX_REACH: u8 = 100;

/// The time steps around the current one whose codes a TOTP verifier accepts.
///
/// Every step of the window is computed for every code that is submitted, and each is one more
/// guess for an attacker, so a window is as small as usable: `past` for the delay between reading
/// a code and its arrival (RFC 6238 section 5.2 recommends at most one step), `future` for clocks
/// that run ahead. It reaches at most [`Window::MAX`] steps in each direction, so that no request
/// and no setting can ask for a hundred thousand HMACs.
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
    /// The most steps in each direction, a bound of this crate: 100, which is 50 minutes at 30
    /// seconds a step.
    pub const MAX: u8 = MAX_REACH;
    /// One step back, as RFC 6238 section 5.2 recommends for network delay, and one ahead for
    /// clocks that are fast: three candidates, what most verifiers accept.
    pub const DEFAULT: Self = Self { past: 1, future: 1 };
    /// Only the current step.
    pub const EXACT: Self = Self { past: 0, future: 0 };

    /// A window of `past` steps back and `future` steps ahead, beside the current step.
    ///
    /// # Errors
    /// [`WindowError`] if one of them is over [`Window::MAX`].
    pub const fn new(past: u8, future: u8) -> Result<Self, WindowError> {
        if past > MAX_REACH || future > MAX_REACH {
            return Err(WindowError(()));
        }
        Ok(Self { past, future })
    }

    /// Returns the window of `PAST` steps back and `FUTURE` steps ahead, for numbers that stand in
    /// the source.
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
    /// const WINDOW: Window = Window::of::<101, 0>(); // a window reaches at most 100 steps in a direction
    /// # let _ = WINDOW;
    /// ```
    #[must_use]
    pub const fn of<const PAST: u8, const FUTURE: u8>() -> Self {
        compiled!(Self::new(PAST, FUTURE))
    }

    /// Steps back, 0 to [`Window::MAX`].
    #[must_use]
    pub const fn past(self) -> u8 {
        self.past
    }

    /// Steps ahead, 0 to [`Window::MAX`].
    #[must_use]
    pub const fn future(self) -> u8 {
        self.future
    }

    /// How many codes are computed for each one submitted: 1 to 201.
    #[must_use]
    pub const fn candidates(self) -> u16 {
        // Both are at most MAX_REACH.
        (self.past as u16).saturating_add(self.future as u16).saturating_add(1)
    }

    /// A step more in each direction for each of `steps`, which no setting can ask for.
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

/// Written as `-1..+2`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-{}..+{}", Decimal::from(self.past), Decimal::from(self.future))
    }
}

/// How many counters after the expected one an HOTP verifier also tries: the look-ahead parameter
/// s of RFC 4226 section 7.2.
///
/// A token moves on each time its button is pressed, a server only when a code arrives, so a
/// token runs ahead. RFC 4226 section 7.4 wants the parameter as low as usable: each step is one
/// more guess for an attacker.
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
    /// The most counters ahead, a bound of this crate: 100.
    pub const MAX: u8 = MAX_REACH;
    /// Ten counters ahead, the default of `FreeIPA`, privacyIDEA and Nitrokey.
    pub const DEFAULT: Self = Self(10);
    /// Only the expected counter.
    pub const NONE: Self = Self(0);

    /// Looks `counters` ahead of the expected counter.
    ///
    /// # Errors
    /// [`WindowError`] if `counters` is over [`LookAhead::MAX`].
    pub const fn new(counters: u8) -> Result<Self, WindowError> {
        if counters > MAX_REACH {
            return Err(WindowError(()));
        }
        Ok(Self(counters))
    }

    /// Looks `COUNTERS` ahead of the expected counter, for a number that stands in the source.
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

    /// Counters ahead, 0 to [`LookAhead::MAX`].
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How many codes are computed for each one submitted: 1 to 101.
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

/// Consecutive moving factors, cut off at 0 and at `u64::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    first: u64,
    last: u64,
}

impl Run {
    /// No moving factor.
    pub(crate) const NONE: Self = Self { first: 1, last: 0 };

    /// So many factors back and ahead, and the one in the middle.
    pub(crate) fn around(middle: u64, past: u16, future: u16) -> Self {
        Self {
            first: middle.saturating_sub(past.into()),
            last: middle.saturating_add(future.into()),
        }
    }

    /// The last `count` up to `last`.
    pub(crate) fn up_to(last: u64, count: u16) -> Self {
        Self::around(last, count.saturating_sub(1), 0)
    }

    /// Those that lie in the other one, too.
    pub(crate) fn within(self, other: Self) -> Self {
        Self { first: self.first.max(other.first), last: self.last.min(other.last) }
    }

    pub(crate) fn first(self) -> u64 {
        self.first
    }

    pub(crate) fn contains(self, moving_factor: u64) -> bool {
        (self.first..=self.last).contains(&moving_factor)
    }

    /// The lowest of them that is not under `at`.
    pub(crate) fn lowest_from(self, at: u64) -> Option<u64> {
        let lowest = self.first.max(at);
        (lowest <= self.last).then_some(lowest)
    }

    /// The last one, if they go on where others end.
    pub(crate) fn continues(self, end: u64) -> u64 {
        if self.first <= end.saturating_add(1) { self.last.max(end) } else { end }
    }
}

/// From the first to the last.
impl Iterator for Run {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.first > self.last {
            return None;
        }
        let first = self.first;
        match first.checked_add(1) {
            Some(next) => self.first = next,
            // After the last moving factor of all there is none.
            None => *self = Self::NONE,
        }
        Some(first)
    }
}

/// A [`Window`] or a [`LookAhead`] that reaches too far: over 100 steps in a direction, a bound of
/// this crate (RFC 4226 section 7.4 asks for one).
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
