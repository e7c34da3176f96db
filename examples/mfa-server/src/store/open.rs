//! Opens a database, and brings its schema up to date.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AnyConnection, Connection as _, Row as _, SqlSafeStr as _};
use tokio::time::{Instant, sleep, timeout_at};

use super::pool::Pool;
use super::ready::{Readiness, write_and_read};
use super::work::retried;
use super::{Store, StoreError};

/// The migrations: number, name, and text. Never edit a released one, not even its comments,
/// because the database stores a hash of the text. sqlx's macro would compile the database
/// drivers a second time, so this list is written by hand.
const SQLITE: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../migrations/sqlite/0001_accounts.sql")),
    (2, "recovery codes", include_str!("../../migrations/sqlite/0002_recovery_codes.sql")),
    (3, "people", include_str!("../../migrations/sqlite/0003_people.sql")),
    (4, "guesses", include_str!("../../migrations/sqlite/0004_guesses.sql")),
    (5, "tokens", include_str!("../../migrations/sqlite/0005_tokens.sql")),
    (7, "readiness", include_str!("../../migrations/sqlite/0007_readiness.sql")),
];
const POSTGRES: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../migrations/postgres/0001_accounts.sql")),
    (2, "recovery codes", include_str!("../../migrations/postgres/0002_recovery_codes.sql")),
    (3, "people", include_str!("../../migrations/postgres/0003_people.sql")),
    (4, "guesses", include_str!("../../migrations/postgres/0004_guesses.sql")),
    (5, "tokens", include_str!("../../migrations/postgres/0005_tokens.sql")),
    (7, "readiness", include_str!("../../migrations/postgres/0007_readiness.sql")),
];

/// The time for which the server waits at its start for a database that is starting too.
const PATIENCE: Duration = Duration::from_secs(5);

/// The address of the database.
#[derive(Clone)]
pub enum DatabaseUrl {
    Sqlite { file: String },
    Postgres { url: String },
}

/// A connection that was used within this time is not checked before its next use.
const IDLE: Duration = Duration::from_secs(1);

impl DatabaseUrl {
    /// Returns false if the address is a file that does not exist.
    pub fn may_exist(&self) -> bool {
        match self {
            Self::Sqlite { file } => Path::new(file).exists(),
            Self::Postgres { .. } => true,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Returns the place of the database, without user and password.
    pub fn place(&self) -> String {
        match self {
            Self::Sqlite { file } => file.clone(),
            Self::Postgres { url } => url.parse::<PgConnectOptions>().map_or_else(
                |_| "PostgreSQL".into(),
                |options| format!("PostgreSQL at {}:{}", options.get_host(), options.get_port()),
            ),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(file) = text.strip_prefix("sqlite://") {
            if file.is_empty() || file.contains(['?', '#', '%']) || file == ":memory:" {
                return Err(
                    "must name a file: sqlite://mfa-server.db, sqlite:///var/lib/mfa-server.db",
                );
            }
            return Ok(Self::Sqlite { file: file.to_owned() });
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres { url: text.to_owned() });
        }
        Err("must begin with sqlite:// or postgres://")
    }
}

impl Store {
    /// Connects to the database, and brings its schema up to date. Any number of servers may do
    /// this at the same time.
    ///
    /// # Errors
    /// The problem of the database, within seconds. A database that cannot be written is an
    /// error too.
    pub async fn open(database: &DatabaseUrl, connections: u32) -> Result<Self, StoreError> {
        install_default_drivers();
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            // A ping before each statement would double the round trips.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| Box::pin(pinged(connection, meta.idle_for)));
        let pool = match database {
            DatabaseUrl::Sqlite { file } => {
                private(file).map_err(|error| StoreError::File(file.clone(), error))?;
                let url = format!("sqlite://{file}");
                migrate(database, &url, SQLITE).await?;
                let options = options
                    .after_connect(|connection, _| Box::pin(async { set_up(connection).await }));
                Pool::open(options, &url).await?
            }
            DatabaseUrl::Postgres { url } => {
                migrate(database, url, POSTGRES).await?;
                let options = options.after_connect(|connection, _| {
                    Box::pin(async {
                        sqlx::raw_sql(POSTGRES_SESSION).execute(connection).await.map(drop)
                    })
                });
                Pool::open(options, url).await?
            }
        };
        retried(|| write_and_read(&pool)).await?;
        Ok(Self { pool, readiness: Readiness::new() })
    }
}

/// Checks a connection that has not been used for a while. If a connection breaks within that
/// time, the next request on it gets an error, and the connection is closed.
async fn pinged(connection: &mut AnyConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    if idle > IDLE {
        connection.ping().await?;
    }
    Ok(true)
}

/// The settings of each PostgreSQL connection. A used code must not come back after a crash, so
/// commits are durable with any default of the server. No statement waits longer than a request
/// may. If this server goes silent, its locks end. Rows are found by their keys, so one plan
/// per query is good for all executions. Otherwise PostgreSQL may plan each execution again.
const POSTGRES_SESSION: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') <> 'remote_apply';
    SET plan_cache_mode = force_generic_plan;
    SET statement_timeout = 1500;
    SET lock_timeout = 1500;
    SET idle_in_transaction_session_timeout = 5000;
";

/// Sets up each SQLite connection. Writers wait for each other, and a commit survives a power
/// cut.
async fn set_up(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA busy_timeout = 1500").execute(&mut *connection).await?;
    let mode = sqlx::query("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await?;
    sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON").execute(&mut *connection).await?;
    // SQLite ignores a pragma that it cannot apply, so the result is checked.
    let synchronous = sqlx::query("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    if mode.try_get::<String, _>(0)? != "wal" || synchronous.try_get::<i64, _>(0)? != 2 {
        return Err(sqlx::Error::Configuration(
            "SQLite cannot use a write-ahead log in this folder".into(),
        ));
    }
    Ok(())
}

fn migrator(schemas: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migration = |&(number, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(number, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(schemas.iter().map(migration).collect())
}

/// Runs the migrations. PostgreSQL locks against a second server that runs them at the same
/// time. With SQLite, the second server may fail because the first one was faster, so it tries
/// again with the schema that it finds then.
async fn migrate(
    database: &DatabaseUrl,
    url: &str,
    schemas: &[(i64, &'static str, &'static str)],
) -> Result<(), StoreError> {
    let migrator = migrator(schemas);
    let mut tries = 0;
    loop {
        tries += 1;
        let place = || database.place();
        // Each try has its own connection, without the time limits of requests.
        let mut connection =
            reach(url).await.map_err(|error| StoreError::Unreachable { place: place(), error })?;
        if let DatabaseUrl::Sqlite { .. } = database {
            set_up(&mut connection)
                .await
                .map_err(|error| StoreError::Unreachable { place: place(), error })?;
        }
        match migrator.run(&mut connection).await {
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) if tries < 4 => {
                sleep(Duration::from_millis(100)).await;
            }
            done => {
                done.map_err(StoreError::Schema)?;
                return Ok(connection.close().await?);
            }
        }
    }
}

/// Connects. A database that is still starting refuses at first, so it tries again.
async fn reach(url: &str) -> Result<AnyConnection, sqlx::Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let error = match timeout_at(deadline, AnyConnection::connect(url)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => error,
            Err(_) => return Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
        };
        let starts = match &error {
            sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
            sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
            _ => false,
        };
        if !starts || Instant::now() + Duration::from_millis(200) > deadline {
            return Err(error);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Creates the file if it does not exist, readable for this user only. SQLite gives its other
/// files the same permissions.
fn private(file: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}
