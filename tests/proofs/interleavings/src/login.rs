//! Logins with one authenticator: several workers, a clock, and crashes between load and commit.

use std::convert::Infallible;

use otp_core::verifier::{
    DriftLearning, ResyncVerdict, Resynchronisation, State, Swap, Verdict, Verifier,
};
use otp_core::{Hotp, Totp};
use stateright::{Model, Property};

use crate::clock::{CODES, Few, MAX_FAILURES, guesses_by, text, time, verifier};
use crate::walk::{Walk, holds};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Totp,
    Hotp,
    /// TOTP with drift that is learned, and resynchronisations by two codes.
    Resynchronising,
}

/// A mistake of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// It writes without comparing.
    BlindWrite,
    /// It answers before it stores, and may crash in between.
    AnswersFirst,
    /// It takes a new state if somebody else was faster.
    StartsAnew,
    /// It clears the failures before each login.
    Unlocks,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Worker {
    Idle,
    Loaded { seen: State, codes: Codes, now: u64 },
}

/// One code for a login, two for a resynchronisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Codes {
    Login(u8),
    Resynchronise(u8, u8),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    store: State,
    workers: Vec<Worker>,
    ticks: u8,
    submissions: u8,
    /// The code and the moving factor of each login, in their order.
    accepted: Vec<(u8, u64)>,
    /// Wrong codes that were answered since the last login, and in all.
    answered: u32,
    answered_in_all: u32,
    /// A login took a factor that was used up before.
    reopened: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    Load { worker: usize, codes: Codes },
    Commit { worker: usize },
    Crash { worker: usize },
    Tick,
}

struct Login {
    kind: Kind,
    mistake: Option<Mistake>,
    workers: usize,
    ticks: u8,
    submissions: u8,
}

/// The verdict of one request, and the state that it wants to store.
struct Outcome {
    verdict: Told,
    swap: Option<(State, State)>,
}

enum Told {
    Accepted(u64),
    Wrong,
    Else,
}

impl Login {
    fn verifier(&self) -> Verifier {
        if self.kind != Kind::Resynchronising {
            return verifier();
        }
        let learning = DriftLearning::new(3, 1).expect("in range");
        verifier().with_drift_learning(learning).with_resynchronisation(Resynchronisation::DEFAULT)
    }

    /// Asks the verifier about a request. `stored` is whether the swap takes place.
    fn judge(&self, seen: State, codes: Codes, now: u64, stored: bool) -> Outcome {
        let (verifier, totp) = (self.verifier(), Totp::from_key(Few(0)));
        let mut wanted = None;
        let mut swap = |old, new| {
            wanted = Some((old, new));
            Ok::<_, Infallible>(if stored { Swap::Stored } else { Swap::Lost })
        };
        let verdict = match codes {
            Codes::Login(code) => {
                let code = text(code);
                let attempt = match self.kind {
                    Kind::Hotp => verifier.attempt(&Hotp::from_key(Few(0)), seen, &code, now),
                    _ => verifier.attempt(&totp, seen, &code, now),
                };
                let Ok(settled) = attempt.expect("the verifier answers").commit(swap);
                match settled.verdict {
                    Verdict::Accepted(accepted) => {
                        Told::Accepted(accepted.moving_factor().expect("an engine's code has one"))
                    }
                    Verdict::Rejected(_) => Told::Wrong,
                    _ => Told::Else,
                }
            }
            Codes::Resynchronise(first, second) => {
                let codes = [text(first), text(second)];
                let codes = codes.each_ref().map(String::as_str);
                let attempt = verifier.resynchronise(&totp, seen, &codes, now);
                let Ok(settled) = attempt.expect("the verifier answers").commit(&mut swap);
                match settled.verdict {
                    ResyncVerdict::Rejected(_) => Told::Wrong,
                    _ => Told::Else,
                }
            }
        };
        Outcome { verdict, swap: wanted }
    }

    /// A commit as hosts do it, or as one with a mistake does.
    fn commit(&self, world: &mut World, seen: State, codes: Codes, now: u64) {
        let before = world.store;
        let matches = before == seen || self.mistake == Some(Mistake::BlindWrite);
        let seen = match self.mistake {
            Some(Mistake::StartsAnew) if !matches => State::confirmed(),
            Some(Mistake::Unlocks) => seen.unlocked(),
            _ => seen,
        };
        let stored = matches || self.mistake == Some(Mistake::StartsAnew);
        let outcome = self.judge(seen, codes, now, stored);
        if let Some((_, new)) = outcome.swap.filter(|_| stored) {
            world.store = new;
        }
        match (outcome.verdict, codes) {
            (Told::Accepted(factor), Codes::Login(code)) => {
                world.reopened |= before.next_factor().is_none_or(|next| factor < next);
                world.accepted.push((code, factor));
                world.answered = 0;
            }
            (Told::Wrong, _) => {
                world.answered += 1;
                world.answered_in_all += 1;
            }
            _ => {}
        }
    }
}

