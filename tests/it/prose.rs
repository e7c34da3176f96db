//! Plain English: the prose of the repository keeps the rules that a machine can check.
//!
//! `cargo test -p otp-core prose` prints each finding with its file, line and rule. If a finding is
//! right as it stands, give it a line in `tests/data/prose_allowed.tsv`. To see what a folder still
//! breaks, name it: `OTP_PROSE="npm docs/migrate" cargo test -p otp-core prose`.

mod rules;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The files and folders that keep the rules. A new folder is added when it does.
const FINISHED: &[&str] = &[
    ".cargo/",
    ".ci/",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.toml",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    "benches/",
    "deny.toml",
    "docs/ACCEPTED.md",
    "docs/COMPARISON.md",
    "docs/COMPLIANCE.md",
    "docs/CONSTANT_TIME.md",
    "docs/FAILURES.md",
    "docs/PROOFS.md",
    "docs/SPEED.md",
    "docs/guide/",
    "docs/migrate/",
    "examples/browser/",
    "examples/hardware-token/",
    "examples/keys/",
    "examples/login.rs",
    "examples/mfa-server/Cargo.toml",
    "examples/mfa-server/README.md",
    "examples/mfa-server/compare.sh",
    "examples/mfa-server/deploy/",
    "examples/mfa-server/examples/",
    "examples/mfa-server/load.sh",
    "examples/mfa-server/load/",
    "examples/mfa-server/mfa-server.toml",
    "examples/mfa-server/migrations/README.md",
    "examples/mfa-server/page/",
    "examples/mfa-server/src/",
    "examples/mfa-server/test.sh",
    "examples/mfa-server/test/",
    "examples/mfa-server/tests/",
    "examples/stores/",
    "fuzz/",
    "npm/",
    "otp/",
    "src/",
    "tests/it/",
    "tests/no_alloc.rs",
    "tests/proofs/",
    "tests/wiped.rs",
];

/// Sentences that break a rule for a reason: the rule, a part of the sentence, and the reason.
const ALLOWED: &str = include_str!("../data/prose_allowed.tsv");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn allowed() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALLOWED.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let cells: Vec<_> = line.split('\t').collect();
        let [rule, part, reason] = cells[..] else { panic!("three cells: {line}") };
        assert!(!part.is_empty() && !reason.is_empty(), "{line}");
        (rule, part)
    })
}

