//! The database: SQLite or PostgreSQL, with the same statements.
//!
//! [`mod@judged`] makes codes one-time. The other modules are about rows that need no such
//! care.

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
    /// The answer to a commit was lost, so the server does not know whether the commit was
    /// done.
    Unanswered(sqlx::Error),
    /// The server could not connect to the database at its start.
    Unreachable {
        place: String,
        error: sqlx::Error,
    },
    /// The schema differs from the one that this version of the server expects.
    Schema(MigrateError),
    /// A file that cannot be created or opened.
    File(String, std::io::Error),
    /// Other requests were faster each time.
    Busy,
    /// A column contains a value that no version of the server wrote.
    Corrupt(&'static str),
}

impl StoreError {
    /// Returns the problem of the database. `None` means a bug of the server, or rows that it
    /// did not write.
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

    /// Returns whether another transaction won and this one was undone. Callers treat that like
    /// a row that was not found.
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Database(_)) && self.trouble() == Some(Trouble::Conflict)
    }
}

impl Store {
    /// Returns the value with this name. If it does not exist, stores `value` first. So the
    /// first server decides for all servers.
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

    /// Returns how many connections are open now.
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

/// The text is for operators. It contains no row.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            _ if self.trouble() == Some(Trouble::ReadOnly) => {
                write!(f, "the database is a replica or read-only: give the address of the primary")
            }
            Self::Database(error) => write!(f, "database: {error}"),
            Self::Unanswered(error) => {
                write!(f, "database: the answer to a commit was lost: {error}")
            }
            Self::Unreachable { place, error } => write!(f, "cannot use {place}: {error}"),
            Self::File(file, error) => write!(f, "{file}: {error}"),
            Self::Busy => f.write_str("too many requests for one user at the same time: try again"),
            Self::Corrupt(what) => {
                write!(f, "database: {what} contains a value that this server did not write")
            }
            Self::Schema(MigrateError::VersionMissing(version)) => write!(
                f,
                "the database has a newer schema ({version}) than this server knows: use the newer server"
            ),
            Self::Schema(MigrateError::VersionMismatch(version)) => {
                write!(
                    f,
                    "migration {version} of the database is not the one of this server: use another database"
                )
            }
            Self::Schema(MigrateError::Dirty(version)) => {
                write!(
                    f,
                    "a migration ({version}) of the database was interrupted: restore a backup"
                )
            }
            Self::Schema(error) => {
                write!(
                    f,
                    "the schema cannot be created. Does another program use this database? {error}"
                )
            }
        }
    }
}

impl std::error::Error for StoreError {}
