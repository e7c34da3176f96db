//! From an address to a database with the right schema.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection as _, SqlSafeStr as _};

use super::{Store, StoreError};

/// Each schema by its number and name. By hand, as the macro for it would have the databases' drivers compiled a
/// second time.
const SQLITE: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../migrations/sqlite/0001_accounts.sql")),
    (2, "recovery codes", include_str!("../../migrations/sqlite/0002_recovery_codes.sql")),
    (5, "tokens", include_str!("../../migrations/sqlite/0005_tokens.sql")),
];
const POSTGRES: &[(i64, &str, &str)] = &[
    (1, "accounts", include_str!("../../migrations/postgres/0001_accounts.sql")),
    (2, "recovery codes", include_str!("../../migrations/postgres/0002_recovery_codes.sql")),
    (5, "tokens", include_str!("../../migrations/postgres/0005_tokens.sql")),
];

/// How long a request waits for a connection, and a start for the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the database is.
#[derive(Clone)]
pub enum DatabaseUrl {
    Sqlite { file: String },
    Postgres { url: String },
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
    pub async fn open(database: &DatabaseUrl, connections: u32) -> Result<Self, StoreError> {
        install_default_drivers();
        let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
        let (pool, schemas) = match database {
            DatabaseUrl::Sqlite { file } => {
                private(file).map_err(|error| StoreError::File(file.clone(), error))?;
                let url = format!("sqlite://{file}");
                // What is no database is told at once: a pool would try again until its patience ends.
                let mut first = AnyConnection::connect(&url).await?;
                set_up(&mut first).await?;
                first.close().await?;
                let options = options
                    .after_connect(|connection, _| Box::pin(async { set_up(connection).await }));
                (options.connect(&url).await?, SQLITE)
            }
            DatabaseUrl::Postgres { url } => (options.connect(url).await?, POSTGRES),
        };
        migrate(&pool, &migrator(schemas)).await?;
        Ok(Self { pool })
    }
}

/// Of SQLite, for each connection. Writers wait for each other, and what was committed outlives a power
/// cut: a code that was used must not come back.
async fn set_up(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for pragma in [
        "PRAGMA busy_timeout = 10000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
    ] {
        sqlx::query(pragma).execute(&mut *connection).await?;
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
async fn migrate(pool: &AnyPool, migrator: &Migrator) -> Result<(), StoreError> {
    let mut last = migrator.run(pool).await;
    for _ in 0..3 {
        if !matches!(last, Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        last = migrator.run(pool).await;
    }
    last.map_err(StoreError::Schema)
}

/// Makes the file, for this user alone, if it is not there. The files beside it get its permissions.
fn private(file: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map(drop)
}
