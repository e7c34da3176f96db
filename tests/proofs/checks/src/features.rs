//! Sets of features. `few` covers every pair: no feature, each one, all but each one, and all.
//! `every` is every set there is. Two sets are the same if they imply the same features.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::{Outcome, metadata, package};

type Set = BTreeSet<String>;

/// Runs the command for each set, also after one of them failed, and names those.
pub(crate) fn run(every: bool, command: &[&str]) -> Outcome<()> {
    let implied = implied()?;
    let sets = if every { every_set(&implied) } else { few_sets(&implied) };
    let mut failed = 0;
    for set in &sets {
        let names = set.iter().cloned().collect::<Vec<_>>().join(",");
        let mut words = command.iter().map(|word| word.replace("{}", &names));
        let status = Command::new(words.next().unwrap_or_default()).args(words).status()?;
        if !status.success() {
            eprintln!("with features: {}", if names.is_empty() { "none" } else { &names });
            failed += 1;
        }
    }
    println!("{} sets, {failed} failed", sets.len());
    if failed == 0 { Ok(()) } else { Err("see above".into()) }
}

/// Returns the features of each feature that it switches on, without `default`.
fn implied() -> Outcome<BTreeMap<String, Set>> {
    let metadata = metadata(&["--no-deps"])?;
    let features = package(&metadata)?["features"].as_object().ok_or("no features")?;
    let names: Set = features.keys().filter(|name| *name != "default").cloned().collect();
    let below = |name: &String| {
        let listed = features[name].as_array().into_iter().flatten();
        listed
            .filter_map(|other| other.as_str())
            .map(str::to_owned)
            .filter(|o| names.contains(o))
            .collect()
    };
    Ok(names.iter().map(|name| (name.clone(), below(name))).collect())
}

fn few_sets(implied: &BTreeMap<String, Set>) -> BTreeSet<Set> {
    let all: Set = implied.keys().cloned().collect();
    let mut sets = BTreeSet::from([Set::new(), all.clone()]);
    for name in &all {
        sets.insert(closed([name.clone()].into(), implied));
        let off = |other: &&String| !closed([(*other).clone()].into(), implied).contains(name);
        sets.insert(all.iter().filter(off).cloned().collect());
    }
    sets
}

fn every_set(implied: &BTreeMap<String, Set>) -> BTreeSet<Set> {
    implied.keys().fold(BTreeSet::from([Set::new()]), |sets, name| {
        let with = |set: &Set| closed(set.iter().chain([name]).cloned().collect(), implied);
        sets.iter().map(with).chain(sets.iter().cloned()).collect()
    })
}

/// Returns the set with all that its features imply.
fn closed(set: Set, implied: &BTreeMap<String, Set>) -> Set {
    let more: Set = set.iter().flat_map(|name| &implied[name]).chain(&set).cloned().collect();
    if more == set { set } else { closed(more, implied) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_closed_and_distinct() {
        let set = |names: &str| -> Set { names.split_terminator(',').map(str::to_owned).collect() };
        let implied =
            [("a", ""), ("b", "a"), ("c", "")].map(|(name, of)| (name.to_owned(), set(of))).into();
        let of = |sets: BTreeSet<Set>| {
            sets.iter().map(|s| s.iter().cloned().collect()).collect::<Vec<String>>()
        };
        assert_eq!(of(every_set(&implied)), ["", "a", "ab", "abc", "ac", "c"]);
        assert_eq!(of(few_sets(&implied)), ["", "a", "ab", "abc", "ac", "c"]);
    }
}
