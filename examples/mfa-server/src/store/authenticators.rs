//! Reads, adds and removes the authenticators and the recovery code of a user.
//!
//! Each transaction locks the user's row first ([`Work::about`]).

use otp_core::Period;
use otp_core::recovery::Set;
use otp_core::verifier::{DisabledBy, Lifecycle, State};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::rows::{Login, Stored, column, flag, seconds, state};
use super::work::{Work, retried};
use super::{Store, StoreError};

/// One recovery code per user, as at Auth0.
pub type RecoveryCodes = Set<1>;

/// The largest number of confirmed authenticators per user. Each one gives a guesser one more
/// chance.
pub const MOST: usize = 10;

pub struct Otp {
    pub id: String,
    /// True if a code has confirmed it. It stays active while it is locked or disabled.
    pub active: bool,
    pub sealed_secret: Vec<u8>,
    pub stored: Stored,
    /// In seconds of Unix time; 0 if it is unknown.
    pub created_at: u64,
}

impl Otp {
    /// Returns whether a login must ask for a code. After the first accepted code, the password
    /// is not enough any more, even while the authenticator is locked or disabled.
    pub fn requires_code(&self) -> bool {
        self.active || self.stored.state.requires_code()
    }

    /// Returns the time of the last accepted code, in seconds of Unix time: the beginning of
    /// its time step.
    pub fn last_used(&self) -> Option<u64> {
        let step = self.stored.state.next_factor()?.checked_sub(1)?;
        step.checked_mul(Period::DEFAULT.seconds())
    }
}

pub struct Recovery {
    pub id: String,
    pub active: bool,
    pub codes: RecoveryCodes,
    pub stored: Stored,
    pub created_at: u64,
}

/// The authority for a change of authenticators. The transaction checks it again, because
/// another request or an operator may have ended it since the request was read.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// A right password: an mfa_token that is not spent. It may add the first authenticator.
    Login(&'a Login),
    /// An access token for `/mfa/*`.
    Access { user_id: &'a str, issued_at: u64, second_factor: bool },
    /// An operator, who can read and write the database anyway.
    Operator { user_id: &'a str },
}

impl<'a> By<'a> {
    pub fn user_id(self) -> &'a str {
        match self {
            Self::Login(login) => &login.user_id,
            Self::Access { user_id, .. } | Self::Operator { user_id } => user_id,
        }
    }

    /// Returns when the token was issued. An operator may have made it void since then. An
    /// mfa_token has no such time, because it becomes void by being spent.
    pub(super) fn issued_at(self) -> u64 {
        match self {
            Self::Access { issued_at, .. } => issued_at,
            Self::Login(_) | Self::Operator { .. } => u64::MAX,
        }
    }

    /// Returns how many confirmed authenticators the user may have after the change.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Login(_) | Self::Access { second_factor: false, .. } => 1,
            Self::Access { second_factor: true, .. } | Self::Operator { .. } => MOST,
        }
    }
}

/// The reason why nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The mfa_token is spent, or an operator has made the token void.
    Void,
    /// The user has a confirmed authenticator, and the token was issued without a second
    /// factor.
    Enrolled,
    /// The user has the largest number of confirmed authenticators already.
    Full,
    /// The user does not have this authenticator, or has none at all.
    Missing,
}

impl Refusal {
    /// Returns the reason in the words of the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Void => "token_void",
            Self::Enrolled => "already_enrolled",
            Self::Full => "too_many_authenticators",
            Self::Missing => "no_such_authenticator",
        }
    }
}

impl Store {
    /// Returns the user's OTP authenticators: the confirmed ones, oldest first, then the one
    /// that waits for its first code.
    pub async fn otps(&self, user_id: &str) -> Result<Vec<Otp>, StoreError> {
        let query = "SELECT id, active, secret, state, created_at FROM otp_authenticators \
                     WHERE user_id = $1 ORDER BY active DESC, created_at, id";
        let rows = sqlx::query(query).bind(user_id).fetch_all(&self.pool).await?;
        rows.iter().map(otp).collect()
    }

    pub async fn recoveries(&self, user_id: &str) -> Result<Vec<Recovery>, StoreError> {
        let query = "SELECT id, active, codes, state, created_at FROM recovery_codes \
                     WHERE user_id = $1 ORDER BY active DESC";
        let rows = sqlx::query(query).bind(user_id).fetch_all(&self.pool).await?;
        rows.iter().map(recovery).collect()
    }

