//! Stores of verifier states. Each file is short and complete, so that you can copy it.
//!
//! Each store loads a [`State`](otp_core::verifier::State), and replaces it by
//! compare-and-swap. `README.md` compares the stores.

mod blocking;
pub mod dynamodb;
pub mod postgres;
pub mod redb;
pub mod redis;
pub mod rusqlite;
pub mod sqlite;

pub use self::blocking::{NAMES, StateStore, open};

/// An error of the store. The login must fail then.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The user does not have a state. Never treat this as a new user: to enrol a user, call
/// `enrol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEnrolled;

impl std::fmt::Display for NotEnrolled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this user has no authenticator")
    }
}

impl std::error::Error for NotEnrolled {}
