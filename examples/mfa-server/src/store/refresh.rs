//! Rows of refresh tokens: one row for all tokens of one login.

use sqlx::Row as _;

use super::rows::{User, column, seconds};
use super::work::{Work, alone, retried};
use super::{Store, StoreError};

/// The row of a refresh token.
pub struct Refresh {
    /// SHA-256 of the part that all tokens of a login share.
    pub family: Vec<u8>,
    /// SHA-256 of the part that only the current token has.
    pub present: Vec<u8>,
    pub user_id: String,
    pub client_id: String,
    pub audience: String,
    pub scope: String,
    /// The user's authentication methods, separated by spaces.
    pub amr: String,
    /// The end of the token if it is not used. It is never after `ends_at`.
    pub idle_until: u64,
    pub ends_at: u64,
}

/// A new refresh token and its row.
pub struct Minted {
    pub token: String,
    pub row: Refresh,
}

impl Store {
    pub async fn refresh(&self, family: &[u8]) -> Result<Option<Refresh>, StoreError> {
        let query = "SELECT present, user_id, client_id, audience, scope, amr, idle_until, ends_at \
                     FROM refresh_tokens WHERE family = $1";
        let Some(row) = sqlx::query(query).bind(family).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(Refresh {
            family: family.to_vec(),
            present: row.try_get("present")?,
            user_id: row.try_get("user_id")?,
            client_id: row.try_get("client_id")?,
            audience: row.try_get("audience")?,
            scope: row.try_get("scope")?,
            amr: row.try_get("amr")?,
            idle_until: seconds(&row, "idle_until")?,
            ends_at: seconds(&row, "ends_at")?,
        }))
    }

    /// Stores a login by password only, and its refresh token. Returns false if an operator has
    /// blocked the user or ended all sessions since the user was read.
    pub async fn enter(
        &self,
        user: &User,
        refresh: Option<&Refresh>,
        now: u64,
    ) -> Result<bool, StoreError> {
        let entered = retried(|| async {
            let mut work = Work::about(&self.pool, &user.id).await?;
            let query = "UPDATE users SET last_login = $1 \
                         WHERE id = $2 AND blocked = 0 AND valid_from = $3";
            let done = sqlx::query(query)
                .bind(column(now))
                .bind(&user.id)
                .bind(column(user.valid_from))
                .execute(&mut *work)
                .await?;
            if done.rows_affected() != 1 {
                work.undo().await;
                return Ok(false);
            }
            if let Some(refresh) = refresh {
                insert(&mut work, refresh).await?;
            }
            work.commit().await?;
            Ok(true)
        });
        let entered = entered.await?;
        self.forget_refreshes(now).await?;
        Ok(entered)
    }

    /// Deletes refresh tokens whose time is over.
    pub(super) async fn forget_refreshes(&self, now: u64) -> Result<(), StoreError> {
        alone(&self.pool, || async {
            let query = "DELETE FROM refresh_tokens WHERE ends_at < $1";
            sqlx::query(query).bind(column(now)).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// Replaces the loaded token by the next one. Returns whether it was still there. If two
    /// requests have the same token, only one of them finds it.
    pub async fn rotate_refresh(
        &self,
        loaded: &Refresh,
        next: &[u8],
        idle_until: u64,
    ) -> Result<bool, StoreError> {
        // A single statement might still be done after the request's time is over. The client
        // would be told that nothing was decided, and its next request would look like a copied
        // token. So this is a transaction.
        retried(|| async {
            let mut work = Work::begin(&self.pool).await?;
            let done = sqlx::query(
                "UPDATE refresh_tokens SET present = $1, idle_until = $2 \
                 WHERE family = $3 AND present = $4",
            )
            .bind(next)
            .bind(column(idle_until))
            .bind(loaded.family.as_slice())
            .bind(loaded.present.as_slice())
            .execute(&mut *work)
            .await?;
            work.commit().await?;
            Ok(done.rows_affected() == 1)
        })
        .await
    }

    /// Revokes all tokens of one login.
    pub async fn revoke_refresh(&self, family: &[u8]) -> Result<(), StoreError> {
        alone(&self.pool, || async {
            let query = "DELETE FROM refresh_tokens WHERE family = $1";
            sqlx::query(query).bind(family).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }
}

/// Stores a refresh token in the given transaction.
pub(super) async fn insert(work: &mut Work, refresh: &Refresh) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO refresh_tokens (family, present, user_id, client_id, audience, scope, amr, \
         idle_until, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(refresh.family.as_slice())
    .bind(refresh.present.as_slice())
    .bind(&refresh.user_id)
    .bind(&refresh.client_id)
    .bind(&refresh.audience)
    .bind(&refresh.scope)
    .bind(&refresh.amr)
    .bind(column(refresh.idle_until))
    .bind(column(refresh.ends_at))
    .execute(&mut **work)
    .await?;
    Ok(())
}
