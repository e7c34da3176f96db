//! The public API, an item a line, so that a diff says what became of each.

use std::collections::HashSet;

use public_api::Builder;

use crate::Outcome;

/// Methods of traits that can be derived, by name: they change with the compiler. The impls of
/// those traits stay in the listing.
const DERIVED: &[&str] = &["clone", "eq", "fmt", "hash", "cmp", "partial_cmp"];

/// Prints the listing. Blanket impls and auto traits are left out, of which `tests/it/api.rs`
/// checks `Send` and `Sync`.
pub(crate) fn list(file: &str) -> Outcome<()> {
    let api = Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .build()?;
    let mut seen = HashSet::new();
    for line in api.items().map(ToString::to_string) {
        if !is_derived(&line) && !is_page(&line) && seen.insert(line.clone()) {
            println!("{line}");
        }
    }
    // An empty listing would be as committed, and add nothing.
    if seen.contains("pub mod otp_core") { Ok(()) } else { Err("not the API of otp-core".into()) }
}

/// A page of the guide, which is only in the documentation.
fn is_page(line: &str) -> bool {
    line.starts_with("pub mod otp_core::guide")
}

fn is_derived(line: &str) -> bool {
    let names = line
        .split("::")
        .skip(1)
        .filter_map(|rest| rest.split_once(['<', '(']))
        .map(|(name, _)| name);
    line.contains("StructuralPartialEq")
        || names.into_iter().any(|name| DERIVED.contains(&name) || name.starts_with("assert_"))
}
