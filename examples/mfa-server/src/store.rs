//! The database: SQLite or PostgreSQL, by the same statements.
//!
//! What makes a code one-time is in [`mod@judged`]. The rest is rows that are written once.

mod judged;
mod keyring;
mod open;
mod rows;
mod work;

use std::fmt;

use sqlx::migrate::MigrateError;
use sqlx::{AnyPool, Row as _};

pub use self::judged::Settled;
pub use self::keyring::{MASTER, PepperRow, SealedKind, SealedRow, SigningRow};
pub use self::open::DatabaseUrl;
pub use self::rows::{Login, Otp, Recovery, RecoveryCodes, Stored, User};

pub struct Store {
    pool: AnyPool,
}

#[derive(Debug)]
pub enum StoreError {
    Database(sqlx::Error),
    /// The schema is not what this version of the server expects.
    Schema(MigrateError),
    /// A file that cannot be made or opened.
    File(String, std::io::Error),
    /// A column holds what no version of the server wrote.
    Corrupt(&'static str),
}

impl StoreError {
    /// Another transaction won, and this one was undone: as good as a row that was not found.
    fn is_conflict(error: &sqlx::Error) -> bool {
        let code = error.as_database_error().and_then(|error| error.code());
        matches!(code.as_deref(), Some("40001" | "40P01"))
    }
}

impl Store {
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// The value that has this name. The first one who stores it decides for all replicas.
    pub async fn shared(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        sqlx::query("INSERT INTO server_keys (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&self.pool)
            .await?;
        self.stored(name).await?.ok_or(StoreError::Corrupt("server_keys"))
    }

    pub async fn stored(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT value FROM server_keys WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// What an operator has to know. No row is in it.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "database: {error}"),
            Self::File(file, error) => write!(f, "{file}: {error}"),
            Self::Corrupt(what) => {
                write!(f, "database: {what} holds what this server did not write")
            }
            Self::Schema(MigrateError::VersionMissing(version)) => write!(
                f,
                "the database has a newer schema ({version}) than this server knows: use the newer server"
            ),
            Self::Schema(MigrateError::VersionMismatch(version)) => {
                write!(f, "the database has another schema under the number {version}")
            }
            Self::Schema(MigrateError::Dirty(version)) => {
                write!(f, "the database was left within migration {version}: restore it")
            }
            Self::Schema(error) => {
                write!(
                    f,
                    "the schema cannot be made, does something else live in the database? {error}"
                )
            }
        }
    }
}

impl std::error::Error for StoreError {}
