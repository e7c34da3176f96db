//! The settings of a verifier.

use core::num::NonZeroU64;

use super::drift::DriftLearning;
use super::error::SettingsError;
use super::factor::Verifiable;
use super::state::MAX_DRIFT;
use super::throttle::Throttle;
use crate::constant::compiled;
use crate::division::divide;
use crate::period::Period;
use crate::window::{LookAhead, Window};

/// The settings of a verifier: one value for a whole service, usually a constant.
///
/// ```
/// use otp_core::Window;
/// use otp_core::verifier::{DriftLearning, Throttle, Verifier};
///
/// const VERIFIER: Verifier = Verifier::DEFAULT.with_window(Window::EXACT);
///
/// // For hardware tokens that age: at most 20 steps of drift, at most one more with each code.
/// // Disabled after 50 failures in a row.
/// const TOKENS: Verifier = Verifier::DEFAULT
///     .with_drift_learning(DriftLearning::of::<20, 1>())
///     .with_throttle(Throttle::DEFAULT.with_max_failures_of::<50>());
///
/// // The same check for numbers that are read at run time, such as those of a configuration.
/// let tokens = Verifier::DEFAULT
///     .with_drift_learning(DriftLearning::new(20, 1)?)
///     .with_throttle(Throttle::DEFAULT.with_max_failures(50)?);
/// assert_eq!(tokens, TOKENS);
/// # Ok::<(), otp_core::verifier::SettingsError>(())
/// ```
///
/// Constructors and setters that end in `of` take numbers in the source code. The compiler
/// checks these numbers, so that a wrong one does not compile, and no panic is left for run time.
#[doc(alias("2fa", "mfa", "two-factor"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verifier {
    window: Window,
    look_ahead: LookAhead,
    throttle: Throttle,
    drift_learning: Option<DriftLearning>,
    resynchronisation: Resynchronisation,
    max_period: Period,
}

impl Verifier {
    /// The settings for phones with a synchronised clock:
    ///
    /// - one step of TOTP each way;
    /// - ten counters of HOTP ahead;
    /// - [`Throttle::DEFAULT`];
    /// - no drift learning;
    /// - [`Resynchronisation::DEFAULT`];
    /// - periods of at most 2 minutes (NIST SP 800-63B-4 section 3.1.4).
    pub const DEFAULT: Self = Self {
        window: Window::DEFAULT,
        look_ahead: LookAhead::DEFAULT,
        throttle: Throttle::DEFAULT,
        drift_learning: None,
        resynchronisation: Resynchronisation::DEFAULT,
        max_period: Period::TWO_MINUTES,
    };

    /// Sets the steps of TOTP that are accepted around the current one.
    #[must_use]
    pub const fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets the counters of HOTP that are accepted after the next one.
    #[must_use]
    pub const fn with_look_ahead(mut self, look_ahead: LookAhead) -> Self {
        self.look_ahead = look_ahead;
        self
    }

