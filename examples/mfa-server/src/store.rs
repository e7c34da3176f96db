//! The database: SQLite or PostgreSQL, by the same statements.
//!
//! What makes a code one-time is in [`mod@judged`]. The rest is rows that are written once.

mod authenticators;
mod finish;
mod guesses;
mod judged;
mod keyring;
mod open;
mod operator;
mod pool;
mod ready;
mod refresh;
mod rows;
mod trouble;
mod work;

use std::fmt;

use sqlx::Row as _;
use sqlx::migrate::MigrateError;

pub use self::authenticators::{By, MOST, Otp, Recovery, RecoveryCodes, Refusal};
pub use self::finish::to_its_end;
pub use self::guesses::Guessed;
pub use self::judged::Settled;
pub use self::keyring::{MASTER, PepperRow, SealedKind, SealedRow, SigningRow};
pub use self::open::DatabaseUrl;
pub use self::operator::{Account, Added};
pub use self::pool::{Connections, PATIENCE, within};
pub use self::refresh::{Minted, Refresh};
pub use self::rows::{Login, Stored, User, Waiting};
pub use self::trouble::Trouble;

use self::pool::Pool;
use self::ready::Readiness;

pub struct Store {
    pool: Pool,
    readiness: Readiness,
}

#[derive(Debug)]
pub enum StoreError {
    Database(sqlx::Error),
    /// The answer to a commit was lost: nobody knows whether it was done.
    Unanswered(sqlx::Error),
    /// There is no database to begin with.
    Unreachable {
        place: String,
        error: sqlx::Error,
    },
    /// The schema is not what this version of the server expects.
    Schema(MigrateError),
    /// A file that cannot be made or opened.
    File(String, std::io::Error),
    /// Others were faster each time.
    Busy,
    /// A column holds what no version of the server wrote.
    Corrupt(&'static str),
}

impl StoreError {
    /// What is wrong with the database. `None` is a mistake of the server's, or rows that it did not write.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Database(error)
            | Self::Unanswered(error)
            | Self::Unreachable { error, .. }
            | Self::Schema(
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
            ) => Trouble::of(error),
            Self::Busy => Some(Trouble::Busy),
            Self::Schema(_) | Self::File(..) | Self::Corrupt(_) => None,
        }
    }

    /// Another transaction won, and this one was undone: as good as a row that was not found.
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(_)) && self.trouble() == Some(Trouble::Conflict)
    }
}

impl Store {
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

    /// How many connections there are at the moment.
    pub fn connections(&self) -> Connections {
        self.pool.connections()
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
            _ if self.trouble() == Some(Trouble::ReadOnly) => {
                write!(f, "the database is a replica or read-only: name the one that is written")
            }
            Self::Database(error) => write!(f, "database: {error}"),
            Self::Unanswered(error) => {
                write!(f, "database: the answer to a commit was lost: {error}")
            }
            Self::Unreachable { place, error } => write!(f, "cannot use {place}: {error}"),
            Self::File(file, error) => write!(f, "{file}: {error}"),
            Self::Busy => f.write_str("too many requests for one user at a time: try again"),
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
