//! The layers of the crate: a file imports only from layers below its own, inside its folder too.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The layers from the ground up. A folder is on the layer of its root file: `otpauth` means
/// `otpauth.rs` and all files of `otpauth/`.
const LAYERS: &[&[&str]] = &[
    // Ground: these files do not know about one-time codes.
    &["buffer", "constant", "ct", "division", "label", "sha1", "stored"],
    &["decimal", "decoded"],
    // Text.
    &["percent", "qr", "typed", "uri"],
    &["base32"],
    // Nouns that are valid by construction, and nouns made from them.
    &["algorithm", "digits", "period", "window"],
    &["secret", "format"],
    &["submitted"],
    // Mechanism: truncation, the hashes, HMAC with them, and a window of HMACs.
    &["hmac_key"],
    &["hash", "code", "scan"],
    &["key_schedule"],
    // Engines, key URIs and exports. These do not know about each other.
    &["hotp", "totp", "otpauth", "migration"],
    // The file that combines them.
    &["engine"],
    &["verifier"],
    // Recovery codes, which use its throttle, and seed files, which make its initial states.
    &["recovery", "seeds"],
    // Tests of hosts.
    &["conformance"],
];

/// The layers inside the folders. The root file of a folder is above them, because it names the
/// public items.
const INSIDE: &[(&str, &[&[&str]])] = &[
    ("base32", &[&["error"]]),
    (
        "conformance",
        &[
            &["violation", "states"],
            &["failure", "record", "key"],
            &["host", "login"],
            &["recovery", "several"],
        ],
    ),
    ("ct", &[&["watch"]]),
    ("migration", &[&["error"], &["base64", "protobuf"], &["entry"], &["export"]]),
    (
        "otpauth",
        &[&["grammar", "rules"], &["error"], &["text"], &["parameters"], &["uri"], &["builder"]],
    ),
    ("secret", &[&["owned"], &["buffer"], &["switched_off"]]),
    ("qr", &[&["buffer", "error"], &["code"], &["draw"]]),
    (
        "recovery",
        &[
            &["error"],
            &["length", "pepper"],
            &["code"],
            &["hash", "verdict"],
            &["argon2id", "pbkdf2", "set"],
            &["bytes", "issue", "redeem", "serde"],
            &["phc"],
        ],
    ),
    (
        "seeds",
        &[
            &["text"],
            &["error"],
            &["buffer", "cells", "cursor", "suite"],
            &["namespace"],
            &["xml"],
            &["cipher", "columns", "derive", "fault", "mac", "token"],
            &["options", "policy"],
            &["package", "value"],
            &["exposed"],
            &["container", "csv"],
            &["pskc"],
        ],
    ),
    ("sha1", &[&["rolled"]]),
    (
        "verifier",
        &[
            &["error"],
            &["budget", "factor", "lifecycle"],
            &["throttle"],
            &["state", "verdict"],
            &["bytes", "drift", "record"],
            &["settings"],
            &["attempt"],
            &["check", "login", "tally"],
            &["by_host", "find", "resynchronise", "several"],
            &["login_any", "plan"],
        ],
    ),
];

/// A file of the crate: `["otpauth"]` is `otpauth.rs`, and `["otpauth", "uri"]` is
/// `otpauth/uri.rs`.
type Module = Vec<String>;

fn layer(layers: &[&[&str]], name: &str) -> Option<usize> {
    layers.iter().position(|layer| layer.contains(&name))
}

fn inside(folder: &str) -> Option<&'static [&'static [&'static str]]> {
    INSIDE.iter().find(|(name, _)| *name == folder).map(|(_, layers)| *layers)
}

/// Returns every file of `src` except `lib.rs` and `guide.rs`, which is only documentation.
fn files() -> Vec<(Module, String)> {
    fn walk(folder: &Path, above: &Module, files: &mut Vec<(Module, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let module = [&above[..], &[name]].concat();
            if path.is_dir() {
                walk(&path, &module, files);
            } else if module != ["lib"] && module != ["guide"] {
                files.push((module, fs::read_to_string(path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &vec![], &mut files);
    files
}

/// Returns the paths that a file names from `crate`, `self` or `super`, starting at the root of the
/// crate. Tests and comments are left out.
fn imports(module: &Module, text: &str) -> Vec<Module> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let mut paths = vec![];
    for start in ["crate", "self", "super"] {
        let above = match start {
            "crate" => vec![],
            "self" => module.clone(),
            _ => module[..module.len() - 1].to_vec(),
        };
        for (at, _) in code.match_indices(&format!("{start}::")) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':')) {
                tree(&code[at + start.len() + 2..], &above, &mut paths);
            }
        }
    }
    paths
}

/// Reads the path after `::`, or the paths in braces, and returns the rest.
fn tree<'t>(text: &'t str, above: &[String], paths: &mut Vec<Module>) -> &'t str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            rest = tree(rest, above, paths);
            // The new name of the import.
            rest = &rest[rest.find([',', '}']).unwrap()..];
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let path = [above, &[text[..end].to_owned()]].concat();
    match text[end..].strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => tree(rest, &path, paths),
        _ => {
            paths.push(path);
            &text[end..]
        }
    }
}

