//! What makes a code one-time. **This is the part to copy.**
//!
//! `otp-core` judges a code and a state that was loaded, and seals the verdict. Here the next state
//! replaces the loaded one, if the row still holds it: `UPDATE … WHERE id = … AND state = …`, and one
//! row. If two requests with one code come to two processes, only one of them finds its row.
//!
//! A user has several authenticators, and a code is judged for all of them. Their next states are stored
//! together or not at all.
//!
//! What follows from a right code is in the same transaction: the enrolment is confirmed, and the
//! mfa_token is spent. The answer is made before the commit, and leaves these functions after it. If
//! the answer cannot be made, nothing is used up. If the commit fails, the caller gets an error that
//! tells nothing of the code.

use otp_core::recovery::{self, Redeemed, Redemption};
use otp_core::verifier::{self, Attempt, AttemptAny, Change, Record, Swap, Verdict};
use sqlx::{Any, Executor};

use super::authenticators::{By, Otp, Recovery, RecoveryCodes, Refusal, bytes, room};
use super::finish::begun;
use super::rows::{Login, column, state};
use super::work::Work;
use super::{Store, StoreError, refresh};

/// What an attempt led to, once the database has it.
///
/// The record is for the audit log.
pub enum Settled<T, V> {
    /// The code was right, and is used up. This is the answer that was made for it, and which of those that were
    /// judged it was a code of.
    Accepted { answer: T, record: Record, nth: usize },
    /// Every other verdict.
    Refused(V, Record),
    /// The code was right, and nothing follows from it: another request or an operator was faster. Nothing
    /// was stored, and the code is not used up.
    Barred(Refusal, Record),
    /// Another request was faster, and nothing was stored: load the state again, and judge again.
    Conflict,
}

/// Why nothing was stored.
enum Failure<E> {
    Store(StoreError),
    /// The answer could not be made.
    Answer(E),
}

