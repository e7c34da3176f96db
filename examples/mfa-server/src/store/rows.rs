//! Rows: users, logins that wait for their second factor, and authenticators.

use otp_core::recovery::Set;
use otp_core::verifier;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};

use super::refresh::Minted;
use super::work::{Work, retried};
use super::{Store, StoreError};

/// One code for a user, as with Auth0.
pub type RecoveryCodes = Set<1>;

pub struct User {
    pub id: String,
    pub email: String,
    pub password_hash: String,
    /// The user has shown that mail to the address arrives.
    pub email_verified: bool,
}

impl FromRow<'_, AnyRow> for User {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            password_hash: row.try_get("password_hash")?,
            email_verified: row.try_get::<i64, _>("email_verified")? != 0,
        })
    }
}

/// What an mfa_token stands for: a password that was right, for one client.
pub struct Login {
    pub hash: Vec<u8>,
    pub user_id: String,
    pub client_id: String,
    pub audience: String,
    pub scope: String,
    pub expires_at: u64,
    /// Its second factor was given, or it was used up by it.
    pub spent: bool,
    /// What is stored when it is spent, if a refresh token was asked for.
    pub refresh: Option<Minted>,
}

/// A state, and the bytes that its row holds.
///
/// A row is found by the bytes that were loaded, whichever version of the server wrote them.
pub struct Stored {
    pub state: verifier::State,
    pub bytes: Vec<u8>,
}

impl From<verifier::State> for Stored {
    fn from(state: verifier::State) -> Self {
        Self { state, bytes: state.to_bytes().as_ref().to_vec() }
    }
}

pub struct Otp {
    pub id: String,
    /// A code confirmed it. It stays active while it is locked or disabled.
    pub active: bool,
    pub sealed_secret: Vec<u8>,
    pub stored: Stored,
}

impl Otp {
    /// Returns whether a login must ask for a code: the password is not enough from the first accepted
    /// code on, also while the authenticator is locked or disabled.
    pub fn requires_code(&self) -> bool {
        self.active || self.stored.state.requires_code()
    }
}

pub struct Recovery {
    pub id: String,
    pub active: bool,
    pub codes: RecoveryCodes,
    pub stored: Stored,
}

/// A column of time, in seconds of Unix time.
pub(super) fn seconds(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Corrupt("a time"))
}

pub(super) fn flag(row: &AnyRow, column: &str) -> Result<bool, StoreError> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

pub(super) fn state(row: &AnyRow) -> Result<Stored, StoreError> {
    let bytes: Vec<u8> = row.try_get("state")?;
    let state = verifier::State::from_bytes(&bytes);
    let state = state.map_err(|_| StoreError::Corrupt("a verifier's state"))?;
    Ok(Stored { state, bytes })
}

