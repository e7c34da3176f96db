//! Drift learning: how a verifier follows a client's clock.

use core::num::NonZeroU64;

use super::error::SettingsError;
use super::state::MAX_DRIFT;
use crate::constant::compiled;
use crate::division::divide;
use crate::window::Window;

/// The settings for following a client's clock (RFC 6238 section 6), for hardware tokens, whose
/// clocks are never corrected. Phones do not need it.
///
/// The learned drift only moves the window. Used steps are stored as absolute numbers, so drift
/// never reopens one.
#[doc(alias("clock skew", "drift"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DriftLearning {
    pub(super) max_drift: u16,
    pub(super) max_change: u8,
    /// Steps of silence for each step of widening, or 0 for no widening.
    pub(super) widening_every: u64,
    pub(super) most_widening: u8,
}

impl DriftLearning {
    /// Learns a drift of up to `max_drift` steps either way, and changes it by at most `max_change`
    /// steps with each accepted code. After a silence it changes by the
    /// [widening](Self::with_widening) too.
    ///
    /// # Errors
    /// [`SettingsError::Drift`] if `max_drift` is 0 or over [`State::MAX_DRIFT`], or if
    /// `max_change` is 0.
    ///
    /// [`State::MAX_DRIFT`]: crate::verifier::State::MAX_DRIFT
    pub const fn new(max_drift: u16, max_change: u8) -> Result<Self, SettingsError> {
        if max_drift == 0 || max_drift > MAX_DRIFT || max_change == 0 {
            return Err(SettingsError::Drift);
        }
        Ok(Self { max_drift, max_change, widening_every: 0, most_widening: 0 })
    }

    /// Makes the same value as [`DriftLearning::new`], for numbers in the source code. Numbers out
    /// of range do not compile.
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

    /// Widens the window by one step at both ends for every `steps` since the last accepted code,
    /// up to `most`. The longer a token was silent, the further its clock may have drifted.
    ///
    /// After a success the window is narrow again, around the drift that was learned: `max_change`
    /// steps further, and as many as the window was wider.
    ///
    /// # Errors
    /// [`SettingsError::Widening`] if `steps` or `most` is 0, or if `most` is over [`Window::MAX`].
    pub const fn with_widening(mut self, steps: u64, most: u8) -> Result<Self, SettingsError> {
        if steps == 0 || most == 0 || most > Window::MAX {
            return Err(SettingsError::Widening);
        }
        self.widening_every = steps;
        self.most_widening = most;
        Ok(self)
    }

    /// Sets the same as [`DriftLearning::with_widening`], for numbers in the source code. Numbers
    /// out of range do not compile.
    #[must_use]
    pub const fn with_widening_of<const STEPS: u64, const MOST: u8>(mut self) -> Self {
        let checked = compiled!(Self::ANY.with_widening(STEPS, MOST));
        self.widening_every = checked.widening_every;
        self.most_widening = checked.most_widening;
        self
    }

    /// Some valid value, to check a setting on while the program is compiled.
    const ANY: Self = Self { max_drift: 1, max_change: 1, widening_every: 0, most_widening: 0 };

    /// Returns the widening after `silence` steps without an accepted code.
    pub(super) fn widening(self, silence: u64) -> u8 {
        let every = NonZeroU64::new(self.widening_every);
        let steps = every.map_or(0, |every| divide(silence, every).0);
        u8::try_from(steps).map_or(self.most_widening, |steps| steps.min(self.most_widening))
    }

    /// Returns the drift after a code that was `observed` steps off, in a window that was `wider`
    /// by so many steps. The next window is narrow again. So the drift must follow a code that was
    /// accepted only because of the widening.
    pub(super) fn learn(self, drift: i16, observed: i64, wider: u8) -> i16 {
        let change = i64::from(self.max_change).saturating_add(wider.into());
        let learned = observed.clamp(
            i64::from(drift).saturating_sub(change),
            i64::from(drift).saturating_add(change),
        );
        // A resynchronisation may have gone further. From there the drift can only come back.
        let bound = i64::from(self.max_drift.max(drift.unsigned_abs()));
        i16::try_from(learned.clamp(bound.saturating_neg(), bound)).unwrap_or(drift)
    }
}
