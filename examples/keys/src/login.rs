//! A login with a key that answers over a connection.

use std::future::Future;

use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Totp, Truncated};

/// An error of the store or of the key. The login must fail then.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The number of tries per login. Each lost race means that another request was answered.
const TRIES: u32 = 10;

/// Logs in like [`Verifier::log_in_async`], with a key that `hmacs` asks.
///
/// `hmacs` gets all moving factors of a check at once. It is not called if the authenticator is
/// locked or disabled, or if the code is malformed. The key of `totp` is any value that stands
/// for the real key, for example its name.
///
/// # Errors
/// The store or the key failed, or the code could not be checked.
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
