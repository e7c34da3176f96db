//! PostgreSQL, with sqlx.
//!
//! An `UPDATE` outside of a transaction is committed and on the disk when it returns. For this,
//! `synchronous_commit` must be `on`, which is the default. Load from the primary, because a
//! standby has older data. If a standby may take over, name it in `synchronous_standby_names`.
//! Otherwise a fail-over loses the last states, and their codes work again.

use std::time::Duration;

use otp_core::verifier::{State, Swap};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::{Error, NotEnrolled};

/// A pool of connections.
#[derive(Clone, Debug)]
pub struct Store(PgPool);

impl Store {
    /// Connects to `postgres://user@host/database`, and creates the table.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let options = PgPoolOptions::new().acquire_timeout(Duration::from_secs(5));
        let pool = options.connect(url).await?;
        let table =
            "CREATE TABLE IF NOT EXISTS otp (user_id text PRIMARY KEY, state bytea NOT NULL)";
        sqlx::query(table).execute(&pool).await?;
        Ok(Self(pool))
    }

    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The server failed.
    pub async fn enrol(&self, user: &str) -> Result<(), Error> {
        let new = State::enrolment().to_bytes();
        sqlx::query("INSERT INTO otp VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(user)
            .bind(new.as_ref())
            .execute(&self.0)
            .await?;
        Ok(())
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The server failed, or the user has no state.
    pub async fn load(&self, user: &str) -> Result<State, Error> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar("SELECT state FROM otp WHERE user_id = $1")
            .bind(user)
            .fetch_optional(&self.0)
            .await?;
        Ok(State::from_bytes(&bytes.ok_or(NotEnrolled)?)?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The server failed.
    pub async fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let (old, new) = (old.to_bytes(), new.to_bytes());
        let done = sqlx::query("UPDATE otp SET state = $3 WHERE user_id = $1 AND state = $2")
            .bind(user)
            .bind(old.as_ref())
            .bind(new.as_ref())
            .execute(&self.0)
            .await?;
        Ok(Swap::from_rows(done.rows_affected()))
    }
}
