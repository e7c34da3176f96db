//! Checks codes against a state: the factors within reach, the scan, and the next state.

use super::attempt::Attempt;
use super::factor::sealed::Source;
use super::factor::{Factor, Verifiable};
use super::lifecycle::DisabledBy;
use super::settings::Verifier;
use super::state::{MAX_DRIFT, State};
use super::verdict::{Accepted, AttemptError, Rejection, Verdict};
use crate::hmac_key::HmacKey;
use crate::period::Period;
use crate::scan::{Factors, Finding, Scan};
use crate::submitted::MalformedCode;
use crate::window::Run;

/// The purpose of the codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedFor {
    Login,
    Resynchronisation,
}

/// The moving factors that are searched for a code.
pub(super) struct Reach {
    /// The factors around the known clock, around a clock that a resynchronisation found, and the
    /// last used ones.
    pub(super) factors: Factors,
    /// Every factor up to this one is used.
    last: Option<u64>,
    /// The factor of a client that is neither ahead nor behind.
    expected: u64,
    factor: Factor,
    asked_for: AskedFor,
    /// The steps by which the window is wider after a silence, at both ends.
    wider: u8,
}

/// The position of an authenticator, from its state.
pub(super) struct Standing {
    /// The factor of a client that is neither ahead nor behind.
    expected: u64,
    /// The expected factor, corrected by the learned drift.
    pub(super) centre: u64,
    /// Every factor up to this one is used.
    last: Option<u64>,
    pub(super) factor: Factor,
}

impl Standing {
    pub(super) fn of(source: Source, state: State) -> Self {
        match source {
            Source::Clock { step, period } => Self {
                expected: step,
                centre: step.saturating_add_signed(state.drift.into()),
                last: state.last,
                factor: Factor::Clock { period: seconds(period) },
            },
            Source::Counter { first } => {
                let last = state.last.max(first.checked_sub(1));
                let expected = last.map_or(0, |last| last.saturating_add(1));
                Self { expected, centre: expected, last, factor: Factor::Counter }
            }
        }
    }
}

