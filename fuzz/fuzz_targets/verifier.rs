//! Any stored bytes, and any operations after them: what is stored stays readable, no factor is
//! accepted twice, and the work does not depend on the code.
#![no_main]

use std::cell::Cell;
use std::convert::Infallible;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use otp_core::{
    Attempt, DriftLearning, Growth, Hotp, LookAhead, Mac, Period, Policy, Resynchronisation,
    Throttle, Totp, Truncated, Verdict, Verifiable, VerifierState, Window,
};

/// A code that [`FewCodes`] never shows.
const NO_CODE: &str = "999999";

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

impl Mac for FewCodes {
    type Error = Infallible;

    fn truncated(&self, factor: u64) -> Result<Truncated, Infallible> {
        self.asked.set(self.asked.get() + 1);
        Ok(Truncated::from_bits(self.at(factor)))
    }
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    stored: [u8; VerifierState::LEN],
    /// Whether version and flags are made to be some that can be.
    plausible: bool,
    by_clock: bool,
    codes: u32,
    period: u64,
    policy: PolicyInput,
    now: u64,
    operations: Vec<Operation<'a>>,
}

#[derive(Arbitrary, Debug)]
struct PolicyInput {
    past: u8,
    future: u8,
    look_ahead: u8,
    throttle: (u32, u64, u64, bool, u32),
    learning: Option<(u16, u8, u64, u8)>,
    resynchronisation: (u16, u8),
    longest_period: u64,
}

#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    Attempt { offset: i8, committed: bool },
    Text { text: &'a str, committed: bool },
    Resynchronise { offset: i16, committed: bool },
    Sequence(Vec<&'a str>),
    Time(u64),
    Wait(u16),
    Merge,
    Reset,
    Disable,
}

/// What every setter says yes to.
fn policy(input: &PolicyInput) -> Option<Policy> {
    let (free, first, longest, doubling, most) = input.throttle;
    let growth = if doubling { Growth::Doubling } else { Growth::Linear };
    let throttle = Throttle::DEFAULT
        .with_free_tries(free)
        .and_then(|throttle| throttle.with_waits(first, longest, growth))
        .and_then(|throttle| throttle.with_max_failures(most))
        .unwrap_or(Throttle::DEFAULT);
    let (reach, codes) = input.resynchronisation;
    let mut policy = Policy::DEFAULT
        .with_window(Window::new(input.past % 16, input.future % 16).ok()?)
        .with_look_ahead(LookAhead::new(input.look_ahead % 16).ok()?)
        .with_throttle(throttle)
        .with_resynchronisation(Resynchronisation::new(reach % 64, codes).unwrap_or_default());
    if let Some((max, change, every, most)) = input.learning {
        let learning = DriftLearning::new(max, change).ok()?;
        policy =
            policy.with_drift_learning(learning.with_widening(every, most).unwrap_or(learning));
    }
    Some(match Period::new(input.longest_period) {
        Ok(period) => policy.with_longest_period(period),
        Err(_) => policy,
    })
}

fuzz_target!(|input: Input<'_>| {
    let mut stored = input.stored;
    if input.plausible {
        stored[0] = 1;
        stored[1] &= 7;
    }
    let Ok(state) = VerifierState::from_bytes(&stored) else { return };
    assert_eq!(state.to_bytes(), stored);
    let Some(policy) = policy(&input.policy) else { return };
    let mac = FewCodes { codes: input.codes % 999_999 + 1, asked: Cell::new(0) };
    if input.by_clock {
        let period = Period::new(input.period.max(1)).unwrap();
        check(&Totp::from_mac(&mac).with_period(period), &mac, Some(period), policy, state, &input);
    } else {
        check(&Hotp::from_mac(&mac), &mac, None, policy, state, &input);
    }
});

fn check<V: Verifiable<Error = Infallible>>(
    engine: &V,
    mac: &FewCodes,
    period: Option<Period>,
    policy: Policy,
    mut state: VerifierState,
    input: &Input<'_>,
) {
    let mut now = input.now;
    let first = state;
    let mut used = Vec::new();
    for operation in &input.operations {
        let expected = match period {
            Some(period) => (now / period.seconds()).saturating_add_signed(state.drift().into()),
            None => state.next_factor().unwrap_or(u64::MAX),
        };
        let shown = |offset: i64| format!("{:06}", mac.at(expected.saturating_add_signed(offset)));
        let asked = |what: &dyn Fn() -> Option<Attempt>| {
            let before = mac.asked.get();
            let attempt = what();
            (attempt, mac.asked.get() - before)
        };
        let attempt = |text: &str| policy.attempt(engine, state, text, now).ok();
        let sequence = |texts: &[&str]| policy.resynchronise(engine, state, texts, now).ok();

        let (judged, committed) = match operation {
            Operation::Attempt { offset, committed } => {
                let (judged, work) = asked(&|| attempt(&shown((*offset).into())));
                // None of the codes.
                assert_eq!(asked(&|| attempt(NO_CODE)).1, work);
                (judged, *committed)
            }
            Operation::Text { text, committed } => (attempt(text), *committed),
            Operation::Resynchronise { offset, committed } => {
                let count = usize::from(policy.resynchronisation().codes());
                let row: Vec<_> =
                    (0..).take(count).map(|n| shown(i64::from(*offset) + n)).collect();
                let row: Vec<_> = row.iter().map(String::as_str).collect();
                (sequence(&row), *committed)
            }
            Operation::Sequence(texts) => (sequence(texts), true),
            Operation::Time(at) => {
                now = *at;
                continue;
            }
            Operation::Wait(seconds) => {
                now = now.saturating_add((*seconds).into());
                continue;
            }
            Operation::Merge => {
                assert_eq!(state.merge(first), first.merge(state));
                assert_eq!(state.merge(state), state);
                state = state.merge(first);
                continue;
            }
            Operation::Reset => {
                state = state.reset();
                continue;
            }
            Operation::Disable => {
                state = state.disable();
                continue;
            }
        };
        // Nothing but a period that is too long.
        let Some(attempt) = judged else { continue };
        let (before, next) = (state, attempt.next_state());
        assert_eq!(VerifierState::from_bytes(&next.to_bytes()), Ok(next));
        assert_eq!(attempt.changes_state(), next != before);
        if committed {
            state = next;
        }
        match attempt.settle(committed) {
            Verdict::Accepted(code) => {
                assert!(committed && state.is_active() && state.failures() == 0);
                assert_eq!(state.next_factor(), code.moving_factor().checked_add(1));
                assert!(before.next_factor().is_some_and(|next| next <= code.moving_factor()));
                assert!(!used.contains(&code.moving_factor()));
                used.push(code.moving_factor());
            }
            Verdict::Rejected { failures_left, .. } => {
                assert_eq!(state.failures(), before.failures().saturating_add(1));
                let most = policy.throttle().max_failures();
                assert_eq!(failures_left, most.saturating_sub(state.failures()));
                assert_eq!(state.next_factor(), before.next_factor());
                assert_eq!(state.drift(), before.drift());
            }
            Verdict::Conflict => assert!(!committed),
            _ => assert_eq!(state, before),
        }
    }
}
