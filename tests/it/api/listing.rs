//! Every public type is under test: those of the committed listings (`tests/proofs/api.sh`, which
//! keeps them true) are all in the table of promises, and all were asked to tell their secrets.

use core::any::type_name;
use std::collections::BTreeSet;
use std::{env, fs};

use super::{promised, told};

/// The name of a type without its path and its parameters.
pub(super) fn name<T>() -> &'static str {
    bare(type_name::<T>())
}

fn bare(path: &str) -> &str {
    let path = path.split(['<', '(', ' ']).next().unwrap();
    path.rsplit("::").next().unwrap()
}

/// The type that a line of a listing defines.
fn defined(line: &str) -> Option<&str> {
    let (attributes, item) = line.split_once("pub ")?;
    if !attributes.is_empty() && !attributes.starts_with("#[") {
        return None;
    }
    let kinds = ["struct ", "enum ", "union "];
    kinds.iter().find_map(|kind| item.strip_prefix(kind)).map(bare)
}

#[test]
fn lines_of_a_listing_are_read() {
    for (line, kind) in [
        ("pub struct otp_core::Argon2Keys<'a>", Some("Argon2Keys")),
        ("#[non_exhaustive] #[repr(u8)] pub enum otp_core::Rule", Some("Rule")),
        ("pub enum otp_core::conformance::Violation", Some("Violation")),
        ("pub struct otp_core::Keyed(_)", Some("Keyed")),
        ("pub fn otp_core::Code::digits(self) -> otp_core::Digits", None),
        ("pub trait otp_core::Mac", None),
        ("impl otp_core::Code", None),
    ] {
        assert_eq!(defined(line), kind);
    }
}

/// With all features: the listings are of all types.
#[test]
fn every_public_type_is_under_test() {
    if !cfg!(all(
        feature = "argon2",
        feature = "conformance",
        feature = "getrandom",
        feature = "pbkdf2",
        feature = "qr"
    )) {
        return;
    }
    // Another folder is the proof's control: a listing with a type that nobody knows.
    let folder = env::var("OTP_API_LISTING")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proofs/api").into());
    let listed: BTreeSet<String> = ["bare", "default", "all"]
        .iter()
        .flat_map(|set| {
            let listing = fs::read_to_string(format!("{folder}/{set}.txt")).unwrap();
            listing.lines().filter_map(defined).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(listed.contains("Secret") && listed.contains("Pepper"));

    let promised: BTreeSet<_> = promised::table().iter().map(|row| row.name.to_owned()).collect();
    let untested: Vec<_> = listed.difference(&promised).collect();
    assert!(untested.is_empty(), "not under test: traits and size of {untested:?}");

    let told: BTreeSet<_> = told::everything().types.into_iter().map(str::to_owned).collect();
    let untested: Vec<_> =
        listed.difference(&told).filter(|name| !told::NOT_TO_BE_HAD.contains(&&***name)).collect();
    assert!(untested.is_empty(), "not under test: what Debug tells of {untested:?}");
}
