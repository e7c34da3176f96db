//! From an address to a database with the right schema.

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

/// Each schema by its number and name. By hand, as the macro for it would have the databases' drivers compiled a
/// second time.
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

/// How long a start waits for a database that starts at the same time.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the database is.
#[derive(Clone)]
pub enum DatabaseUrl {
    Sqlite { file: String },
    Postgres { url: String },
}

/// A connection that was used so lately is taken as sound.
const IDLE: Duration = Duration::from_secs(1);

impl DatabaseUrl {
    /// Returns false if it is a file that is not there.
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

    /// Where it is, without user and password.
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
                    "has to name a file: sqlite://mfa-server.db, sqlite:///var/lib/mfa-server.db",
                );
            }
            return Ok(Self::Sqlite { file: file.to_owned() });
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres { url: text.to_owned() });
        }
        Err("has to begin with sqlite:// or postgres://")
    }
}

impl Store {
    /// Connects, and brings the schema up to date. Any number of servers may do so at once.
    ///
    /// # Errors
    /// What is wrong with the database is told within seconds, and a database that cannot be written too.
    pub async fn open(database: &DatabaseUrl, connections: u32) -> Result<Self, StoreError> {
        install_default_drivers();
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            // A ping for each statement would double the round trips.
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

/// Whether a connection is still one, if nobody has used it for a while. One that broke since then gives an error to
/// the request that uses it, and is closed.
async fn pinged(connection: &mut AnyConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    if idle > IDLE {
        connection.ping().await?;
    }
    Ok(true)
}

/// Of PostgreSQL, for each connection. What was committed outlives a crash, whatever the server's default
/// is: a code that was used must not come back. Nobody waits longer than a request does, and a server that
/// went silent holds no locks. Rows are found by their keys, so one plan of a query is good for all of them.
/// PostgreSQL may make one for each execution otherwise.
const POSTGRES_SESSION: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') <> 'remote_apply';
    SET plan_cache_mode = force_generic_plan;
    SET statement_timeout = 1500;
    SET lock_timeout = 1500;
    SET idle_in_transaction_session_timeout = 5000;
";

/// Of SQLite, for each connection. Writers wait for each other, and what was committed outlives a power
/// cut.
async fn set_up(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("PRAGMA busy_timeout = 1500").execute(&mut *connection).await?;
    let mode = sqlx::query("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await?;
    sqlx::query("PRAGMA synchronous = FULL").execute(&mut *connection).await?;
    sqlx::query("PRAGMA foreign_keys = ON").execute(&mut *connection).await?;
    // SQLite passes over what it cannot do.
    let synchronous = sqlx::query("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    if mode.try_get::<String, _>(0)? != "wal" || synchronous.try_get::<i64, _>(0)? != 2 {
        return Err(sqlx::Error::Configuration(
            "SQLite does not keep a write-ahead log here".into(),
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

/// PostgreSQL has a lock for it. With SQLite two servers may begin at once, and the one that comes
/// second fails where the first was faster: what counts is what it finds then.
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
        // A connection of its own for each, without the limits that requests have.
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

/// Connects. A database that starts at the same time refuses at first.
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

/// Makes the file, for this user alone, if it is not there. The files beside it get its permissions.
fn private(file: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}
