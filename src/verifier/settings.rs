//! What a verifier allows.

use core::num::NonZeroU64;

use super::error::SettingsError;
use super::factor::Verifiable;
use super::state::MAX_DRIFT;
use super::throttle::Throttle;
use crate::constant::compiled;
use crate::division::divide;
use crate::period::Period;
use crate::window::{LookAhead, Window};

/// What a verifier allows: one value for a whole service, usually a constant.
///
/// ```
/// use otp_core::Window;
/// use otp_core::verifier::{DriftLearning, Throttle, Verifier};
///
/// const VERIFIER: Verifier = Verifier::DEFAULT.with_window(Window::EXACT);
///
/// // For hardware tokens that age: at most 20 steps, one more each time. Disabled after 50 failures in a row.
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
/// Constructors and setters that end in `of` take numbers that stand in the source. The compiler
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
    /// One step of TOTP each way, ten counters of HOTP ahead, [`Throttle::DEFAULT`], no learning of
    /// drift, [`Resynchronisation::DEFAULT`], and codes that change every 2 minutes at least (NIST SP
    /// 800-63B-4 section 3.1.4): what phones with a synchronised clock need and no more.
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

    /// Sets the counters of HOTP that are accepted beyond the next one.
    #[must_use]
    pub const fn with_look_ahead(mut self, look_ahead: LookAhead) -> Self {
        self.look_ahead = look_ahead;
        self
    }

    /// Sets how guesses are slowed down and ended.
    #[must_use]
    pub const fn with_throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self
    }

    /// Makes accepted codes of TOTP teach how far the client's clock is off.
    #[must_use]
    pub const fn with_drift_learning(mut self, learning: DriftLearning) -> Self {
        self.drift_learning = Some(learning);
        self
    }

    /// Sets how far a resynchronisation looks, and how many codes it takes.
    #[must_use]
    pub const fn with_resynchronisation(mut self, resynchronisation: Resynchronisation) -> Self {
        self.resynchronisation = resynchronisation;
        self
    }

    /// Sets the longest period of an engine that is verified.
    #[must_use]
    pub const fn with_max_period(mut self, period: Period) -> Self {
        self.max_period = period;
        self
    }

    /// The steps of TOTP that are accepted around the current one.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// The counters of HOTP that are accepted beyond the next one.
    #[must_use]
    pub const fn look_ahead(&self) -> LookAhead {
        self.look_ahead
    }

    /// How guesses are slowed down and ended.
    #[must_use]
    pub const fn throttle(&self) -> Throttle {
        self.throttle
    }

    /// How drift is learned, if it is.
    #[must_use]
    pub const fn drift_learning(&self) -> Option<DriftLearning> {
        self.drift_learning
    }

    /// How far a resynchronisation looks, and how many codes it takes.
    #[must_use]
    pub const fn resynchronisation(&self) -> Resynchronisation {
        self.resynchronisation
    }

    /// The longest period of an engine that is verified.
    #[must_use]
    pub const fn max_period(&self) -> Period {
        self.max_period
    }

    /// Returns an upper bound of the chance that somebody who knows the password guesses a code of this engine within
    /// `span` seconds, while the owner logs in as often as they like: guesses × candidates ÷ codes, at most 1.
    ///
    /// The guesses are those of the [`Budget`](crate::verifier::Budget), once for each of the `replicas` that count on their own: 1
    /// for a store that compares and swaps. Each time an administrator unlocks or enables the authenticator there is
    /// another full budget. Without a budget the bound is 1, because each login of the owner clears the count of
    /// failures in a row. Codes of nine and ten digits are not equally likely, as 31 bits stand behind them; the
    /// likeliest counts. The bound is that of one authenticator: add up those of a
    /// user who has several. Left out are the ten time steps after a resynchronisation, which doubles the candidates of TOTP:
    /// nobody begins one without two codes in a row.
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

    /// Candidates of TOTP at most, however long it was silent.
    pub(super) fn widest_window(&self) -> u16 {
        let most = self.drift_learning.map_or(0, |learning| learning.most_widening);
        // Under 2^9.
        self.window.candidates().wrapping_add(u16::from(most).wrapping_mul(2))
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How a verifier follows a client's clock (RFC 6238 section 6), for hardware tokens, which nothing
/// sets right. A phone needs none of it.
///
/// What is learned moves the window; which steps are used up is remembered as they are, so that no
/// drift opens one of them again.
#[doc(alias("clock skew", "drift"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DriftLearning {
    pub(super) max_drift: u16,
    pub(super) max_change: u8,
    /// Steps of silence for each step of widening; 0 is none.
    pub(super) widening_every: u64,
    pub(super) most_widening: u8,
}

impl DriftLearning {
    /// Learns up to `max_drift` steps either way, at most `max_change` steps with each accepted code.
    ///
    /// # Errors
    /// [`SettingsError::Drift`] where `max_drift` is 0 or over [`State::MAX_DRIFT`], or
    /// `max_change` is 0.
    ///
    /// [`State::MAX_DRIFT`]: crate::verifier::State::MAX_DRIFT
    pub const fn new(max_drift: u16, max_change: u8) -> Result<Self, SettingsError> {
        if max_drift == 0 || max_drift > MAX_DRIFT || max_change == 0 {
            return Err(SettingsError::Drift);
        }
        Ok(Self { max_drift, max_change, widening_every: 0, most_widening: 0 })
    }

