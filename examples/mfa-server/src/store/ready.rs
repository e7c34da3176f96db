//! Checks whether the database can be written, for probes that ask often.

use std::time::{Duration, Instant};

use sqlx::Row as _;
use tokio::sync::Mutex;

use super::pool::Pool;
use super::trouble::Trouble;
use super::work::{Work, retried};
use super::{Store, StoreError};

/// The database is asked at most once in this time, for all probes together.
const FRESH: Duration = Duration::from_secs(1);

/// The last answer. If it is too old, one probe asks the database, and the others wait for its
/// answer.
pub struct Readiness(Mutex<Option<(Instant, Option<&'static str>)>>);

impl Readiness {
    pub fn new() -> Self {
        Self(Mutex::new(None))
    }
}

impl Store {
    /// Returns `None` if the server can serve. Otherwise returns the reason in one word.
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
                tracing::error!(%error, "the database is not ready");
                Some(error.trouble().map_or("failed", Trouble::name))
            }
        };
        *last = Some((Instant::now(), reason));
        reason
    }
}

/// Increments a counter in a row of its own, and reads it back. So it notices a full disk, and
/// a commit that stored nothing.
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
