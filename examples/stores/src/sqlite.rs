//! SQLite, with sqlx.
//!
//! An `UPDATE` outside of a transaction is committed when it returns. With `synchronous =
//! FULL`, it is then on the disk. With `NORMAL`, a power cut can lose the last states, and
//! their codes work again.

use std::time::Duration;

use otp_core::verifier::{State, Swap};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::{Error, NotEnrolled};

/// A pool of connections to a file.
#[derive(Clone, Debug)]
pub struct Store(SqlitePool);

impl Store {
    /// Opens a file. Creates it if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub async fn open(file: &str) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePool::connect_with(options).await?;
        let table =
            "CREATE TABLE IF NOT EXISTS otp (user_id TEXT PRIMARY KEY, state BLOB NOT NULL) STRICT";
        sqlx::query(table).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn enrol(&self, user: &str) -> Result<(), Error> {
        let new = State::enrolment().to_bytes();
        sqlx::query("INSERT INTO otp VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(user)
            .bind(new.as_ref())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The file cannot be read, or the user has no state.
    pub async fn load(&self, user: &str) -> Result<State, Error> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar("SELECT state FROM otp WHERE user_id = ?1")
            .bind(user)
            .fetch_optional(&self.0)
            .await?;
        Ok(State::from_bytes(&bytes.ok_or(NotEnrolled)?)?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let (old, new) = (old.to_bytes(), new.to_bytes());
        let done = sqlx::query("UPDATE otp SET state = ?3 WHERE user_id = ?1 AND state = ?2")
            .bind(user)
            .bind(old.as_ref())
            .bind(new.as_ref())
            .execute(&self.0)
            .await?;
        Ok(Swap::from_rows(done.rows_affected()))
    }
}
