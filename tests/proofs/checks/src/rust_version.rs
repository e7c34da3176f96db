//! Checks that the dependencies are content with an older compiler. Each states the oldest one
//! that it works with; this compares those of every platform, and of what builds them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{Outcome, metadata, package};

/// Fails if a dependency, direct or not, needs a newer compiler than this version, and names it.
pub(crate) fn check(ours: &str) -> Outcome<()> {
    let ours = version(ours)?;
    let metadata = metadata(&["--all-features"])?;
    let root = package(&metadata)?["id"].as_str().ok_or("no id")?;
    let nodes = metadata["resolve"]["nodes"].as_array().ok_or("no graph")?;
    let below: BTreeMap<&str, Vec<&str>> =
        nodes.iter().filter_map(|node| Some((node["id"].as_str()?, dependencies(node)))).collect();

    let mut used = BTreeSet::from([root]);
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        let new = below.get(id).into_iter().flatten().filter(|id| used.insert(id));
        todo.extend(new);
    }
    let mut newer = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let is_used = package["id"].as_str().is_some_and(|id| used.contains(id));
        let Some(needs) = package["rust_version"].as_str().filter(|_| is_used) else { continue };
        if version(needs)? > ours {
            newer.push(format!("{} {} needs Rust {needs}", package["name"], package["version"]));
        }
    }
    if newer.is_empty() { Ok(()) } else { Err(newer.join("\n").replace('"', "").into()) }
}

/// Returns the packages that a package is built with, without those of its tests.
fn dependencies(node: &Value) -> Vec<&str> {
    let is_used = |dependency: &&Value| {
        let kinds = dependency["dep_kinds"].as_array();
        kinds.into_iter().flatten().any(|kind| kind["kind"] != "dev")
    };
    let all = node["deps"].as_array().into_iter().flatten().filter(is_used);
    all.filter_map(|dependency| dependency["pkg"].as_str()).collect()
}

fn version(text: &str) -> Outcome<Vec<u32>> {
    Ok(text.split('.').map(str::parse).collect::<Result<_, _>>()?)
}
