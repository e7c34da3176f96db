//! The floors of the house: a file imports only from floors below its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room by room, from the ground up.
const FLOORS: &[&[&str]] = &[
    // Ground: knows nothing of one-time codes.
    &["ct", "division", "label"],
    &["decimal"],
    &["error"],
    // Text.
    &["base32", "percent", "protobuf", "qr", "typed", "uri"],
    &["base64"],
    // Nouns, valid by construction, and those made of others.
    &["algorithm", "digits", "period", "window"],
    &["secret", "format", "throttle"],
    &["submitted"],
    // Mechanism: truncation, the hashes, HMAC over them, and a window of it.
    &["mac"],
    &["hash", "code", "scan"],
    &["key_schedule"],
    // Engines, and the wings of key URIs and of recovery codes, which do not know of each other.
    &["hotp", "totp", "otpauth", "migration", "recovery"],
    // Where they meet.
    &["engine"],
    // Judgement.
    &["verifier"],
    // Its inspector.
    &["conformance"],
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

/// Every file of `src` but the front door, with the room that it belongs to: its own name, or that
/// of its folder.
fn files() -> Vec<(String, PathBuf)> {
    fn walk(folder: &Path, room: Option<&str>, files: &mut Vec<(String, PathBuf)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let room = room.unwrap_or(&name);
            if path.is_dir() {
                walk(&path, Some(room), files);
            } else if name != "lib" {
                files.push((room.to_owned(), path));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut files);
    files
}

#[test]
fn a_file_imports_only_from_floors_below() {
    let files = files();
    for (room, path) in &files {
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(violations(room, &text), [""; 0], "{}", path.display());
    }
    let rooms: BTreeSet<_> = files.iter().map(|(room, _)| room.as_str()).collect();
    assert_eq!(rooms, floors().into_keys().collect(), "a room of the table has no file");
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
        // HMAC over messages of any length is `hmac` over `sha2`, in one file of the room.
        ("sha2::", &["hash", "recovery"]),
        ("hmac::", &["recovery"]),
        ("argon2::", &["recovery"]),
        ("pbkdf2::", &["recovery"]),
        ("phc::", &["recovery"]),
        ("base64ct::", &["base64"]),
        ("heapless::", &["percent"]),
        ("rand_core::", &["secret", "recovery"]),
        ("getrandom::", &["secret"]),
        ("qrcodegen_no_heap::", &["qr"]),
    ] {
        for (room, path) in files() {
            let text = fs::read_to_string(path).unwrap();
            let named = text.contains(dependency);
            assert!(!named || rooms.contains(&room.as_str()), "{dependency} in {room}");
        }
    }
}
