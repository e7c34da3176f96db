//! The table of `docs/CONSTANT_TIME.md` lists exactly the places that make a secret public, by
//! file, function and number of calls. A place that is not listed would be a hole that Valgrind
//! cannot see.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The functions that make a secret public: `ct::reveal`, and `ct::equal_bytes`, which calls it.
const REVEALING: [&str; 2] = ["reveal", "equal_bytes"];

/// File and function, with the number of calls there.
type Places = BTreeMap<(String, String), usize>;

/// Returns the rows of the table.
fn listed(table: &str) -> Places {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `src/"));
    let cells =
        rows.map(|row| row.split(" | ").map(|cell| cell.trim_matches('`')).collect::<Vec<_>>());
    cells
        .map(|cells| ((format!("src/{}", cells[0]), cells[1].into()), cells[2].parse().unwrap()))
        .collect()
}

/// Adds the places of a file. A name that is passed on without a call counts too. Tests, comments
/// and imports do not count, but an import with another name does.
fn find(file: &str, text: &str, places: &mut Places) {
    let (mut function, mut in_import) = (String::new(), false);
    let code = text.split("\n#[cfg(test)]").next().unwrap();
    for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let words: Vec<&str> = line.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        let start = line.trim_start();
        in_import |=
            start.starts_with("use ") || start.starts_with("pub") && words.contains(&"use");
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| words[at]);
            if before == Some("fn") {
                function = (*word).to_owned();
            }
            if !REVEALING.contains(word) || before == Some("fn") {
                continue;
            }
            let place = match (in_import, words.get(at + 1)) {
                (false, _) => function.clone(),
                (true, Some(&"as")) => "(renamed)".to_owned(),
                (true, _) => continue,
            };
            *places.entry((file.to_owned(), place)).or_default() += 1;
        }
        in_import &= !line.contains(';');
    }
}

fn found(folder: &Path, name: &str, places: &mut Places) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            found(&path, &name, places);
        } else {
            find(&name, &fs::read_to_string(&path).unwrap(), places);
        }
    }
}

#[test]
fn every_place_that_makes_a_secret_public_is_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("docs/CONSTANT_TIME.md")).unwrap();
    let mut places = Places::new();
    found(&root.join("src"), "src", &mut places);
    assert_eq!(listed(&table), places, "left: docs/CONSTANT_TIME.md, right: src");
}

#[test]
fn places_are_found() {
    let found = |text: &str| {
        let mut places = Places::new();
        find("f", text, &mut places);
        places.into_iter().map(|((_, function), calls)| (function, calls)).collect::<Vec<_>>()
    };
    assert_eq!(
        found("fn a() {\n    ct::reveal(x) | reveal(y)\n}\nfn b() { reveal(z) }"),
        [("a".into(), 2), ("b".into(), 1)]
    );
    assert_eq!(found("fn a() { bits.map(reveal) }"), [("a".into(), 1)]);
    assert_eq!(found("use crate::ct::reveal as open;\nfn a() {}"), [("(renamed)".into(), 1)]);
    assert_eq!(found("pub(crate) use self::{\n    reveal,\n    other,\n};\nfn a() {}"), []);
    assert_eq!(found("pub(crate) fn reveal() {}\n// reveal(x)\nfn unrevealed() {}"), []);
    assert_eq!(found("fn a() {}\n#[cfg(test)]\nmod tests { fn b() { reveal(x) } }"), []);
    let row = "| `src/a.rs` | `b` | 3 | What | Why |\n| Call | Over |\n";
    assert_eq!(listed(row), [(("src/a.rs".into(), "b".into()), 3)].into());
}
