//! The files of the repository that a release depends on: lock files, audits, versions.
//!
//! `tests/proofs/supply.sh` checks more, with tools that it compiles. The package of the crate does
//! not contain these files, so there the tests check nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Returns a file of the repository, or `None` in a package.
fn file(name: &str) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(name)).ok();
    assert!(text.is_some() || !root.join("otp").exists(), "no file {name}");
    text
}

/// Returns the value of a line `key = "value"`.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.split('"').next()
}

/// Every lock file of a product takes its crates from crates.io, with a checksum.
#[test]
fn every_dependency_is_from_crates_io() {
    for name in ["Cargo.lock", "npm/Cargo.lock", "examples/hardware-token/Cargo.lock"] {
        let Some(text) = file(name) else { return };
        let mut crates = 0;
        for package in text.split("[[package]]").skip(1) {
            let Some(source) = package.lines().find_map(|line| value(line, "source")) else {
                continue;
            };
            assert_eq!(
                source, "registry+https://github.com/rust-lang/crates.io-index",
                "{name}: {package}"
            );
            assert!(
                package.lines().any(|line| value(line, "checksum").is_some()),
                "{name}: {package}"
            );
            crates += 1;
        }
        assert!(crates > 5, "{name}");
    }
}

/// The versions of `Cargo.lock` were audited or exempted from an audit.
#[test]
fn every_version_is_in_the_supply_chain() {
    let (Some(lock), Some(config), Some(audits)) =
        (file("Cargo.lock"), file("supply-chain/config.toml"), file("supply-chain/audits.toml"))
    else {
        return;
    };
    let mut known = BTreeSet::new();
    for text in [&config, &audits] {
        for entry in text.split("[[").skip(1) {
            let name = entry.split(']').next().unwrap().trim_start_matches("exemptions.");
            let name = name.trim_start_matches("audits.").trim_matches('"');
            if let Some(version) = entry.lines().find_map(|line| value(line, "version")) {
                known.insert((name, version));
            }
        }
    }
    let mut locked = BTreeSet::new();
    for package in lock.split("[[package]]").skip(1) {
        let find = |key| package.lines().find_map(|line| value(line, key));
        if let (Some(name), Some(version), Some(_)) =
            (find("name"), find("version"), find("source"))
        {
            locked.insert((name, version));
        }
    }
    let unknown: Vec<_> = locked.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "supply-chain/ does not know {unknown:?}: read what has changed, then `cargo vet certify`, or \
         `cargo vet add-exemption NAME VERSION`"
    );
    assert!(locked.len() > 100);
}

/// All published packages have the same version.
#[test]
fn every_package_has_the_same_version() {
    let (Some(tool), Some(module), Some(npm)) =
        (file("otp/Cargo.toml"), file("npm/Cargo.toml"), file("npm/js/package.json"))
    else {
        return;
    };
    let version = env!("CARGO_PKG_VERSION");
    for manifest in [&tool, &module] {
        assert_eq!(manifest.lines().find_map(|line| value(line, "version")), Some(version));
    }
    assert!(tool.contains(&format!("otp-core = {{ version = \"{version}\", path")));
    assert!(npm.contains(&format!("\"version\": \"{version}\"")));
}

/// The address of the repository is in one line.
#[test]
fn the_repository_is_named_once() {
    let (Some(workspace), Some(tool), Some(npm)) =
        (file("Cargo.toml"), file("otp/Cargo.toml"), file("npm/js/package.json"))
    else {
        return;
    };
    let named = workspace.lines().filter(|line| value(line, "repository").is_some());
    assert_eq!(named.count(), 1);
    assert!(workspace.contains("\nrepository.workspace = true"));
    assert!(tool.contains("\nrepository.workspace = true"));
    assert!(!npm.contains("\"repository\""), "npm/build.mjs writes it");
}
