//! `cargo test --release` here runs the tests of `src/ct.rs` for every value there is.
#![allow(dead_code, reason = "the tests use it, and the rest of the crate is not here")]

#[path = "../../../../src/ct.rs"]
mod ct;
