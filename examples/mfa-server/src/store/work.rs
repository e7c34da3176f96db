//! A transaction that only counts as done after the database has confirmed it.
//!
//! `BEGIN` and `COMMIT` are plain statements here. sqlx has transactions of its own, and counts
//! how deeply they are nested on a connection. If the disk is full or fails, SQLite ends a
//! transaction by itself, and sqlx's count does not change. The next transaction on that
//! connection is then only a savepoint: its commit succeeds, and nothing is stored.

use std::ops::{Deref, DerefMut};

use super::StoreError;
use super::finish::begun;
use super::pool::{Connection, Pool, Turn};
use super::trouble::Trouble;

/// The number of times that a transaction runs if others undo it.
const TRIES: usize = 5;

/// A transaction on a connection of the pool. The connection returns to the pool if the
/// database has confirmed the end of the transaction. In every other case it is closed, which
/// undoes everything that was not committed. These cases are an error, a panic, and a request
/// that is dropped because its client hung up.
pub struct Work {
    connection: Connection,
    _turn: Turn,
}

impl Work {
    /// Begins a transaction that writes. With SQLite it holds the write lock from the start. If
    /// it only took the lock at its first write, after reading, it could not wait for another
    /// writer.
    pub async fn begin(pool: &Pool) -> Result<Self, StoreError> {
        let turn = pool.turn().await?;
        let mut connection = pool.connection().await?;
        let begin = if connection.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN" };
        sqlx::raw_sql(begin).execute(&mut connection).await?;
        Ok(Self { connection, _turn: turn })
    }

    /// Begins a transaction about one user, and locks the user's row first.
    ///
    /// So two transactions about one user run one after the other. They cannot wait for each
    /// other because they lock further rows in different orders. Each query sees the committed
    /// changes of the earlier transaction.
    ///
    /// A statement that is a transaction by itself does not need this. It may have to wait, but
    /// no other transaction ever waits for it.
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

    /// Commits. The results of the transaction may leave the server only after this returned
    /// `Ok`.
    ///
    /// # Errors
    /// [`StoreError::Unanswered`] if it is not known whether the commit was done. After every
    /// other error the transaction was undone.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        // SQLite refuses to commit a transaction that it has undone by itself. PostgreSQL does
        // not refuse: it answers ROLLBACK, which is not an error. But it refuses a savepoint if
        // no sound transaction is open.
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

    /// Undoes everything. An error needs no handling: the connection is then closed, and that
    /// undoes everything too.
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

/// Runs a single statement, which is a transaction by itself, after it got the permit to write.
/// If the answer does not arrive in time, the statement may still be done. So only use it for
/// statements that do no harm then.
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

/// Runs a transaction again if another one won and this one was undone (a serialization failure
/// or a deadlock). Every write goes through here, unless its caller has to check again first.
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