/// Returns the reason why a file may not name a path, or `None` if it may.
fn violation(module: &Module, path: &Module) -> Option<String> {
    let said =
        |why: &str| Some(format!("{} imports {}: {why}", module.join("::"), path.join("::")));
    let (own, other) = (&module[0], &path[0]);
    let Some(own_layer) = layer(LAYERS, own) else {
        return said("it is on no layer, give it one");
    };
    let file = path.get(1).and_then(|name| layer(inside(other)?, name));
    if own != other {
        return match layer(LAYERS, other) {
            Some(layer) if layer >= own_layer => said("not from a layer below"),
            None => said("not from a file"),
            Some(_) if file.is_some() => said("a private file of a folder"),
            Some(_) => None,
        };
    }
    let (Some(layers), Some(name)) = (inside(own), module.get(1)) else {
        return None;
    };
    match (file, layer(layers, name)) {
        (Some(file), Some(own)) if file < own => None,
        (None, _) => said("the root of the folder is above it"),
        (_, None) => said("it is on no layer of its folder, give it one"),
        _ => said("not from a layer below, in its folder"),
    }
}

fn violations(module: &[&str], text: &str) -> Vec<String> {
    let module: Module = module.iter().map(|name| (*name).to_owned()).collect();
    imports(&module, text).iter().filter_map(|path| violation(&module, path)).collect()
}

#[test]
fn a_file_imports_only_from_layers_below() {
    let files = files();
    for (module, text) in &files {
        let module: Vec<_> = module.iter().map(String::as_str).collect();
        assert_eq!(violations(&module, text), [""; 0]);
    }
    let rooms: BTreeSet<_> = files.iter().map(|(module, _)| module[0].as_str()).collect();
    assert_eq!(rooms, LAYERS.iter().copied().flatten().copied().collect(), "no such file");
    let of_folders = files.iter().filter(|(module, _)| module.len() > 1);
    let in_folders: BTreeSet<_> =
        of_folders.map(|(module, _)| (module[0].as_str(), module[1].as_str())).collect();
    let sorted = INSIDE.iter().flat_map(|(folder, layers)| {
        layers.iter().copied().flatten().map(move |name| (*folder, *name))
    });
    assert_eq!(in_folders, sorted.collect(), "each file of a folder is on one of its layers");
}

#[test]
fn a_violation_is_noticed() {
    for (module, text, expected) in [
        (&["ct"][..], "use crate::hotp::Hotp;", 1),
        (&["hotp"], "let x = crate::totp::f();", 1),
        (&["hotp"], "use crate::scan::highest_match;", 0),
        (&["hotp"], "// crate::totp\n#[cfg(test)] mod t { use crate::totp::Totp; }", 0),
        (
            &["hotp"],
            "use crate::{\n    code::{Code, CodeFormat as Format},\n    totp::Totp,\n};",
            1,
        ),
        (&["hotp"], "use crate::Totp;", 1),
        (&["attic"], "use crate::ct::reveal;", 1),
        // A path into another folder is refused on every layer.
        (&["engine"], "use crate::otpauth::Uri;", 0),
        (&["engine"], "use crate::otpauth::uri::Uri;", 1),
        // Inside a folder.
        (&["otpauth", "uri"], "use super::error::{Error, Part};", 0),
        (&["otpauth", "uri"], "use crate::otpauth::error::Error;", 0),
        (&["otpauth", "error"], "use super::uri::Uri;", 1),
        (&["otpauth", "error"], "use super::{text::Text, Uri};", 2),
        (&["otpauth", "uri"], "use super::Kind;", 1),
        (&["otpauth"], "pub use self::{error::{Error, Part}, uri::Uri};", 0),
        (&["otpauth", "attic"], "use super::error::Error;", 1),
    ] {
        let found = violations(module, text);
        assert_eq!(found.len(), expected, "{text}: {found:?}");
    }
}

/// Each of these crates is named in one place, so that it can be replaced there.
#[test]
fn a_dependency_has_one_place() {
    for (dependency, places) in [
        ("subtle::", &["ct"][..]),
        ("sha1::block_api", &["sha1"]),
        // HMAC over messages of any length is `hmac` with `sha2`, in one file of the folder.
        ("sha2::", &["hash", "recovery", "seeds"]),
        ("hmac::", &["recovery", "seeds"]),
        ("argon2::", &["recovery"]),
        ("pbkdf2::", &["recovery", "seeds"]),
        ("phc::", &["recovery"]),
        ("base16ct::", &["stored"]),
        ("base64ct::", &["migration", "seeds"]),
        ("aes::", &["seeds"]),
        ("cbc::", &["seeds"]),
        ("rand_core::", &["secret"]),
        ("getrandom::", &["secret"]),
        ("qrcodegen_no_heap::", &["qr"]),
    ] {
        for (module, text) in files() {
            let named = text.contains(dependency);
            assert!(!named || places.contains(&&*module[0]), "{dependency} in {module:?}");
        }
    }
}
