//! A replica that is behind its primary.

use std::convert::Infallible;

use otp_core::Totp;
use otp_core::verifier::{State, Swap, Verdict};
use stateright::{Model, Property};

use crate::clock::{CODES, Few, MAX_FAILURES, text, time, verifier};
use crate::walk::{Walk, holds};

/// A mistake of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// Both take writes, and compare only with what they have themselves.
    TwoPrimaries,
    /// It loads from the replica, and believes that nobody has written since.
    SwapsWithoutComparing,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    primary: State,
    replica: State,
    workers: Vec<Option<(u8, u64, State)>>,
    ticks: u8,
    submissions: u8,
    /// The replica has taken over, so many times.
    fail_overs: u8,
    accepted: Vec<u64>,
    answered: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    LoadFromPrimary { worker: usize, code: u8 },
    LoadFromReplica { worker: usize, code: u8 },
    Commit { worker: usize },
    CommitOnReplica { worker: usize },
    Crash { worker: usize },
    Replicate,
    FailOver,
    Tick,
}

struct Replicas {
    mistake: Option<Mistake>,
    workers: usize,
    ticks: u8,
    submissions: u8,
    fail_overs: u8,
}

impl Replicas {
    fn commit(&self, world: &mut World, worker: usize, on_replica: bool) -> Option<()> {
        let (code, now, seen) = world.workers[worker].take()?;
        let stored = if on_replica { &mut world.replica } else { &mut world.primary };
        let compares = self.mistake != Some(Mistake::SwapsWithoutComparing);
        let attempt = verifier().attempt(&Totp::from_key(Few(0)), seen, &text(code), now);
        let Ok(settled) = attempt.expect("the verifier answers").commit(|old, new| {
            if compares && *stored != old {
                return Ok::<_, Infallible>(Swap::Lost);
            }
            *stored = new;
            Ok(Swap::Stored)
        });
        match settled.verdict {
            Verdict::Accepted(accepted) => {
                world.accepted.extend(accepted.moving_factor());
                world.answered = 0;
            }
            Verdict::Rejected(_) => world.answered += 1,
            _ => {}
        }
        Some(())
    }
}

impl Model for Replicas {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            primary: State::confirmed(),
            replica: State::confirmed(),
            workers: vec![None; self.workers],
            ticks: 0,
            submissions: self.submissions,
            fail_overs: 0,
            accepted: Vec::new(),
            answered: 0,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (worker, loaded) in world.workers.iter().enumerate() {
            if loaded.is_some() {
                actions.extend([Action::Commit { worker }, Action::Crash { worker }]);
                if self.mistake == Some(Mistake::TwoPrimaries) {
                    actions.push(Action::CommitOnReplica { worker });
                }
            } else if world.submissions > 0 {
                for code in 0..CODES {
                    actions.push(Action::LoadFromPrimary { worker, code });
                    actions.push(Action::LoadFromReplica { worker, code });
                }
            }
        }
        if world.replica != world.primary && self.mistake != Some(Mistake::TwoPrimaries) {
            actions.push(Action::Replicate);
        }
        if world.fail_overs < self.fail_overs {
            actions.push(Action::FailOver);
        }
        if world.ticks < self.ticks {
            actions.push(Action::Tick);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::LoadFromPrimary { worker, code } => {
                next.submissions -= 1;
                next.workers[worker] = Some((code, time(world.ticks), world.primary));
            }
            Action::LoadFromReplica { worker, code } => {
                next.submissions -= 1;
                next.workers[worker] = Some((code, time(world.ticks), world.replica));
            }
            Action::Commit { worker } => self.commit(&mut next, worker, false)?,
            Action::CommitOnReplica { worker } => self.commit(&mut next, worker, true)?,
            Action::Crash { worker } => next.workers[worker] = None,
            Action::Replicate => next.replica = world.primary,
            Action::FailOver => {
                next.fail_overs += 1;
                next.primary = world.replica;
            }
            Action::Tick => next.ticks += 1,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "a moving factor is accepted once, and once more for each fail-over that lost a state",
                |_, world: &World| {
                    let times = |factor| world.accepted.iter().filter(|one| *one == factor).count();
                    world.accepted.iter().all(|one| times(one) <= 1 + usize::from(world.fail_overs))
                },
            ),
            Property::always(
                "each answered guess is counted, without a fail-over",
                |_, world: &World| {
                    world.fail_overs > 0
                        || world.primary.failures() >= world.answered.min(MAX_FAILURES)
                },
            ),
            Property::sometimes("two codes are accepted", |_, world: &World| {
                world.accepted.len() >= 2
            }),
            Property::sometimes("a replica is behind", |_, world: &World| {
                world.primary != world.replica
            }),
        ]
    }
}

pub(crate) fn walk(host: &str) -> bool {
    let walk = Walk::of(host, |name| {
        Some(match name {
            "two-primaries" => Mistake::TwoPrimaries,
            "swaps-without-comparing" => Mistake::SwapsWithoutComparing,
            _ => return None,
        })
    });
    let replicas = |mistake, workers, ticks, submissions, fail_overs| {
        holds(Replicas { mistake, workers, ticks, submissions, fail_overs })
    };
    match walk {
        Walk::Quick => replicas(None, 2, 1, 4, 1),
        Walk::Long => replicas(None, 2, 2, 5, 1),
        Walk::Mistake(mistake) => replicas(Some(mistake), 2, 1, 4, 0),
    }
}
