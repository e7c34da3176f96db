//! Any stored bytes, and any operations after them: what is stored stays readable, no factor is
//! accepted twice, no more is guessed than the budget has, and the work does not depend on the
//! code.
#![no_main]

use std::cell::Cell;
use std::convert::Infallible;

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use otp_core::verifier::{
    Attempt, AttemptError, Backoff, Budget, DisabledBy, DriftLearning, Lifecycle, LoginError,
    ResyncVerdict, Resynchronisation, Settled, State, Swap, Throttle, Verdict, Verifiable,
    Verifier,
};
use otp_core::{HmacKey, Hotp, LookAhead, Period, Totp, Truncated, Window};

/// A code that [`FewCodes`] never shows.
const NO_CODE: &str = "999999";
/// The number of tries of a login that loses every race.
const TRIES: u32 = 10;

/// Few codes, so that one comes up at many factors; counts what it is asked for.
struct FewCodes {
    codes: u32,
    asked: Cell<usize>,
}

impl FewCodes {
    fn at(&self, factor: u64) -> u32 {
        (factor.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % self.codes
    }
}

impl HmacKey for FewCodes {
    type Error = Infallible;

    fn truncated(&self, factor: u64) -> Result<Truncated, Infallible> {
        self.asked.set(self.asked.get() + 1);
        Ok(Truncated::from_bits(self.at(factor)))
    }
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    stored: Stored,
    /// Set if version, flags and engine are changed to possible ones.
    plausible: bool,
    by_clock: bool,
    codes: u32,
    period: u64,
    verifier: PolicyInput,
    now: u64,
    operations: Vec<Operation<'a>>,
}

/// The bytes of a state. Those of version 2 are longer.
#[derive(Debug)]
struct Stored(Vec<u8>);

impl<'a> Arbitrary<'a> for Stored {
    fn arbitrary(from: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut bytes = <[u8; 24]>::arbitrary(from)?.to_vec();
        if bytes[0] == 2 {
            bytes.extend(<[u8; 14]>::arbitrary(from)?);
        }
        Ok(Self(bytes))
    }
}

impl Stored {
    /// The bytes with a version, flags and the engine that fit them.
    fn plausible(&self, period: Option<Period>) -> Vec<u8> {
        let mut bytes = self.0.clone();
        let Some((before, last)) = bytes.split_at_mut_checked(32) else {
            bytes[0] = 1;
            bytes[1] &= 7;
            return bytes;
        };
        let (stored, pending) = last.split_at_mut(4);
        stored.copy_from_slice(&period.map_or(0, stored_period).to_be_bytes());
        let found = i16::from_be_bytes([pending[0], pending[1]]) % 2881;
        let is_pending = before[1] & 4 != 0 && before[1] & 32 != 0;
        pending.copy_from_slice(&if is_pending { found } else { 0 }.to_be_bytes());
        before[1] &= if is_pending { 15 | 32 } else { 15 };
        bytes[1] |= if period.is_none() { 16 } else { 0 };
        bytes
    }