    /// Stores an enrolment and its recovery code. They replace an enrolment that was not
    /// confirmed. Confirmed authenticators stay as they are.
    pub async fn enrol(
        &self,
        by: By<'_>,
        otp: &Otp,
        recovery: Option<&Recovery>,
    ) -> Result<Result<(), Refusal>, StoreError> {
        let codes = recovery.map(|recovery| bytes(&recovery.codes)).transpose()?;
        retried(|| async {
            let mut work = Work::about(&self.pool, by.user_id()).await?;
            if !stands(&mut work, by).await? {
                return refused(work, Refusal::Void).await;
            }
            if let Err(refusal) = room(&mut work, by, 1).await? {
                return refused(work, refusal).await;
            }
            sqlx::query(
                "INSERT INTO otp_authenticators (id, user_id, active, secret, state, created_at) \
                 VALUES ($1, $2, 0, $3, $4, $5) ON CONFLICT (user_id) WHERE active = 0 \
                 DO UPDATE SET id = excluded.id, secret = excluded.secret, state = excluded.state, \
                 created_at = excluded.created_at",
            )
            .bind(&otp.id)
            .bind(by.user_id())
            .bind(otp.sealed_secret.as_slice())
            .bind(otp.stored.bytes.as_slice())
            .bind(column(otp.created_at))
            .execute(&mut *work)
            .await?;
            if let Some((recovery, codes)) = recovery.zip(codes.as_ref()) {
                sqlx::query(
                    "INSERT INTO recovery_codes (id, user_id, active, codes, state, created_at) \
                     VALUES ($1, $2, 0, $3, $4, $5) ON CONFLICT (user_id, active) \
                     DO UPDATE SET id = excluded.id, codes = excluded.codes, state = excluded.state, \
                     created_at = excluded.created_at",
                )
                .bind(&recovery.id)
                .bind(by.user_id())
                .bind(codes.as_slice())
                .bind(recovery.stored.bytes.as_slice())
                .bind(column(recovery.created_at))
                .execute(&mut *work)
                .await?;
            }
            work.commit().await.map(Ok)
        })
        .await
    }

    /// Removes an authenticator or the recovery code. The recovery code is for the loss of an
    /// authenticator, so it is removed together with the last confirmed one. A waiting
    /// enrolment is then removed too, because it would not have a recovery code.
    pub async fn remove(&self, by: By<'_>, id: &str) -> Result<Result<(), Refusal>, StoreError> {
        retried(|| async {
            let mut work = Work::about(&self.pool, by.user_id()).await?;
            if !stands(&mut work, by).await? {
                return refused(work, Refusal::Void).await;
            }
            let mut removed = [0; 2];
            for (query, removed) in [
                "DELETE FROM otp_authenticators WHERE id = $1 AND user_id = $2",
                "DELETE FROM recovery_codes WHERE id = $1 AND user_id = $2",
            ]
            .into_iter()
            .zip(&mut removed)
            {
                let query = sqlx::query(query).bind(id).bind(by.user_id());
                *removed = query.execute(&mut *work).await?.rows_affected();
            }
            if removed == [0, 0] {
                return refused(work, Refusal::Missing).await;
            }
            if removed != [0, 1] && confirmed(&mut work, by.user_id()).await?.is_empty() {
                remove_all(&mut work, by.user_id()).await?;
            }
            work.commit().await.map(Ok)
        })
        .await
    }

    /// Stores a recovery code. It replaces the previous one, which stops working in the same
    /// transaction.
    pub async fn replace_recovery(
        &self,
        by: By<'_>,
        recovery: &Recovery,
    ) -> Result<Result<(), Refusal>, StoreError> {
        let codes = bytes(&recovery.codes)?;
        retried(|| async {
            let mut work = Work::about(&self.pool, by.user_id()).await?;
            if !stands(&mut work, by).await? {
                return refused(work, Refusal::Void).await;
            }
            if confirmed(&mut work, by.user_id()).await?.is_empty() {
                return refused(work, Refusal::Missing).await;
            }
            put_recovery(&mut work, by.user_id(), recovery, &codes).await?;
            work.commit().await.map(Ok)
        })
        .await
    }
}

pub(super) fn otp(row: &AnyRow) -> Result<Otp, StoreError> {
    Ok(Otp {
        id: row.try_get("id")?,
        active: flag(row, "active")?,
        sealed_secret: row.try_get("secret")?,
        stored: state(row)?,
        created_at: seconds(row, "created_at")?,
    })
}

