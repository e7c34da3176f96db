//! Walks every state of a model, and says what was found.

use std::fmt::Debug;
use std::hash::Hash;
use std::time::Instant;

use stateright::{Checker, Expectation, Model};

/// The bound of a walk, or the mistake to make.
pub(crate) enum Walk<M> {
    Quick,
    Long,
    Mistake(M),
}

impl<M> Walk<M> {
    /// `mistake` makes one of its name.
    pub(crate) fn of(name: &str, mistake: impl FnOnce(&str) -> Option<M>) -> Self {
        match name {
            "quick" => Self::Quick,
            "long" => Self::Long,
            name => Self::Mistake(mistake(name).unwrap_or_else(|| panic!("no mistake {name}"))),
        }
    }
}

/// Returns whether all laws hold, and everything that should be reachable was reached.
pub(crate) fn holds<M>(model: M) -> bool
where
    M: Model + Send + Sync + 'static,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
    M::Action: Clone + Debug + PartialEq + Send + Sync,
{
    let start = Instant::now();
    let checker = model.checker().threads(2).spawn_bfs().join();
    println!(
        "{} states, {} of them unique, {} actions deep, {:.1} s",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth(),
        start.elapsed().as_secs_f64()
    );
    let found = checker.discoveries();
    let mut holds = true;
    for property in checker.model().properties() {
        let path = found.get(property.name);
        match (&property.expectation, path) {
            (Expectation::Sometimes, Some(_)) | (Expectation::Always, None) => {
                println!("  holds: {}", property.name);
            }
            (_, None) => {
                holds = false;
                println!("  never reached: {}", property.name);
            }
            (_, Some(path)) => {
                holds = false;
                println!("  BROKEN: {}", property.name);
                for (number, action) in path.clone().into_actions().iter().enumerate() {
                    println!("    {}. {action:?}", number + 1);
                }
            }
        }
    }
    holds
}