impl<E> From<StoreError> for Failure<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Stores what an attempt at the confirmed authenticators leads to. `otps` are those that were judged,
    /// in the same order. A right code spends the mfa_token. `answer` makes what a right code hands out, and
    /// does everything that can fail: it is called before the transaction begins, so that nobody waits for a
    /// signature.
    pub async fn settle<T, E: From<StoreError>, V>(
        &self,
        otps: &[Otp],
        attempt: AttemptAny<'_, V>,
        login: &Login,
        now: u64,
        answer: impl FnOnce() -> Result<T, E>,
    ) -> Result<Settled<T, Verdict>, E> {
        let done = self.try_settle(otps, attempt, login, now, answer).await;
        lost_to_another(done, Settled::Conflict)
    }

    async fn try_settle<T, E, V>(
        &self,
        otps: &[Otp],
        attempt: AttemptAny<'_, V>,
        login: &Login,
        now: u64,
        answer: impl FnOnce() -> Result<T, E>,
    ) -> Result<Settled<T, Verdict>, Failure<E>> {
        let (mut open, mut made) = (None, None);
        let judged = attempt
            .commit_async(async |changes| {
                let mut stored = Vec::new();
                for change in changes {
                    let otp = otps.get(change.authenticator());
                    stored.push((otp.ok_or(StoreError::Corrupt("a judgement"))?, change));
                }
                if let [(otp, change)] = stored[..]
                    && is_failure(&change)
                {
                    let _turn = self.pool.turn().await.map_err(StoreError::from)?;
                    begun();
                    let next = change.new_state();
                    return Ok(swap(&self.pool, &otp.id, &otp.stored.bytes, next).await?);
                }
                if !stored.iter().all(|(_, change)| is_failure(change)) {
                    made = Some(answer().map_err(Failure::Answer)?);
                }
                let work = open.insert(Work::about(&self.pool, &login.user_id).await?);
                for (otp, change) in stored {
                    // If one row is lost, all are: the work is undone below.
                    let swapped =
                        swap(&mut **work, &otp.id, &otp.stored.bytes, change.new_state()).await?;
                    if swapped == Swap::Lost {
                        return Ok(Swap::Lost);
                    }
                }
                Ok::<_, Failure<E>>(Swap::Stored)
            })
            .await?;
        let record = judged.record;
        // There is no transaction if nothing changes: the code was used before, or all are locked. Nor is there one
        // for a wrong code of a user with one authenticator.
        let Some(mut work) = open else {
            return match judged.verdict {
                Verdict::Conflict => Ok(Settled::Conflict),
                Verdict::Accepted(_) => Err(StoreError::Corrupt("a judgement").into()),
                refused => Ok(Settled::Refused(refused, record)),
            };
        };
        let settled = match judged.verdict {
            Verdict::Accepted(accepted) => {
                if let Err(refusal) = enter(&mut work, By::Login(login), now).await? {
                    work.undo().await;
                    return Ok(Settled::Barred(refusal, record));
                }
                let answer = made.ok_or(StoreError::Corrupt("a judgement"))?;
                Settled::Accepted { answer, record, nth: accepted.authenticator() }
            }
            // Of several rows, some may have been found.
            Verdict::Conflict => {
                work.undo().await;
                return Ok(Settled::Conflict);
            }
            refused => Settled::Refused(refused, record),
        };
        work.commit().await?;
        Ok(settled)
    }

    /// Does the same for an enrolment. A right code confirms it, beside the authenticators that are confirmed
    /// already, and spends the mfa_token if there is one.
    pub async fn settle_enrolment<T, E: From<StoreError>>(
        &self,
        by: By<'_>,
        otp: &Otp,
        attempt: Attempt,
        now: u64,
        answer: impl FnOnce() -> Result<T, E>,
    ) -> Result<Settled<T, Verdict>, E> {
        let done = self.try_settle_enrolment(by, otp, attempt, now, answer).await;
        lost_to_another(done, Settled::Conflict)
    }

    async fn try_settle_enrolment<T, E>(
        &self,
        by: By<'_>,
        otp: &Otp,
        attempt: Attempt,
        now: u64,
        answer: impl FnOnce() -> Result<T, E>,
    ) -> Result<Settled<T, Verdict>, Failure<E>> {
        let mut open = None;
        let judged = attempt
            .commit_async(async |_, next| {
                let work = open.insert(Work::about(&self.pool, by.user_id()).await?);
                swap(&mut **work, &otp.id, &otp.stored.bytes, next).await
            })
            .await?;
        let record = judged.record;
        let Some(mut work) = open else { return Ok(Settled::Refused(judged.verdict, record)) };
        let settled = match judged.verdict {
            Verdict::Accepted(_) => {
                if let Err(refusal) = confirm(&mut work, by, &otp.id, now).await? {
                    work.undo().await;
                    return Ok(Settled::Barred(refusal, record));
                }
                let answer = answer().map_err(Failure::Answer)?;
                Settled::Accepted { answer, record, nth: 0 }
            }
            Verdict::Conflict => Settled::Conflict,
            refused => Settled::Refused(refused, record),
        };
        work.commit().await?;
        Ok(settled)
    }

    /// Does the same for a recovery code. Set and state are replaced together, so that the code is used
    /// up and its replacement is stored at once. If the code is right, `renewed` takes the place of its
    /// set: one under another pepper.
    pub async fn settle_redemption<T, E: From<StoreError>>(
        &self,
        recovery: &Recovery,
        redemption: Redemption<'_, 1>,
        renewed: Option<&RecoveryCodes>,
        login: &Login,
        now: u64,
        answer: impl FnOnce(&Redeemed) -> Result<T, E>,
    ) -> Result<Settled<T, recovery::Verdict>, E> {
        let done =
            self.try_settle_redemption(recovery, redemption, renewed, login, now, answer).await;
        lost_to_another(done, Settled::Conflict)
    }

    async fn try_settle_redemption<T, E>(
        &self,
        recovery: &Recovery,
        redemption: Redemption<'_, 1>,
        renewed: Option<&RecoveryCodes>,
        login: &Login,
        now: u64,
        answer: impl FnOnce(&Redeemed) -> Result<T, E>,
    ) -> Result<Settled<T, recovery::Verdict>, Failure<E>> {
        let mut open = None;
        let judged = redemption
            .commit_async(async |next_set, _, next| {
                let loaded = bytes(&recovery.codes)?;
                let mut codes = bytes(next_set)?;
                // Only a code that is right changes the set.
                if let Some(renewed) = renewed.filter(|_| codes != loaded) {
                    codes = bytes(renewed)?;
                }
                let work = open.insert(Work::about(&self.pool, &login.user_id).await?);
                let done = sqlx::query(
                    "UPDATE recovery_codes SET codes = $1, state = $2 \
                     WHERE id = $3 AND codes = $4 AND state = $5",
                )
                .bind(codes)
                .bind(next.to_bytes().as_ref())
                .bind(&recovery.id)
                .bind(loaded)
                .bind(recovery.stored.bytes.as_slice())
                .execute(&mut **work)
                .await?;
                Ok::<_, StoreError>(Swap::from_rows(done.rows_affected()))
            })
            .await?;
        let record = judged.record;
        let Some(mut work) = open else { return Ok(Settled::Refused(judged.verdict, record)) };
        let settled = match judged.verdict {
            recovery::Verdict::Redeemed(redeemed) => {
                if let Err(refusal) = enter(&mut work, By::Login(login), now).await? {
                    work.undo().await;
                    return Ok(Settled::Barred(refusal, record));
                }
                let answer = answer(&redeemed).map_err(Failure::Answer)?;
                Settled::Accepted { answer, record, nth: 0 }
            }
            recovery::Verdict::Conflict => Settled::Conflict,
            refused => Settled::Refused(refused, record),
        };
        work.commit().await?;
        Ok(settled)
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
            let swapped = swap(&mut *work, id, expected.as_ref(), next).await?;
            work.commit().await?;
            Ok(swapped == Swap::Stored)
        };
        lost_to_another(swapped.await.map_err(Failure::Store), false)
    }
}

