//! The verifier: a submitted code and a stored state become a verdict and the next state.

mod attempt;
mod bytes;
mod factor;
mod login;
mod policy;
mod record;
mod state;
mod verdict;

pub use self::{
    attempt::{Attempt, Settled, Swap},
    bytes::StateBytes,
    factor::Verifiable,
    login::LoginError,
    policy::{DriftLearning, Policy, Resynchronisation},
    record::Record,
    state::{DisabledBy, Lifecycle, VerifierState},
    verdict::{Accepted, AttemptError, Rejection, Verdict},
};

use self::factor::Source;
use self::state::Factor;
use crate::error::MalformedCode;
use crate::scan::{Finding, Sought};
use crate::window::Run;

impl Policy {
    /// Checks what a person typed against the stored state, at `now` in seconds of Unix time. Nothing
    /// is told before the next state is stored: see [`Attempt`]. [`log_in`](Self::log_in) is the whole login.
    ///
    /// A code is accepted if it belongs to an unused moving factor within reach (RFC 6238 section 5.2, RFC 4226 section
    /// 7.2). It is refused if a used factor has the same digits and is within reach or among the last used ones: as many
    /// as the widest window of this policy has candidates, or for HOTP its look-ahead. The second rule is for two factors
    /// with one passcode: the passcode is accepted once, and not again as long as it comes back within the length of a
    /// window. With six digits and three candidates it also turns away one right code in 330,000: the next one is
    /// accepted.
    ///
    /// If the authenticator is locked or disabled, neither the code nor the key is looked at. Otherwise each candidate is
    /// computed and compared whatever the answer, in a time that depends only on the policy, the state and `now`.
    ///
    /// ```
    /// use otp_core::{Policy, Secret, Swap, Totp, Verdict, VerifierState};
    ///
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// let mut stored = VerifierState::enrolment();
    /// let mut submit = |code, now| {
    ///     let attempt = Policy::DEFAULT.attempt(&totp, stored, code, now)?;
    ///     let settled = attempt.commit(|old, new| {
    ///         assert_eq!(stored, old); // a database compares and swaps here
    ///         stored = new;
    ///         Ok::<_, otp_core::AttemptError>(Swap::Stored)
    ///     })?;
    ///     Ok::<_, otp_core::AttemptError>(settled.verdict)
    /// };
    /// assert!(matches!(submit("287 082", 59)?, Verdict::Accepted(code) if code.confirms()));
    /// assert_eq!(submit("287082", 60)?, Verdict::Replayed);
    /// assert!(matches!(submit("123456", 60)?, Verdict::Rejected(wrong) if wrong.tries_left() == 4));
    /// assert!(matches!(submit("28708", 60)?, Verdict::Malformed(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AttemptError`] if it cannot be judged. Nothing is counted then.
    pub fn attempt<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        code: &str,
        now: u64,
    ) -> Result<Attempt, AttemptError<V::Error>> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Attempt::unchanged(state, barred.into()));
        }
        let reach = self.reach(engine, state, now)?;
        self.judge(engine, state, &reach, &[code], now)
    }

    /// Judges two or three codes in a row, as many as [`Resynchronisation::codes`] says, of a client
    /// that has gone too far for [`attempt`](Self::attempt) (RFC 4226 section 7.4, RFC 6238 section
    /// 6).
    ///
    /// They have to belong to consecutive moving factors, within [`Resynchronisation::reach`] and all
    /// of them not used up. All are used up then, and for TOTP the drift is taken over, whether or not
    /// the policy learns it. Attempts count for the throttle as any other, and everything is
    /// computed and compared whatever the answer: that the first code was right cannot be told.
    ///
    /// ```
    /// use otp_core::{Policy, Secret, Swap, Totp, Verdict, VerifierState};
    ///
    /// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    /// // A token that is 8 steps behind.
    /// let (now, theirs) = (1_234_567_890, 1_234_567_650);
    /// let [first, second] = [totp.code_at(theirs)?, totp.code_at(theirs + 30)?];
    /// let (first, second) = (first.to_string(), second.to_string());
    ///
    /// let mut stored = VerifierState::confirmed();
    /// let attempt = Policy::DEFAULT.resynchronise(&totp, stored, &[&first, &second], now + 30)?;
    /// let settled = attempt.commit(|_, new| {
    ///     stored = new;
    ///     Ok::<_, otp_core::AttemptError>(Swap::Stored)
    /// })?;
    /// assert!(matches!(settled.verdict, Verdict::Accepted(code) if code.drift() == -8));
    /// assert_eq!(stored.drift(), -8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`attempt`](Self::attempt).
    pub fn resynchronise<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        codes: &[&str],
        now: u64,
    ) -> Result<Attempt, AttemptError<V::Error>> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Attempt::unchanged(state, barred.into()));
        }
        let Resynchronisation { reach: farthest, codes: expected } = self.resynchronisation();
        if codes.len() != usize::from(expected) {
            return Ok(Attempt::unchanged(state, MalformedCode::Count { expected }.into()));
        }
        let mut reach = self.reach(engine, state, now)?;
        let past = if reach.by_clock { farthest } else { 0 };
        reach.run = Run::around(reach.expected, past, farthest);
        reach.resynchronises = true;
        self.judge(engine, state, &reach, codes, now)
    }

    /// What lies in reach for a single code.
    fn reach<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        now: u64,
    ) -> Result<Reach, AttemptError<V::Error>> {
        match engine.source(now)? {
            Source::Clock { step, period } => {
                if period > self.longest_period() {
                    return Err(AttemptError::PeriodTooLong);
                }
                let period = u32::try_from(period.seconds()).unwrap_or(u32::MAX);
                let factor = Factor::Clock { period };
                if state.factor != Factor::Unknown && state.factor != factor {
                    return Err(AttemptError::OtherEngine);
                }
                let centre = step.saturating_add_signed(state.drift.into());
                let silence = state.last.map_or(0, |last| centre.saturating_sub(last));
                let wider = self.drift_learning().map_or(0, |learning| learning.widening(silence));
                Ok(Reach {
                    run: self.window().widened(wider).around(centre),
                    last: state.last,
                    expected: step,
                    by_clock: true,
                    factor,
                    resynchronises: false,
                    remembered: self.widest_window(),
                })
            }
            Source::Counter { first } => {
                if matches!(state.factor, Factor::Clock { .. } | Factor::Recovery) {
                    return Err(AttemptError::OtherEngine);
                }
                let last = state.last.max(first.checked_sub(1));
                // After the last counter there is none: then it is computed, and not accepted.
                let expected = last.map_or(0, |last| last.saturating_add(1));
                Ok(Reach {
                    run: self.look_ahead().ahead_of(expected),
                    last,
                    expected,
                    by_clock: false,
                    factor: Factor::Counter,
                    resynchronises: false,
                    remembered: self.look_ahead().candidates(),
                })
            }
        }
    }

    fn judge<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        reach: &Reach,
        codes: &[&str],
        now: u64,
    ) -> Result<Attempt, AttemptError<V::Error>> {
        let format = engine.code_format();
        let sought = match Sought::parse(codes, format) {
            Ok(sought) => sought,
            Err(error) => return Ok(Attempt::unchanged(state, error.into())),
        };
        let used = Run::up_to(reach.last, reach.remembered);
        let finding = sought.find(engine.hmac(), reach.run, used, reach.last, format);
        Ok(match finding.map_err(AttemptError::Mac)? {
            Finding::Fresh(moving_factor) => {
                // Both lie within one window, so the difference is small.
                let drift = moving_factor.wrapping_sub(reach.expected).cast_signed();
                let next = VerifierState {
                    confirmed: true,
                    last: Some(moving_factor),
                    drift: self.next_drift(state, reach, drift),
                    factor: reach.factor,
                    ..state.cleared()
                };
                accept(state, next, Some(moving_factor), drift)
            }
            Finding::Used => Attempt::unchanged(state, Verdict::Replayed),
            Finding::Nothing => self.reject(state, now),
        })
    }

    /// Counts a code that the host judges itself, under the same throttle: a code sent by SMS, or one whose hash is in a
    /// form of another system. At `now` in seconds of Unix time.
    ///
    /// `is_right` is called only if the authenticator is neither locked nor disabled. A right code clears the failures in
    /// a row. It confirms no enrolment and uses up no moving factor: **use up the host's own code in the closure of
    /// [`Attempt::commit`]**, in the same transaction, and return [`Swap::Lost`] if that finds it used.
    ///
    /// ```
    /// use otp_core::{Policy, Swap, Verdict, VerifierState};
    ///
    /// # struct Db;
    /// # impl Db {
    /// #     fn is_right(&self, _: &str) -> Result<bool, std::io::Error> { Ok(true) }
    /// #     fn use_up(&self, _: &str, _: VerifierState, _: VerifierState) -> Result<u64, std::io::Error> { Ok(0) }
    /// # }
    /// # let (db, typed) = (Db, "483920");
    /// let attempt = Policy::DEFAULT.attempt_by_host(VerifierState::confirmed(), 59, || db.is_right(typed))?;
    /// let settled = attempt.commit(|old, new| {
    ///     // One transaction: UPDATE … SET state = $new WHERE state = $old, and DELETE the code that was sent.
    ///     db.use_up(typed, old, new).map(Swap::from_rows)
    /// })?;
    /// assert_eq!(settled.verdict, Verdict::Conflict); // another request has used it up
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`AttemptError::Host`] with the error of `is_right`, [`AttemptError::TimeTooFar`]. Nothing is counted then.
    pub fn attempt_by_host<E>(
        &self,
        state: VerifierState,
        now: u64,
        is_right: impl FnOnce() -> Result<bool, E>,
    ) -> Result<Attempt, AttemptError<E>> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Attempt::unchanged(state, barred.into()));
        }
        Ok(if is_right().map_err(AttemptError::Host)? {
            accept(state, state.cleared(), None, 0)
        } else {
            self.reject(state, now)
        })
    }

    fn reject(&self, state: VerifierState, now: u64) -> Attempt {
        let (next, rejection) = self.refuse(state, now);
        Attempt::new(state, next, Verdict::Rejected(rejection))
    }

    /// Counts a failure.
    pub(crate) fn refuse(&self, state: VerifierState, now: u64) -> (VerifierState, Rejection) {
        let throttle = self.throttle();
        let failures = state.failures.and_one(throttle, now);
        let failures_left = throttle.max_failures().saturating_sub(failures.count);
        let disabled = if failures_left == 0 { Some(DisabledBy::Failures) } else { state.disabled };
        let next = VerifierState { failures, disabled, ..state };
        let tries_left = throttle.tries_left(failures, now);
        let until = failures.locked_until(now);
        (next, Rejection { tries_left, until, failures_left })
    }

    fn next_drift(&self, state: VerifierState, reach: &Reach, observed: i64) -> i16 {
        if !reach.by_clock {
            return state.drift;
        }
        if reach.resynchronises {
            return i16::try_from(observed).unwrap_or(state.drift);
        }
        self.drift_learning().map_or(state.drift, |learning| learning.learn(state.drift, observed))
    }
}

