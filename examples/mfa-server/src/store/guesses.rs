//! The throttle of passwords: states of `otp-core`, which are compared and swapped like those
//! of codes.

use otp_core::verifier::{State, Swap};

use super::rows::{Stored, column, seconds, state};
use super::work::alone;
use super::{Store, StoreError};

/// A state and the row that it was read from.
pub struct Guessed {
    pub state: State,
    /// When the row may be deleted; 0 if there is no row, or if its time is over.
    pub forget_at: u64,
    /// The bytes in the row. The row may still exist after its time is over.
    bytes: Option<Vec<u8>>,
}

impl Store {
    /// Returns the state of a key. Without a row, or with a row whose time is over, the state
    /// has no failures.
    pub async fn guessed(&self, key: &[u8], now: u64) -> Result<Guessed, StoreError> {
        let query = "SELECT state, forget_at FROM guesses WHERE key = $1";
        let row = sqlx::query(query).bind(key).fetch_optional(&self.pool).await?;
        let none = State::confirmed();
        let Some(row) = row else { return Ok(Guessed { state: none, forget_at: 0, bytes: None }) };
        let forget_at = seconds(&row, "forget_at")?;
        let Stored { state, bytes } = state(&row)?;
        let bytes = Some(bytes);
        if forget_at > now {
            Ok(Guessed { state, forget_at, bytes })
        } else {
            Ok(Guessed { state: none, forget_at: 0, bytes })
        }
    }

    /// Stores the next state of a key, if its row is still as it was loaded. It is one
    /// statement, so if two servers check guesses at the same time, one of them loses the swap
    /// and counts its guess again.
    pub async fn swap_guess(
        &self,
        key: &[u8],
        loaded: &Guessed,
        next: State,
        forget_at: u64,
        now: u64,
    ) -> Result<Swap, StoreError> {
        let next = next.to_bytes();
        let done = alone(&self.pool, || async {
            let statement = match &loaded.bytes {
                None => sqlx::query(
                    "INSERT INTO guesses (key, state, forget_at) VALUES ($3, $1, $2) \
                     ON CONFLICT DO NOTHING",
                ),
                Some(_) => sqlx::query(
                    "UPDATE guesses SET state = $1, forget_at = $2 WHERE key = $3 AND state = $4",
                ),
            };
            let statement = statement.bind(next.as_ref()).bind(column(forget_at)).bind(key);
            let statement = match &loaded.bytes {
                None => statement,
                Some(bytes) => statement.bind(bytes.as_slice()),
            };
            Ok(statement.execute(&self.pool).await?)
        })
        .await?;
        // A guess that adds a row also deletes old rows, so the table stays bounded.
        if loaded.bytes.is_none() {
            self.forget_guesses(now).await?;
        }
        Ok(Swap::from_rows(done.rows_affected()))
    }

    /// Deletes the failures of a key. Returns whether there were any.
    pub async fn forget_guess(&self, key: &[u8]) -> Result<bool, StoreError> {
        alone(&self.pool, || async {
            let query = "DELETE FROM guesses WHERE key = $1";
            Ok(sqlx::query(query).bind(key).execute(&self.pool).await?.rows_affected() == 1)
        })
        .await
    }

    async fn forget_guesses(&self, now: u64) -> Result<(), StoreError> {
        alone(&self.pool, || async {
            let query = "DELETE FROM guesses WHERE forget_at <= $1";
            sqlx::query(query).bind(column(now)).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}
