//! A login by a key that answers from afar.

use std::future::Future;

use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Totp, Truncated};

/// An error of the store or of the key's home. Nobody is let in then.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// How often a login tries. Each lost race means that another request was answered.
const TRIES: u32 = 10;

/// As [`Verifier::log_in_async`], with a key that `hmacs` asks: for all moving factors of a judgement at once, and not at all if
/// the authenticator is locked or disabled, or the code malformed. `totp` has whatever stands for the key.
///
/// # Errors
/// The store or the key's home failed, or the code could not be judged.
pub async fn log_in<K, L, H, S>(
    totp: &Totp<K>,
    code: &str,
    now: u64,
    mut load: impl FnMut() -> L,
    mut hmacs: impl FnMut(Vec<u64>) -> H,
    mut swap: impl FnMut(State, State) -> S,
) -> Result<Verdict, Error>
where
    L: Future<Output = Result<State, Error>>,
    H: Future<Output = Result<Vec<Truncated>, Error>>,
    S: Future<Output = Result<Swap, Error>>,
{
    for _ in 0..TRIES {
        let plan = Verifier::DEFAULT.plan(totp, load().await?, code, now)?;
        let factors: Vec<u64> = plan.moving_factors().collect();
        let answers = if factors.is_empty() { Vec::new() } else { hmacs(factors).await? };
        let attempt = plan.attempt(answers)?;
        let settled = attempt.commit_async(async |old, new| swap(old, new).await).await?;
        if settled.verdict != Verdict::Conflict {
            return Ok(settled.verdict);
        }
    }
    Ok(Verdict::Conflict)
}
