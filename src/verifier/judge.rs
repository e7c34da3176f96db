//! What a verifier makes of codes and a state: reach, scan, and what follows from it.

use super::attempt::Attempt;
use super::factor::{Source, Verifiable};
use super::policy::Policy;
use super::state::{DisabledBy, Factor, MAX_DRIFT, VerifierState};
use super::verdict::{Accepted, AttemptError, Rejection, Verdict};
use crate::error::MalformedCode;
use crate::mac::Mac;
use crate::scan::{Factors, Finding, Scan, parse};
use crate::window::Run;

/// A judgement that has begun: decided already, or waiting for the codes of some moving factors.
pub(super) enum Judgement<'v, const C: usize> {
    Decided(Attempt),
    Open(Open<'v, C>),
}

pub(super) struct Open<'v, const C: usize> {
    pub(super) policy: &'v Policy,
    pub(super) state: VerifierState,
    pub(super) now: u64,
    pub(super) reach: Reach,
    pub(super) scan: Scan<C>,
}

/// The moving factors that a code is looked for among.
pub(super) struct Reach {
    pub(super) factors: Factors,
    /// Every factor up to this one is used up.
    last: Option<u64>,
    /// The factor of a client that is neither ahead nor behind.
    expected: u64,
    factor: Factor,
    /// Those around the drift that a resynchronisation has found.
    pending: Run,
    resynchronises: bool,
}

impl Policy {
    /// Begins to judge the one code of a login.
    pub(super) fn begin<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        code: &str,
        now: u64,
    ) -> Result<Judgement<'_, 1>, CannotJudge> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Judgement::Decided(Attempt::unchanged(state, barred.into())));
        }
        let reach = self.reach(engine, state, now)?;
        Ok(self.open(engine, state, reach, &[code], now))
    }

    /// Begins to judge the codes of a resynchronisation.
    pub(super) fn begin_resynchronisation<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        codes: &[&str],
        now: u64,
    ) -> Result<Judgement<'_, 3>, CannotJudge> {
        if let Some(barred) = barred(state, now)? {
            return Ok(Judgement::Decided(Attempt::unchanged(state, barred.into())));
        }
        let expected = self.resynchronisation().codes();
        if codes.len() != usize::from(expected) {
            let error = MalformedCode::Count { expected };
            return Ok(Judgement::Decided(Attempt::unchanged(state, error.into())));
        }
        let mut reach = self.reach(engine, state, now)?;
        reach.resynchronises = true;
        let [run, pending, _] = &mut reach.factors.0;
        *pending = Run::NONE;
        *run = match reach.factor {
            Factor::Clock { period } => {
                let centre = reach.expected.saturating_add_signed(state.drift.into());
                let steps = self.resynchronisation().steps(period);
                let possible = Run::around(reach.expected, MAX_DRIFT, MAX_DRIFT);
                Run::around(centre, steps, steps).within(possible)
            }
            _ => Run::around(reach.expected, 0, self.resynchronisation().counters()),
        };
        Ok(self.open(engine, state, reach, codes, now))
    }

    /// Reads the codes. Before that nothing about them matters.
    fn open<V: Verifiable, const C: usize>(
        &self,
        engine: &V,
        state: VerifierState,
        reach: Reach,
        codes: &[&str],
        now: u64,
    ) -> Judgement<'_, C> {
        let format = engine.code_format();
        match parse(codes, format) {
            Ok(values) => {
                let scan = Scan::new(values, codes.len(), format, reach.last);
                Judgement::Open(Open { policy: self, state, now, reach, scan })
            }
            Err(error) => Judgement::Decided(Attempt::unchanged(state, error.into())),
        }
    }

    /// What lies in reach for a single code.
    fn reach<V: Verifiable>(
        &self,
        engine: &V,
        state: VerifierState,
        now: u64,
    ) -> Result<Reach, CannotJudge> {
        let used =
            |last: Option<u64>, count| last.map_or(Run::NONE, |last| Run::up_to(last, count));
        match engine.source(now).map_err(|_| CannotJudge::BeforeT0)? {
            Source::Clock { step, period } => {
                if period > self.longest_period() {
                    return Err(CannotJudge::PeriodTooLong);
                }
                let period = u32::try_from(period.seconds()).unwrap_or(u32::MAX);
                let factor = Factor::Clock { period };
                if state.factor != Factor::Unknown && state.factor != factor {
                    return Err(CannotJudge::OtherEngine);
                }
                let centre = step.saturating_add_signed(state.drift.into());
                let silence = state.last.map_or(0, |last| centre.saturating_sub(last));
                let wider = self.drift_learning().map_or(0, |learning| learning.widening(silence));
                let pending = state.pending_at(step).map_or(Run::NONE, |pending| {
                    self.window().around(step.saturating_add_signed(pending.into()))
                });
                let run = self.window().widened(wider).around(centre);
                Ok(Reach {
                    factors: Factors([run, pending, used(state.last, self.widest_window())]),
                    last: state.last,
                    expected: step,
                    factor,
                    pending,
                    resynchronises: false,
                })
            }
            Source::Counter { first } => {
                if matches!(state.factor, Factor::Clock { .. }) {
                    return Err(CannotJudge::OtherEngine);
                }
                let last = state.last.max(first.checked_sub(1));
                // After the last counter there is none: then it is computed, and not accepted.
                let expected = last.map_or(0, |last| last.saturating_add(1));
                let run = self.look_ahead().ahead_of(expected);
                let used = used(last, self.look_ahead().candidates());
                Ok(Reach {
                    factors: Factors([run, Run::NONE, used]),
                    last,
                    expected,
                    factor: Factor::Counter,
                    pending: Run::NONE,
                    resynchronises: false,
                })
            }
        }
    }

    /// Judges a code that the host has judged itself.
    pub(super) fn conclude_by_host(
        &self,
        state: VerifierState,
        now: u64,
        is_right: bool,
    ) -> Attempt {
        if is_right { accept(state, state.cleared(), None, 0) } else { self.reject(state, now) }
    }

    fn reject(&self, state: VerifierState, now: u64) -> Attempt {
        let (next, rejection) = self.refuse(state, now);
        Attempt::new(state, next, Verdict::Rejected(rejection))
    }

    /// Counts a failure.
    pub(super) fn refuse(&self, state: VerifierState, now: u64) -> (VerifierState, Rejection) {
        let throttle = self.throttle();
        let failures = state.failures.and_one(throttle, now);
        let failures_left = throttle.max_failures().saturating_sub(failures.count);
        let disabled = if failures_left == 0 { Some(DisabledBy::Failures) } else { state.disabled };
        let next = VerifierState { failures, disabled, ..state };
        let tries_left = throttle.tries_left(failures, now);
        let until = failures.locked_until(now);
        (next, Rejection { tries_left, until, failures_left })
    }
}

