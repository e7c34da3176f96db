//! Any guesses at recovery codes, stored or lost: a code is redeemed once.
#![no_main]

use std::convert::Infallible;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use otp_core::recovery::{self, Code, Keyed, Length, Pepper, Verdict};
use otp_core::verifier::{Budget, DisabledBy, Lifecycle, State, Swap, Throttle, Verifier};

const USER: &[u8] = b"user 17";
const SLOTS: usize = 3;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// The source of randomness: bytes that repeat.
    random: [u8; 8],
    symbols: u8,
    max_failures: u32,
    operations: Vec<Operation<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    /// A code that was shown, live or used.
    Shown {
        code: u8,
        grouped: bool,
        committed: bool,
    },
    /// The same, and another code takes its place.
    Replaced {
        code: u8,
        committed: bool,
    },
    Text {
        text: &'a str,
        committed: bool,
    },
    Wait(u16),
    Regenerate,
    Reissue {
        slot: u8,
    },
}

struct Random(u64);

impl Random {
    fn fill(&mut self) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> {
        |bytes| {
            bytes.fill_with(|| {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (self.0 >> 56) as u8
            });
            Ok(())
        }
    }
}

/// The codes that a person was shown.
#[derive(Default)]
struct Shown {
    codes: Vec<String>,
    /// The place in `codes` of the one that is live, by slot.
    live: [Option<usize>; SLOTS],
}

impl Shown {
    fn add(&mut self, slot: u8, code: &Code) {
        self.live[usize::from(slot)] = Some(self.codes.len());
        self.codes.push(code.expose().to_owned());
    }

    fn any(&self, number: u8) -> String {
        self.codes[usize::from(number) % self.codes.len()].clone()
    }

    /// The slot whose live code is what was typed.
    fn slot_of(&self, text: &str) -> Option<usize> {
        let canonical: String = text
            .chars()
            .filter(|character| !matches!(character, ' ' | '-'))
            .map(|character| match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                upper => upper,
            })
            .collect();
        let live =
            |place: &Option<usize>| place.is_some_and(|place| self.codes[place] == canonical);
        self.live.iter().position(live).filter(|_| text.len() <= Code::MAX_TEXT_LEN)
    }
}

type Set = recovery::Set<SLOTS>;

fuzz_target!(|input: Input<'_>| {
    let pepper = Pepper::new(1, &[0x5a; 32]).unwrap();
    let Ok(length) = Length::new(input.symbols) else { return };
    let Ok(throttle) = Throttle::DEFAULT.with_max_failures(input.max_failures) else { return };
    // A small one, or none.
    let throttle = match Budget::new(input.max_failures >> 8 & 7, 3600) {
        Ok(budget) => throttle.with_budget(budget),
        Err(_) => throttle.without_budget(),
    };
    let verifier = Verifier::DEFAULT.with_throttle(throttle);
    let mut random = Random(u64::from_le_bytes(input.random));

    let mut shown = Shown::default();
    let made = Set::generate(random.fill(), Keyed, length, &pepper, USER, |slot, code| {
        shown.add(slot, code);
    });
    if length.symbols() < 23 {
        assert!(made.is_err() && shown.codes.is_empty(), "the hash is fast");
        return;
    }
    let mut set = made.unwrap();
    let mut state = State::for_recovery();
    let mut now = 0_u64;
    // Times of wrong codes. None is forgotten: there is no administrator.
    let mut wrong = Vec::new();

    for operation in input.operations.iter().take(32) {
        let (text, committed, replace) = match *operation {
            Operation::Shown { code, grouped, committed } => {
                let code = shown.any(code);
                let text = if grouped { code.to_lowercase().replace('0', "o-") } else { code };
                (text, committed, false)
            }
            Operation::Replaced { code, committed } => (shown.any(code), committed, true),
            Operation::Text { text, committed } => (text.to_owned(), committed, false),
            Operation::Wait(seconds) => {
                now = now.saturating_add(u64::from(seconds));
                continue;
            }
            Operation::Regenerate => {
                let show = |slot, code: &Code| shown.add(slot, code);
                set = set.regenerate(random.fill(), Keyed, length, &pepper, USER, show).unwrap();
                continue;
            }
            Operation::Reissue { slot } => {
                let reissued = set.reissue(slot, random.fill(), &pepper, USER);
                assert_eq!(reissued.is_ok(), usize::from(slot) < SLOTS);
                if let Ok((next, code)) = reissued {
                    shown.add(slot, &code);
                    set = next;
                }
                continue;
            }
        };

        let slot = shown.slot_of(&text);
        let mut redemption =
            verifier.redeem(&set, &pepper, USER, state, &text, now).expect("the set's own pepper");
        if replace {
            redemption = redemption.with_replacement(random.fill()).unwrap();
        }
        let mut stored = None;
        let Ok(settled) = redemption.commit(|next_set, old, new| {
            assert!(old == state && new != state);
            assert_eq!(State::from_bytes(new.to_bytes().as_ref()), Ok(new));
            stored = Some((next_set.clone(), new));
            Ok::<_, Infallible>(if committed { Swap::Stored } else { Swap::Lost })
        });
        let changes = stored.is_some();
        let (next_set, next_state) = stored.unwrap_or_else(|| (set.clone(), state));
        let record = settled.record;
        match settled.verdict {
            Verdict::Redeemed(redeemed) => {
                assert_eq!(record.slot, Some(redeemed.slot()));
                assert_eq!(redeemed.failures(), state.failures());
                assert!(committed && changes);
                assert_eq!(Some(usize::from(redeemed.slot())), slot, "a code that is not live");
                assert_eq!(redeemed.replacement().is_some(), replace);
                shown.live[usize::from(redeemed.slot())] = None;
                if let Some(code) = redeemed.replacement() {
                    shown.add(redeemed.slot(), code);
                }
                let remaining = shown.live.iter().flatten().count();
                assert_eq!(usize::from(redeemed.remaining()), remaining);
                assert_eq!(next_state.failures(), 0);
            }
            Verdict::Rejected(rejection) => {
                let (until, failures_left) = (rejection.until(), rejection.failures_left());
                assert!(record.until == until && record.slot.is_none());
                assert!(committed && changes && slot.is_none(), "a live code was rejected");
                assert_eq!(next_set, set);
                assert!(next_state.failures() == state.failures() + 1);
                assert_eq!(failures_left, throttle.max_failures() - next_state.failures());
                assert_eq!(until, next_state.locked_until(now));
                assert_eq!(rejection.tries_left() == 0, until.is_some() || failures_left == 0);
                wrong.push(now);
                let most = throttle.budget().map(|budget| budget.guesses_in(now - wrong[0]));
                assert!(most.is_none_or(|most| wrong.len() as u64 <= most), "over the budget");
            }
            Verdict::Locked { until } => {
                assert!(until > now && !changes && state.locked_until(now) == Some(until));
            }
            Verdict::Disabled => {
                assert!(!changes);
                assert_eq!(state.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
            }
            Verdict::Malformed(_) => assert!(slot.is_none() && !changes),
            Verdict::Conflict => assert!(!committed && changes),
            other => panic!("{other:?}"),
        }
        if committed && changes {
            (set, state) = (next_set, next_state);
        }
    }
});