impl Verifier {
    /// Checks typed codes.
    pub(super) fn check<M: HmacKey, V: Verifiable<Key = M>>(
        &self,
        engine: &V,
        state: State,
        codes: &[&str],
        now: u64,
        asked_for: AskedFor,
    ) -> Result<Attempt, AttemptError<M::Error>> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Attempt::unchanged(state, barred.into()));
        }
        let reach = self.reach(engine, state, now, asked_for)?;
        match self.scan(engine, &reach, codes) {
            Ok(mut scan) => {
                scan.compute(engine.key(), &reach.factors).map_err(AttemptError::Key)?;
                Ok(self.conclude(state, now, &reach, &scan))
            }
            Err(error) => Ok(Attempt::unchanged(state, error.into())),
        }
    }

    /// Returns the factors within reach. It is inlined so that the result is not copied: a copy
    /// would wait until everything just written has left the processor.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn reach<V: Verifiable>(
        &self,
        engine: &V,
        state: State,
        now: u64,
        asked_for: AskedFor,
    ) -> Result<Reach, CannotCheck> {
        let resynchronisation = self.resynchronisation();
        let source = engine.source(now).map_err(|_| CannotCheck::BeforeT0)?;
        let Standing { expected, centre, last, factor } = Standing::of(source, state);
        let mut wider = 0;
        let (run, pending, remembered) = match source {
            Source::Clock { step, period } => {
                if period > self.max_period() {
                    return Err(CannotCheck::PeriodTooLong);
                }
                let (run, pending) = if asked_for == AskedFor::Login {
                    let silence = state.last.map_or(0, |last| centre.saturating_sub(last));
                    let learning = self.drift_learning();
                    wider = learning.map_or(0, |learning| learning.widening(silence));
                    let pending = state.pending_at(step).map_or(Run::NONE, |pending| {
                        self.window().around(step.saturating_add_signed(pending.into()))
                    });
                    (self.window().widened(wider).around(centre), pending)
                } else {
                    let steps = resynchronisation.steps(seconds(period));
                    let possible = Run::around(step, MAX_DRIFT, MAX_DRIFT);
                    (Run::around(centre, steps, steps).within(possible), Run::NONE)
                };
                (run, pending, self.widest_window())
            }
            Source::Counter { .. } => {
                // There is none after the last counter. The last counter is then computed, but not
                // accepted.
                let ahead = if asked_for == AskedFor::Login {
                    self.look_ahead().get().into()
                } else {
                    resynchronisation.counters()
                };
                let run = Run::around(expected, 0, ahead);
                (run, Run::NONE, self.look_ahead().candidates())
            }
        };
        if !state.is_for(factor) {
            return Err(CannotCheck::OtherEngine);
        }
        let used = last.map_or(Run::NONE, |last| Run::up_to(last, remembered));
        let factors = Factors([run, pending, used]);
        Ok(Reach { factors, last, expected, factor, asked_for, wider })
    }

    /// Reads the codes. Nothing before this step depends on them.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    pub(super) fn scan<V: Verifiable>(
        &self,
        engine: &V,
        reach: &Reach,
        codes: &[&str],
    ) -> Result<Scan, MalformedCode> {
        if reach.asked_for == AskedFor::Resynchronisation {
            let expected = self.resynchronisation().codes();
            if codes.len() != usize::from(expected) {
                return Err(MalformedCode::Count { expected });
            }
        }
        Scan::new(codes, engine.code_format(), reach.last)
    }

    /// Returns the attempt, after every moving factor was fed.
    pub(super) fn conclude(&self, state: State, now: u64, reach: &Reach, scan: &Scan) -> Attempt {
        let moving_factor = match scan.finding() {
            Finding::Fresh(moving_factor) => moving_factor,
            Finding::Used => return Attempt::unchanged(state, Verdict::Replayed),
            Finding::Nothing => return self.reject(state, now),
        };
        // Both are within one window, so the difference is small.
        let observed = moving_factor.wrapping_sub(reach.expected).cast_signed();
        let found = i16::try_from(observed).unwrap_or_default();
        let by_clock = reach.factor != Factor::Counter;
        let used = State { last: Some(moving_factor), factor: reach.factor, ..state };
        if reach.asked_for == AskedFor::Resynchronisation {
            let next = State { pending: by_clock.then_some(found), ..used };
            return accept(state, next, Some(moving_factor), observed);
        }
        let Factors([_, pending, _]) = reach.factors;
        let drift = if pending.contains(moving_factor) {
            // A person who types late makes the clock look slow, and never fast.
            found.max(state.pending.unwrap_or(found)).min(MAX_DRIFT.cast_signed())
        } else if let Some(learning) = self.drift_learning()
            && by_clock
        {
            learning.learn(state.drift, observed, reach.wider)
        } else {
            state.drift
        };
        let next = State { drift, pending: None, confirmed: true, ..used.cleared() };
        accept(state, next, Some(moving_factor), observed)
    }

    /// Records the host's own check of a code.
    pub(super) fn conclude_by_host(&self, state: State, now: u64, is_right: bool) -> Attempt {
        if is_right { accept(state, state.cleared(), None, 0) } else { self.reject(state, now) }
    }

    fn reject(&self, state: State, now: u64) -> Attempt {
        let (next, rejection) = self.refuse(state, now);
        Attempt::new(state, next, Verdict::Rejected(rejection))
    }

    /// Counts a failure.
    pub(crate) fn refuse(&self, state: State, now: u64) -> (State, Rejection) {
        let throttle = self.throttle();
        let failures = state.failures.and_one(throttle, now);
        let failures_left = throttle.max_failures().saturating_sub(failures.count);
        let disabled = if failures_left == 0 { Some(DisabledBy::Failures) } else { state.disabled };
        let next = State { failures, disabled, ..state };
        let tries_left = throttle.tries_left(failures, now);
        let until = failures.locked_until(now);
        (next, Rejection { tries_left, until, failures_left })
    }
}

/// Returns the attempt of a success: the next state and the verdict.
fn accept(state: State, next: State, moving_factor: Option<u64>, drift: i64) -> Attempt {
    let (confirms, failures) = (next.confirmed && !state.confirmed, state.failures.count);
    let accepted = Accepted { moving_factor, drift, confirms, failures, authenticator: 0 };
    Attempt::new(state, next, Verdict::Accepted(accepted))
}

fn seconds(period: Period) -> u32 {
    u32::try_from(period.seconds()).unwrap_or(u32::MAX)
}

/// The reason why a code is not checked at all.
pub(crate) enum Barred {
    Locked { until: u64 },
    Disabled,
}

pub(crate) fn barred(state: State, now: u64) -> Result<Option<Barred>, CannotCheck> {
    if now > State::MAX_TIME {
        return Err(CannotCheck::TimeTooFar);
    }
    if state.disabled.is_some() {
        return Ok(Some(Barred::Disabled));
    }
    Ok(state.locked_until(now).map(|until| Barred::Locked { until }))
}

impl From<Barred> for Verdict {
    fn from(barred: Barred) -> Self {
        match barred {
            Barred::Locked { until } => Self::Locked { until },
            Barred::Disabled => Self::Disabled,
        }
    }
}

/// The reason why nothing can be checked. It is found before any key is used.
pub(crate) enum CannotCheck {
    BeforeT0,
    TimeTooFar,
    PeriodTooLong,
    OtherEngine,
}

impl<E> From<CannotCheck> for AttemptError<E> {
    fn from(error: CannotCheck) -> Self {
        match error {
            CannotCheck::BeforeT0 => Self::BeforeT0,
            CannotCheck::TimeTooFar => Self::TimeTooFar,
            CannotCheck::PeriodTooLong => Self::PeriodTooLong,
            CannotCheck::OtherEngine => Self::OtherEngine,
        }
    }
}
