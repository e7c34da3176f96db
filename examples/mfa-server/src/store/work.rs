//! A transaction that is done when the database has said so, and not before.
//!
//! `BEGIN` and `COMMIT` are statements here. sqlx has transactions of its own, which count how deep a
//! connection is in them. SQLite ends a transaction by itself if the disk is full or fails, and the count
//! does not notice: the next transaction on that connection is a savepoint, its commit says yes, and
//! nothing is stored.

use std::ops::{Deref, DerefMut};

use super::StoreError;
use super::finish::begun;
use super::pool::{Connection, Pool, Turn};
use super::trouble::Trouble;

/// How often a transaction runs that others undo.
const TRIES: usize = 5;

/// A transaction on a connection of the pool. The connection goes back to the pool if the database has
/// said that the transaction is over. In every other case the connection is closed, which undoes what was
/// not committed: an error, a panic, and a request that is dropped because its client went away.
pub struct Work {
    connection: Connection,
    _turn: Turn,
}

impl Work {
    /// Begins a transaction that writes. With SQLite it is the only one from here on: one that read first,
    /// and took the lock for its first write, could not wait for another writer.
    pub async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        let turn = pool.turn().await?;
        let mut connection = pool.connection().await?;
        let begin = if connection.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        sqlx::raw_sql(begin).execute(&mut connection).await?;
        Ok(Self { connection, _turn: turn })
    }

    /// Begins a transaction about one user, and locks the user's row first. Two transactions about one user
    /// then run one after the other. They cannot lock further rows in different orders and wait for each
    /// other, and each of their queries sees what the other one has committed.
    ///
    /// A statement that is a transaction by itself does not need this: it waits, but holds nothing that
    /// others wait for.
    pub async fn about(pool: &Pool, user_id: &str) -> Result<Self, StoreError> {
        let mut work = Self::begin(pool).await?;
        // SQLite has one writer at a time.
        if !work.is_sqlite() {
            sqlx::query("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE")
                .bind(user_id)
                .execute(&mut *work)
                .await?;
        }
        Ok(work)
    }

    /// Commits. What follows from the transaction may leave the server if this returned `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Unanswered`] if nobody knows whether it was committed. After every other error it
    /// was undone.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        // SQLite refuses to commit what it has undone by itself. PostgreSQL does not: it answers ROLLBACK,
        // which is no error. It refuses the savepoint, unless a transaction is open and sound.
        begun();
        let commit = if self.connection.is_sqlite() { "COMMIT" } else { "SAVEPOINT sound; COMMIT" };
        self.connection.last(commit).await.map_err(|error| {
            if Trouble::is_silence(&error) {
                StoreError::Unanswered(error)
            } else {
                StoreError::Database(error)
            }
        })?;
        self.connection.sound();
        Ok(())
    }

    /// Undoes everything. There is nothing to be done about an error: the connection is closed then, and
    /// that undoes it too.
    pub async fn undo(mut self) {
        if self.connection.last("ROLLBACK").await.is_ok() {
            self.connection.sound();
        }
    }
}

impl Deref for Work {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

/// Runs a statement that is a transaction by itself, when it is its turn. If the answer does not come in time, it may
/// be done nevertheless: it has to be one that does no harm then.
pub async fn alone<T, F>(pool: &Pool, run: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    retried(|| async {
        let _turn = pool.turn().await?;
        begun();
        run().await
    })
    .await
}

/// Does it again if another transaction won and this one was undone (a serialization failure or a
/// deadlock). Whatever writes goes through here, unless its caller decides anew itself.
pub async fn retried<T, F>(run: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut tries = 0;
    loop {
        tries += 1;
        match run().await {
            Err(error) if tries < TRIES && error.is_conflict() => {}
            done => return done,
        }
    }
}
