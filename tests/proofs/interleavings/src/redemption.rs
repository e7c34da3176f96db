//! Recovery codes with replacement: set and state are stored together, and the answer may get lost.

use std::convert::Infallible;

use otp_core::recovery::{Code, Keyed, Length, Pepper, Set, Verdict};
use otp_core::verifier::{State, Swap};
use stateright::{Model, Property};

use crate::clock::{MAX_FAILURES, time, verifier};
use crate::walk::{Walk, holds};

const SLOTS: usize = 2;
const USER: &[u8] = b"user 17";

/// A mistake of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// It writes without comparing.
    BlindWrite,
    /// It stores the state, and forgets the set.
    ForgetsTheSet,
}

/// The bytes of a set, and its state.
type Row = (Vec<u8>, State);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    store: Row,
    /// The code that was typed, which draw comes next, and what was loaded.
    workers: Vec<Option<(usize, u64, Row)>>,
    ticks: u8,
    submissions: u8,
    draws: u8,
    /// Every code that was ever shown, by its number, and how often each was redeemed.
    shown: Vec<String>,
    redeemed: Vec<u8>,
    /// Replacements that were stored, and whose answer got lost.
    unseen: u8,
    answered: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Action {
    Load { worker: usize, code: usize },
    Commit { worker: usize },
    CommitAndLoseTheAnswer { worker: usize },
    Crash { worker: usize },
    Tick,
}

struct Redemptions {
    mistake: Option<Mistake>,
    workers: usize,
    ticks: u8,
    submissions: u8,
}

fn pepper() -> Pepper {
    Pepper::new(1, &[0x5a; 32]).expect("32 bytes are a pepper")
}

fn bytes_of(set: &Set<SLOTS>) -> Vec<u8> {
    let mut buffer = vec![0; Set::<SLOTS>::LEN];
    set.write_bytes(&mut buffer).expect("the buffer has the length of a set");
    buffer
}

/// Another text for each draw.
fn fill(draws: &mut u8) -> impl FnMut(&mut [u8]) -> Result<(), Infallible> + '_ {
    |bytes| {
        *draws = draws.wrapping_add(1);
        let bytes = bytes.iter_mut().enumerate();
        bytes.for_each(|(nth, byte)| *byte = draws.wrapping_mul(37).wrapping_add(nth as u8));
        Ok(())
    }
}

/// The text of a code that nobody has.
fn wrong() -> String {
    "ABCD-EFGH-JKMN-PQRS-TVWX-YZ23".to_owned()
}

impl Redemptions {
    fn commit(&self, world: &mut World, worker: usize, is_answered: bool) -> Option<()> {
        let (number, now, (bytes, state)) = world.workers[worker].take()?;
        let code = world.shown.get(number).cloned().unwrap_or_else(wrong);
        let set = Set::<SLOTS>::from_bytes(&bytes).expect("it was written as bytes");
        let pepper = pepper();
        let redemption = verifier().redeem(&set, &pepper, USER, state, &code, now);
        let redemption = redemption.expect("the verifier answers");
        let redemption = redemption.with_replacement(fill(&mut world.draws)).expect("fill is new");
        let mut stored = world.store.clone();
        let Ok(settled) = redemption.commit(|next, old, new| {
            let matches = stored == (bytes.clone(), old);
            if matches || self.mistake == Some(Mistake::BlindWrite) {
                if self.mistake != Some(Mistake::ForgetsTheSet) {
                    stored.0 = bytes_of(next);
                }
                stored.1 = new;
                return Ok::<_, Infallible>(Swap::Stored);
            }
            Ok(Swap::Lost)
        });
        world.store = stored;
        match settled.verdict {
            Verdict::Redeemed(redeemed) => {
                world.redeemed[number] += 1;
                if is_answered {
                    let code = redeemed.replacement().expect("it was drawn");
                    world.shown.push(code.expose().to_owned());
                    world.redeemed.push(0);
                } else {
                    world.unseen += 1;
                }
                world.answered = 0;
            }
            Verdict::Rejected(_) => world.answered += 1,
            _ => {}
        }
        Some(())
    }
}

impl Model for Redemptions {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        let (mut draws, mut shown) = (0, Vec::new());
        let show = |_, code: &Code| shown.push(code.expose().to_owned());
        let set: Set<SLOTS> =
            Set::generate(fill(&mut draws), Keyed, Length::DEFAULT, &pepper(), USER, show)
                .expect("a set can be made");
        vec![World {
            store: (bytes_of(&set), State::for_recovery()),
            workers: vec![None; self.workers],
            ticks: 0,
            submissions: self.submissions,
            draws,
            redeemed: vec![0; shown.len()],
            shown,
            unseen: 0,
            answered: 0,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (worker, loaded) in world.workers.iter().enumerate() {
            if loaded.is_some() {
                actions.push(Action::Commit { worker });
                actions.push(Action::CommitAndLoseTheAnswer { worker });
                actions.push(Action::Crash { worker });
            } else if world.submissions > 0 {
                // One more than there are: a wrong one.
                actions.extend((0..=world.shown.len()).map(|code| Action::Load { worker, code }));
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
                // The number of a wrong code stays that of none.
                let code = if code == world.shown.len() { usize::MAX } else { code };
                next.workers[worker] = Some((code, time(world.ticks), world.store.clone()));
            }
            Action::Commit { worker } => self.commit(&mut next, worker, true)?,
            Action::CommitAndLoseTheAnswer { worker } => self.commit(&mut next, worker, false)?,
            Action::Crash { worker } => next.workers[worker] = None,
            Action::Tick => next.ticks += 1,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a recovery code is redeemed once", |_, world: &World| {
                world.redeemed.iter().all(|times| *times <= 1)
            }),
            Property::always("a code that was not redeemed still works", |_, world: &World| {
                let set =
                    Set::<SLOTS>::from_bytes(&world.store.0).expect("it was written as bytes");
                let open = world.redeemed.iter().filter(|times| **times == 0).count();
                usize::from(set.remaining()) == SLOTS && open + usize::from(world.unseen) == SLOTS
            }),
            Property::always("each answered guess is counted", |_, world: &World| {
                world.store.1.failures() >= world.answered.min(MAX_FAILURES)
            }),
            Property::sometimes("a replacement is redeemed", |_, world: &World| {
                world.redeemed.iter().skip(SLOTS).any(|times| *times > 0)
            }),
            Property::sometimes("failures disable it", |_, world: &World| {
                world.store.1.failures() == MAX_FAILURES
            }),
        ]
    }
}

pub(crate) fn walk(host: &str) -> bool {
    let walk = Walk::of(host, |name| {
        Some(match name {
            "blind-write" => Mistake::BlindWrite,
            "forgets-the-set" => Mistake::ForgetsTheSet,
            _ => return None,
        })
    });
    let redemptions = |mistake, workers, ticks, submissions| {
        holds(Redemptions { mistake, workers, ticks, submissions })
    };
    match walk {
        Walk::Quick => redemptions(None, 2, 1, 4),
        Walk::Long => redemptions(None, 3, 2, 5),
        Walk::Mistake(mistake) => redemptions(Some(mistake), 2, 1, 4),
    }
}
