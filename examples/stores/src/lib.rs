//! Stores of verifier states: each file is short, complete, and there to be copied.
//!
//! All of them load a [`State`](otp_core::verifier::State), and replace it by compare-and-swap. `README.md` compares them.

mod blocking;
pub mod dynamodb;
pub mod postgres;
pub mod redb;
pub mod redis;
pub mod rusqlite;
pub mod sqlite;

pub use self::blocking::{NAMES, StateStore, open};

/// An error of the store. Nobody is let in then.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A user without a state. That is never a new user: who enrols one calls `enrol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnrolled;

impl std::fmt::Display for NotEnrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this user has no authenticator")
    }
}

impl std::error::Error for NotEnrolled {}
