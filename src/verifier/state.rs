//! What is stored for each authenticator between two codes.

use core::error::Error;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::factor::Factor;
use super::throttle::Failures;
use crate::period::Period;

/// The most steps of drift that a resynchronisation may find: a day, at 30 seconds a step.
pub(crate) const MAX_DRIFT: u16 = 2880;

/// For how many time steps the drift that a resynchronisation found waits for the next code.
const MAX_PENDING_STEPS: u64 = 10;

/// What a verifier has to remember of one authenticator. Nothing in it is secret.
///
/// It holds the last moving factor that is used up, the learned drift, the failures in a row, the time until which
/// nothing is tried, the budget of guesses, the kind and period of the engine, and where in its life the authenticator
/// stands. The host stores its [bytes](Self::to_bytes) beside the shared secret, and **replaces it only by
/// compare-and-swap** (see [`Attempt::commit`](crate::verifier::Attempt::commit)).
///
/// There is no default. A state that cannot be read is an error, never a new one: a new one would accept used codes
/// again. [`enrolment`](Self::enrolment) is for a new shared secret; [`confirmed`](Self::confirmed) is for a user who
/// comes from another system.
///
/// ```
/// use otp_core::verifier::{Lifecycle, State};
///
/// let state = State::enrolment();
/// assert_eq!(state.lifecycle(), Lifecycle::Unconfirmed);
/// assert!(!state.requires_code()); // until the first code is accepted
/// let stored = state.to_bytes();
/// assert_eq!(State::from_bytes(stored.as_ref())?, state);
/// # Ok::<(), otp_core::verifier::StateError>(())
/// ```
///
/// It does not compile to take a default:
///
/// ```compile_fail,E0277
/// use otp_core::verifier::State;
/// let row: Option<Vec<u8>> = None;
/// let state = State::from_bytes(&row.unwrap_or_default()).unwrap_or_default();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Every moving factor up to this one is used or passed over. Of recovery codes it is the last
    /// redemption, counted from 0.
    pub(super) last: Option<u64>,
    /// Steps that the client's clock is known to be off.
    pub(super) drift: i16,
    /// Steps that a resynchronisation found the clock to be off, until a code confirms it.
    pub(super) pending: Option<i16>,
    pub(super) failures: Failures,
    pub(super) confirmed: bool,
    pub(super) disabled: Option<DisabledBy>,
    pub(super) factor: Factor,
    pub(super) origin: Origin,
}

/// Which version of the bytes it was read from. Two states are equal whatever it is.
#[derive(Clone, Copy, Debug, Eq)]
pub(super) enum Origin {
    Current,
    Version1,
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Where in its life an authenticator stands. Whether it is locked follows from the time, see
/// [`State::locked_until`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lifecycle {
    /// Enrolled, and no code was accepted yet. The first accepted code confirms the enrolment and is used up by that.
    Unconfirmed,
    /// Confirmed, in use.
    Confirmed,
    /// Nothing is accepted until it is enrolled anew or [enabled](State::enabled) by an administrator. A code
    /// must still be asked for: the password is not enough.
    Disabled(DisabledBy),
}

/// Why an authenticator is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum DisabledBy {
    /// Too many failures in a row (NIST SP 800-63B-4 section 3.2.2).
    Failures,
    /// The host, by [`State::disabled`].
    Host,
}

impl DisabledBy {
    /// Returns the reason in one word, for a log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Failures => "failures",
            Self::Host => "host",
        }
    }
}

impl State {
    /// The most steps of drift, either way.
    pub const MAX_DRIFT: u16 = MAX_DRIFT;
    /// The latest time that is judged, in seconds of Unix time: the year 5000. A later one is milliseconds.
    pub const MAX_TIME: u64 = 95_617_584_000;

    /// Returns the state of a new enrolment: no history, not confirmed.
    ///
    /// A user who enrols a new authenticator keeps the old one until the new one is confirmed: store the new state in a row
    /// of its own. If it overwrote the state of a confirmed or disabled authenticator, the password would be enough until
    /// the first code.
    #[must_use]
    pub const fn enrolment() -> Self {
        Self {
            last: None,
            drift: 0,
            pending: None,
            failures: Failures::NONE,
            confirmed: false,
            disabled: None,
            factor: Factor::Unknown,
            origin: Origin::Current,
        }
    }

