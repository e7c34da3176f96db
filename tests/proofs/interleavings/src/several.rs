//! Two authenticators of one user, tried by one call.

use std::convert::Infallible;

use otp_core::Totp;
use otp_core::verifier::{Authenticator, State, Swap, Verdict};
use stateright::{Model, Property};

use crate::clock::{CODES, Few, MAX_FAILURES, text, time, verifier};
use crate::walk::{Walk, holds};

/// A mistake of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// It stores the rows that match, and does not roll the others back.
    NoTransaction,
    /// It tries the code on one authenticator after the other.
    OneByOne,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    store: [State; 2],
    workers: Vec<Option<(u8, u64, [State; 2])>>,
    ticks: u8,
    submissions: u8,
    /// Authenticator and moving factor of each login, in their order.
    accepted: Vec<(usize, u64)>,
    /// Wrong codes that were answered since the last login.
    answered: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    Load { worker: usize, code: u8 },
    Commit { worker: usize },
    Crash { worker: usize },
    Tick,
}

struct Several {
    mistake: Option<Mistake>,
    workers: usize,
    ticks: u8,
    submissions: u8,
}

fn engines() -> [Totp<Few>; 2] {
    [Totp::from_key(Few(0)), Totp::from_key(Few(1))]
}

impl Several {
    fn commit(&self, world: &mut World, seen: [State; 2], code: u8, now: u64) {
        if self.mistake == Some(Mistake::OneByOne) {
            return one_by_one(world, seen, code, now);
        }
        let [first, second] = engines();
        let mut rows =
            [Authenticator::new(0, first, seen[0]), Authenticator::new(1, second, seen[1])];
        let code = text(code);
        let attempt = verifier().attempt_any(&mut rows, &code, now).expect("the verifier answers");
        let mut stored = world.store;
        let Ok(settled) = attempt.commit(|changes| {
            let mut lost = false;
            for change in changes {
                let row = &mut stored[*change.id()];
                if *row == change.old_state() {
                    *row = change.new_state();
                } else {
                    lost = true;
                }
            }
            if lost && self.mistake.is_none() {
                stored = world.store;
                return Ok::<_, Infallible>(Swap::Lost);
            }
            Ok(Swap::Stored)
        });
        world.store = stored;
        match settled.verdict {
            Verdict::Accepted(accepted) => {
                let factor = accepted.moving_factor().expect("an engine's code has one");
                let id = settled.accepted_by.expect("one of them has accepted it");
                world.accepted.push((*id, factor));
                world.answered = 0;
            }
            Verdict::Rejected(_) => world.answered += 1,
            _ => {}
        }
    }
}

fn one_by_one(world: &mut World, seen: [State; 2], code: u8, now: u64) {
    let mut wrong = true;
    for (nth, engine) in engines().iter().enumerate() {
        let stored = world.store[nth];
        let attempt = verifier().attempt(engine, seen[nth], &text(code), now);
        let mut next = stored;
        let Ok(settled) = attempt.expect("the verifier answers").commit(|old, new| {
            let matches = stored == old;
            if matches {
                next = new;
            }
            Ok::<_, Infallible>(if matches { Swap::Stored } else { Swap::Lost })
        });
        world.store[nth] = next;
        if let Verdict::Accepted(accepted) = settled.verdict {
            let factor = accepted.moving_factor().expect("an engine's code has one");
            world.accepted.push((nth, factor));
            (world.answered, wrong) = (0, false);
            break;
        }
        wrong &= matches!(settled.verdict, Verdict::Rejected(_));
    }
    world.answered += u32::from(wrong);
}

impl Model for Several {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            store: [State::confirmed(); 2],
            workers: vec![None; self.workers],
            ticks: 0,
            submissions: self.submissions,
            accepted: Vec::new(),
            answered: 0,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (worker, loaded) in world.workers.iter().enumerate() {
            if loaded.is_some() {
                actions.extend([Action::Commit { worker }, Action::Crash { worker }]);
            } else if world.submissions > 0 {
                actions.extend((0..CODES).map(|code| Action::Load { worker, code }));
            }
        }
        if world.ticks < self.ticks {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Load { worker, code } => {
                next.submissions -= 1;
                next.workers[worker] = Some((code, time(world.ticks), world.store));
            }
            Action::Crash { worker } => next.workers[worker] = None,
            Action::Tick => next.ticks += 1,
            Action::Commit { worker } => {
                let (code, now, seen) = next.workers[worker].take()?;
                self.commit(&mut next, seen, code, now);
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("moving factors of each authenticator rise", |_, world: &World| {
                (0..2).all(|nth| {
                    let mine = world.accepted.iter().filter(|(other, _)| *other == nth);
                    mine.map(|(_, factor)| factor).is_sorted_by(|before, after| before < after)
                })
            }),
            Property::always(
                "each answered guess is counted by each that is not locked",
                |_, world: &World| {
                    let counted =
                        world.store.iter().map(|state| state.failures()).max().unwrap_or(0);
                    counted >= world.answered.min(MAX_FAILURES)
                },
            ),
            Property::always("a code of one is not a failure of another", |_, world: &World| {
                world.store.iter().all(|state| state.failures() <= world.answered)
            }),
            Property::sometimes("both are used", |_, world: &World| {
                (0..2).all(|nth| world.accepted.iter().any(|(other, _)| *other == nth))
            }),
            Property::sometimes("failures disable both", |_, world: &World| {
                world.store.iter().all(|state| state.failures() == MAX_FAILURES)
            }),
        ]
    }
}

pub(crate) fn walk(host: &str) -> bool {
    let walk = Walk::of(host, |name| {
        Some(match name {
            "no-transaction" => Mistake::NoTransaction,
            "one-by-one" => Mistake::OneByOne,
            _ => return None,
        })
    });
    let several = |mistake, workers, ticks, submissions| {
        holds(Several { mistake, workers, ticks, submissions })
    };
    match walk {
        Walk::Quick => several(None, 2, 2, 4),
        Walk::Long => several(None, 3, 3, 5),
        Walk::Mistake(mistake) => several(Some(mistake), 2, 3, 5),
    }
}