impl Model for Login {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            store: State::confirmed(),
            workers: vec![Worker::Idle; self.workers],
            ticks: 0,
            submissions: self.submissions,
            accepted: Vec::new(),
            answered: 0,
            answered_in_all: 0,
            reopened: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (number, worker) in world.workers.iter().enumerate() {
            match worker {
                Worker::Loaded { .. } => {
                    actions.push(Action::Commit { worker: number });
                    actions.push(Action::Crash { worker: number });
                }
                Worker::Idle if world.submissions > 0 => {
                    let mut load = |codes| actions.push(Action::Load { worker: number, codes });
                    (0..CODES).for_each(|code| load(Codes::Login(code)));
                    if self.kind == Kind::Resynchronising {
                        (0..CODES).for_each(|code| {
                            load(Codes::Resynchronise(code, (code + 3) % CODES));
                        });
                    }
                }
                Worker::Idle => {}
            }
        }
        if world.ticks < self.ticks {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Load { worker, codes } => {
                next.submissions -= 1;
                let (seen, now) = (world.store, time(world.ticks));
                if self.mistake == Some(Mistake::AnswersFirst) {
                    // The answer is out; the commit may come, or not.
                    let mut answered = next.clone();
                    self.commit(&mut answered, seen, codes, now);
                    answered.store = world.store;
                    next = answered;
                }
                next.workers[worker] = Worker::Loaded { seen, codes, now };
            }
            Action::Crash { worker } => next.workers[worker] = Worker::Idle,
            Action::Tick => next.ticks += 1,
            Action::Commit { worker } => {
                let Worker::Loaded { seen, codes, now } = world.workers[worker] else {
                    return None;
                };
                next.workers[worker] = Worker::Idle;
                if self.mistake == Some(Mistake::AnswersFirst) {
                    let mut stored = next.clone();
                    self.commit(&mut stored, seen, codes, now);
                    next.store = stored.store;
                } else {
                    self.commit(&mut next, seen, codes, now);
                }
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut laws = vec![
            Property::always(
                "a moving factor that is used up opens nothing",
                |_, world: &World| !world.reopened,
            ),
            Property::always("moving factors of logins rise", |_, world: &World| {
                world.accepted.windows(2).all(|pair| pair[0].1 < pair[1].1)
            }),
            Property::always(
                "one passcode opens nothing twice within a window",
                |_, world: &World| {
                    world.accepted.iter().enumerate().all(|(nth, (code, factor))| {
                        let before = &world.accepted[..nth];
                        before
                            .iter()
                            .all(|(other, used)| code != other || factor.abs_diff(*used) > 2)
                    })
                },
            ),
            Property::always("each answered guess is counted", |_, world: &World| {
                world.store.failures() >= world.answered.min(MAX_FAILURES)
            }),
            Property::always(
                "no more guesses are answered than may be in a row",
                |_, world: &World| world.answered <= MAX_FAILURES,
            ),
            Property::always(
                "no more guesses are answered than the budget has",
                |_, world: &World| world.answered_in_all <= guesses_by(world.ticks),
            ),
            Property::sometimes("two codes are accepted", |_, world: &World| {
                world.accepted.len() >= 2
            }),
            Property::sometimes("failures disable it", |_, world: &World| {
                world.store.failures() == MAX_FAILURES
            }),
        ];
        if self.kind == Kind::Resynchronising {
            laws.push(Property::sometimes("drift is learned", |_, world: &World| {
                world.store.drift() != 0
            }));
        }
        laws
    }
}

pub(crate) fn walk(kind: Kind, host: &str) -> bool {
    let walk = Walk::of(host, |name| {
        Some(match name {
            "blind-write" => Mistake::BlindWrite,
            "answers-first" => Mistake::AnswersFirst,
            "starts-anew" => Mistake::StartsAnew,
            "unlocks" => Mistake::Unlocks,
            _ => return None,
        })
    });
    let login = |mistake, workers, ticks, submissions| {
        holds(Login { kind, mistake, workers, ticks, submissions })
    };
    match (walk, kind) {
        (Walk::Quick, _) => login(None, 2, 2, 4),
        (Walk::Long, Kind::Resynchronising) => login(None, 2, 3, 5),
        (Walk::Long, _) => login(None, 3, 3, 5),
        (Walk::Mistake(mistake), _) => login(Some(mistake), 2, 3, 5),
    }
}