    /// Sets the throttle, which slows guesses down and ends them.
    #[must_use]
    pub const fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self
    }

    /// Makes the verifier learn the drift of the client's clock from accepted TOTP codes.
    #[must_use]
    pub const fn with_drift_learning(mut self, learning: DriftLearning) -> Self {
        self.drift_learning = Some(learning);
        self
    }

    /// Sets the reach of a resynchronisation, and its number of codes.
    #[must_use]
    pub const fn with_resynchronisation(mut self, resynchronisation: Resynchronisation) -> Self {
        self.resynchronisation = resynchronisation;
        self
    }

    /// Sets the longest period of an engine that the verifier accepts.
    #[must_use]
    pub const fn with_max_period(mut self, period: Period) -> Self {
        self.max_period = period;
        self
    }

    /// Returns the steps of TOTP that are accepted around the current one.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Returns the counters of HOTP that are accepted after the next one.
    #[must_use]
    pub const fn look_ahead(&self) -> LookAhead {
        self.look_ahead
    }

    /// Returns the throttle, which slows guesses down and ends them.
    #[must_use]
    pub const fn throttle(&self) -> Throttle {
        self.throttle
    }

    /// Returns the settings for drift learning, if it is on.
    #[must_use]
    pub const fn drift_learning(&self) -> Option<DriftLearning> {
        self.drift_learning
    }

    /// Returns the reach of a resynchronisation, and its number of codes.
    #[must_use]
    pub const fn resynchronisation(&self) -> Resynchronisation {
        self.resynchronisation
    }

    /// Returns the longest period of an engine that the verifier accepts.
    #[must_use]
    pub const fn max_period(&self) -> Period {
        self.max_period
    }

    /// Returns an upper bound for the probability that an attacker who knows the password guesses a
    /// code of this engine within `span` seconds. The owner may log in as often as they like in
    /// that time. The bound is guesses × candidates ÷ codes, at most 1.
    ///
    /// - The guesses are those of the [`Budget`](crate::verifier::Budget), once for each of the
    ///   `replicas` that count separately. Pass 1 for a store that compares and swaps. Each time an
    ///   administrator unlocks or enables the authenticator, another full budget is added.
    /// - Without a budget the bound is 1, because each login of the owner resets the failures in a
    ///   row.
    /// - Codes of nine and ten digits are not equally likely, because they come from 31 bits. The
    ///   bound uses the likeliest code.
    /// - The bound is for one authenticator. If a user has several, add their bounds.
    /// - The ten time steps after a resynchronisation are not included. In that time TOTP has twice
    ///   as many candidates. But nobody can start a resynchronisation without two consecutive
    ///   codes.
    ///
    /// ```
    /// use otp_core::{Secret, Totp};
    /// use otp_core::verifier::Verifier;
    ///
    /// let totp = Totp::new(&Secret::from_bytes(&[0x5a; 20])?);
    /// let year = 365 * 86_400;
    /// let bound = Verifier::DEFAULT.guess_bound(&totp, year, 1);
    /// assert!(bound > 0.001_1 && bound < 0.001_2); // 0.12 %
    /// # Ok::<(), otp_core::SecretError>(())
    /// ```
    #[must_use]
    pub fn guess_bound<V: Verifiable>(&self, engine: &V, span: u64, replicas: u32) -> f64 {
        let candidates =
            if engine.is_counted() { self.look_ahead.candidates() } else { self.widest_window() };
        let Some(budget) = self.throttle.budget() else { return 1.0 };
        let guesses = u32::try_from(budget.guesses_in(span)).unwrap_or(u32::MAX);
        let guesses = f64::from(guesses) * f64::from(replicas.max(1));
        (guesses * f64::from(candidates) * engine.code_format().likeliest()).min(1.0)
    }

    /// Returns the largest number of TOTP candidates, after any time of silence.
    pub(super) fn widest_window(&self) -> u16 {
        let most = self.drift_learning.map_or(0, |learning| learning.most_widening);
        // The sum is less than 2^9.
        self.window.candidates().wrapping_add(u16::from(most).wrapping_mul(2))
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The reach of a resynchronisation, and its number of codes (RFC 4226 section 7.4, RFC 6238
/// section 6).
///
/// ```
/// use otp_core::verifier::{Resynchronisation, Verifier};
///
/// // For tokens that may be set to the local time of any place.
/// const REACH: Resynchronisation = Resynchronisation::DEFAULT.with_hours_of::<14>();
/// const VERIFIER: Verifier = Verifier::DEFAULT.with_resynchronisation(REACH);
/// # let _ = VERIFIER;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resynchronisation {
    pub(super) seconds: u32,
    pub(super) counters: u16,
    pub(super) codes: u8,
}

impl Resynchronisation {
    /// The largest reach in hours either way, a limit of this crate: 24.
    pub const MAX_HOURS: u8 = 24;
    /// The largest reach in counters, a limit of this crate: 1,000, the default of privacyIDEA.
    pub const MAX_COUNTERS: u16 = 1000;
    /// 65 minutes either way, 100 counters ahead as in `FreeIPA`, and two codes. The 65 minutes
    /// find a clock that missed the change to or from summer time, with five minutes to spare. The
    /// probability of a guess is less than one in three thousand million.
    pub const DEFAULT: Self = Self { seconds: 3900, counters: 100, codes: 2 };

    /// Sets the reach for TOTP in hours either way, 1 to [`Resynchronisation::MAX_HOURS`]. It is
    /// never more than [`State::MAX_DRIFT`](crate::verifier::State::MAX_DRIFT) steps.
    ///
    /// # Errors
    /// [`SettingsError::Resynchronisation`] for other numbers.
    pub const fn with_hours(mut self, hours: u8) -> Result<Self, SettingsError> {
        if hours == 0 || hours > Self::MAX_HOURS {
            return Err(SettingsError::Resynchronisation);
        }
        self.seconds = (hours as u32).saturating_mul(3600);
        Ok(self)
    }

    /// Sets the same as [`Resynchronisation::with_hours`], for a number in the source code. A
    /// number out of range does not compile.
    ///
    /// ```compile_fail,E0080
    /// use otp_core::verifier::Resynchronisation;
    ///
    /// const REACH: Resynchronisation = Resynchronisation::DEFAULT.with_hours_of::<25>();
    /// # let _ = REACH;
    /// ```
    #[must_use]
    pub const fn with_hours_of<const HOURS: u8>(mut self) -> Self {
        self.seconds = compiled!(Self::DEFAULT.with_hours(HOURS)).seconds;
        self
    }

    /// Sets the reach for HOTP in counters, 1 to [`Resynchronisation::MAX_COUNTERS`].
    ///
    /// # Errors
    /// [`SettingsError::Resynchronisation`] for other numbers.
    pub const fn with_counters(mut self, counters: u16) -> Result<Self, SettingsError> {
        if counters == 0 || counters > Self::MAX_COUNTERS {
            return Err(SettingsError::Resynchronisation);
        }
        self.counters = counters;
        Ok(self)
    }

    /// Sets the same as [`Resynchronisation::with_counters`], for a number in the source code. A
    /// number out of range does not compile.
    #[must_use]
    pub const fn with_counters_of<const COUNTERS: u16>(mut self) -> Self {
        self.counters = compiled!(Self::DEFAULT.with_counters(COUNTERS)).counters;
        self
    }

    /// Sets the number of consecutive codes, 2 or 3.
    ///
    /// # Errors
    /// [`SettingsError::Resynchronisation`] for other numbers.
    pub const fn with_codes(mut self, codes: u8) -> Result<Self, SettingsError> {
        if !matches!(codes, 2 | 3) {
            return Err(SettingsError::Resynchronisation);
        }
        self.codes = codes;
        Ok(self)
    }

    /// Sets the same as [`Resynchronisation::with_codes`], for a number in the source code. A
    /// number other than 2 and 3 does not compile.
    #[must_use]
    pub const fn with_codes_of<const CODES: u8>(mut self) -> Self {
        self.codes = compiled!(Self::DEFAULT.with_codes(CODES)).codes;
        self
    }

    /// Returns the reach for TOTP either way, in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Returns the reach for HOTP ahead, in counters.
    #[must_use]
    pub const fn counters(self) -> u16 {
        self.counters
    }

    /// Returns the number of consecutive codes, 2 or 3.
    #[must_use]
    pub const fn codes(self) -> u8 {
        self.codes
    }

    /// Returns the reach either way in steps of `period` seconds: at least one.
    pub(super) fn steps(self, period: u32) -> u16 {
        let period = NonZeroU64::new(period.into());
        let steps = period.map_or(0, |period| divide(self.seconds.into(), period).0);
        u16::try_from(steps).unwrap_or(MAX_DRIFT).clamp(1, MAX_DRIFT)
    }
}

impl Default for Resynchronisation {
    fn default() -> Self {
        Self::DEFAULT
    }
}