pub(super) fn recovery(row: &AnyRow) -> Result<Recovery, StoreError> {
    let codes: Vec<u8> = row.try_get("codes")?;
    Ok(Recovery {
        id: row.try_get("id")?,
        active: flag(row, "active")?,
        codes: RecoveryCodes::from_bytes(&codes)
            .map_err(|_| StoreError::Corrupt("recovery codes"))?,
        stored: state(row)?,
        created_at: seconds(row, "created_at")?,
    })
}

async fn refused<T>(work: Work, refusal: Refusal) -> Result<Result<T, Refusal>, StoreError> {
    work.undo().await;
    Ok(Err(refusal))
}

/// Returns whether the authority is still valid. The user's row is locked ([`Work::about`]), so
/// the answer holds until the end of the transaction.
pub(super) async fn stands(work: &mut Work, by: By<'_>) -> Result<bool, StoreError> {
    let query = match by {
        By::Operator { .. } => "SELECT id FROM users WHERE id = $1 AND valid_from <= $2",
        _ => "SELECT id FROM users WHERE id = $1 AND valid_from <= $2 AND blocked = 0",
    };
    let found = sqlx::query(query).bind(by.user_id()).bind(column(by.issued_at()));
    if found.fetch_optional(&mut **work).await?.is_none() {
        return Ok(false);
    }
    let By::Login(login) = by else { return Ok(true) };
    let query = "SELECT hash FROM mfa_tokens WHERE hash = $1 AND spent = 0";
    let unspent = sqlx::query(query).bind(login.hash.as_slice());
    Ok(unspent.fetch_optional(&mut **work).await?.is_some())
}

/// Returns whether the user may have `more` further confirmed authenticators.
pub(super) async fn room(
    work: &mut Work,
    by: By<'_>,
    more: usize,
) -> Result<Result<(), Refusal>, StoreError> {
    let mut confirmed = confirmed(work, by.user_id()).await?;
    if by.most() == MOST {
        // The confirmation of the new one removes what a reset has disabled.
        confirmed.retain(|(_, state)| !is_lost(*state));
    }
    Ok(if confirmed.len() + more <= by.most() {
        Ok(())
    } else if by.most() < MOST {
        Err(Refusal::Enrolled)
    } else {
        Err(Refusal::Full)
    })
}

/// Returns the ids and the states of the user's confirmed authenticators.
pub(super) async fn confirmed(
    work: &mut Work,
    user_id: &str,
) -> Result<Vec<(String, State)>, StoreError> {
    let query = "SELECT id, state FROM otp_authenticators WHERE user_id = $1 AND active = 1";
    let rows = sqlx::query(query).bind(user_id).fetch_all(&mut **work).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, state(row)?.state))).collect()
}

/// Returns whether a reset has disabled the authenticator. Wrong codes disable it in another way.
fn is_lost(state: State) -> bool {
    state.lifecycle() == Lifecycle::Disabled(DisabledBy::Host)
}

/// Removes the authenticators that a reset has disabled, because the user has another one now.
pub(super) async fn remove_lost(work: &mut Work, user_id: &str) -> Result<(), StoreError> {
    for (id, state) in confirmed(work, user_id).await? {
        if is_lost(state) {
            sqlx::query("DELETE FROM otp_authenticators WHERE id = $1")
                .bind(id)
                .execute(&mut **work)
                .await?;
        }
    }
    Ok(())
}

/// Stores an active recovery code in place of all others.
pub(super) async fn put_recovery(
    work: &mut Work,
    user_id: &str,
    recovery: &Recovery,
    codes: &[u8],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user_id)
        .execute(&mut **work)
        .await?;
    sqlx::query(
        "INSERT INTO recovery_codes (id, user_id, active, codes, state, created_at) \
         VALUES ($1, $2, 1, $3, $4, $5)",
    )
    .bind(&recovery.id)
    .bind(user_id)
    .bind(codes)
    .bind(recovery.stored.bytes.as_slice())
    .bind(column(recovery.created_at))
    .execute(&mut **work)
    .await?;
    Ok(())
}

pub(super) async fn remove_all(work: &mut Work, user_id: &str) -> Result<u64, StoreError> {
    let mut removed = 0;
    for query in [
        "DELETE FROM otp_authenticators WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
    ] {
        removed += sqlx::query(query).bind(user_id).execute(&mut **work).await?.rows_affected();
    }
    Ok(removed)
}

pub(super) fn bytes(codes: &RecoveryCodes) -> Result<Vec<u8>, StoreError> {
    let mut buffer = [0; RecoveryCodes::LEN];
    let bytes =
        codes.write_bytes(&mut buffer).map_err(|_| StoreError::Corrupt("recovery codes"))?;
    Ok(bytes.to_vec())
}