impl<const C: usize> Judgement<'_, C> {
    /// Computes what is missing, and concludes.
    pub(super) fn compute<M: Mac>(self, mac: &M) -> Result<Attempt, AttemptError<M::Error>> {
        match self {
            Self::Decided(attempt) => Ok(attempt),
            Self::Open(mut open) => {
                let factors = &open.reach.factors;
                open.scan.compute(mac, factors).map_err(AttemptError::Mac)?;
                Ok(open.conclude())
            }
        }
    }
}

impl<const C: usize> Open<'_, C> {
    /// The attempt, once every moving factor was fed.
    pub(super) fn conclude(self) -> Attempt {
        let Self { policy, state, now, reach, scan } = self;
        let fresh = match scan.finding() {
            Finding::Used => return Attempt::unchanged(state, Verdict::Replayed),
            Finding::Nothing => None,
            Finding::Fresh(nth) => reach.factors.nth(nth),
        };
        let Some(moving_factor) = fresh else { return policy.reject(state, now) };
        // Both lie within one window, so the difference is small.
        let observed = moving_factor.wrapping_sub(reach.expected).cast_signed();
        let found = i16::try_from(observed).unwrap_or_default();
        let by_clock = matches!(reach.factor, Factor::Clock { .. });
        let used = VerifierState { last: Some(moving_factor), factor: reach.factor, ..state };
        if reach.resynchronises {
            let next = VerifierState { pending: by_clock.then_some(found), ..used };
            return accept(state, next, Some(moving_factor), observed);
        }
        let drift = if !by_clock {
            state.drift
        } else if reach.pending.contains(moving_factor) {
            let most = MAX_DRIFT.cast_signed();
            found.clamp(most.saturating_neg(), most)
        } else {
            let learning = policy.drift_learning();
            learning.map_or(state.drift, |learning| learning.learn(state.drift, observed))
        };
        let next = VerifierState { drift, pending: None, confirmed: true, ..used.cleared() };
        accept(state, next, Some(moving_factor), observed)
    }
}

/// A success: what it leads to, and what is told of it.
fn accept(
    state: VerifierState,
    next: VerifierState,
    moving_factor: Option<u64>,
    drift: i64,
) -> Attempt {
    let (confirms, failures) = (next.confirmed && !state.confirmed, state.failures.count);
    let accepted = Accepted { moving_factor, drift, confirms, failures, authenticator: 0 };
    Attempt::new(state, next, Verdict::Accepted(accepted))
}

/// Why nothing is tried at all.
pub(super) enum Barred {
    Locked { until: u64 },
    Disabled,
}

pub(super) fn barred(state: VerifierState, now: u64) -> Result<Option<Barred>, CannotJudge> {
    if now > VerifierState::MAX_TIME {
        return Err(CannotJudge::TimeTooFar);
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

/// Why nothing can be judged, before any key is asked.
pub(super) enum CannotJudge {
    BeforeT0,
    TimeTooFar,
    PeriodTooLong,
    OtherEngine,
}

impl<E> From<CannotJudge> for AttemptError<E> {
    fn from(error: CannotJudge) -> Self {
        match error {
            CannotJudge::BeforeT0 => Self::BeforeT0,
            CannotJudge::TimeTooFar => Self::TimeTooFar,
            CannotJudge::PeriodTooLong => Self::PeriodTooLong,
            CannotJudge::OtherEngine => Self::OtherEngine,
        }
    }
}
