//! Compares the verifier with a model that stores every passcode it accepted correctly.

use std::convert::Infallible;

use otp_core::verifier::{
    Backoff, DriftLearning, Lifecycle, ResyncVerdict, Resynchronisation, State, Swap, Throttle,
    Verdict, Verifiable, Verifier,
};
use otp_core::{HmacKey, Hotp, LookAhead, Totp, Truncated, Window};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::verifier::next_state;

/// There are few codes, so that one occurs at many moving factors.
#[derive(Clone, Copy, Debug)]
struct FewCodes {
    seed: u64,
    codes: u64,
}

impl FewCodes {
    fn at(self, factor: u64) -> u64 {
        let mixed = (factor ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 40) % self.codes
    }
}

impl HmacKey for FewCodes {
    type Error = Infallible;

    fn truncated(&self, factor: u64) -> Result<Truncated, Self::Error> {
        Ok(Truncated::from_bits(self.at(factor) as u32))
    }
}

/// Stores the accepted passcodes and their factors. A passcode may be accepted again after a number
/// of consecutive factors without it. That number is the width of the widest window.
struct Model {
    codes: FewCodes,
    reach: u64,
    accepted: Vec<u64>,
}

impl Model {
    fn shows(&self, factor: u64) -> u64 {
        self.codes.at(factor)
    }

