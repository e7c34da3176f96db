//! A transaction that is done when the database has said so, and not before.
//!
//! `BEGIN` and `COMMIT` are statements here. sqlx has transactions of its own, which count how deep a
//! connection is in them. SQLite ends a transaction by itself if the disk is full or fails, and the count
//! does not notice: the next transaction on that connection is a savepoint, its commit says yes, and
//! nothing is stored.

use std::ops::{Deref, DerefMut};

use sqlx::any::AnyQueryResult;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool};

use super::StoreError;

/// How often a transaction runs that others undo.
const TRIES: usize = 5;

/// A transaction on a connection of the pool. The connection goes back to the pool if the database has
/// said that the transaction is over. In every other case the connection is closed, which undoes what was
/// not committed: an error, a panic, and a request that is dropped because its client went away.
pub struct Work {
    connection: PoolConnection<Any>,
    over: bool,
}

impl Work {
    /// Begins a transaction that writes. With SQLite it is the only one from here on: one that read first,
    /// and took the lock for its first write, could not wait for another writer.
    pub async fn begin(pool: &AnyPool) -> Result<Self, StoreError> {
        let mut work = Self { connection: pool.acquire().await?, over: false };
        let begin = if work.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        work.control(begin).await?;
        Ok(work)
    }

    /// Commits. What follows from the transaction may leave the server if this returned `Ok`.
    ///
    /// After an error the transaction was undone, or the answer was lost and nobody knows: the caller
    /// must not act on it either way.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        // SQLite refuses to commit what it has undone by itself. PostgreSQL does not: it answers ROLLBACK,
        // which is no error. The savepoint is refused there, unless a transaction is open and sound.
        let commit = if self.is_sqlite() { "COMMIT" } else { "SAVEPOINT sound; COMMIT" };
        self.control(commit).await?;
        self.over = true;
        Ok(())
    }

    /// Undoes everything. There is nothing to be done about an error: the connection is closed then, and
    /// that undoes it too.
    pub async fn undo(mut self) {
        self.over = self.control("ROLLBACK").await.is_ok();
    }

    fn is_sqlite(&self) -> bool {
        self.connection.backend_name() == "SQLite"
    }

    async fn control(&mut self, statement: &'static str) -> Result<AnyQueryResult, sqlx::Error> {
        sqlx::raw_sql(statement).execute(&mut *self.connection).await
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.over {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Work {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
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
            Err(StoreError::Database(error))
                if tries < TRIES && StoreError::is_conflict(&error) => {}
            done => return done,
        }
    }
}