/// Whether a change counts a failure, as a wrong code does and a right one never. One such change is stored by one
/// statement, because nothing else follows from it, and a statement that stands alone is a transaction by itself: a
/// third of the round trips.
fn is_failure(change: &Change) -> bool {
    change.new_state().failures() > change.old_state().failures()
}

/// Replaces a state if the row still holds these bytes: the ones that were loaded, of whatever version.
async fn swap(
    connection: impl Executor<'_, Database = Any>,
    id: &str,
    loaded: &[u8],
    next: verifier::State,
) -> Result<Swap, StoreError> {
    let query = "UPDATE otp_authenticators SET state = $1 WHERE id = $2 AND state = $3";
    let done = sqlx::query(query)
        .bind(next.to_bytes().as_ref())
        .bind(id)
        .bind(loaded)
        .execute(connection)
        .await?;
    Ok(Swap::from_rows(done.rows_affected()))
}

/// The enrolment counts from now on, and so does its recovery code if there is no other.
async fn confirm(
    work: &mut Work,
    by: By<'_>,
    id: &str,
    now: u64,
) -> Result<Result<(), Refusal>, StoreError> {
    sqlx::query("UPDATE otp_authenticators SET active = 1 WHERE id = $1")
        .bind(id)
        .execute(&mut **work)
        .await?;
    sqlx::query(
        "UPDATE recovery_codes SET active = 1 WHERE user_id = $1 AND active = 0 AND NOT EXISTS \
         (SELECT 1 FROM recovery_codes AS other WHERE other.user_id = $1 AND other.active = 1)",
    )
    .bind(by.user_id())
    .execute(&mut **work)
    .await?;
    if let Err(refusal) = enter(work, by, now).await? {
        return Ok(Err(refusal));
    }
    room(work, by, 0).await
}

/// Spends the mfa_token if there is one, and notes the login: unless another request has spent it, or an
/// operator keeps the user out or has made the token void, while the code was judged. The refresh token that
/// takes the place of the mfa_token is stored with it.
async fn enter(work: &mut Work, by: By<'_>, now: u64) -> Result<Result<(), Refusal>, StoreError> {
    if let By::Login(login) = by {
        let query = "UPDATE mfa_tokens SET spent = 1 WHERE hash = $1 AND spent = 0";
        let query = sqlx::query(query).bind(login.hash.as_slice());
        if query.execute(&mut **work).await?.rows_affected() != 1 {
            return Ok(Err(Refusal::Void));
        }
    }
    let query = "UPDATE users SET last_login = $1 \
                 WHERE id = $2 AND blocked = 0 AND valid_from <= $3";
    let done = sqlx::query(query)
        .bind(column(now))
        .bind(by.user_id())
        .bind(column(by.issued_at()))
        .execute(&mut **work)
        .await?;
    if done.rows_affected() != 1 {
        return Ok(Err(Refusal::Void));
    }
    if let By::Login(Login { refresh: Some(minted), .. }) = by {
        refresh::insert(work, &minted.row).await?;
    }
    Ok(Ok(()))
}

/// A transaction that was undone because another one won is a row that was not found.
fn lost_to_another<T, E: From<StoreError>>(
    done: Result<T, Failure<E>>,
    conflict: T,
) -> Result<T, E> {
    done.or_else(|failure| match failure {
        Failure::Store(error) if error.is_conflict() => Ok(conflict),
        Failure::Store(error) => Err(error.into()),
        Failure::Answer(error) => Err(error),
    })
}
