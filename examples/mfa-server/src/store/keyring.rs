//! Rows of keys: signing keys, peppers, and the check value of the master key that seals.

use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::rows::{column, seconds};
use super::work::{Work, retried};
use super::{Store, StoreError};

/// The name of the check value of the master key that seals.
pub const MASTER: &str = "master key";
/// The name of the check value of the previous master key, during a rotation.
const BEFORE: &str = "master key before";

pub struct SigningRow {
    pub number: i64,
    /// The private key, sealed.
    pub pkcs8: Vec<u8>,
    pub published_at: u64,
    /// `None` for the next key.
    pub signs_from: Option<u64>,
}

pub struct PepperRow {
    pub key_id: i64,
    /// Sealed.
    pub pepper: Vec<u8>,
}

/// A sealed secret and its place.
pub struct SealedRow {
    pub row: String,
    pub user_id: String,
    pub sealed: Vec<u8>,
}

/// The tables with sealed secrets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SealedKind {
    Totp,
    Signing,
    Pepper,
}

impl SealedKind {
    pub const ALL: [Self; 3] = [Self::Totp, Self::Signing, Self::Pepper];

    /// Returns a query for the rows after a given one, ordered by their ids.
    fn page(self) -> &'static str {
        match self {
            Self::Totp => {
                "SELECT id, user_id, secret FROM otp_authenticators WHERE id > $1 ORDER BY id LIMIT $2"
            }
            Self::Signing => {
                "SELECT CAST(number AS TEXT), '', pkcs8 FROM signing_keys \
                 WHERE CAST(number AS TEXT) > $1 ORDER BY CAST(number AS TEXT) LIMIT $2"
            }
            Self::Pepper => {
                "SELECT CAST(key_id AS TEXT), '', pepper FROM peppers \
                 WHERE CAST(key_id AS TEXT) > $1 ORDER BY CAST(key_id AS TEXT) LIMIT $2"
            }
        }
    }

    fn swap(self) -> &'static str {
        match self {
            Self::Totp => "UPDATE otp_authenticators SET secret = $1 WHERE id = $2 AND secret = $3",
            Self::Signing => {
                "UPDATE signing_keys SET pkcs8 = $1 WHERE CAST(number AS TEXT) = $2 AND pkcs8 = $3"
            }
            Self::Pepper => {
                "UPDATE peppers SET pepper = $1 WHERE CAST(key_id AS TEXT) = $2 AND pepper = $3"
            }
        }
    }
}

