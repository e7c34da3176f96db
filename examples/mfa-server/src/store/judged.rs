//! What makes a code one-time. **This is the part to copy.**
//!
//! `otp-core` judges a code and a state that was loaded, and seals the verdict. Here the next state is
//! stored in the place of the loaded one, if that is still the one that is stored: `UPDATE … WHERE id
//! = … AND state = …`, and one row. Of two requests with one code, in two processes, one finds its row.
//!
//! What follows from a right code (the enrolment is confirmed, the mfa_token is spent) is in the same
//! transaction, and the verdict leaves these functions after the commit alone. If that fails, the
//! verdict is dropped, and the caller has an error that tells nothing of the code.

use otp_core::{Attempt, RecoveryVerdict, Redemption, Verdict, VerifierState};
use sqlx::{Any, Transaction};

use super::rows::{Login, Otp, Recovery, bytes, state};
use super::{Store, StoreError};

/// A verdict that may be acted upon.
pub enum Settled<V> {
    Verdict(V),
    /// The code was right and is used up, but the mfa_token was spent by another request meanwhile.
    Spent,
}

impl Store {
    /// Stores what an attempt leads to, and gives its verdict. `login` is spent by a right code; it is
    /// `None` where there is no mfa_token that could be.
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
        // Nothing to store: a code that was used, or one that comes while it is locked.
        if !attempt.changes_state() {
            return Ok(Settled::Verdict(attempt.settle(true)));
        }
        let mut transaction = self.pool.begin().await?;
        let swapped = swap(&mut transaction, &otp.id, otp.state, attempt.next_state()).await?;
        let verdict = attempt.settle(swapped);
        let mut settled = Settled::Verdict(verdict);
        if let Settled::Verdict(Verdict::Accepted(_)) = settled {
            if !spend(&mut transaction, login).await? {
                settled = Settled::Spent;
            } else if !otp.active {
                confirm(&mut transaction, user_id, &otp.id).await?;
            }
        }
        transaction.commit().await?;
        Ok(settled)
    }

    /// The same for a recovery code: set and state are replaced together, so that the code burns and
    /// its replacement is there in one act.
    pub async fn settle_redemption(
        &self,
        recovery: &Recovery,
        redemption: Redemption<1>,
        login: &Login,
    ) -> Result<Settled<RecoveryVerdict>, StoreError> {
        let done = self.try_settle_redemption(recovery, redemption, login).await;
        lost_to_another(done, Settled::Verdict(RecoveryVerdict::Conflict))
    }

    async fn try_settle_redemption(
        &self,
        recovery: &Recovery,
        redemption: Redemption<1>,
        login: &Login,
    ) -> Result<Settled<RecoveryVerdict>, StoreError> {
        if !redemption.changes() {
            return Ok(Settled::Verdict(redemption.settle(true)));
        }
        let mut transaction = self.pool.begin().await?;
        let done = sqlx::query(
            "UPDATE recovery_codes SET codes = $1, state = $2 \
             WHERE id = $3 AND codes = $4 AND state = $5",
        )
        .bind(bytes(redemption.next_set())?)
        .bind(redemption.next_state().to_bytes().as_slice())
        .bind(&recovery.id)
        .bind(bytes(&recovery.codes)?)
        .bind(recovery.state.to_bytes().as_slice())
        .execute(&mut *transaction)
        .await?;
        let verdict = redemption.settle(done.rows_affected() == 1);
        let mut settled = Settled::Verdict(verdict);
        if let Settled::Verdict(RecoveryVerdict::Redeemed(_)) = settled
            && !spend(&mut transaction, Some(login)).await?
        {
            settled = Settled::Spent;
        }
        transaction.commit().await?;
        Ok(settled)
    }

    /// The state of an authenticator, and its replacement: what `otp_core::conformance` inspects.
    pub async fn state(&self, id: &str) -> Result<Option<VerifierState>, StoreError> {
        let query = "SELECT state FROM otp_authenticators WHERE id = $1";
        let row = sqlx::query(query).bind(id).fetch_optional(&self.pool).await?;
        row.map(|row| state(&row)).transpose()
    }

    /// As [`settle`](Self::settle) stores it.
    pub async fn compare_and_swap(
        &self,
        id: &str,
        expected: VerifierState,
        next: VerifierState,
    ) -> Result<bool, StoreError> {
        let swapped = async {
            let mut transaction = self.pool.begin().await?;
            let swapped = swap(&mut transaction, id, expected, next).await?;
            transaction.commit().await?;
            Ok(swapped)
        };
        lost_to_another(swapped.await, false)
    }
}

async fn swap(
    transaction: &mut Transaction<'_, Any>,
    id: &str,
    expected: VerifierState,
    next: VerifierState,
) -> Result<bool, StoreError> {
    let query = "UPDATE otp_authenticators SET state = $1 WHERE id = $2 AND state = $3";
    let done = sqlx::query(query)
        .bind(next.to_bytes().as_slice())
        .bind(id)
        .bind(expected.to_bytes().as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The enrolment takes the place of the one before it, and its recovery code counts from now on.
async fn confirm(
    transaction: &mut Transaction<'_, Any>,
    user_id: &str,
    id: &str,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM otp_authenticators WHERE user_id = $1 AND active = 1")
        .bind(user_id)
        .execute(&mut **transaction)
        .await?;
    sqlx::query("UPDATE otp_authenticators SET active = 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "UPDATE recovery_codes SET active = 1 WHERE user_id = $1 AND active = 0 AND NOT EXISTS \
         (SELECT 1 FROM recovery_codes AS other WHERE other.user_id = $1 AND other.active = 1)",
    )
    .bind(user_id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Whether the mfa_token was good until now. Where there is none, nothing has to be spent.
async fn spend(
    transaction: &mut Transaction<'_, Any>,
    login: Option<&Login>,
) -> Result<bool, StoreError> {
    let Some(login) = login else { return Ok(true) };
    let query = "UPDATE mfa_tokens SET spent = 1 WHERE hash = $1 AND spent = 0";
    let done = sqlx::query(query).bind(login.hash.as_slice()).execute(&mut **transaction).await?;
    Ok(done.rows_affected() == 1)
}

/// A transaction that was undone because another one won is a row that was not found.
fn lost_to_another<T>(done: Result<T, StoreError>, conflict: T) -> Result<T, StoreError> {
    match done {
        Err(StoreError::Database(error)) if StoreError::is_conflict(&error) => Ok(conflict),
        done => done,
    }
}