    /// Returns the state of an authenticator that was confirmed elsewhere, for users who come from another system.
    ///
    /// Add what that system knows: [`with_last_used`](Self::with_last_used), [`with_drift`](Self::with_drift),
    /// [`with_failures`](Self::with_failures). Its secrets may have less than 128 bits: read them with
    /// [`Secret::from_base32_allow_short`](crate::Secret::from_base32_allow_short), at the move and at each login. If it does
    /// not know the last step, the codes of the current window can be
    /// used once more after the move.
    ///
    /// ```
    /// use otp_core::verifier::{State, StateError};
    ///
    /// // A row of django-otp: last_t = 41152263, drift = -1.
    /// let state = State::confirmed().with_last_used(41_152_263).with_drift(-1)?;
    /// assert!(state.requires_code());
    /// assert_eq!(state.next_factor(), Some(41_152_264));
    /// # Ok::<(), StateError>(())
    /// ```
    #[must_use]
    pub const fn confirmed() -> Self {
        Self { confirmed: true, ..Self::enrolment() }
    }

    /// Returns the state of a user's recovery codes ([`recovery::Set`](crate::recovery::Set)): no failures. Store it
    /// beside the set.
    ///
    /// It is for recovery codes only. An attempt with it is
    /// [`AttemptError::OtherEngine`](crate::verifier::AttemptError::OtherEngine), and an authenticator's state redeems no recovery
    /// code. So an authenticator that is disabled never bars recovery. Whether a login asks for a code follows from the
    /// state of the authenticator; of this one [`requires_code`](Self::requires_code) is always true.
    ///
    /// It has no moving factor and no drift. It counts redemptions, so that each of them changes it:
    /// [`next_factor`](Self::next_factor).
    #[cfg(feature = "recovery")]
    #[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
    #[must_use]
    pub const fn for_recovery() -> Self {
        Self { factor: Factor::Recovery, ..Self::confirmed() }
    }

    pub(crate) const fn is_for_recovery(self) -> bool {
        matches!(self.factor, Factor::Recovery)
    }

