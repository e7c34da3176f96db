//! The stored state of an authenticator between two codes.

use core::hash::{Hash, Hasher};

use super::error::StateError;
use super::factor::Factor;
use super::lifecycle::{DisabledBy, Lifecycle};
use super::throttle::Failures;
use crate::period::Period;

/// The largest drift that a resynchronisation may find, in steps: a day, at 30 seconds a step.
pub(crate) const MAX_DRIFT: u16 = 2880;

/// The number of time steps for which the drift from a resynchronisation waits for the next code.
const MAX_PENDING_STEPS: u64 = 10;

/// The state that a verifier needs for one authenticator. Nothing in it is secret.
///
/// It holds the last used moving factor, the learned drift, the failures in a row, the end of the
/// wait, and the budget of guesses. It also holds the kind and period of the engine, and the
/// lifecycle of the authenticator. The host stores its [bytes](Self::to_bytes) beside the shared
/// secret, and **replaces it only by compare-and-swap** (see
/// [`Attempt::commit`](crate::verifier::Attempt::commit)).
///
/// There is no default. A state that cannot be read is an error, and never a new state, because a
/// new state would accept used codes again. Use [`enrolment`](Self::enrolment) for a new shared
/// secret, and [`confirmed`](Self::confirmed) for a user from another system.
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
    /// Every moving factor up to this one is used or skipped. For recovery codes it is the last
    /// redemption, counted from 0.
    pub(super) last: Option<u64>,
    /// The known drift of the client's clock, in steps.
    pub(super) drift: i16,
    /// The drift that a resynchronisation found, in steps, until a code confirms it.
    pub(super) pending: Option<i16>,
    pub(super) failures: Failures,
    pub(super) confirmed: bool,
    pub(super) disabled: Option<DisabledBy>,
    pub(super) factor: Factor,
    pub(super) origin: Origin,
}

/// The version of the bytes that the state was read from. It does not affect the equality of
/// states.
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

impl State {
    /// The largest drift either way, in steps.
    pub const MAX_DRIFT: u16 = MAX_DRIFT;
    /// The latest time that is accepted, in seconds of Unix time: the year 5000. A later time is
    /// probably in milliseconds.
    pub const MAX_TIME: u64 = 95_617_584_000;

    /// Returns the state of a new enrolment, without history and not confirmed.
    ///
    /// A user who enrols a new authenticator keeps the old one until the new one is confirmed. So
    /// store the new state in a separate row. If it overwrote a confirmed or disabled state, the
    /// password would be enough until the first code.
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

    /// Returns the state of an authenticator that another system has confirmed.
    ///
    /// Add the data of that system: [`with_last_used`](Self::with_last_used),
    /// [`with_drift`](Self::with_drift), [`with_failures`](Self::with_failures). Its secrets may
    /// have less than 128 bits. Read them with
    /// [`Secret::from_base32_allow_short`](crate::Secret::from_base32_allow_short), at the import
    /// and at each login. If that system does not know the last step, the codes of the current
    /// window can be used once more after the import.
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

    /// Returns the state of a user's recovery codes ([`recovery::Set`](crate::recovery::Set)),
    /// without failures. Store it beside the set.
    ///
    /// It is only for recovery codes. An attempt with it returns
    /// [`AttemptError::OtherEngine`](crate::verifier::AttemptError::OtherEngine), and an
    /// authenticator's state cannot redeem a recovery code. So a disabled authenticator never
    /// blocks recovery. The state of the authenticator decides whether a login asks for a code. For
    /// this state [`requires_code`](Self::requires_code) is always true.
    ///
    /// It does not have a moving factor or a drift. It counts redemptions, so that each of them
    /// changes it: [`next_factor`](Self::next_factor).
    #[cfg(feature = "recovery")]
    #[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
    #[must_use]
    pub const fn for_recovery() -> Self {
        Self { factor: Factor::Recovery, ..Self::confirmed() }
    }

    pub(crate) const fn is_for_recovery(self) -> bool {
        matches!(self.factor, Factor::Recovery)
    }

