//! Makes codes one-time. **Copy this part.**
//!
//! `otp-core` checks a code against a state that was loaded, and keeps the verdict back until
//! the commit. This module replaces the loaded state by the next one, if the row still holds
//! the loaded one: `UPDATE … WHERE id = … AND state = …`, and one row. If two processes get the
//! same code, only one of them finds its row.
//!
//! A user has several authenticators, and a code is checked against all of them. Their next
//! states are stored together or not at all.
//!
//! The consequences of a right code are in the same transaction: the enrolment is confirmed,
//! and the mfa_token is spent. The answer is made before the commit, and is returned after it.
//! If the answer cannot be made, nothing is used up. If the commit fails, the caller gets an
//! error that does not say whether the code was right.

use otp_core::recovery::{self, Redeemed, Redemption};
use otp_core::verifier::{self, Attempt, AttemptAny, Record, Swap, Verdict};
use sqlx::{Any, Executor};

use super::authenticators::{By, Otp, Recovery, RecoveryCodes, Refusal, bytes, remove_lost, room};
use super::finish::begun;
use super::rows::{Login, column, state};
use super::work::Work;
use super::{Store, StoreError, refresh};

/// The result of an attempt, after the database has stored it.
///
/// The record is for the audit log.
pub enum Settled<T, V> {
    /// The code was right, and is used up. `answer` was made for it, and `nth` is the index of
    /// the authenticator that the code belongs to.
    Accepted { answer: T, record: Record, nth: usize },
    /// Every other verdict.
    Refused(V, Record),
    /// The code was right, but another request or an operator was faster, so it has no effect.
    /// Nothing was stored, and the code is not used up.
    Barred(Refusal, Record),
    /// Another request was faster, and nothing was stored. Load the state again, and check the
    /// code again.
    Conflict,
}

/// The reason why nothing was stored.
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
    /// Stores the result of an attempt at the confirmed authenticators. `otps` are the rows that
    /// were loaded, and the id of a checked authenticator is its index among them. A right code
    /// spends the mfa_token.
    ///
    /// `answer` makes the answer to a right code, and does everything that can fail. It is
    /// called before the transaction begins, so no other request has to wait for a signature.
    pub async fn settle<T, E: From<StoreError>, V>(
        &self,
        otps: &[Otp],
        attempt: AttemptAny<'_, usize, V>,
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
        attempt: AttemptAny<'_, usize, V>,
        login: &Login,
        now: u64,
        answer: impl FnOnce() -> Result<T, E>,
    ) -> Result<Settled<T, Verdict>, Failure<E>> {
        let (mut open, mut made) = (None, None);
        let judged = attempt
            .commit_async(async |changes| {
                let is_right = changes.is_success();
                let mut stored = Vec::new();
                for change in changes {
                    let otp = otps.get(*change.id()).ok_or(StoreError::Corrupt("a judgement"))?;
                    stored.push((otp, change.new_state()));
                }
                // Nothing else follows from a wrong code, so one statement stores it. That is a
                // transaction by itself, with a third of the round trips.
                if let ([(otp, next)], false) = (&stored[..], is_right) {
                    let _turn = self.pool.turn().await.map_err(StoreError::from)?;
                    begun();
                    return Ok(swap(&self.pool, &otp.id, &otp.stored.bytes, *next).await?);
                }
                if is_right {
                    made = Some(answer().map_err(Failure::Answer)?);
                }
                let work = open.insert(Work::about(&self.pool, &login.user_id).await?);
                for (otp, next) in stored {
                    // If one row is lost, the whole transaction is undone below.
                    let swapped = swap(&mut **work, &otp.id, &otp.stored.bytes, next).await?;
                    if swapped == Swap::Lost {
                        return Ok(Swap::Lost);
                    }
                }
                Ok::<_, Failure<E>>(Swap::Stored)
            })
            .await?;
        let record = judged.record;
        // If nothing changes, there is no transaction: the code was used before, or all
        // authenticators are locked. A wrong code for a user with one authenticator does not
        // need one either.
        let Some(mut work) = open else {
            return match judged.verdict {
                Verdict::Conflict => Ok(Settled::Conflict),
                Verdict::Accepted(_) => Err(StoreError::Corrupt("a judgement").into()),
                refused => Ok(Settled::Refused(refused, record)),
            };
        };
        let settled = match judged.verdict {
            Verdict::Accepted(_) => {
                if let Err(refusal) = enter(&mut work, By::Login(login), now).await? {
                    work.undo().await;
                    return Ok(Settled::Barred(refusal, record));
                }
                let (Some(answer), Some(nth)) = (made, judged.accepted_by.copied()) else {
                    return Err(StoreError::Corrupt("a judgement").into());
                };
                Settled::Accepted { answer, record, nth }
            }
            // Some of several rows may have been found.
            Verdict::Conflict => {
                work.undo().await;
                return Ok(Settled::Conflict);
            }
            refused => Settled::Refused(refused, record),
        };
        work.commit().await?;
        Ok(settled)
    }

    /// Does the same for an enrolment. A right code confirms it in addition to the confirmed
    /// authenticators, and spends the mfa_token if there is one.
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

    /// Does the same for a recovery code. The set and the state are replaced together, so the
    /// code is used up at the same moment as its replacement is stored. If the code is right,
    /// `renewed` replaces its set: it is a set under another pepper.
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
            .commit_async(async |next_set, before, next| {
                let loaded = bytes(&recovery.codes)?;
                let codes = match renewed {
                    Some(renewed) if next.is_success_after(before) => bytes(renewed)?,
                    _ => bytes(next_set)?,
                };
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

    /// Replaces a state like [`settle`](Self::settle) does, in a row that this version wrote.
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

/// Replaces a state if the row still holds the bytes that were loaded. Another version may have
/// written them.
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

/// Activates the enrolment. Activates its recovery code too, if the user does not have an
/// active one. Removes the authenticators that a reset has disabled.
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
    let room = room(work, by, 0).await?;
    remove_lost(work, by.user_id()).await?;
    Ok(room)
}

/// Spends the mfa_token if there is one, and stores the time of the login. Refuses if another
/// request has spent the mfa_token meanwhile, or if an operator has blocked the user or made
/// the token void. Also stores the refresh token that replaces the mfa_token.
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

/// Treats a transaction that another one has undone like a row that was not found.
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
