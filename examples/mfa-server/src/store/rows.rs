//! Rows of users, and of logins that wait for their second factor.

use otp_core::verifier;
use sqlx::any::AnyRow;
use sqlx::{FromRow, Row as _};

use super::authenticators::{Otp, otp};
use super::refresh::Minted;
use super::work::alone;
use super::{Store, StoreError};

pub struct User {
    pub id: String,
    pub email: String,
    pub password_hash: String,
    /// True if the user has shown that mail to the address arrives.
    pub email_verified: bool,
    /// True if an operator has blocked the user.
    pub blocked: bool,
    /// Tokens that were issued before this time are void. In seconds of Unix time.
    pub valid_from: u64,
}

impl User {
    pub fn new(id: String, email: String, password_hash: String) -> Self {
        Self { id, email, password_hash, email_verified: false, blocked: false, valid_from: 0 }
    }

    /// Returns whether a token that was issued at this time is valid: no operator has blocked
    /// the user or made the token void.
    pub fn honours(&self, issued_at: u64) -> bool {
        !self.blocked && issued_at >= self.valid_from
    }
}

impl FromRow<'_, AnyRow> for User {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        user(row.try_get("id")?, row)
    }
}

fn user(id: String, row: &AnyRow) -> sqlx::Result<User> {
    Ok(User {
        id,
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        email_verified: flag(row, "email_verified")?,
        blocked: flag(row, "blocked")?,
        valid_from: row.try_get::<i64, _>("valid_from")?.try_into().unwrap_or(u64::MAX),
    })
}

/// The row of an mfa_token: a right password at one client.
pub struct Login {
    pub hash: Vec<u8>,
    pub user_id: String,
    pub client_id: String,
    pub audience: String,
    pub scope: String,
    pub expires_at: u64,
    /// True if a second factor was given, or if the token was made void.
    pub spent: bool,
    /// The refresh token that is stored when this token is spent, if the login asked for one.
    pub refresh: Option<Minted>,
}

/// A login that waits for its second factor.
pub struct Waiting {
    pub login: Login,
    pub user: User,
    /// In the order of [`Store::otps`].
    pub otps: Vec<Otp>,
}

/// A state and the bytes in its row.
///
/// A row is found by the bytes that were loaded, so it does not matter which version of the
/// server wrote them.
pub struct Stored {
    pub state: verifier::State,
    pub bytes: Vec<u8>,
}

impl From<verifier::State> for Stored {
    fn from(state: verifier::State) -> Self {
        Self { state, bytes: state.to_bytes().as_ref().to_vec() }
    }
}

/// Reads a column with a time in seconds of Unix time.
pub(super) fn seconds(row: &AnyRow, column: &str) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Corrupt("a time"))
}

pub(super) fn flag(row: &AnyRow, column: &str) -> sqlx::Result<bool> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

pub(super) fn state(row: &AnyRow) -> Result<Stored, StoreError> {
    let bytes: Vec<u8> = row.try_get("state")?;
    let state = verifier::State::from_bytes(&bytes);
    let state = state.map_err(|_| StoreError::Corrupt("a verifier's state"))?;
    Ok(Stored { state, bytes })
}

/// Converts a time to its column type. A time beyond the range becomes the largest one.
pub(super) fn column(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl Store {
    /// Adds a user. Returns false if the address is taken.
    pub async fn add_user(&self, user: &User, now: u64) -> Result<bool, StoreError> {
        alone(&self.pool, || async {
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
        })
        .await
    }

    /// Replaces the hash of a password, if it is still the one that was loaded.
    pub async fn swap_password(&self, user: &User, hash: &str) -> Result<bool, StoreError> {
        alone(&self.pool, || async {
            let query = "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3";
            let query = sqlx::query(query).bind(hash).bind(&user.id).bind(&user.password_hash);
            Ok(query.execute(&self.pool).await?.rows_affected() == 1)
        })
        .await
    }

    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified, blocked, valid_from \
                     FROM users WHERE email = $1";
        Ok(sqlx::query_as(query).bind(email).fetch_optional(&self.pool).await?)
    }

    pub async fn user(&self, id: &str) -> Result<Option<User>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified, blocked, valid_from \
                     FROM users WHERE id = $1";
        Ok(sqlx::query_as(query).bind(id).fetch_optional(&self.pool).await?)
    }

    /// Stores the hash of an mfa_token. Deletes mfa_tokens that expired over a day ago, and
    /// refresh tokens whose time is over.
    pub async fn add_login(&self, login: &Login, now: u64) -> Result<(), StoreError> {
        alone(&self.pool, || async {
            sqlx::query(
                "INSERT INTO mfa_tokens \
                 (hash, user_id, client_id, audience, scope, expires_at, spent) \
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
            Ok(())
        })
        .await?;
        alone(&self.pool, || async {
            sqlx::query("DELETE FROM mfa_tokens WHERE expires_at < $1")
                .bind(column(now.saturating_sub(86_400)))
                .execute(&self.pool)
                .await?;
            Ok(())
        })
        .await?;
        self.forget_refreshes(now).await
    }

    pub async fn login(&self, hash: &[u8]) -> Result<Option<Login>, StoreError> {
        let query = "SELECT user_id, client_id, audience, scope, expires_at, spent \
                     FROM mfa_tokens WHERE hash = $1";
        let row = sqlx::query(query).bind(hash).fetch_optional(&self.pool).await?;
        row.map(|row| login(hash, &row)).transpose()
    }

    /// Returns an mfa_token with everything that is needed to check a code. It is one query,
    /// because round trips are the largest cost here.
    pub async fn waiting(&self, hash: &[u8]) -> Result<Option<Waiting>, StoreError> {
        let query = "SELECT login.user_id, client_id, audience, scope, expires_at, spent, \
                     email, password_hash, email_verified, blocked, valid_from, \
                     otp.id, active, secret, state, otp.created_at \
                     FROM mfa_tokens AS login JOIN users ON users.id = login.user_id \
                     LEFT JOIN otp_authenticators AS otp ON otp.user_id = login.user_id \
                     WHERE login.hash = $1 ORDER BY active DESC, otp.created_at, otp.id";
        let rows = sqlx::query(query).bind(hash).fetch_all(&self.pool).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut otps = Vec::new();
        for row in &rows {
            // Without authenticators, the `LEFT JOIN` gives one row with NULLs.
            if row.try_get::<Option<String>, _>("id")?.is_some() {
                otps.push(otp(row)?);
            }
        }
        let login = login(hash, first)?;
        let user = user(login.user_id.clone(), first)?;
        Ok(Some(Waiting { login, user, otps }))
    }
}

fn login(hash: &[u8], row: &AnyRow) -> Result<Login, StoreError> {
    Ok(Login {
        hash: hash.to_vec(),
        user_id: row.try_get("user_id")?,
        client_id: row.try_get("client_id")?,
        audience: row.try_get("audience")?,
        scope: row.try_get("scope")?,
        expires_at: seconds(row, "expires_at")?,
        spent: flag(row, "spent")?,
        refresh: None,
    })
}
