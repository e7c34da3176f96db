//! Every public type is under test. All types of the committed listings (`tests/proofs/api.sh`
//! keeps these true) are in the table of promises, and all were tested for secrets in their output.

use core::any::type_name;
use std::collections::BTreeSet;
use std::{env, fs};

use super::{promised, told};

/// The public modules. Types in them are named with their module, because several have an `Error`.
const MODULES: [&str; 7] =
    ["conformance", "migration", "otpauth", "qr", "recovery", "seeds", "verifier"];

/// Returns the name of a type as a user writes it, without its parameters.
pub(super) fn name<T>() -> String {
    public_name(type_name::<T>())
}

fn public_name(path: &str) -> String {
    let path = path.split(['<', '(', ' ']).next().unwrap();
    let name = path.rsplit("::").next().unwrap();
    // In the crate, a type is in a file of its module.
    match path.split("::").nth(1) {
        Some(module) if MODULES.contains(&module) => format!("{module}::{name}"),
        _ => name.to_owned(),
    }
}

/// Returns the type that a line of a listing defines.
fn defined(line: &str) -> Option<String> {
    let (attributes, item) = line.split_once("pub ")?;
    if !attributes.is_empty() && !attributes.starts_with("#[") {
        return None;
    }
    let kinds = ["struct ", "enum ", "union "];
    kinds.iter().find_map(|kind| item.strip_prefix(kind)).map(public_name)
}

#[test]
fn lines_of_a_listing_are_read() {
    for (line, kind) in [
        ("pub struct otp_core::Argon2Keys<'a>", Some("Argon2Keys")),
        ("#[non_exhaustive] #[repr(u8)] pub enum otp_core::otpauth::Rule", Some("otpauth::Rule")),
        ("pub enum otp_core::conformance::Violation", Some("conformance::Violation")),
        ("pub struct otp_core::Keyed(_)", Some("Keyed")),
        ("pub fn otp_core::Code::digits(self) -> otp_core::Digits", None),
        ("pub trait otp_core::HmacKey", None),
        ("impl otp_core::Code", None),
    ] {
        assert_eq!(defined(line).as_deref(), kind);
    }
}

/// Returns the types of the listings.
fn listed() -> BTreeSet<String> {
    // The proof's control uses another folder: a listing with an unknown type.
    let folder = env::var("OTP_API_LISTING")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proofs/api").into());
    let sets = ["bare", "default", "all"];
    let listings = sets.map(|set| fs::read_to_string(format!("{folder}/{set}.txt")).unwrap());
    listings.iter().flat_map(|listing| listing.lines().filter_map(defined)).collect()
}

#[test]
fn no_name_repeats_its_module() {
    let repeats = |name: &str, module: &str| {
        // The main type of a module has the name of the module: `qr::Qr`.
        name.len() > module.len() && name.to_lowercase().starts_with(module)
    };
    for path in listed() {
        match path.split_once("::") {
            Some((module, name)) => assert!(!repeats(name, module), "{path}"),
            None => assert!(!MODULES.iter().any(|module| repeats(&path, module)), "{path}"),
        }
    }
}

/// It needs all features, because the listings contain all types.
#[test]
fn every_public_type_is_under_test() {
    if !cfg!(all(
        feature = "argon2",
        feature = "conformance",
        feature = "getrandom",
        feature = "pbkdf2",
        feature = "qr",
        feature = "seeds"
    )) {
        return;
    }
    let listed = listed();
    assert!(listed.contains("Secret"));

    let promised: BTreeSet<_> = promised::table().into_iter().map(|row| row.name).collect();
    let untested: Vec<_> = listed.difference(&promised).collect();
    assert!(untested.is_empty(), "not under test: traits and size of {untested:?}");

    let told: BTreeSet<_> = told::everything().types;
    let untested: Vec<_> =
        listed.difference(&told).filter(|name| !told::NOT_TO_BE_HAD.contains(&&***name)).collect();
    assert!(untested.is_empty(), "not under test: what Debug tells of {untested:?}");
}
