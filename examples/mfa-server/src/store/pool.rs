//! Connections that fail in time.
//!
//! After an error, sqlx returns a connection to its pool. It also waits for a silent database
//! as long as the network allows. Here, a connection only returns to the pool if everything on
//! it was completed. A request only waits for the database as long as [`within`] allows.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use sqlx::any::{AnyPoolOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Either, Execute, Executor, SqlStr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The time for which a request waits for the database in total. Answers must leave within two
/// seconds.
pub const PATIENCE: Duration = Duration::from_millis(1500);

/// The least time for a commit or a rollback, even if the time of the request is over. If the
/// server gave up during a commit, it would not know its result.
const LAST: Duration = Duration::from_millis(400);

tokio::task_local! {
    static LEFT: Cell<Duration>;
}

/// Runs a request that may wait for the database this long in total. Outside of it, each single
/// statement may wait [`PATIENCE`].
pub async fn within<F: Future>(patience: Duration, request: F) -> F::Output {
    LEFT.scope(Cell::new(patience), request).await
}

/// Waits for the database until the time of the request is over.
async fn patient<T>(
    least: Duration,
    asked: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let left = LEFT.try_with(Cell::get).unwrap_or(PATIENCE);
    let begun = Instant::now();
    let answer = tokio::time::timeout(left.max(least), asked).await;
    let left = left.saturating_sub(begun.elapsed());
    // Fails outside of `within`. Then no time limit needs to be stored.
    let _unlimited = LEFT.try_with(|cell| cell.set(left));
    answer.unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}

/// The connections of this server. Statements outside of a transaction run on `&Pool`.
#[derive(Clone, Debug)]
pub struct Pool {
    inner: AnyPool,
    /// One permit, and only with SQLite.
    writers: Option<Arc<Semaphore>>,
}

/// The permit to write.
pub type Turn = Option<OwnedSemaphorePermit>;

impl Pool {
    pub async fn open(options: AnyPoolOptions, url: &str) -> sqlx::Result<Self> {
        let inner = options.acquire_timeout(PATIENCE).connect(url).await?;
        let is_sqlite = inner.acquire().await?.backend_name() == "SQLite";
        Ok(Self { inner, writers: is_sqlite.then(|| Arc::new(Semaphore::new(1))) })
    }

    /// Waits for the permit to write. SQLite lets one connection write at a time. Its other
    /// connections poll for the lock in no fair order, so under load some would never get it.
    /// So the writers of this server queue here, and only those of other processes poll. Take
    /// the permit before you take a connection.
    pub async fn turn(&self) -> sqlx::Result<Turn> {
        let Some(writers) = &self.writers else { return Ok(None) };
        let turn = Arc::clone(writers).acquire_owned();
        patient(Duration::ZERO, async { turn.await.map_err(|_| sqlx::Error::PoolClosed) })
            .await
            .map(Some)
    }

    pub async fn connection(&self) -> sqlx::Result<Connection> {
        let acquired = patient(Duration::ZERO, self.inner.acquire()).await;
        let inner = acquired.map_err(|error| match error {
            // The request had waited for other things before. For an operator it is the same
            // problem.
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
                sqlx::Error::PoolTimedOut
            }
            error => error,
        })?;
        Ok(Connection { inner, sound: false })
    }

    pub fn connections(&self) -> Connections {
        let open = usize::try_from(self.inner.size()).unwrap_or(usize::MAX);
        let idle = self.inner.num_idle();
        Connections { used: open.saturating_sub(idle), idle }
    }

    pub async fn close(&self) {
        self.inner.close().await;
    }
}

/// The numbers of open connections.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    pub used: usize,
    pub idle: usize,
}

/// A connection that is closed when it is dropped. If it is marked as [`sound`](Self::sound),
/// it returns to the pool instead.
#[derive(Debug)]
pub struct Connection {
    inner: PoolConnection<Any>,
    sound: bool,
}

impl Connection {
    /// Marks the connection: everything on it was completed, and no transaction is open.
    pub fn sound(&mut self) {
        self.sound = true;
    }

    pub fn is_sqlite(&self) -> bool {
        self.inner.backend_name() == "SQLite"
    }

    /// Runs a statement that ends a transaction.
    pub async fn last(&mut self, statement: &'static str) -> sqlx::Result<AnyQueryResult> {
        patient(LAST, sqlx::raw_sql(statement).execute(&mut *self.inner)).await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !self.sound {
            self.inner.close_on_drop();
        }
    }
}

type Step = Either<AnyQueryResult, AnyRow>;

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Step>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let asked = self.inner.fetch_many(query).try_collect();
        steps(async { patient(Duration::ZERO, asked).await }.boxed())
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let asked = self.inner.fetch_optional(query);
        async { patient(Duration::ZERO, asked).await }.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'c: 'e,
    {
        let connection: &mut AnyConnection = &mut self.inner;
        connection.prepare_with(sql, parameters)
    }
}

impl<'p> Executor<'p> for &'p Pool {
    type Database = Any;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Step>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let asked = async move {
            let mut connection = self.connection().await?;
            let answer = (&mut connection).fetch_many(query).try_collect().await?;
            connection.sound();
            Ok(answer)
        };
        steps(asked.boxed())
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<AnyRow>>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Any>,
    {
        let asked = async move {
            let mut connection = self.connection().await?;
            let answer = (&mut connection).fetch_optional(query).await?;
            connection.sound();
            Ok(answer)
        };
        asked.boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [AnyTypeInfo],
    ) -> BoxFuture<'e, sqlx::Result<AnyStatement>>
    where
        'p: 'e,
    {
        let asked = async move {
            let mut connection = self.connection().await?;
            let answer = (&mut connection).prepare_with(sql, parameters).await?;
            connection.sound();
            Ok(answer)
        };
        asked.boxed()
    }
}

/// Returns the answer to a query after all of it has arrived, so that a slow client never holds
/// a connection.
fn steps(answer: BoxFuture<'_, sqlx::Result<Vec<Step>>>) -> BoxStream<'_, sqlx::Result<Step>> {
    let steps = stream::once(answer).map_ok(|steps| stream::iter(steps.into_iter().map(Ok)));
    steps.try_flatten().boxed()
}