    /// As [`DriftLearning::new`], for numbers that stand in the source. Numbers out of range do
    /// not compile.
    ///
    /// ```compile_fail,E0080
    /// use otp_core::verifier::DriftLearning;
    ///
    /// const LEARNING: DriftLearning = DriftLearning::of::<0, 1>();
    /// # let _ = LEARNING;
    /// ```
    #[must_use]
    pub const fn of<const MAX_DRIFT: u16, const MAX_CHANGE: u8>() -> Self {
        compiled!(Self::new(MAX_DRIFT, MAX_CHANGE))
    }

    /// Widens the window by a step at both ends for every `steps` since the last accepted one, up
    /// to `most`: the longer a token was silent, the further its clock may have gone.
    ///
    /// The window is narrow again after a success, so a token only stays if what it teaches is
    /// enough: let `max_change` be `most` at least.
    ///
    /// # Errors
    /// [`SettingsError::Widening`] where `steps` or `most` is 0 or `most` is over [`Window::MAX`].
    pub const fn with_widening(mut self, steps: u64, most: u8) -> Result<Self, SettingsError> {
        if steps == 0 || most == 0 || most > Window::MAX {
            return Err(SettingsError::Widening);
        }
        self.widening_every = steps;
        self.most_widening = most;
        Ok(self)
    }

    /// As [`DriftLearning::with_widening`], for numbers that stand in the source. Numbers out of
    /// range do not compile.
    #[must_use]
    pub const fn with_widening_of<const STEPS: u64, const MOST: u8>(mut self) -> Self {
        let checked = compiled!(Self::ANY.with_widening(STEPS, MOST));
        self.widening_every = checked.widening_every;
        self.most_widening = checked.most_widening;
        self
    }

    /// Some valid value, to check a setting on while the program is compiled.
    const ANY: Self = Self { max_drift: 1, max_change: 1, widening_every: 0, most_widening: 0 };

    /// The widening after so many steps of silence.
    pub(super) fn widening(self, silence: u64) -> u8 {
        let every = NonZeroU64::new(self.widening_every);
        let steps = every.map_or(0, |every| divide(silence, every).0);
        u8::try_from(steps).map_or(self.most_widening, |steps| steps.min(self.most_widening))
    }

    /// The drift after a code that was `observed` steps off.
    pub(super) fn learn(self, drift: i16, observed: i64) -> i16 {
        let change = i64::from(self.max_change);
        let learned = observed.clamp(
            i64::from(drift).saturating_sub(change),
            i64::from(drift).saturating_add(change),
        );
        // A resynchronisation may have gone further. From there it only comes back.
        let bound = i64::from(self.max_drift.max(drift.unsigned_abs()));
        i16::try_from(learned.clamp(bound.saturating_neg(), bound)).unwrap_or(drift)
    }
}

/// How far a resynchronisation looks, and how many codes it takes (RFC 4226 section 7.4, RFC 6238 section 6).
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
    /// The most hours that it looks either way, a bound of this crate: 24.
    pub const MAX_HOURS: u8 = 24;
    /// The most counters that it looks ahead, a bound of this crate: 1,000, the default of privacyIDEA.
    pub const MAX_COUNTERS: u16 = 1000;
    /// 65 minutes either way, so that a clock which missed the change to or from summer time is found, with five minutes
    /// to spare; 100 counters ahead, as `FreeIPA` has it; and two codes. The chance of a guess is under one in three
    /// thousand million.
    pub const DEFAULT: Self = Self { seconds: 3900, counters: 100, codes: 2 };

    /// Returns one that looks so many hours either way, 1 to [`Resynchronisation::MAX_HOURS`]: for TOTP. It never looks
    /// further than [`State::MAX_DRIFT`](crate::verifier::State::MAX_DRIFT) steps.
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

    /// As [`Resynchronisation::with_hours`], for a number that stands in the source. A number out
    /// of range does not compile.
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

    /// Returns one that looks so many counters ahead, 1 to [`Resynchronisation::MAX_COUNTERS`]: for HOTP.
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

    /// As [`Resynchronisation::with_counters`], for a number that stands in the source. A number
    /// out of range does not compile.
    #[must_use]
    pub const fn with_counters_of<const COUNTERS: u16>(mut self) -> Self {
        self.counters = compiled!(Self::DEFAULT.with_counters(COUNTERS)).counters;
        self
    }

    /// Returns one that takes so many codes in a row, 2 or 3.
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

    /// As [`Resynchronisation::with_codes`], for a number that stands in the source. A number
    /// other than 2 and 3 does not compile.
    #[must_use]
    pub const fn with_codes_of<const CODES: u8>(mut self) -> Self {
        self.codes = compiled!(Self::DEFAULT.with_codes(CODES)).codes;
        self
    }

    /// Returns how far it looks either way for TOTP, in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// Returns how many counters ahead it looks for HOTP.
    #[must_use]
    pub const fn counters(self) -> u16 {
        self.counters
    }

    /// Returns how many codes it takes, 2 or 3.
    #[must_use]
    pub const fn codes(self) -> u8 {
        self.codes
    }

    /// How many steps of so many seconds it looks either way: one at least.
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