    /// Returns the state with the last time step or counter that was accepted. It and all before it are used up.
    /// A state of recovery codes stays as it is.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_last_used(mut self, moving_factor: u64) -> Self {
        if self.is_for_recovery() {
            return self;
        }
        self.last = Some(moving_factor);
        self.pending = None;
        self
    }

    /// Returns the state with the counter of the next code: for a bare [`Hotp`](crate::Hotp) whose token did not begin
    /// at 0. An [`Engine`](crate::Engine) of a key URI brings its counter along. Of TOTP it is the first step that is not
    /// used up, which some systems store.
    /// A state of recovery codes stays as it is.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_next_counter(mut self, counter: u64) -> Self {
        if self.is_for_recovery() {
            return self;
        }
        self.last = counter.checked_sub(1);
        self.pending = None;
        self
    }

    /// Returns the state with the drift of the client's clock, in time steps: negative if it is behind (RFC 6238
    /// section 6). A state of recovery codes stays as it is.
    ///
    /// # Errors
    /// [`StateError::Impossible`](crate::verifier::StateError::Impossible) over [`State::MAX_DRIFT`] either way.
    pub const fn with_drift(mut self, steps: i16) -> Result<Self, StateError> {
        if steps.unsigned_abs() > MAX_DRIFT {
            return Err(StateError::Impossible);
        }
        if self.is_for_recovery() {
            return Ok(self);
        }
        self.drift = steps;
        self.pending = None;
        Ok(self)
    }

    /// Returns the state with so many failures in a row. The next failure counts on from there.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures.count = failures;
        if failures == 0 {
            // A wait follows a failure.
            self.failures.wait_until = 0;
        }
        self
    }

    /// Returns whether a login must ask for a code: true once the enrolment was confirmed, whatever happened since.
    ///
    /// It is true for a locked and for a disabled authenticator too. These accept no code, so that the login fails:
    /// that is right, because otherwise a hundred wrong codes would switch the second factor off.
    ///
    /// It is false for an enrolment that was never confirmed, also if wrong codes have disabled that: somebody who only
    /// knows the password may have begun it. If the host has disabled it, it is true.
    #[must_use]
    pub const fn requires_code(self) -> bool {
        self.confirmed || matches!(self.disabled, Some(DisabledBy::Host))
    }

    /// Returns where in its life the authenticator stands. Whether a code must be asked for is
    /// [`requires_code`](Self::requires_code).
    #[must_use]
    pub const fn lifecycle(self) -> Lifecycle {
        match self {
            Self { disabled: Some(by), .. } => Lifecycle::Disabled(by),
            Self { confirmed: true, .. } => Lifecycle::Confirmed,
            _ => Lifecycle::Unconfirmed,
        }
    }

    /// Returns the lowest moving factor that is still acceptable. `None` after `u64::MAX`: the key has no
    /// code left and has to be replaced.
    ///
    /// A time step far above the current one means that the clock stood in the future when a code was accepted. No code
    /// is accepted until time has caught up, or until an administrator [repairs](Self::clock_repaired) it.
    ///
    /// Of a state of recovery codes it is how many codes were redeemed.
    #[must_use]
    pub const fn next_factor(self) -> Option<u64> {
        match self.last {
            None => Some(0),
            Some(last) => last.checked_add(1),
        }
    }

    /// Returns how many time steps the client's clock is known to be off; negative if it is behind (RFC
    /// 6238 section 6). At most [`State::MAX_DRIFT`] either way, and 0 unless drift is learned or the client was
    /// resynchronised.
    #[must_use]
    pub const fn drift(self) -> i16 {
        self.drift
    }

    /// Returns the period of the engine, once a code was accepted. `None` for counters and for recovery codes.
    #[must_use]
    pub fn period(self) -> Option<Period> {
        match self.factor {
            Factor::Clock { period } => Period::new(period.into()).ok(),
            Factor::Unknown | Factor::Counter | Factor::Recovery => None,
        }
    }

    /// Returns the failures in a row.
    #[must_use]
    pub const fn failures(self) -> u32 {
        self.failures.count
    }

    /// Returns until when nothing is tried, in seconds of Unix time, if that is after `now`.
    #[must_use]
    pub fn locked_until(self, now: u64) -> Option<u64> {
        self.failures.locked_until(now)
    }

    /// Returns when the budget of guesses is full again, in seconds of Unix time, for monitoring: a time in the past if
    /// it is full ([`Budget`](crate::verifier::Budget)).
    #[must_use]
    pub const fn budget_full_at(self) -> u64 {
        self.failures.full_at
    }

    /// Returns the state disabled by the host, for a device that was lost.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn disabled(mut self) -> Self {
        self.disabled = Some(DisabledBy::Host);
        self
    }

    /// Returns the state enabled again, by whatever it was disabled, with no failures, no wait and a full budget. What is
    /// used up stays used up, the drift stays, and an authenticator that was never confirmed still is not.
    ///
    /// The count is what keeps a guesser out: make sure who is asking.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn enabled(mut self) -> Self {
        self.disabled = None;
        self.unlocked()
    }

    /// Returns the state with no failures, no wait and a full budget: what an administrator does for a user who is
    /// locked out. A disabled authenticator stays disabled.
    ///
    /// The count is what keeps a guesser out: make sure who is asking.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn unlocked(mut self) -> Self {
        self.failures = Failures::NONE;
        self
    }

    /// Returns the state with no step used up that lies far ahead of `step`, for a user whose last code was accepted while
    /// the clock of the server was ahead: pass the current time step ([`Totp::step_at`](crate::Totp::step_at)).
    ///
    /// The step after the current one of the client's clock stays used up, and those before it: a code that was accepted
    /// just now is not good again. Codes that were accepted for later steps are good again when their time comes. Nothing
    /// changes for counters and for recovery codes.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn clock_repaired(mut self, step: u64) -> Self {
        let ahead = if self.drift > 0 { self.drift.unsigned_abs() as u64 } else { 0 };
        let latest = step.saturating_add(ahead).saturating_add(1);
        if let Some(last) = self.last
            && last > latest
            && !matches!(self.factor, Factor::Counter)
            && !self.is_for_recovery()
        {
            self.last = Some(latest);
            self.pending = None;
        }
        self
    }

    /// Whether it was written for moving factors of this kind, as far as it knows.
    pub(super) fn is_for(self, factor: Factor) -> bool {
        self.factor == Factor::Unknown || self.factor == factor
    }

    /// The drift that a resynchronisation has found, if it still waits for the next code at `step`.
    pub(super) fn pending_at(self, step: u64) -> Option<i16> {
        let pending = self.pending?;
        // Its last code was used up at that step, and nothing since.
        let found_at = self.last?.saturating_add_signed(i64::from(pending).saturating_neg());
        (step.wrapping_sub(found_at) <= MAX_PENDING_STEPS).then_some(pending)
    }

    /// The state after a recovery code was redeemed: as after any success, and one more redemption.
    #[cfg(feature = "recovery")]
    pub(crate) fn redeemed(mut self) -> Self {
        self.last = self.next_factor();
        self.cleared()
    }

    /// The state after a success: no failures in a row. Only time refills the budget.
    pub(crate) fn cleared(mut self) -> Self {
        self.failures = self.failures.cleared();
        self.disabled = None;
        self
    }
}

/// Bytes that are not those of a [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// There are more or fewer bytes than a state has.
    Length,
    /// A later version of this crate wrote it, or something else did.
    Version,
    /// A state is never written like this: it is damaged.
    Impossible,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the verifier state has another number of bytes than its version",
            Self::Version => "the verifier state is of a version that is not known here",
            Self::Impossible => "the verifier state is damaged",
        })
    }
}

impl Error for StateError {}