    /// Returns the state with the last accepted time step or counter. It and all before it are then
    /// used. A state of recovery codes does not change.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_last_used(mut self, moving_factor: u64) -> Self {
        if self.is_for_recovery() {
            return self;
        }
        self.last = Some(moving_factor);
        self.pending = None;
        self
    }

    /// Returns the state with the counter of the next code. Use it for a bare [`Hotp`](crate::Hotp)
    /// whose token did not start at 0. An [`Engine`](crate::Engine) of a key URI has its own
    /// counter. For TOTP this is the first unused step, which some systems store. A state of
    /// recovery codes does not change.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_next_counter(mut self, counter: u64) -> Self {
        if self.is_for_recovery() {
            return self;
        }
        self.last = counter.checked_sub(1);
        self.pending = None;
        self
    }

    /// Returns the state with a drift of the client's clock, in time steps: negative if it is
    /// behind (RFC 6238 section 6). A state of recovery codes does not change.
    ///
    /// # Errors
    /// [`StateError::Impossible`](crate::verifier::StateError::Impossible) over
    /// [`State::MAX_DRIFT`] either way.
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

    /// Returns the state with a number of failures in a row. The next failure is added to it.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures.count = failures;
        if failures == 0 {
            // There is no wait without a failure.
            self.failures.wait_until = 0;
        }
        self
    }

    /// Returns whether a login must ask for a code. This is true from the confirmation of the
    /// enrolment on, in every later state.
    ///
    /// It is also true for a locked or disabled authenticator, which does not accept any code, so
    /// the login fails. Otherwise a hundred wrong codes would switch the second factor off.
    ///
    /// It is false for an enrolment that was never confirmed, even if wrong codes have disabled it,
    /// because an attacker who knows only the password may have started it. But after
    /// [`State::disabled`] it is true, even if the enrolment was never confirmed.
    #[must_use]
    pub const fn requires_code(self) -> bool {
        self.confirmed || matches!(self.disabled, Some(DisabledBy::Host))
    }

    /// Returns the lifecycle of the authenticator. [`requires_code`](Self::requires_code) tells
    /// whether to ask for a code.
    #[must_use]
    pub const fn lifecycle(self) -> Lifecycle {
        match self {
            Self { disabled: Some(by), .. } => Lifecycle::Disabled(by),
            Self { confirmed: true, .. } => Lifecycle::Confirmed,
            _ => Lifecycle::Unconfirmed,
        }
    }

    /// Returns the lowest moving factor that is still acceptable. Returns `None` after `u64::MAX`:
    /// the key has no codes left and must be replaced.
    ///
    /// A time step far above the current one means that the clock was ahead when a code was
    /// accepted. No code is accepted until the time has reached it, or until an administrator
    /// [repairs](Self::clock_repaired) it.
    ///
    /// For a state of recovery codes, this is the number of redeemed codes.
    #[must_use]
    pub const fn next_factor(self) -> Option<u64> {
        match self.last {
            None => Some(0),
            Some(last) => last.checked_add(1),
        }
    }

    /// Returns the known drift of the client's clock in time steps, negative if it is behind (RFC
    /// 6238 section 6). It is at most [`State::MAX_DRIFT`] either way. It is 0 unless drift is
    /// learned or the client was resynchronised.
    #[must_use]
    pub const fn drift(self) -> i16 {
        self.drift
    }

    /// Returns the period of the engine after a code was accepted. Returns `None` for counters and
    /// for recovery codes.
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

    /// Returns whether `old` became this state by a right code, for the closure of a commit: `new`
    /// is then the state to store. So the session of a login can be stored in the same transaction.
    ///
    /// Only [`Verdict::Accepted`](crate::verifier::Verdict::Accepted) lets anybody in. The race may
    /// still be lost after the closure has asked.
    ///
    /// ```
    /// # use std::cell::RefCell;
    /// # use otp_core::verifier::{State, Swap, Verdict, Verifier};
    /// # let totp = otp_core::Totp::new(&otp_core::Secret::from_bytes(&[0x5a; 20])?);
    /// # let now = 1_800_000_000;
    /// # let code = totp.code_at(now)?.to_string();
    /// # let sessions = RefCell::new(Vec::new());
    /// # let load = || Ok::<_, std::io::Error>(State::confirmed());
    /// let settled = Verifier::DEFAULT.log_in(&totp, &code, now, load, |old, new| {
    ///     // BEGIN; UPDATE otp SET state = $new WHERE id = $id AND state = $old
    ///     if new.is_success_after(old) {
    ///         sessions.borrow_mut().push("a random token"); // INSERT INTO sessions
    ///     }
    ///     Ok(Swap::Stored) // COMMIT
    /// })?;
    /// assert!(matches!(settled.verdict, Verdict::Accepted(_)) && sessions.borrow().len() == 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn is_success_after(self, old: Self) -> bool {
        // Each failure is counted, or disables the authenticator if there is no higher count.
        self.disabled.is_none() && self.failures.count <= old.failures.count
    }

    /// Returns the end of the lock-out in seconds of Unix time, if it is after `now`. No code is
    /// checked until then.
    #[must_use]
    pub fn locked_until(self, now: u64) -> Option<u64> {
        self.failures.locked_until(now)
    }

    /// Returns the time at which the budget of guesses is full again, in seconds of Unix time, for
    /// monitoring ([`Budget`](crate::verifier::Budget)). The time is in the past if the budget is
    /// full.
    #[must_use]
    pub const fn budget_full_at(self) -> u64 {
        self.failures.full_at
    }

    /// Returns the state disabled by the host. Use it for a lost device.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn disabled(mut self) -> Self {
        self.disabled = Some(DisabledBy::Host);
        self
    }

    /// Returns the state enabled again, for any reason of disabling, with no failures, no wait and
    /// a full budget. Used codes stay used, and the drift does not change. An unconfirmed
    /// authenticator stays unconfirmed.
    ///
    /// The failure count is what stops an attacker, so verify the identity of the user first.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn enabled(mut self) -> Self {
        self.disabled = None;
        self.unlocked()
    }

    /// Returns the state with no failures, no wait and a full budget, for a user who is locked out.
    /// A disabled authenticator stays disabled.
    ///
    /// The failure count is what stops an attacker, so verify the identity of the user first.
    #[must_use = "store the state that is returned: nothing else is changed"]
    pub const fn unlocked(mut self) -> Self {
        self.failures = Failures::NONE;
        self
    }

    /// Returns the state without used steps far ahead of `step`, for a user whose last code was
    /// accepted while the server's clock was ahead. Pass the current time step
    /// ([`Totp::step_at`](crate::Totp::step_at)).
    ///
    /// All steps up to one after the current step of the client's clock stay used, so a code that
    /// was just accepted is not accepted again. Codes that were accepted for later steps are valid
    /// again at their time. States of counters and of recovery codes do not change.
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

    /// Returns whether the state belongs to moving factors of this kind, as far as it is known.
    pub(super) fn is_for(self, factor: Factor) -> bool {
        self.factor == Factor::Unknown || self.factor == factor
    }

    /// Returns the drift that a resynchronisation found, if it still waits for the next code at
    /// `step`.
    pub(super) fn pending_at(self, step: u64) -> Option<i16> {
        let pending = self.pending?;
        // Its last code was used at that step, and none since.
        let found_at = self.last?.saturating_add_signed(i64::from(pending).saturating_neg());
        (step.wrapping_sub(found_at) <= MAX_PENDING_STEPS).then_some(pending)
    }

    /// Returns the state after a recovery code was redeemed: the state after any success, with one
    /// more redemption.
    #[cfg(feature = "recovery")]
    pub(crate) fn redeemed(mut self) -> Self {
        self.last = self.next_factor();
        self.cleared()
    }

    /// Returns the state after a success, without failures in a row. Only time refills the budget.
    pub(crate) fn cleared(mut self) -> Self {
        self.failures = self.failures.cleared();
        self.disabled = None;
        self
    }
}