    /// Returns whether a state has the fields of these bytes.
    fn is(&self, state: State) -> bool {
        let written = state.to_bytes();
        let written = written.as_ref();
        assert_eq!(State::from_bytes(written), Ok(state));
        match self.0[0] {
            // Only the version, and who disabled it, were added to these bytes.
            1 => {
                let common = written[1] & 7 == self.0[1] && written[2..24] == self.0[2..];
                common && written[24..].iter().all(|byte| *byte == 0)
            }
            _ => written == self.0,
        }
    }
}

/// A period as states have it.
fn stored_period(period: Period) -> u32 {
    u32::try_from(period.seconds()).unwrap_or(u32::MAX)
}

/// Returns whether a state belongs to an engine of another kind or period.
fn is_of_another(state: State, period: Option<Period>) -> bool {
    let bytes = state.to_bytes();
    let bytes = bytes.as_ref();
    let counts = bytes[1] & 16 != 0;
    // A state of version 1 knows no period.
    let stored =
        bytes.get(32..36).map_or(0, |period| u32::from_be_bytes(period.try_into().unwrap()));
    match period {
        Some(period) => counts || (stored != 0 && stored != stored_period(period)),
        None => stored != 0,
    }
}

/// A possible time, or one of the hour after the last.
fn time(at: u64) -> u64 {
    at % (State::MAX_TIME + 3600)
}

/// Wrong codes that were counted since the budget could be full, and when the first of them came.
#[derive(Default)]
struct Spent {
    wrong: u64,
    since: u64,
}

impl Spent {
    fn one(&mut self, budget: Option<Budget>, now: u64) {
        if self.wrong == 0 {
            self.since = now;
        }
        self.wrong += 1;
        let most = budget.map_or(u64::MAX, |budget| budget.guesses_in(now - self.since));
        assert!(self.wrong <= most, "more guesses than the budget has");
    }
}

#[derive(Arbitrary, Debug)]
struct PolicyInput {
    past: u8,
    future: u8,
    look_ahead: u8,
    /// Backoff and budget are in the fourth.
    throttle: (u32, u64, u64, u8, u32),
    learning: Option<(u16, u8, u64, u8)>,
    resynchronisation: (u8, u16, u8),
    max_period: u64,
}

#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    Attempt { offset: i8, committed: bool },
    Text { text: &'a str, committed: bool },
    Resynchronise { offset: i16, committed: bool },
    Sequence(Vec<&'a str>),
    Time(u64),
    Wait(u16),
    Reset,
    Disable,
}

/// A verifier of settings that every setter accepts.
fn verifier(input: &PolicyInput) -> Option<Verifier> {
    let (free, first, longest, bits, most) = input.throttle;
    let growth = if bits & 1 == 1 { Backoff::Exponential } else { Backoff::Linear };
    let throttle = Throttle::DEFAULT
        .with_free_tries(free)
        .and_then(|throttle| throttle.with_waits(first, longest, growth))
        .and_then(|throttle| throttle.with_max_failures(most))
        .unwrap_or(Throttle::DEFAULT);
    let throttle = match bits >> 1 & 3 {
        0 => throttle.without_budget(),
        1 => throttle,
        _ => match Budget::new(u32::from(bits >> 3), first % 4096) {
            Ok(budget) => throttle.with_budget(budget),
            Err(_) => throttle,
        },
    };
    let (hours, counters, codes) = input.resynchronisation;
    let reach = Resynchronisation::DEFAULT;
    let reach = reach.with_hours(hours % 3).unwrap_or(reach);
    let reach = reach.with_counters(counters % 64).unwrap_or(reach);
    let mut verifier = Verifier::DEFAULT
        .with_window(Window::new(input.past % 16, input.future % 16).ok()?)
        .with_look_ahead(LookAhead::new(input.look_ahead % 16).ok()?)
        .with_throttle(throttle)
        .with_resynchronisation(reach.with_codes(codes).unwrap_or(reach));
    if let Some((max, change, every, most)) = input.learning {
        let learning = DriftLearning::new(max, change).ok()?;
        verifier =
            verifier.with_drift_learning(learning.with_widening(every, most).unwrap_or(learning));
    }
    Some(match Period::new(input.max_period) {
        Ok(period) => verifier.with_max_period(period),
        Err(_) => verifier,
    })
}

fuzz_target!(|input: Input<'_>| {
    let period = input.by_clock.then(|| Period::new(input.period.max(1)).unwrap());
    let stored = Stored(match input.plausible {
        true => input.stored.plausible(period),
        false => input.stored.0.clone(),
    });
    let Ok(state) = State::from_bytes(&stored.0) else { return };
    assert!(stored.is(state));
    let Some(verifier) = verifier(&input.verifier) else { return };
    let mac = FewCodes { codes: input.codes % 999_999 + 1, asked: Cell::new(0) };
    match period {
        Some(at) => {
            check(&Totp::from_key(&mac).with_period(at), &mac, period, verifier, state, &input)
        }
        None => check(&Hotp::from_key(&mac), &mac, period, verifier, state, &input),
    }
});

fn check<M: HmacKey<Error = Infallible>, V: Verifiable<Key = M>>(
    engine: &V,
    mac: &FewCodes,
    period: Option<Period>,
    verifier: Verifier,
    first: State,
    input: &Input<'_>,
) {
    let mut now = time(input.now);
    // The state in the store.
    let row = Cell::new(first);
    let mut used = Vec::new();
    let budget = verifier.throttle().budget();
    let mut spent = Spent::default();
    let milliseconds = verifier.attempt(engine, first, NO_CODE, u64::MAX);
    assert!(matches!(milliseconds, Err(AttemptError::TimeTooFar)));
    let bound = |span| verifier.guess_bound(engine, span, 1);
    assert!((0.0..=1.0).contains(&bound(0)) && bound(0) <= bound(now) && bound(now) <= 1.0);
    for operation in &input.operations {
        let before = row.get();
        let expected = match period {
            Some(period) => (now / period.seconds()).saturating_add_signed(before.drift().into()),
            None => before.next_factor().unwrap_or(u64::MAX),
        };
        let shown = |offset: i64| format!("{:06}", mac.at(expected.saturating_add_signed(offset)));
        let attempt = |text: &str| verifier.attempt(engine, before, text, now);
        // Compares and swaps. If it is not to be committed, another request was faster.
        let swaps = Cell::new(0);
        let swap = |committed: bool| {
            let (row, swaps) = (&row, &swaps);
            move |old: State, new: State| {
                swaps.set(swaps.get() + 1);
                assert!(old == before && new != before);
                assert_eq!(State::from_bytes(new.to_bytes().as_ref()), Ok(new));
                if committed {
                    row.set(new);
                }
                Ok::<_, Infallible>(if committed { Swap::Stored } else { Swap::Lost })
            }
        };
        let commit = |judged: Result<Attempt, AttemptError>, committed| {
            judged.map(|attempt| {
                let Ok(settled) = attempt.commit(swap(committed));
                settled
            })
        };

        // It lets nobody in, and leaves the failures and the drift as they were.
        let mut resynchronise = |texts: &[&str], committed: bool| {
            let Ok(attempt) = verifier.resynchronise(engine, before, texts, now) else { return };
            let Ok(Settled { verdict, record, .. }) = attempt.commit(swap(committed));
            let state = row.get();
            match verdict {
                ResyncVerdict::Resynchronised(_) => {
                    assert!(committed && record.verdict == "resynchronised");
                    assert!(
                        state.next_factor() > before.next_factor() || state.next_factor().is_none()
                    );
                    assert_eq!(state.lifecycle(), before.lifecycle());
                    assert_eq!(
                        (state.failures(), state.drift()),
                        (before.failures(), before.drift())
                    );
                    let last = state.next_factor().map_or(u64::MAX, |next| next - 1);
                    let codes = u64::from(verifier.resynchronisation().codes());
                    for factor in (0..codes).map(|back| last - back) {
                        assert!(!used.contains(&factor));
                        used.push(factor);
                    }
                }
                ResyncVerdict::Rejected(_) => {
                    assert!(committed && state.failures() == before.failures().saturating_add(1));
                    spent.one(budget, now);
                }
                _ => assert!(state == before),
            }
        };

        let mut most_swaps = 1;
        let (settled, committed) = match operation {
            Operation::Attempt { offset, committed } => {
                let text = shown((*offset).into());
                let asked = mac.asked.get();
                let judged = attempt(&text);
                let work = mac.asked.get() - asked;
                // The same work for none of the codes, and what the plan says.
                drop(attempt(NO_CODE));
                assert_eq!(mac.asked.get() - asked, 2 * work);
                if let Ok(plan) = verifier.plan(engine, before, &text, now) {
                    let factors = plan.moving_factors();
                    assert_eq!(factors.len(), work);
                    assert!(factors.clone().is_sorted_by(|a, b| a < b));
                    let halves =
                        plan.attempt(factors.map(|factor| Truncated::from_bits(mac.at(factor))));
                    let whole = judged.as_ref().map(|attempt| format!("{attempt:?}"));
                    assert_eq!(whole, halves.as_ref().map(|attempt| format!("{attempt:?}")));
                }
                (commit(judged, *committed), *committed)
            }
            Operation::Text { text, committed } => {
                most_swaps = TRIES;
                let load = || Ok::<_, Infallible>(row.get());
                let settled = verifier.log_in(engine, text, now, load, swap(*committed));
                let settled = settled.map_err(|error| match error {
                    LoginError::Attempt(error) => error,
                    other => panic!("{other:?}"),
                });
                (settled, *committed)
            }
            Operation::Resynchronise { offset, committed } => {
                let count = usize::from(verifier.resynchronisation().codes());
                let row: Vec<_> =
                    (0..).take(count).map(|n| shown(i64::from(*offset) + n)).collect();
                let row: Vec<_> = row.iter().map(String::as_str).collect();
                resynchronise(&row, *committed);
                continue;
            }
            Operation::Sequence(texts) => {
                resynchronise(texts, true);
                continue;
            }
            Operation::Time(at) => {
                let at = time(*at);
                // Seconds that come again refill nothing.
                if at < now {
                    spent = Spent::default();
                }
                now = at;
                continue;
            }
            Operation::Wait(seconds) => {
                now = now.saturating_add((*seconds).into());
                continue;
            }
            Operation::Reset => {
                let disabled = matches!(before.lifecycle(), Lifecycle::Disabled(_));
                let next = if disabled { before.enabled() } else { before.unlocked() };
                assert!(next.failures() == 0 && next.locked_until(now).is_none());
                assert!(!matches!(next.lifecycle(), Lifecycle::Disabled(_)));
                assert_eq!(next.next_factor(), before.next_factor());
                assert_eq!(next.drift(), before.drift());
                spent = Spent::default();
                row.set(next);
                continue;
            }
            Operation::Disable => {
                let next = before.disabled();
                assert_eq!(next.lifecycle(), Lifecycle::Disabled(DisabledBy::Host));
                assert!(next.requires_code());
                row.set(next);
                continue;
            }
        };
        let state = row.get();
        assert_eq!(now > State::MAX_TIME, matches!(settled, Err(AttemptError::TimeTooFar)));
        let Settled { verdict, record, .. } = match settled {
            Ok(settled) => settled,
            Err(error) => {
                assert!(swaps.get() == 0 && state == before);
                match error {
                    AttemptError::TimeTooFar => {}
                    AttemptError::PeriodTooLong => {
                        assert!(period.is_some_and(|period| period > verifier.max_period()));
                    }
                    AttemptError::OtherEngine => assert!(is_of_another(before, period)),
                    other => panic!("{other:?}"),
                }
                continue;
            }
        };
        assert_eq!(
            (record.failures, record.failures_before),
            (state.failures(), before.failures())
        );
        assert!(record.to_string().starts_with(&format!("kind=code verdict={} ", record.verdict)));
        match verdict {
            Verdict::Accepted(code) => {
                assert!(committed && state.lifecycle() == Lifecycle::Confirmed);
                assert!(state.requires_code() && state.failures() == 0);
                assert_eq!(code.failures(), before.failures());
                assert_eq!(code.confirms(), before.lifecycle() == Lifecycle::Unconfirmed);
                let factor = code.moving_factor().unwrap();
                assert_eq!(
                    (record.moving_factor, record.drift),
                    (Some(factor), Some(code.drift()))
                );
                assert_eq!(state.next_factor(), factor.checked_add(1));
                assert!(before.next_factor().is_some_and(|next| next <= factor));
                assert!(!used.contains(&factor));
                used.push(factor);
                // From now on it is the state of this engine, and of no other.
                assert!(!is_of_another(before, period) && !is_of_another(state, period));
                let longest = Period::new(u64::MAX).unwrap();
                let other = verifier.with_max_period(longest);
                let other = match period {
                    Some(_) => other.attempt(&Hotp::from_key(mac), state, NO_CODE, now),
                    None => other.attempt(&Totp::from_key(mac), state, NO_CODE, now),
                };
                assert!(matches!(other, Err(AttemptError::OtherEngine)));
            }
            Verdict::Rejected(rejection) => {
                let (until, failures_left) = (rejection.until(), rejection.failures_left());
                assert_eq!(state.failures(), before.failures().saturating_add(1));
                let most = verifier.throttle().max_failures();
                assert_eq!(failures_left, most.saturating_sub(state.failures()));
                let by_failures = Lifecycle::Disabled(DisabledBy::Failures);
                assert_eq!(failures_left == 0, state.lifecycle() == by_failures);
                assert_eq!(until, state.locked_until(now));
                assert_eq!(record.until, until);
                assert_eq!(rejection.tries_left() == 0, until.is_some() || failures_left == 0);
                assert_eq!(state.next_factor(), before.next_factor());
                assert_eq!(state.drift(), before.drift());
                spent.one(budget, now);
            }
            Verdict::Locked { until } => {
                assert!(until > now && before.locked_until(now) == Some(until));
                assert!(swaps.get() == 0 && state == before);
            }
            Verdict::Disabled => {
                assert!(matches!(before.lifecycle(), Lifecycle::Disabled(_)));
                assert!(swaps.get() == 0 && state == before);
            }
            Verdict::Conflict => {
                assert!(!committed && state == before);
                assert_eq!(swaps.get(), most_swaps);
            }
            _ => assert!(swaps.get() == 0 && state == before),
        }
    }
}
