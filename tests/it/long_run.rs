//! A person runs the long proofs. This test fails if their last run is too old.

use std::path::Path;
use std::process::Command;

const PROOFS: &str = include_str!("../../docs/PROOFS.md");
/// The largest number of commits to `src` and to the proofs between two runs of
/// `tests/proofs/long.sh`.
const COMMITS: usize = 50;

/// Returns the commit of the last run, and its result: `Last run: DATE, commit HASH: RESULT.`
fn last_run(text: &str) -> (&str, &str) {
    let line = text.lines().find_map(|line| line.strip_prefix("Last run: ")).expect("a last run");
    let (_date, rest) = line.split_once(", commit `").expect("its commit");
    rest.split_once("`: ").expect("its result")
}

#[test]
fn the_last_long_run_held_and_is_recent() {
    let (commit, result) = last_run(PROOFS);
    assert!(result.starts_with("every claim holds, every control was noticed"), "{result}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !root.join(".git").exists() {
        // A package from the registry has no history, and its authors ran this test.
        return;
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(root).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    // A shallow clone has no history either. If git does not work, the test cannot decide.
    if git(&["rev-parse", "--is-shallow-repository"]).as_deref() != Some("false") {
        return;
    }
    let range = format!("{commit}..HEAD");
    let count = git(&["rev-list", "--count", &range, "--", "src", "tests/proofs"]);
    let count =
        count.unwrap_or_else(|| panic!("docs/PROOFS.md names commit {commit}, which is not here"));
    let passed: usize = count.parse().unwrap();
    assert!(
        passed <= COMMITS,
        "{passed} commits of src and the proofs since the last long run: run tests/proofs/long.sh, and put its \
         last line into docs/PROOFS.md"
    );
}
