//! Rows of refresh tokens: one for all tokens that follow from one login.

use sqlx::Row as _;

use super::rows::{User, column, seconds};
use super::work::{Work, alone, retried};
use super::{Store, StoreError};

/// What a refresh token stands for.
pub struct Refresh {
    /// SHA-256 of the part that all tokens of one login share.
    pub family: Vec<u8>,
    /// SHA-256 of the part that the present one has.
    pub present: Vec<u8>,
    pub user_id: String,
    pub client_id: String,
    pub audience: String,
    pub scope: String,
    /// How the user was authenticated, with spaces between.
    pub amr: String,
    /// It ends earlier than the family if it is not used.
    pub idle_until: u64,
    pub ends_at: u64,
}

/// A refresh token that was made, and its row.
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

    /// Notes a login by a password alone, and stores the refresh token that follows from it. Returns false if
    /// an operator has blocked the user, or ended all sessions, since the user was read.
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

    /// Forgets refresh tokens that ended.
    pub(super) async fn forget_refreshes(&self, now: u64) -> Result<(), StoreError> {
        alone(&self.pool, || async {
            let query = "DELETE FROM refresh_tokens WHERE ends_at < $1";
            sqlx::query(query).bind(column(now)).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// Puts the next token in the place of the one that was loaded. Returns whether it was still there: of
    /// two requests with one token, one finds it.
    pub async fn rotate_refresh(
        &self,
        loaded: &Refresh,
        next: &[u8],
        idle_until: u64,
    ) -> Result<bool, StoreError> {
        // A statement alone may be done after its time is over. The client was told then that nothing was
        // decided, and the token that it sends again would be one that comes twice.
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

/// Remembers a refresh token, in the transaction that it belongs to.
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
