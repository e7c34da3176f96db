//! The exclusions of `.cargo/mutants.toml`: each one still names something in `src`. One that names
//! nothing any more would hide the survivors of a later function of that name.
//!
//! The package of the crate does not contain the file, so there the test checks nothing.

use std::fs;
use std::path::Path;

/// The files of `src`, with their paths.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push((path.to_str().unwrap().into(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Returns the code of each function of this name, without comments. A function of no type is not
/// indented.
fn bodies(text: &str, name: &str, is_method: bool) -> Vec<String> {
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let is_called =
        |rest: &str| rest.strip_prefix(name).is_some_and(|behind| behind.starts_with(['(', '<']));
    let starts =
        |line: &str| line.starts_with(' ') == is_method && line.split("fn ").skip(1).any(is_called);
    let places = (0..code.len()).filter(|at| starts(code[*at]));
    let body = |at: usize| {
        let indent = &code[at][..code[at].len() - code[at].trim_start().len()];
        let end = code[at..].iter().position(|line| *line == format!("{indent}}}"));
        code[at..=at + end.unwrap_or(0)].join("\n")
    };
    places.map(body).collect()
}

/// Returns whether a mutation that this expression excludes can be made.
fn names_something(expression: &str, files: &[(String, String)]) -> bool {
    let (place, change) = match expression.split_once("replace ") {
        Some((place, change)) => (place, change),
        None => expression.split_once("delete match arm ").unwrap_or((expression, "")),
    };
    let (file, column) = place.split_once(":[0-9]+:").unwrap_or((place, ""));
    let file = file.trim_end_matches([' ', '.', '*', ':']);
    let column: Option<usize> = column.split(':').next().unwrap().parse().ok();
    let mut files = files.iter().filter(|(path, _)| path.contains(file));
    // `OPERATOR with OTHER in FUNCTION`, `FUNCTION -> TYPE with VALUE`, `[ARM] in FUNCTION`,
    // `FUNCTION`, or an operator anywhere in a file.
    let change = change.trim_end_matches('$');
    let (operator, function) = match change.split_once(" in ") {
        Some((operators, function)) => (operators.split(" with ").next().unwrap(), function),
        None if change.contains(" -> ") => ("", change.split(" -> ").next().unwrap()),
        None if change.contains("::") => ("", change),
        None => (change.split(" with ").next().unwrap(), ""),
    };
    let operator = if operator.starts_with('[') { "=>" } else { operator };
    // The type stands before the last colons: `Type::name`, `<impl Trait for Type<'_>>::name`.
    let (owner, name) = function.rsplit_once("::").unwrap_or(("", function));
    let owner = owner.rsplit(" for ").next().unwrap().split(['<', '>']).next().unwrap();
    let is_owner = |line: &str| {
        line.starts_with("impl")
            && line.split(|c: char| !c.is_alphanumeric()).any(|word| word == owner)
    };
    // A `|` of a pattern is not an operator.
    let expressions = |line: &str| match line.contains("matches!") {
        true => String::new(),
        false => line.rsplit("=> ").next().unwrap().to_owned(),
    };
    let is_there = |code: &str| {
        let has = |line: &str| line.contains(&format!(" {operator} "));
        match operator {
            "" => true,
            "|" => code.lines().map(expressions).any(|line| has(&line)),
            _ => code.lines().any(has),
        }
    };
    files.any(|(_, text)| match (column, name) {
        (Some(column), _) => text.lines().any(|line| {
            line.get(column - 1..).is_some_and(|rest| rest.starts_with(&format!("{operator} ")))
        }),
        (None, "") => is_there(text),
        (None, name) => {
            (owner.is_empty() || text.lines().any(is_owner))
                && bodies(text, name, !owner.is_empty()).iter().any(|body| is_there(body))
        }
    })
}

/// Returns an expression once for each of its alternatives `(a|b)`.
fn alternatives(expression: &str) -> Vec<String> {
    let Some((before, rest)) = expression.split_once('(') else { return vec![expression.into()] };
    let (all, behind) = rest.split_once(')').unwrap();
    all.split('|').map(|one| format!("{before}{one}{behind}")).collect()
}

fn exclusions(config: &str) -> Vec<String> {
    let lines = config.lines().map(str::trim);
    let quoted = lines.filter_map(|line| line.strip_prefix('\'')?.strip_suffix("',"));
    let plain = |text: String| {
        text.replace("\u{1}", "|").replace("\u{2}", "(").replace("\u{3}", ")").replace('\\', "")
    };
    let escaped =
        |text: &str| text.replace("\\|", "\u{1}").replace("\\(", "\u{2}").replace("\\)", "\u{3}");
    quoted.flat_map(|line| alternatives(&escaped(line)).into_iter().map(plain)).collect()
}

#[test]
fn every_excluded_mutant_can_be_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(config) = fs::read_to_string(root.join(".cargo/mutants.toml")) else {
        assert!(!root.join("otp").exists(), "no .cargo/mutants.toml");
        return;
    };
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let exclusions = exclusions(&config);
    assert!(exclusions.len() > 20, "{exclusions:?}");
    let dead: Vec<_> = exclusions.iter().filter(|one| !names_something(one, &files)).collect();
    assert!(dead.is_empty(), "nothing of src is excluded by {dead:#?}");
    for dead in ["replace | with ^ in Typed::of", "no_file.rs", "replace number_one -> u8 with 0"] {
        assert!(!names_something(dead, &files), "{dead}");
    }
}
