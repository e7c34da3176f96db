//! SQLite, with rusqlite: for small services without an asynchronous runtime.
//!
//! The remarks of [`sqlite`](crate::sqlite) about `synchronous` apply here too. A store has one
//! connection, so open one per thread.

use std::time::Duration;

use otp_core::verifier::{State, Swap};
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Error, NotEnrolled};

/// A connection to a file.
#[derive(Debug)]
pub struct Store(Connection);

impl Store {
    /// Opens a file. Creates it if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(file: &str) -> Result<Self, Error> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS otp (user_id TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT",
        )?;
        Ok(Self(connection))
    }

    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn enrol(&self, user: &str) -> Result<(), Error> {
        let new = State::enrolment().to_bytes();
        let insert = "INSERT INTO otp VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.0.execute(insert, params![user, new.as_ref()])?;
        Ok(())
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The file cannot be read, or the user has no state.
    pub fn load(&self, user: &str) -> Result<State, Error> {
        let select = "SELECT state FROM otp WHERE user_id = ?1";
        let bytes: Option<Vec<u8>> =
            self.0.query_one(select, [user], |row| row.get(0)).optional()?;
        Ok(State::from_bytes(&bytes.ok_or(NotEnrolled)?)?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let (old, new) = (old.to_bytes(), new.to_bytes());
        let update = "UPDATE otp SET state = ?3 WHERE user_id = ?1 AND state = ?2";
        let rows = self.0.execute(update, params![user, old.as_ref(), new.as_ref()])?;
        Ok(Swap::from_rows(rows as u64))
    }
}
