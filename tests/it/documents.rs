//! Documents that name tests and files name ones that exist.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that are not in the package of the crate. There, nothing in them can be checked.
const OUTSIDE: [&str; 2] = ["otp/", "examples/"];

/// The quoted names of each line, after the header of its table.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_test_name(name: &str) -> bool {
    name.len() > 4
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Checks a document, and returns how many tests it names.
fn check(document: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(document)).unwrap();
    let mut tests = 0;
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let mut file = None;
        for name in names(line) {
            if name.ends_with(".rs") {
                let path = root.join(name);
                let is_outside = OUTSIDE.iter().any(|folder| name.starts_with(folder));
                assert!(is_outside || path.exists(), "{document}: no file {name}");
                file = fs::read_to_string(path).ok();
            } else if let Some(file) = file.as_ref().filter(|_| is_test_name(name)) {
                let function = format!("fn {name}(");
                assert!(
                    file.contains(&function),
                    "{document}: no test {name} in the file before it"
                );
                tests += 1;
            }
        }
    }
    tests
}

#[test]
fn failures_name_tests_that_exist() {
    assert!(check("docs/FAILURES.md") > 60);
}

#[test]
fn compliance_names_tests_that_exist() {
    assert!(check("docs/COMPLIANCE.md") > 50);
}

/// Each failure of the list has a row, and no number is left out.
#[test]
fn every_failure_has_a_row() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FAILURES.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| F")?.split(' ').next());
    let numbers: Vec<usize> = rows.map(|number| number.parse().unwrap()).collect();
    assert!(numbers.iter().copied().eq(1..=numbers.len()) && numbers.len() >= 56, "{numbers:?}");
}

/// The features in the table of a document, and whether each is on by default.
fn features(document: &str) -> Vec<(String, bool)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(document)).unwrap();
    let lines = text.lines().map(|line| line.trim_start_matches("//! "));
    let table = lines.skip_while(|line| !line.starts_with("| feature | default |")).skip(2);
    let rows = table.take_while(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut cells = row.split('|').skip(1);
        let name = cells.next().unwrap().trim().trim_matches('`');
        (name.to_owned(), cells.next().unwrap().trim() == "yes")
    })
    .collect()
}

/// README.md and the front page name every feature of Cargo.toml once, and say which ones are on
/// by default.
#[test]
fn the_tables_of_features_are_complete() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Cargo writes another Cargo.toml into a package, and keeps the one of the repository.
    let original = fs::read_to_string(root.join("Cargo.toml.orig"));
    let manifest = original.or_else(|_| fs::read_to_string(root.join("Cargo.toml"))).unwrap();
    let section = manifest.split("\n[features]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let entries = section.lines().filter_map(|line| line.split_once(" = ["));
    let (default, mut named): (Vec<_>, Vec<_>) = entries.partition(|(name, _)| *name == "default");
    named.sort_unstable();
    let [(_, default)] = default[..] else { panic!("one list of default features") };
    let expected: Vec<_> = named
        .iter()
        .map(|(name, _)| ((*name).to_owned(), default.contains(&format!("\"{name}\""))))
        .collect();
    assert!(expected.len() >= 10, "{expected:?}");
    for document in ["README.md", "src/lib.rs"] {
        let mut found = features(document);
        found.sort_unstable();
        assert_eq!(found, expected, "{document}");
    }
}

/// The documents that readers follow links in.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md"), root.join("SECURITY.md")];
    for folder in ["docs", "docs/guide", "docs/migrate"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found
}

/// The files that a document links: `[text](file)`, `[text]: file`.
fn linked(text: &str) -> impl Iterator<Item = &str> {
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    let links = inline.chain(named.map(|(_, link)| link));
    links
        .map(|link| link.split('#').next().unwrap())
        .filter(|link| !link.is_empty() && !link.contains("://"))
}

#[test]
fn links_between_documents_hold() {
    let mut links = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in linked(&text) {
            let path = document.parent().unwrap().join(link);
            assert!(path.exists(), "{} links {link}, which does not exist", document.display());
            links += 1;
        }
    }
    assert!(links > 40, "{links}");
}

/// A reader sees all of README.md at a glance.
#[test]
fn readme_is_short() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    assert!(fs::read_to_string(readme).unwrap().lines().count() <= 150);
}

/// Each page of the guide is in its table of contents, in the documentation and in its folder.
#[test]
fn the_guide_lists_every_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let module = fs::read_to_string(root.join("src/guide.rs")).unwrap();
    let readme = fs::read_to_string(root.join("docs/guide/README.md")).unwrap();
    let mut pages = 0;
    for entry in fs::read_dir(root.join("docs/guide")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name != "README" {
            let title = fs::read_to_string(&path).unwrap();
            let title = title.lines().next().unwrap().trim_start_matches("# ");
            assert!(readme.contains(&format!("| [{title}]({name}.md) |")), "{name}");
            assert!(module.contains(&format!("| [{title}]({name}) |")), "{name}");
            assert!(module.contains(&format!("docs/guide/{name}.md\"")), "{name}");
            pages += 1;
        }
    }
    assert!(pages >= 17, "{pages}");
}