/// Why nothing is tried at all.
pub(crate) enum Barred {
    Locked { until: u64 },
    Disabled,
}

pub(crate) fn barred(state: VerifierState, now: u64) -> Result<Option<Barred>, TimeTooFar> {
    if now > VerifierState::MAX_TIME {
        return Err(TimeTooFar);
    }
    if state.disabled.is_some() {
        return Ok(Some(Barred::Disabled));
    }
    Ok(state.locked_until(now).map(|until| Barred::Locked { until }))
}

pub(crate) struct TimeTooFar;

impl<E> From<TimeTooFar> for AttemptError<E> {
    fn from(_: TimeTooFar) -> Self {
        Self::TimeTooFar
    }
}

/// A success: the failures in a row are cleared, and told.
fn accept(
    state: VerifierState,
    next: VerifierState,
    moving_factor: Option<u64>,
    drift: i64,
) -> Attempt {
    let (confirms, failures) = (next.confirmed && !state.confirmed, state.failures.count);
    let accepted = Accepted { moving_factor, drift, confirms, failures };
    Attempt::new(state, next, Verdict::Accepted(accepted))
}

impl From<Barred> for Verdict {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Locked { until } => Self::Locked { until },
            Barred::Disabled => Self::Disabled,
        }
    }
}

/// The moving factors that a code is looked for among.
struct Reach {
    run: Run,
    /// Every factor up to this one is used up.
    last: Option<u64>,
    /// The factor of a client that is neither ahead nor behind.
    expected: u64,
    by_clock: bool,
    factor: Factor,
    resynchronises: bool,
    /// Of how many factors that are used up the codes stay refused wherever they come back.
    remembered: u16,
}
