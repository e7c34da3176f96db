//! The floors of the house: a file imports only from floors below its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Room by room, from the ground up.
const FLOORS: &[&[&str]] = &[
    // Ground: knows nothing of one-time codes.
    &["error", "ct"],
    // Text.
    &["base32", "base64", "protobuf"],
    // Nouns, valid by construction, and those made of others.
    &["algorithm", "digits", "period", "window"],
    &["secret", "submitted"],
    // Exports of other apps, made of nouns.
    &["migration"],
    // Mechanism: truncation, the hashes, HMAC over them, and a window of it.
    &["mac"],
    &["hash", "code", "scan"],
    &["key_schedule"],
    // Engines.
    &["hotp", "totp"],
];

fn floors() -> BTreeMap<&'static str, usize> {
    let rooms = FLOORS.iter().enumerate();
    rooms.flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor))).collect()
}

/// The rooms that a file names by `crate::`, its tests and comments apart.
fn imports(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines
        .flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().into())
        .collect()
}

fn violations(file: &str, text: &str) -> Vec<String> {
    let floors = floors();
    let Some(own) = floors.get(file) else {
        return vec![format!("{file} is on no floor: give it one")];
    };
    let too_high = |room: &String| floors.get(room.as_str()).is_none_or(|floor| floor >= own);
    imports(text)
        .iter()
        .filter(|room| too_high(room))
        .map(|room| format!("{file} imports {room}"))
        .collect()
}

#[test]
fn a_file_imports_only_from_floors_below() {
    let mut seen = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(path.is_file(), "{file}: teach this test about folders");
        if file != "lib" {
            assert_eq!(violations(&file, &fs::read_to_string(&path).unwrap()), [""; 0]);
            seen += 1;
        }
    }
    assert_eq!(seen, floors().len(), "a room of the table has no file");
}

#[test]
fn a_violation_is_noticed() {
    assert_eq!(violations("ct", "use crate::hotp::Hotp;"), ["ct imports hotp"]);
    assert_eq!(violations("hotp", "let x = crate::totp::f();"), ["hotp imports totp"]);
    assert_eq!(violations("hotp", "use crate::scan::highest_match;"), [""; 0]);
    assert_eq!(violations("attic", "").len(), 1);
}

/// Each of these crates is named in one file, so that it can be replaced there.
#[test]
fn a_dependency_has_one_room() {
    for (dependency, rooms) in [
        ("subtle::", &["ct"][..]),
        ("sha1::", &["hash"]),
        ("sha2::", &["hash"]),
        ("base32::Encoding", &["base32"]),
        ("base64ct::", &["base64"]),
        ("heapless::", &["secret"]),
        ("rand_core::", &["secret"]),
        ("getrandom::", &["secret"]),
    ] {
        for room in floors().keys() {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{room}.rs"));
            let text = fs::read_to_string(path).unwrap();
            assert_eq!(text.contains(dependency), rooms.contains(room), "{dependency} in {room}");
        }
    }
}