    fn may_accept(&self, factor: u64) -> bool {
        let same = |other: &u64| self.shows(*other) == self.shows(factor);
        let Some(before) = self.accepted.iter().filter(|other| same(other)).max() else {
            return true;
        };
        let mut last = *before;
        for other in *before..factor {
            last = if same(&other) { other } else { last };
            if other - last >= self.reach {
                return true;
            }
        }
        factor - last > self.reach
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// The code of the factor at this offset from the expected one.
    Code {
        offset: i64,
        committed: bool,
    },
    /// Any code.
    Guess {
        code: u64,
        committed: bool,
    },
    /// Two consecutive codes.
    Sequence {
        offset: i64,
        committed: bool,
    },
    Time {
        seconds: i64,
    },
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    let committed = || prop::bool::weighted(0.8);
    prop_oneof![
        8 => (-8..=8_i64, committed()).prop_map(|(offset, committed)| Step::Code { offset, committed }),
        2 => (0..1_000_000_u64, committed()).prop_map(|(code, committed)| Step::Guess { code, committed }),
        1 => (-15..=15_i64, committed()).prop_map(|(offset, committed)| Step::Sequence { offset, committed }),
        6 => (0..200_i64).prop_map(|seconds| Step::Time { seconds }),
        1 => (-400..5000_i64).prop_map(|seconds| Step::Time { seconds }),
        2 => Just(Step::Reset),
    ]
}

prop_compose! {
    fn verifier()(
        past in 0..5_u8,
        future in 0..5_u8,
        look_ahead in 0..6_u8,
        learns in prop::option::of((1..20_u16, 1..5_u8, prop::option::of((1..50_u64, 1..5_u8)))),
        (free, most) in (1..4_u32, 3..20_u32),
    ) -> (Verifier, u64) {
        let throttle = Throttle::DEFAULT
            .with_free_tries(free).unwrap()
            .with_waits(30, 120, Backoff::Exponential).unwrap()
            .with_max_failures(most).unwrap();
        let mut verifier = Verifier::DEFAULT
            .with_window(Window::new(past, future).unwrap())
            .with_look_ahead(LookAhead::new(look_ahead).unwrap())
            .with_throttle(throttle)
            .with_resynchronisation(Resynchronisation::DEFAULT.with_counters(10).unwrap());
        let mut widest = u64::from(verifier.window().candidates());
        if let Some((max, change, widening)) = learns {
            let mut learning = DriftLearning::new(max, change).unwrap();
            if let Some((every, most)) = widening {
                learning = learning.with_widening(every, most).unwrap();
                widest += 2 * u64::from(most);
            }
            verifier = verifier.with_drift_learning(learning);
        }
        (verifier, widest)
    }
}

fn digits(code: u64) -> String {
    format!("{code:06}")
}

fn run<M: HmacKey, V: Verifiable<Key = M>>(
    engine: &V,
    by_clock: bool,
    codes: FewCodes,
    (verifier, widest): (Verifier, u64),
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let reach = if by_clock { widest } else { verifier.look_ahead().candidates().into() };
    let mut model = Model { codes, reach, accepted: Vec::new() };
    let mut state = State::enrolment();
    let mut now = 30_000_u64;

    for step in steps {
        let expected = if by_clock {
            (now / 30).saturating_add_signed(state.drift().into())
        } else {
            state.next_factor().unwrap()
        };
        let (attempt, committed) = match step {
            Step::Code { offset, committed } => {
                let factor = expected.saturating_add_signed(*offset);
                let code = model.shows(factor);
                let attempt = verifier.attempt(engine, state, &digits(code), now);
                let Ok(attempt) = attempt else { panic!("it can be judged") };

                // A right code is accepted, unless one of the last used factors has the same code.
                let last = state.next_factor().unwrap().checked_sub(1);
                let below = |last: u64| last.saturating_sub(model.reach - 1)..=last;
                let remembered =
                    last.is_some_and(|last| below(last).any(|used| model.shows(used) == code));
                let (back, ahead) = if by_clock {
                    (-i64::from(verifier.window().past()), i64::from(verifier.window().future()))
                } else {
                    (0, i64::from(verifier.look_ahead().get()))
                };
                let within = (back..=ahead).contains(offset) && Some(factor) > last;
                let open = state.locked_until(now).is_none()
                    && state.failures() < verifier.throttle().max_failures();
                if within && open && !remembered {
                    let attempt = verifier.attempt(engine, state, &digits(code), now);
                    let Ok(attempt) = attempt else { panic!("it can be judged") };
                    prop_assert!(next_state(attempt, state).next_factor() > state.next_factor());
                }
                (attempt, *committed)
            }
            Step::Guess { code, committed } => {
                let Ok(attempt) = verifier.attempt(engine, state, &digits(*code), now) else {
                    panic!("it can be judged")
                };
                (attempt, *committed)
            }
            Step::Sequence { offset, committed } => {
                let first = expected.saturating_add_signed(*offset);
                let row = [digits(model.shows(first)), digits(model.shows(first + 1))];
                let Ok(attempt) = verifier.resynchronise(engine, state, &[&row[0], &row[1]], now)
                else {
                    panic!("it can be judged")
                };
                let before = state;
                let settled = attempt.commit(|old, new| {
                    assert_eq!(old, before);
                    state = if *committed { new } else { old };
                    Ok::<_, Infallible>(if *committed { Swap::Stored } else { Swap::Lost })
                });
                match settled.unwrap().verdict {
                    ResyncVerdict::Resynchronised(_) => {
                        prop_assert!(committed);
                        let last = state.next_factor().unwrap() - 1;
                        for factor in [last - 1, last] {
                            prop_assert!(Some(factor) >= before.next_factor());
                            prop_assert!(model.may_accept(factor), "{} again", factor);
                        }
                        model.accepted.extend([last - 1, last]);
                        // It is not a login.
                        let unchanged =
                            |state: State| (state.failures(), state.drift(), state.lifecycle());
                        prop_assert_eq!(unchanged(state), unchanged(before));
                    }
                    ResyncVerdict::Rejected(_) => {
                        prop_assert_eq!(state.failures(), before.failures() + 1);
                    }
                    _ => prop_assert_eq!(state, before),
                }
                prop_assert_eq!(State::from_bytes(state.to_bytes().as_ref()), Ok(state));
                continue;
            }
            Step::Time { seconds } => {
                now = now.saturating_add_signed(*seconds);
                continue;
            }
            Step::Reset => {
                state = state.enabled();
                continue;
            }
        };
        let before = state;
        let mut next = before;
        let settled = attempt.commit(|old, new| {
            assert_eq!(old, before);
            next = new;
            Ok::<_, Infallible>(if committed { Swap::Stored } else { Swap::Lost })
        });
        let verdict = settled.unwrap().verdict;
        prop_assert_eq!(State::from_bytes(next.to_bytes().as_ref()), Ok(next));
        prop_assert!(next.next_factor() >= before.next_factor());
        if committed {
            state = next;
        }
        match verdict {
            Verdict::Accepted(code) => {
                prop_assert!(committed);
                let factor = code.moving_factor().unwrap();
                prop_assert!(Some(factor) >= before.next_factor());
                prop_assert!(model.may_accept(factor), "{} again", factor);
                model.accepted.push(factor);
                prop_assert_eq!((state.failures(), state.next_factor()), (0, Some(factor + 1)));
                prop_assert_eq!(state.lifecycle(), Lifecycle::Confirmed);
                prop_assert_eq!(code.failures(), before.failures());
                // It is never beyond the reach of the window, its widening or the
                // resynchronisation.
                if by_clock {
                    prop_assert!(factor < expected + 131 + reach);
                }
                prop_assert_eq!(code.confirms(), !before.requires_code());
            }
            Verdict::Rejected(rejection) => {
                prop_assert_eq!(state.failures(), before.failures() + 1);
                prop_assert_eq!(
                    rejection.failures_left(),
                    verifier.throttle().max_failures().saturating_sub(state.failures())
                );
                prop_assert_eq!(
                    (state.next_factor(), state.drift()),
                    (before.next_factor(), before.drift())
                );
            }
            Verdict::Conflict => prop_assert!(!committed),
            _ => prop_assert_eq!(state, before),
        }
        // The learned drift, and the drift that a resynchronisation may find.
        prop_assert!(state.drift().unsigned_abs() <= 400);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn a_passcode_is_accepted_once(
        seed: u64,
        codes in prop_oneof![2..40_u64, Just(1_000_000)],
        by_clock: bool,
        verifier in verifier(),
        steps in vec(step(), 1..80),
    ) {
        let codes = FewCodes { seed, codes };
        if by_clock {
            run(&Totp::from_key(codes), true, codes, verifier, &steps)?;
        } else {
            run(&Hotp::from_key(codes), false, codes, verifier, &steps)?;
        }
    }
}