/// The files under version control in these folders, and new ones that are not ignored.
fn files(folders: &[&str]) -> BTreeSet<String> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"];
    let output = Command::new("git").args(list).args(folders).current_dir(root()).output();
    let output = output.expect("git");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    names.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn finished_files_are_in_plain_english() {
    if !root().join(".git").exists() {
        // A package has no list of files. Its files were checked before it was made.
        return;
    }
    let named = std::env::var("OTP_PROSE").ok();
    let folders = named.as_deref().map(|named| named.split_whitespace().collect());
    let folders: Vec<_> = folders.unwrap_or_else(|| FINISHED.to_vec());
    let files = files(&folders);
    for finished in &folders {
        assert!(files.iter().any(|file| file.starts_with(finished)), "{finished} does not exist");
    }
    let mut unused: BTreeMap<_, usize> = allowed().map(|allowed| (allowed, 0)).collect();
    let mut report = String::new();
    for file in &files {
        // A file that was deleted, but not yet committed, and a binary file have no prose.
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for finding in rules::check(file, &text) {
            let reason = unused
                .iter_mut()
                .find(|((rule, part), _)| *rule == finding.rule && finding.text.contains(part));
            if let Some((_, uses)) = reason {
                *uses += 1;
            } else {
                let rules::Finding { line, rule, text } = finding;
                report += &format!("{file}:{line}: {rule}: {text}\n");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}{} findings", report.lines().count());
    unused.retain(|_, uses| *uses == 0);
    assert!(
        named.is_some() || unused.is_empty(),
        "allowed, but not found in a finished file: {unused:?}"
    );
}

/// The rules that a line of Markdown breaks.
fn broken(text: &str) -> Vec<&'static str> {
    rules::check("a.md", text).iter().map(|finding| finding.rule).collect()
}

/// Each rule is broken by the first sentence and kept by the second.
#[test]
fn each_rule_notices_its_example() {
    for (rule, before, after) in [
        (
            "length",
            "A code is accepted if a moving factor in reach shows it that is not used up, and if no \
             used up factor shows the same digits that lies in reach too or is among the last ones.",
            "A code is accepted if it belongs to an unused moving factor within reach. It is refused \
             if a used factor has the same digits and is within reach or among the last N.",
        ),
        ("where", "Where the store fails, the error is returned.", "If the store fails, retry."),
        ("where", "It is refused, where the clock is wrong.", "It is where the clock is."),
        ("where", "Wiped only where a secret was read.", "The file where the state is."),
        ("alone", "A token that speaks SHA-1 alone.", "A token that speaks only SHA-1."),
        (
            "is no",
            "It is no code of the window. Nothing else is said.",
            "The code does not match any step of the window. The error deliberately says nothing \
             more.",
        ),
        ("is no", "These are no secrets.", "There is no secret. It is no longer there."),
        ("has not", "It has not the form of a code.", "It is not formatted as a code."),
        ("has not", "We have not enough.", "It has not been read."),
        (
            "subject",
            "Who never stops takes nearly four days to get there.",
            "An attacker who never stops reaches the limit after almost four days.",
        ),
        (
            "subject",
            "What is learned moves the window.",
            "The learned drift only moves the window. Used steps are stored as absolute numbers, so \
             drift never reopens one.",
        ),
        ("subject", "It moves; what is used stays.", "Who stores the state? The server."),
        ("subject", "Whether it is locked.", "Returns whether it is locked."),
        ("whoever", "It is shown to whoever asks.", "It is shown to the administrator."),
        (
            "inverted",
            "Of races only chance decides.",
            "Races are found by chance. If a network round trip separates the compare from the \
             write, almost every run finds the race.",
        ),
        ("metaphor", "A code opens one door.", "A code logs in once. A door lock checks codes."),
        ("metaphor", "The verifier judges it.", "The verifier checks it."),
        ("archaic", "Started anew again and again.", "Sixteen threads call the closures."),
    ] {
        assert!(broken(before).contains(&rule), "{rule}: {before}: {:?}", broken(before));
        assert_eq!(broken(after), [""; 0], "{after}");
    }
}

#[test]
fn labels_quotations_and_code_are_not_sentences() {
    for text in [
        "# Where the rest is",
        "| what | `is no code` |\n|---|---|\n| who stores it | the server |",
        "> Where the words of others stand, they are no prose of ours.",
        "`is no`: a code span.",
        "```\nIt is no code alone.\n```",
        "[alone]: https://example.org/is-no",
        "A list:\n- one two three four five six seven eight nine ten eleven twelve\n- one two three \
         four five six seven eight nine ten eleven twelve\n- one two three four five six seven \
         eight nine ten eleven twelve thirteen",
    ] {
        assert_eq!(broken(text), [""; 0], "{text}");
    }
}

#[test]
fn comments_and_messages_are_read() {
    let long = format!("// {}", "word ".repeat(20));
    for (path, text, expected) in [
        ("src/a.rs", "/// It is\n/// no code.\nfn f() {}", &[(2, "is no")][..]),
        ("src/a.rs", "let a = 1; // alone.\nlet b = '\"'; // alone", &[(1, "alone"), (2, "alone")]),
        ("src/a.rs", "//! ```\n//! // alone\n//! let alone = 1;\n//! ```", &[(2, "alone")]),
        ("src/a.rs", "let a = \"this \\\n  is no code\";", &[(2, "is no")]),
        ("src/a.rs", "let a = \"one\\n\\\n two three four alone\";", &[(2, "alone")]),
        ("src/a.rs", "let a = \"is no code\"; let b = r#\"// alone\"#;", &[]),
        ("src/a.rs", "db(\"UPDATE otp SET a WHERE it is no code\");", &[]),
        ("src/a.rs", "fn f<'a>(a: &'a str) {} // alone", &[(1, "alone")]),
        // Messages of tests are not shown to users.
        ("tests/a.rs", "let a = \"that is no code\";", &[]),
        ("src/a.rs", &long, &[(1, "columns")]),
        ("src/a.rs", "// One.\n\n// Two alone.", &[(3, "alone")]),
        ("a.sh", "#!/bin/sh alone\n# is no\necho alone", &[(2, "is no")]),
        ("a.sql", "-- alone\nSELECT alone;", &[(1, "alone")]),
        ("a.js", "/**\n * Alone.\n */\nalone();", &[(2, "alone")]),
        ("a.js", "say('it is no code', \"this one alone, is it\");", &[(1, "is no"), (1, "alone")]),
        ("a.test.js", "say('it is no code');", &[]),
        (
            "a.html",
            "<p title=\"alone\">\nIt is <b>no</b></p><p>no code\nalone</p>",
            &[(3, "alone")],
        ),
        ("a.html", "<script>\n// alone\n</script>\n<p>Alone</p>", &[(4, "alone")]),
        ("run", "#!/bin/sh\n# alone", &[(2, "alone")]),
        ("README.md", "One.\n\n```sh\n# alone\n```", &[(4, "alone")]),
        ("a.png", "alone", &[]),
    ] {
        let findings = rules::check(path, text);
        let found: Vec<_> = findings.iter().map(|found| (found.line, found.rule)).collect();
        assert_eq!(found, expected, "{path}: {text}");
    }
}