/// The column's form of a time: what is beyond it is as good as its end.
pub(super) fn column(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl Store {
    /// Adds a user, unless the address is taken.
    pub async fn add_user(&self, user: &User, now: u64) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT INTO users (id, email, password_hash, created_at, email_verified) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email) DO NOTHING",
        )
        .bind(&user.id)
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(column(now))
        .bind(i64::from(user.email_verified))
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified FROM users WHERE email = $1";
        Ok(sqlx::query_as(query).bind(email).fetch_optional(&self.pool).await?)
    }

    pub async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified FROM users WHERE id = $1";
        Ok(sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?)
    }

    /// Remembers an mfa_token by its hash, and forgets those that ran out a day ago, and refresh tokens that
    /// ended.
    pub async fn add_login(&self, login: &Login, now: u64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO mfa_tokens (hash, user_id, client_id, audience, scope, expires_at, spent) \
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(login.hash.as_slice())
        .bind(&login.user_id)
        .bind(&login.client_id)
        .bind(&login.audience)
        .bind(&login.scope)
        .bind(column(login.expires_at))
        .execute(&self.pool)
        .await?;
        sqlx::query("DELETE FROM mfa_tokens WHERE expires_at < $1")
            .bind(column(now.saturating_sub(86_400)))
            .execute(&self.pool)
            .await?;
        sqlx::query("DELETE FROM refresh_tokens WHERE ends_at < $1")
            .bind(column(now))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    pub async fn login(&self, hash: &[u8]) -> Result<Option<Login>, StoreError> {
        let query = "SELECT user_id, client_id, audience, scope, expires_at, spent \
                     FROM mfa_tokens WHERE hash = $1";
        let Some(row) = sqlx::query(query).bind(hash).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(Login {
            hash: hash.to_vec(),
            user_id: row.try_get("user_id")?,
            client_id: row.try_get("client_id")?,
            audience: row.try_get("audience")?,
            scope: row.try_get("scope")?,
            expires_at: seconds(&row, "expires_at")?,
            spent: flag(&row, "spent")?,
            refresh: None,
        }))
    }

    /// The user's OTP authenticators: one that is confirmed, one that is about to be.
    pub async fn otps(&self, user_id: &str) -> Result<Vec<Otp>, StoreError> {
        let query = "SELECT id, active, secret, state FROM otp_authenticators WHERE user_id = $1 \
                     ORDER BY active DESC";
        let rows = sqlx::query(query).bind(user_id).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(Otp {
                    id: row.try_get("id")?,
                    active: flag(row, "active")?,
                    sealed_secret: row.try_get("secret")?,
                    stored: state(row)?,
                })
            })
            .collect()
    }

    pub async fn recoveries(&self, user_id: &str) -> Result<Vec<Recovery>, StoreError> {
        let query = "SELECT id, active, codes, state FROM recovery_codes WHERE user_id = $1 \
                     ORDER BY active DESC";
        let rows = sqlx::query(query).bind(user_id).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                let codes: Vec<u8> = row.try_get("codes")?;
                Ok(Recovery {
                    id: row.try_get("id")?,
                    active: flag(row, "active")?,
                    codes: RecoveryCodes::from_bytes(&codes)
                        .map_err(|_| StoreError::Corrupt("recovery codes"))?,
                    stored: state(row)?,
                })
            })
            .collect()
    }

    /// Puts an enrolment in the place of one that was not confirmed, and the recovery code that
    /// belongs to it.
    pub async fn enrol(
        &self,
        user_id: &str,
        otp: &Otp,
        recovery: Option<&Recovery>,
    ) -> Result<(), StoreError> {
        let codes = recovery.map(|recovery| bytes(&recovery.codes)).transpose()?;
        retried(|| async {
            let mut work = Work::begin(&self.pool).await?;
            sqlx::query(
                "INSERT INTO otp_authenticators (id, user_id, active, secret, state) \
                 VALUES ($1, $2, 0, $3, $4) ON CONFLICT (user_id, active) \
                 DO UPDATE SET id = excluded.id, secret = excluded.secret, state = excluded.state",
            )
            .bind(&otp.id)
            .bind(user_id)
            .bind(otp.sealed_secret.as_slice())
            .bind(otp.stored.bytes.as_slice())
            .execute(&mut *work)
            .await?;
            if let Some((recovery, codes)) = recovery.zip(codes.as_ref()) {
                sqlx::query(
                    "INSERT INTO recovery_codes (id, user_id, active, codes, state) \
                     VALUES ($1, $2, 0, $3, $4) ON CONFLICT (user_id, active) \
                     DO UPDATE SET id = excluded.id, codes = excluded.codes, state = excluded.state",
                )
                .bind(&recovery.id)
                .bind(user_id)
                .bind(codes.as_slice())
                .bind(recovery.stored.bytes.as_slice())
                .execute(&mut *work)
                .await?;
            }
            work.commit().await
        })
        .await
    }

    /// Removes an authenticator of the user. A recovery code recovers from the loss of an
    /// authenticator: with the last one it goes too.
    pub async fn remove(&self, user_id: &str, id: &str) -> Result<bool, StoreError> {
        retried(|| async {
            let mut work = Work::begin(&self.pool).await?;
            let mut removed = 0;
            for query in [
                "DELETE FROM otp_authenticators WHERE id = $1 AND user_id = $2",
                "DELETE FROM recovery_codes WHERE id = $1 AND user_id = $2",
            ] {
                let done = sqlx::query(query).bind(id).bind(user_id).execute(&mut *work).await?;
                removed += done.rows_affected();
            }
            sqlx::query(
                "DELETE FROM recovery_codes WHERE user_id = $1 \
                 AND NOT EXISTS (SELECT 1 FROM otp_authenticators WHERE user_id = $1)",
            )
            .bind(user_id)
            .execute(&mut *work)
            .await?;
            work.commit().await?;
            Ok(removed > 0)
        })
        .await
    }
}

pub(super) fn bytes(codes: &RecoveryCodes) -> Result<Vec<u8>, StoreError> {
    let mut buffer = [0; RecoveryCodes::LEN];
    let bytes =
        codes.write_bytes(&mut buffer).map_err(|_| StoreError::Corrupt("recovery codes"))?;
    Ok(bytes.to_vec())
}
