//! What makes a code one-time. **This is the part to copy.**
//!
//! `otp-core` judges a code and a state that was loaded, and seals the verdict. Here the next state
//! replaces the loaded one, if the row still holds it: `UPDATE … WHERE id = … AND state = …`, and one
//! row. If two requests with one code come to two processes, only one of them finds its row.
//!
//! What follows from a right code (the enrolment is confirmed, the mfa_token is spent) is in the same
//! transaction. The verdict leaves these functions only after the commit. If the commit fails, the
//! verdict is dropped, and the caller gets an error that tells nothing of the code.

use super::rows::{Login, Otp, Recovery, bytes, state};
use super::work::Work;
use super::{Store, StoreError};
use otp_core::recovery::{self, Redemption};
use otp_core::verifier::{self, Attempt, Swap, Verdict};

/// A verdict that may be acted upon.
pub enum Settled<V> {
    Verdict(V),
    /// The code was right, but another request spent the mfa_token meanwhile. A one-time code is used
    /// up all the same. A recovery code is not, as its user would be left with none.
    Spent,
}

impl Store {
    /// Stores what an attempt leads to, and returns its verdict. A right code spends `login`; it is
    /// `None` if there is no mfa_token to be spent.
    pub async fn settle(
        &self,
        user_id: &str,
        otp: &Otp,
        attempt: Attempt,
        login: Option<&Login>,
    ) -> Result<Settled<Verdict>, StoreError> {
        let done = self.try_settle(user_id, otp, attempt, login).await;
        lost_to_another(done, Settled::Verdict(Verdict::Conflict))
    }

    async fn try_settle(
        &self,
        user_id: &str,
        otp: &Otp,
        attempt: Attempt,
        login: Option<&Login>,
    ) -> Result<Settled<Verdict>, StoreError> {
        let mut open = None;
        let verdict = attempt
            .commit_async(async |_, next| {
                let work = open.insert(Work::begin(&self.pool).await?);
                swap(work, &otp.id, &otp.stored.bytes, next).await
            })
            .await?
            .verdict;
        // There is no transaction if nothing changes: the code was used before, or the authenticator is locked.
        let Some(mut work) = open else { return Ok(Settled::Verdict(verdict)) };
        let mut settled = Settled::Verdict(verdict);
        if let Settled::Verdict(Verdict::Accepted(_)) = settled {
            if !spend(&mut work, login).await? {
                settled = Settled::Spent;
            } else if !otp.active {
                confirm(&mut work, user_id, &otp.id).await?;
            }
        }
        work.commit().await?;
        Ok(settled)
    }

    /// Does the same for a recovery code. Set and state are replaced together, so that the code is used
    /// up and its replacement is stored at once.
    pub async fn settle_redemption(
        &self,
        recovery: &Recovery,
        redemption: Redemption<'_, 1>,
        login: &Login,
    ) -> Result<Settled<recovery::Verdict>, StoreError> {
        let done = self.try_settle_redemption(recovery, redemption, login).await;
        lost_to_another(done, Settled::Verdict(recovery::Verdict::Conflict))
    }

    async fn try_settle_redemption(
        &self,
        recovery: &Recovery,
        redemption: Redemption<'_, 1>,
        login: &Login,
    ) -> Result<Settled<recovery::Verdict>, StoreError> {
        let mut open = None;
        let verdict = redemption
            .commit_async(async |next_set, _, next| {
                let work = open.insert(Work::begin(&self.pool).await?);
                let done = sqlx::query(
                    "UPDATE recovery_codes SET codes = $1, state = $2 \
                     WHERE id = $3 AND codes = $4 AND state = $5",
                )
                .bind(bytes(next_set)?)
                .bind(next.to_bytes().as_ref())
                .bind(&recovery.id)
                .bind(bytes(&recovery.codes)?)
                .bind(recovery.stored.bytes.as_slice())
                .execute(&mut **work)
                .await?;
                Ok::<_, StoreError>(Swap::from_rows(done.rows_affected()))
            })
            .await?
            .verdict;
        let Some(mut work) = open else { return Ok(Settled::Verdict(verdict)) };
        if let recovery::Verdict::Redeemed(_) = verdict
            && !spend(&mut work, Some(login)).await?
        {
            work.undo().await;
            return Ok(Settled::Spent);
        }
        work.commit().await?;
        Ok(Settled::Verdict(verdict))
    }

    /// Returns the state of an authenticator. `otp_core::conformance` checks it together with
    /// [`compare_and_swap`](Self::compare_and_swap).
    pub async fn state(&self, id: &str) -> Result<Option<verifier::State>, StoreError> {
        let query = "SELECT state FROM otp_authenticators WHERE id = $1";
        let row = sqlx::query(query).bind(id).fetch_optional(&self.pool).await?;
        row.map(|row| Ok(state(&row)?.state)).transpose()
    }

    /// Replaces a state as [`settle`](Self::settle) does, in a row that this version wrote.
    pub async fn compare_and_swap(
        &self,
        id: &str,
        expected: verifier::State,
        next: verifier::State,
    ) -> Result<bool, StoreError> {
        let swapped = async {
            let mut work = Work::begin(&self.pool).await?;
            let expected = expected.to_bytes();
            let swapped = swap(&mut work, id, expected.as_ref(), next).await?;
            work.commit().await?;
            Ok(swapped == Swap::Stored)
        };
        lost_to_another(swapped.await, false)
    }
}

/// Replaces a state if the row still holds these bytes: the ones that were loaded, of whatever version.
async fn swap(
    work: &mut Work,
    id: &str,
    loaded: &[u8],
    next: verifier::State,
) -> Result<Swap, StoreError> {
    let query = "UPDATE otp_authenticators SET state = $1 WHERE id = $2 AND state = $3";
    let done = sqlx::query(query)
        .bind(next.to_bytes().as_ref())
        .bind(id)
        .bind(loaded)
        .execute(&mut **work)
        .await?;
    Ok(Swap::from_rows(done.rows_affected()))
}

/// The enrolment takes the place of the one before it, and its recovery code counts from now on.
async fn confirm(work: &mut Work, user_id: &str, id: &str) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM otp_authenticators WHERE user_id = $1 AND active = 1")
        .bind(user_id)
        .execute(&mut **work)
        .await?;
    sqlx::query("UPDATE otp_authenticators SET active = 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **work)
        .await?;
    sqlx::query(
        "UPDATE recovery_codes SET active = 1 WHERE user_id = $1 AND active = 0 AND NOT EXISTS \
         (SELECT 1 FROM recovery_codes AS other WHERE other.user_id = $1 AND other.active = 1)",
    )
    .bind(user_id)
    .execute(&mut **work)
    .await?;
    Ok(())
}

/// Whether the mfa_token was good until now. Where there is none, nothing has to be spent.
async fn spend(work: &mut Work, login: Option<&Login>) -> Result<bool, StoreError> {
    let Some(login) = login else { return Ok(true) };
    let query = "UPDATE mfa_tokens SET spent = 1 WHERE hash = $1 AND spent = 0";
    let done = sqlx::query(query).bind(login.hash.as_slice()).execute(&mut **work).await?;
    Ok(done.rows_affected() == 1)
}

/// A transaction that was undone because another one won is a row that was not found.
fn lost_to_another<T>(done: Result<T, StoreError>, conflict: T) -> Result<T, StoreError> {
    match done {
        Err(StoreError::Database(error)) if StoreError::is_conflict(&error) => Ok(conflict),
        done => done,
    }
}
