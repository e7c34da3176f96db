//! An operator's changes of accounts while servers run. A login at the same time neither loses
//! nor reverts them: each change is one transaction, and it compares a state before it replaces
//! it.

use std::collections::HashMap;

use otp_core::verifier::{DisabledBy, Lifecycle, State};
use sqlx::any::AnyRow;
use sqlx::{FromRow as _, Row as _};

use super::authenticators::{
    By, Otp, Recovery, bytes, confirmed, otp, put_recovery, recovery, remove_all, remove_lost,
    room, stands,
};
use super::rows::{User, column, seconds, state};
use super::work::{Work, retried};
use super::{Store, StoreError};

/// A user with everything that decides about a login.
pub struct Account {
    pub user: User,
    pub created_at: u64,
    /// 0 before the first login.
    pub last_login: u64,
    pub otps: Vec<Otp>,
    pub recovery: Option<Recovery>,
}

/// The result of adding an authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    Done,
    NoUser,
    /// The user has the largest number of confirmed authenticators already.
    Full,
    /// The user has an authenticator with this secret.
    Same,
}

/// The number of accounts that one query reads.
const PAGE: i64 = 500;

/// The number of tries for a change. A try fails if a login has changed a state meanwhile.
const TRIES: usize = 16;

impl Store {
    /// Returns the next accounts after an address, ordered by address. Start with an empty one.
    pub async fn accounts(&self, after: &str) -> Result<Vec<Account>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified, blocked, valid_from, \
                     created_at, last_login FROM users WHERE email > $1 ORDER BY email LIMIT $2";
        let rows = sqlx::query(query).bind(after).bind(PAGE).fetch_all(&self.pool).await?;
        let mut accounts = rows.iter().map(account).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = accounts.last().map(|last| last.user.email.clone()) else {
            return Ok(accounts);
        };
        // One query for the whole page instead of one per user.
        let places: HashMap<String, usize> = accounts
            .iter()
            .enumerate()
            .map(|(place, account)| (account.user.id.clone(), place))
            .collect();
        let query = "SELECT a.user_id, a.id, a.active, a.secret, a.state, a.created_at \
                     FROM otp_authenticators a JOIN users u ON u.id = a.user_id \
                     WHERE u.email > $1 AND u.email <= $2 ORDER BY a.active DESC, a.created_at, a.id";
        let rows = sqlx::query(query).bind(after).bind(&last).fetch_all(&self.pool).await?;
        for row in &rows {
            if let Some(account) = of(&mut accounts, &places, row)? {
                account.otps.push(otp(row)?);
            }
        }
        let query = "SELECT r.user_id, r.id, r.active, r.codes, r.state, r.created_at \
                     FROM recovery_codes r JOIN users u ON u.id = r.user_id \
                     WHERE u.email > $1 AND u.email <= $2 AND r.active = 1";
        let rows = sqlx::query(query).bind(after).bind(&last).fetch_all(&self.pool).await?;
        for row in &rows {
            if let Some(account) = of(&mut accounts, &places, row)? {
                account.recovery = Some(recovery(row)?);
            }
        }
        Ok(accounts)
    }

    pub async fn account(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let query = "SELECT id, email, password_hash, email_verified, blocked, valid_from, \
                     created_at, last_login FROM users WHERE email = $1";
        let row = sqlx::query(query).bind(email).fetch_optional(&self.pool).await?;
        let Some(mut account) = row.as_ref().map(account).transpose()? else { return Ok(None) };
        account.otps = self.otps(&account.user.id).await?;
        account.recovery =
            self.recoveries(&account.user.id).await?.into_iter().find(|one| one.active);
        Ok(Some(account))
    }

    /// Ends all waits, and enables all authenticators and the recovery code. Used codes stay
    /// used. An authenticator that a reset disabled stays disabled: it was lost. Returns how many
    /// of them had failures or were disabled.
    pub async fn unlock(&self, user_id: &str) -> Result<usize, StoreError> {
        for _ in 0..TRIES {
            if let Some(unlocked) = retried(|| self.try_unlock(user_id)).await? {
                return Ok(unlocked);
            }
        }
        Err(StoreError::Busy)
    }

    /// Returns `None` if a login has changed one of the states meanwhile.
    async fn try_unlock(&self, user_id: &str) -> Result<Option<usize>, StoreError> {
        let mut work = Work::about(&self.pool, user_id).await?;
        let mut unlocked = 0;
        for table in [OTPS, RECOVERY_CODES] {
            let Some(changed) = replace_states(&mut work, table, user_id, unlocked_state).await?
            else {
                work.undo().await;
                return Ok(None);
            };
            unlocked += changed;
        }
        work.commit().await?;
        Ok(Some(unlocked))
    }

    /// Disables all confirmed authenticators, replaces the recovery code, and ends all sessions.
    /// The password is still not enough: the next login needs the new recovery code. Then the
    /// user enrols again, and the confirmation removes what is disabled.
    ///
    /// If the user has no confirmed authenticator, an enrolment that waits is removed, and no
    /// recovery code is stored. Returns how many authenticators were disabled.
    pub async fn reset(
        &self,
        user_id: &str,
        recovery: &Recovery,
        now: u64,
    ) -> Result<usize, StoreError> {
        for _ in 0..TRIES {
            if let Some(disabled) = retried(|| self.try_reset(user_id, recovery, now)).await? {
                return Ok(disabled);
            }
        }
        Err(StoreError::Busy)
    }

    /// Returns `None` if a login has changed one of the states meanwhile.
    async fn try_reset(
        &self,
        user_id: &str,
        recovery: &Recovery,
        now: u64,
    ) -> Result<Option<usize>, StoreError> {
        let mut work = Work::about(&self.pool, user_id).await?;
        let confirmed = confirmed(&mut work, user_id).await?.len();
        if confirmed == 0 {
            remove_all(&mut work, user_id).await?;
        } else {
            sqlx::query("DELETE FROM otp_authenticators WHERE user_id = $1 AND active = 0")
                .bind(user_id)
                .execute(&mut *work)
                .await?;
            if replace_states(&mut work, OTPS, user_id, State::disabled).await?.is_none() {
                work.undo().await;
                return Ok(None);
            }
            put_recovery(&mut work, user_id, recovery, &bytes(&recovery.codes)?).await?;
        }
        revoke(&mut work, user_id, now).await?;
        work.commit().await?;
        Ok(Some(confirmed))
    }

    /// Blocks a user and ends all sessions, or unblocks the user. Returns whether that changed
    /// anything.
    pub async fn block(&self, user_id: &str, blocked: bool, now: u64) -> Result<bool, StoreError> {
        retried(|| async {
            let mut work = Work::about(&self.pool, user_id).await?;
            if blocked {
                revoke(&mut work, user_id, now).await?;
            }
            let done = sqlx::query("UPDATE users SET blocked = $1 WHERE id = $2 AND blocked <> $1")
                .bind(i64::from(blocked))
                .bind(user_id)
                .execute(&mut *work)
                .await?;
            work.commit().await?;
            Ok(done.rows_affected() == 1)
        })
        .await
    }

    /// Stores that mail to the user's address arrives.
    pub async fn verify_email(&self, user_id: &str) -> Result<(), StoreError> {
        retried(|| async {
            let query = "UPDATE users SET email_verified = 1 WHERE id = $1";
            sqlx::query(query).bind(user_id).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// Deletes a user and all data of the user.
    pub async fn delete_user(&self, user_id: &str) -> Result<bool, StoreError> {
        retried(|| async {
            let mut work = Work::about(&self.pool, user_id).await?;
            remove_all(&mut work, user_id).await?;
            sqlx::query("DELETE FROM mfa_tokens WHERE user_id = $1")
                .bind(user_id)
                .execute(&mut *work)
                .await?;
            let done = sqlx::query("DELETE FROM users WHERE id = $1")
                .bind(user_id)
                .execute(&mut *work)
                .await?;
            work.commit().await?;
            Ok(done.rows_affected() == 1)
        })
        .await
    }

    /// Adds a user with authenticators that were confirmed in another system, completely or not
    /// at all. Returns false if the address or the id is taken.
    pub async fn import(&self, user: &User, otps: &[Otp], now: u64) -> Result<bool, StoreError> {
        retried(|| async {
            let mut work = Work::begin(&self.pool).await?;
            let done = sqlx::query(
                "INSERT INTO users (id, email, password_hash, created_at, blocked, email_verified) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            )
            .bind(&user.id)
            .bind(&user.email)
            .bind(&user.password_hash)
            .bind(column(now))
            .bind(i64::from(user.blocked))
            .bind(i64::from(user.email_verified))
            .execute(&mut *work)
            .await?;
            if done.rows_affected() != 1 {
                work.undo().await;
                return Ok(false);
            }
            for otp in otps {
                insert_confirmed(&mut work, &user.id, otp).await?;
            }
            work.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Adds a confirmed authenticator to a user, unless `is_same` says that the user has one
    /// with the same secret. With `rehearsed`, it is a dry run and is undone at the end. The
    /// number says how many authenticators of this user the dry run has added and undone
    /// before.
    pub async fn add_confirmed(
        &self,
        user_id: &str,
        new: &Otp,
        is_same: impl Fn(&Otp) -> bool,
        rehearsed: Option<usize>,
    ) -> Result<Added, StoreError> {
        let by = By::Operator { user_id };
        let add = async |work: &mut Work| -> Result<Added, StoreError> {
            if !stands(work, by).await? {
                return Ok(Added::NoUser);
            }
            let query = "SELECT id, active, secret, state, created_at FROM otp_authenticators \
                         WHERE user_id = $1";
            for row in sqlx::query(query).bind(user_id).fetch_all(&mut **work).await? {
                if is_same(&otp(&row)?) {
                    return Ok(Added::Same);
                }
            }
            if room(work, by, 1 + rehearsed.unwrap_or(0)).await?.is_err() {
                return Ok(Added::Full);
            }
            remove_lost(work, user_id).await?;
            insert_confirmed(work, user_id, new).await?;
            Ok(Added::Done)
        };
        retried(|| async {
            let mut work = Work::about(&self.pool, user_id).await?;
            let added = add(&mut work).await?;
            if added == Added::Done && rehearsed.is_none() {
                work.commit().await?;
            } else {
                work.undo().await;
            }
            Ok(added)
        })
        .await
    }
}

/// The statements that read the states of a user's rows, and replace one of them.
type States = [&'static str; 2];

const OTPS: States = [
    "SELECT id, state FROM otp_authenticators WHERE user_id = $1 ORDER BY id",
    "UPDATE otp_authenticators SET state = $1 WHERE id = $2 AND state = $3",
];
const RECOVERY_CODES: States = [
    "SELECT id, state FROM recovery_codes WHERE user_id = $1 ORDER BY id",
    "UPDATE recovery_codes SET state = $1 WHERE id = $2 AND state = $3",
];

/// Replaces the states of a user's rows. Returns how many have changed, or `None` if a login has
/// changed one of them meanwhile.
async fn replace_states(
    work: &mut Work,
    [select, update]: States,
    user_id: &str,
    to: impl Fn(State) -> State,
) -> Result<Option<usize>, StoreError> {
    let mut changed = 0;
    for row in sqlx::query(select).bind(user_id).fetch_all(&mut **work).await? {
        let (id, stored) = (row.try_get::<String, _>("id")?, state(&row)?);
        let next = to(stored.state);
        if next == stored.state {
            continue;
        }
        let done = sqlx::query(update)
            .bind(next.to_bytes().as_ref())
            .bind(id)
            .bind(stored.bytes)
            .execute(&mut **work)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(None);
        }
        changed += 1;
    }
    Ok(Some(changed))
}

fn unlocked_state(state: State) -> State {
    match state.lifecycle() {
        Lifecycle::Disabled(DisabledBy::Host) => state,
        _ => state.enabled(),
    }
}

async fn insert_confirmed(work: &mut Work, user_id: &str, otp: &Otp) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO otp_authenticators (id, user_id, active, secret, state, created_at) \
         VALUES ($1, $2, 1, $3, $4, $5)",
    )
    .bind(&otp.id)
    .bind(user_id)
    .bind(otp.sealed_secret.as_slice())
    .bind(otp.stored.bytes.as_slice())
    .bind(column(otp.created_at))
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Reads an account without its authenticators and its recovery code.
fn account(row: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        user: User::from_row(row)?,
        created_at: seconds(row, "created_at")?,
        last_login: seconds(row, "last_login")?,
        otps: Vec::new(),
        recovery: None,
    })
}

/// Returns the account of a row. Returns `None` if the user was added after the accounts were
/// read.
fn of<'a>(
    accounts: &'a mut [Account],
    places: &HashMap<String, usize>,
    row: &AnyRow,
) -> Result<Option<&'a mut Account>, StoreError> {
    let user_id: String = row.try_get("user_id")?;
    Ok(places.get(&user_id).and_then(|&place| accounts.get_mut(place)))
}

/// Ends all sessions. mfa_tokens are spent, and refresh tokens are deleted. At this server,
/// access tokens from this second or earlier are void. A login at the same time is either
/// completed first, and then ended too, or finds the changed row.
async fn revoke(work: &mut Work, user_id: &str, now: u64) -> Result<(), StoreError> {
    sqlx::query("UPDATE mfa_tokens SET spent = 1 WHERE user_id = $1 AND spent = 0")
        .bind(user_id)
        .execute(&mut **work)
        .await?;
    sqlx::query("UPDATE users SET valid_from = $1 WHERE id = $2")
        .bind(column(now.saturating_add(1)))
        .bind(user_id)
        .execute(&mut **work)
        .await?;
    sqlx::query("DELETE FROM refresh_tokens WHERE user_id = $1")
        .bind(user_id)
        .execute(&mut **work)
        .await?;
    Ok(())
}