impl Store {
    /// Returns the signing keys, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningRow>, StoreError> {
        let query =
            "SELECT number, pkcs8, published_at, signs_from FROM signing_keys ORDER BY number";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        rows.iter().map(signing_row).collect()
    }

    /// Adds a key. Returns false if another server has already added one with this number.
    pub async fn add_signing_key(&self, row: &SigningRow) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO signing_keys (number, pkcs8, published_at, signs_from) \
             VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(row.number)
        .bind(row.pkcs8.as_slice())
        .bind(column(row.published_at))
        .bind(row.signs_from.map(column))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Makes the next key sign from a given time on, and adds a new next key. Deletes the keys
    /// before `oldest`. Returns false if another rotation was faster.
    pub async fn promote_signing_key(
        &self,
        number: i64,
        signs_from: u64,
        next: &SigningRow,
        oldest: i64,
    ) -> Result<bool, StoreError> {
        retried(async || {
            let mut work = Work::begin(&self.pool).await?;
            let query =
                "UPDATE signing_keys SET signs_from = $1 WHERE number = $2 AND signs_from IS NULL";
            let done = sqlx::query(query)
                .bind(column(signs_from))
                .bind(number)
                .execute(&mut *work)
                .await?;
            if done.rows_affected() != 1 {
                work.undo().await;
                return Ok(false);
            }
            let query =
                "INSERT INTO signing_keys (number, pkcs8, published_at) VALUES ($1, $2, $3)";
            sqlx::query(query)
                .bind(next.number)
                .bind(next.pkcs8.as_slice())
                .bind(column(next.published_at))
                .execute(&mut *work)
                .await?;
            let query = "DELETE FROM signing_keys WHERE number < $1";
            sqlx::query(query).bind(oldest).execute(&mut *work).await?;
            work.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Changes the time from which a key signs. Returns false if the key's time is not `from`
    /// any more.
    pub async fn hasten_signing_key(
        &self,
        number: i64,
        from: u64,
        sooner: u64,
    ) -> Result<bool, StoreError> {
        let query = "UPDATE signing_keys SET signs_from = $1 WHERE number = $2 AND signs_from = $3";
        let done = sqlx::query(query)
            .bind(column(sooner))
            .bind(number)
            .bind(column(from))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Replaces the next key, which has not signed anything yet.
    pub async fn replace_next_signing_key(
        &self,
        loaded: &SigningRow,
        next: &SigningRow,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE signing_keys SET pkcs8 = $1, published_at = $2 \
             WHERE number = $3 AND pkcs8 = $4 AND signs_from IS NULL",
        )
        .bind(next.pkcs8.as_slice())
        .bind(column(next.published_at))
        .bind(loaded.number)
        .bind(loaded.pkcs8.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes the keys before this one, so that their tokens are refused. Returns how many
    /// keys it deleted.
    pub async fn forget_signing_keys(&self, before: i64) -> Result<u64, StoreError> {
        let query = "DELETE FROM signing_keys WHERE number < $1";
        Ok(sqlx::query(query).bind(before).execute(&self.pool).await?.rows_affected())
    }

    /// Returns the peppers, oldest first.
    pub async fn peppers(&self) -> Result<Vec<PepperRow>, StoreError> {
        let query = "SELECT key_id, pepper FROM peppers ORDER BY key_id";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| Ok(PepperRow { key_id: row.try_get(0)?, pepper: row.try_get(1)? }))
            .collect()
    }

    /// Adds a pepper. Returns false if another server has already added one with this key id.
    pub async fn add_pepper(&self, row: &PepperRow, now: u64) -> Result<bool, StoreError> {
        let query = "INSERT INTO peppers (key_id, pepper, made_at) VALUES ($1, $2, $3) \
                     ON CONFLICT DO NOTHING";
        let done = sqlx::query(query)
            .bind(row.key_id)
            .bind(row.pepper.as_slice())
            .bind(column(now))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns at most `most` sealed secrets after a given row.
    pub async fn sealed(
        &self,
        kind: SealedKind,
        after: &str,
        most: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let rows = sqlx::query(kind.page())
            .bind(after)
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SealedRow {
                    row: row.try_get(0)?,
                    user_id: row.try_get(1)?,
                    sealed: row.try_get(2)?,
                })
            })
            .collect()
    }

    /// Replaces a sealed secret, if it is still the one that was loaded.
    pub async fn swap_sealed(
        &self,
        kind: SealedKind,
        loaded: &SealedRow,
        sealed: &[u8],
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(kind.swap())
            .bind(sealed)
            .bind(&loaded.row)
            .bind(loaded.sealed.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns the check value of the previous master key, if its rotation is not finished.
    pub async fn master_before(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.stored(BEFORE).await
    }

    /// Makes another master key the one that seals. Returns false if `from` was not the current
    /// one.
    pub async fn change_master(&self, from: &[u8], to: &[u8]) -> Result<bool, StoreError> {
        retried(async || {
            let mut work = Work::begin(&self.pool).await?;
            let query = "UPDATE server_keys SET value = $1 WHERE name = $2 AND value = $3";
            let done =
                sqlx::query(query).bind(to).bind(MASTER).bind(from).execute(&mut *work).await?;
            if done.rows_affected() != 1 {
                work.undo().await;
                return Ok(false);
            }
            let query = "INSERT INTO server_keys (name, value) VALUES ($1, $2)";
            sqlx::query(query).bind(BEFORE).bind(from).execute(&mut *work).await?;
            work.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Records that no row is sealed under the previous master key any more.
    pub async fn retire_master(&self, before: &[u8]) -> Result<(), StoreError> {
        self.shared(&retired(before), b"").await?;
        let query = "DELETE FROM server_keys WHERE name = $1 AND value = $2";
        sqlx::query(query).bind(BEFORE).bind(before).execute(&self.pool).await?;
        Ok(())
    }

    /// Returns whether this master key belonged to the database once and was retired.
    pub async fn is_retired_master(&self, check: &[u8]) -> Result<bool, StoreError> {
        Ok(self.stored(&retired(check)).await?.is_some())
    }
}

fn retired(check: &[u8]) -> String {
    format!("retired master key {}", crate::keys::hex(check))
}

fn signing_row(row: &AnyRow) -> Result<SigningRow, StoreError> {
    let signs = row.try_get::<Option<i64>, _>("signs_from")?;
    Ok(SigningRow {
        number: row.try_get("number")?,
        pkcs8: row.try_get("pkcs8")?,
        published_at: seconds(row, "published_at")?,
        signs_from: signs.map(|_| seconds(row, "signs_from")).transpose()?,
    })
}
