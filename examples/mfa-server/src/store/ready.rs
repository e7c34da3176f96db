//! Whether the database takes what is written, for probes that ask all the time.

use std::time::{Duration, Instant};

use sqlx::Row as _;
use tokio::sync::Mutex;

use super::pool::Pool;
use super::trouble::Trouble;
use super::work::{Work, retried};
use super::{Store, StoreError};

/// However many probes ask, and however often: the database is asked once in this time.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer. Whoever finds it too old asks anew, and the others wait for that.
pub struct Readiness(Mutex<Option<(Instant, Option<&'static str>)>>);

impl Readiness {
    pub fn new() -> Self {
        Self(Mutex::new(None))
    }
}

impl Store {
    /// Returns why the server cannot serve, in one word, or `None` if it can.
    pub async fn unready(&self) -> Option<&'static str> {
        let mut last = self.readiness.0.lock().await;
        if let Some((asked, reason)) = *last
            && asked.elapsed() < FRESH
        {
            return reason;
        }
        let reason = match retried(|| write_and_read(&self.pool)).await {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(%error, "the store is not ready");
                Some(error.trouble().map_or("failed", Trouble::name))
            }
        };
        *last = Some((Instant::now(), reason));
        reason
    }
}

/// Counts by one in a row of its own, and reads that back: a disk that is full shows, and so does a commit
/// that stored nothing.
pub(super) async fn write_and_read(pool: &Pool) -> Result<(), StoreError> {
    let mut work = Work::begin(pool).await?;
    let query = "UPDATE readiness SET written = written + 1 WHERE id = 1 RETURNING written";
    let row = sqlx::query(query).fetch_optional(&mut *work).await?;
    let written: i64 = row.ok_or(StoreError::Corrupt("readiness"))?.try_get(0)?;
    work.commit().await?;
    let query = "SELECT written FROM readiness WHERE id = 1";
    let row = sqlx::query(query).fetch_optional(pool).await?;
    let seen: i64 = row.ok_or(StoreError::Corrupt("readiness"))?.try_get(0)?;
    if seen < written { Err(StoreError::Corrupt("readiness")) } else { Ok(()) }
}
