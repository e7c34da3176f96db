//! The share of `src` that the seeds of the fuzz corpora reach, from a summary of `llvm-cov
//! export`.

use std::io;

use serde_json::Value;

use crate::Outcome;

/// Files that the targets are not about, and the tests that are. They are in the table, but the
/// floor disregards them.
const TESTED_ELSEWHERE: &[(&str, &str)] = &[
    ("conformance.rs", "threads, not input: tests/it/conformance.rs"),
    ("division.rs", "every value there is: its own tests"),
    ("error.rs", "sentences: tests/it/api.rs"),
    ("error/migration.rs", "sentences: tests/it/migration/limits.rs"),
    ("recovery/argon2id.rs", "slow on purpose: tests/it/recovery/vectors.rs"),
    ("recovery/error.rs", "sentences: tests/it/recovery"),
    ("recovery/pbkdf2.rs", "slow on purpose: tests/it/recovery/vectors.rs"),
];

const HEADING: &str = "\
# What the fuzz corpora reach

How much of `src/` runs when each fuzz target is given each seed of its committed corpus (`fuzz/seeds`)
once, without looking for more. Written by `tests/proofs/coverage.sh renew`; the gate compares the sum
with a floor. Code that the targets are not built with (`qr`, `serde`, `conformance`, other processors)
is not in it. A line that was run is not a line that was checked: what the targets assert, they say.

| file of `src/` | lines | reached | regions | reached | tested elsewhere |
|---|--:|--:|--:|--:|---|";

/// Lines or regions: how many there are, and how many ran.
#[derive(Clone, Copy, Default)]
struct Part {
    count: u64,
    covered: u64,
}

struct File {
    name: String,
    lines: Part,
    regions: Part,
    elsewhere: Option<&'static str>,
}

/// Fails if fewer of the lines ran than so many percent, and says how many did.
pub(crate) fn floor(percent: &str) -> Outcome<()> {
    let floor: f64 = percent.parse()?;
    let files = files()?;
    let reached =
        sum(files.iter().filter(|file| file.elsewhere.is_none()).map(|file| file.lines)).percent();
    let sentence = format!("{reached} % of the lines, {percent} % are the floor");
    if reached < floor {
        return Err(sentence.into());
    }
    println!("{sentence}");
    Ok(())
}

/// Prints the table of `docs/COVERAGE.md`.
pub(crate) fn table() -> Outcome<()> {
    println!("{HEADING}");
    let files = files()?;
    for file in &files {
        row(&format!("`{}`", file.name), [file], file.elsewhere);
    }
    row("**what is fuzzed**", files.iter().filter(|file| file.elsewhere.is_none()), None);
    row("all", &files, None);
    Ok(())
}

fn row<'a>(name: &str, files: impl IntoIterator<Item = &'a File>, elsewhere: Option<&str>) {
    let (lines, regions): (Vec<_>, Vec<_>) =
        files.into_iter().map(|file| (file.lines, file.regions)).unzip();
    let (lines, regions) = (sum(lines), sum(regions));
    println!(
        "| {name} | {} | {} % | {} | {} % | {} |",
        lines.count,
        lines.percent(),
        regions.count,
        regions.percent(),
        elsewhere.unwrap_or_default()
    );
}

fn files() -> Outcome<Vec<File>> {
    let summary: Value = serde_json::from_reader(io::stdin())?;
    let files = summary["data"][0]["files"].as_array().ok_or("no summary of llvm-cov")?;
    let mut files = files.iter().map(file).collect::<Outcome<Vec<_>>>()?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn file(file: &Value) -> Outcome<File> {
    let path = file["filename"].as_str().ok_or("no file name")?;
    let name = path.rsplit_once("/src/").ok_or("not a file of src")?.1.to_owned();
    let part = |name: &str| -> Outcome<Part> {
        let number = |what| file["summary"][name][what].as_u64().ok_or("no number");
        Ok(Part { count: number("count")?, covered: number("covered")? })
    };
    let elsewhere = TESTED_ELSEWHERE.iter().find(|(file, _)| *file == name).map(|(_, why)| *why);
    Ok(File { name, lines: part("lines")?, regions: part("regions")?, elsewhere })
}

fn sum(parts: impl IntoIterator<Item = Part>) -> Part {
    parts.into_iter().fold(Part::default(), |sum, part| Part {
        count: sum.count + part.count,
        covered: sum.covered + part.covered,
    })
}

impl Part {
    /// In percent, to one decimal place.
    fn percent(self) -> f64 {
        (1000.0 * self.covered as f64 / self.count as f64).round() / 10.0
    }
}
