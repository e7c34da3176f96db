//! Guesses of passwords are slowed down, for each account and for each address.
//!
//! The throttle is that of `otp-core`, whose verifier also counts what a host judges itself. Its states are in the
//! database, so that all servers share them. Nothing depends on whether an account exists.
//!
//! - An account: five wrong passwords are free. Each further one is followed by a wait, from 30 seconds to 15
//!   minutes. A budget of 50, which only time refills, bounds guesses between two logins of the owner.
//! - A stranger who keeps an account waiting does not keep its owner out. Each address from which the password was
//!   right has a state of its own for 90 days, and no other address counts in it. It only lets a right password in:
//!   to a wrong one the answer is the same as elsewhere, and tells nobody that the owner came from there.
//! - An address: so many wrong passwords an hour, whichever accounts they are for, and so many sign-ups. An IPv6
//!   address stands for its network of 64 bits, which is what one client is given.
//!
//! While an account or an address has to wait, its passwords are not hashed.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};

use otp_core::verifier::{
    Backoff, Budget, Record, SettingsError, Settled, Swap, Throttle, Verdict, Verifier,
};

use crate::app::{App, now};
use crate::error::ApiError;
use crate::keys::Keys;
use crate::request;

const HOUR: u32 = 3600;
const DAY: u64 = 86_400;
/// After a day without a wrong password, every budget is full again and every wait is over.
const FORGET: u64 = DAY;
/// How long the address of an owner is known after the last login.
const KNOWN: u64 = 90 * DAY;
/// How often a guess is counted anew because another one was counted first. Each time that was one more wrong
/// password, so the throttle ends it earlier.
const TRIES: usize = 64;

/// How much one address may do.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Rates {
    /// Wrong passwords an hour from one address, for all accounts together; 0 is no limit
    #[arg(
        long,
        env = "PASSWORDS_PER_HOUR",
        value_name = "NUMBER",
        default_value_t = 240,
        value_parser = clap::value_parser!(u32).range(0..=3600)
    )]
    pub passwords_per_hour: u32,

    /// Sign-ups an hour from one address; 0 is no limit
    #[arg(
        long,
        env = "SIGN_UPS_PER_HOUR",
        value_name = "NUMBER",
        default_value_t = 120,
        value_parser = clap::value_parser!(u32).range(0..=3600)
    )]
    pub sign_ups_per_hour: u32,
}

/// What an account and an address may do.
pub struct Guesses {
    account: Verifier,
    address: Option<Verifier>,
    sign_ups: Option<Verifier>,
}

/// What a password came to, once it is counted.
pub enum Guess {
    Right,
    Wrong(Record),
    /// Nobody is told whether it was right.
    Throttled(Wait),
}

pub struct Wait {
    pub seconds: u64,
    /// What has to wait: the account or the address.
    pub of: &'static str,
}

impl Wait {
    fn of(of: &'static str, until: u64, now: u64) -> Guess {
        Guess::Throttled(Self { seconds: until.saturating_sub(now), of })
    }
}

impl Guesses {
    /// # Errors
    /// None with numbers that the flags take.
    pub fn new(rates: Rates) -> Result<Self, SettingsError> {
        let account = Throttle::DEFAULT
            .with_waits(30, 900, Backoff::Exponential)?
            // Nobody is disabled, because anybody could do that to anybody.
            .with_max_failures(u32::MAX)?
            .with_budget(Budget::new(50, 900)?);
        Ok(Self {
            account: Verifier::DEFAULT.with_throttle(account),
            address: hourly(rates.passwords_per_hour)?,
            sign_ups: hourly(rates.sign_ups_per_hour)?,
        })
    }

    /// Judges a password, if neither the account nor the address has to wait. `is_right` hashes it.
    pub async fn password(
        &self,
        app: &App,
        email: &str,
        is_right: impl AsyncFnOnce() -> Result<bool, ApiError>,
    ) -> Result<Guess, ApiError> {
        let now = now()?;
        let account = of_account(&app.keys, email);
        let network = network();
        let address = network.as_deref().zip(self.address.as_ref()).map(|(network, verifier)| {
            (app.keys.fingerprint("passwords of an address", network), verifier)
        });
        let owner = network.as_deref().map(|network| {
            app.keys.fingerprint("passwords of an owner", &format!("{network} {email}"))
        });

        if let Some((address, _)) = &address
            && let Some(until) = app.store.guessed(address, now).await?.state.locked_until(now)
        {
            return Ok(Wait::of("address", until, now));
        }
        let account_waits = app.store.guessed(&account, now).await?.state.locked_until(now);
        if let Some(until) = account_waits {
            let Some(owner) = &owner else { return Ok(Wait::of("account", until, now)) };
            let known = app.store.guessed(owner, now).await?;
            if known.forget_at == 0 || known.state.locked_until(now).is_some() {
                return Ok(Wait::of("account", until, now));
            }
        }

        let right = is_right().await?;

        // Everything below is judged by what the database holds by now: of passwords that came together, no more are
        // answered than of as many one after the other.
        if let Some((address, verifier)) = &address {
            let wait = if right {
                app.store.guessed(address, now).await?.state.locked_until(now)
            } else {
                waits(&settle(app, verifier, address, false, FORGET, now).await?.verdict)
            };
            if let Some(until) = wait {
                return Ok(Wait::of("address", until, now));
            }
        }
        if let (Some(until), Some(owner)) = (account_waits, &owner) {
            let settled = settle(app, &self.account, owner, right, KNOWN, now).await?;
            return Ok(match settled.verdict {
                Verdict::Accepted(_) => Guess::Right,
                _ => Wait::of("account", until, now),
            });
        }
        let settled = settle(app, &self.account, &account, right, FORGET, now).await?;
        match settled.verdict {
            Verdict::Accepted(_) => {
                if let Some(owner) = &owner {
                    remember(app, owner, now).await?;
                }
                Ok(Guess::Right)
            }
            Verdict::Locked { until } => Ok(Wait::of("account", until, now)),
            _ => Ok(Guess::Wrong(settled.record)),
        }
    }

    /// Counts a sign-up, and returns for how many seconds its address has to wait instead.
    pub async fn sign_up(&self, app: &App) -> Result<Option<u64>, ApiError> {
        let (Some(verifier), Some(network)) = (&self.sign_ups, network()) else { return Ok(None) };
        let now = now()?;
        let key = app.keys.fingerprint("sign-ups of an address", &network);
        let settled = settle(app, verifier, &key, false, FORGET, now).await?;
        Ok(waits(&settled.verdict).map(|until| until.saturating_sub(now)))
    }
}

/// The key of an account's state.
pub fn of_account(keys: &Keys, email: &str) -> Vec<u8> {
    keys.fingerprint("passwords of an account", email)
}

/// A bucket that an hour fills. There are no waits after a number of failures in a row: an office behind one
/// address has many people.
fn hourly(number: u32) -> Result<Option<Verifier>, SettingsError> {
    let Some(refill) = HOUR.checked_div(number) else { return Ok(None) };
    let throttle = Throttle::DEFAULT
        .with_waits(0, 0, Backoff::Exponential)?
        .with_max_failures(u32::MAX)?
        .with_budget(Budget::new(number, refill.into())?);
    Ok(Some(Verifier::DEFAULT.with_throttle(throttle)))
}

fn waits(verdict: &Verdict) -> Option<u64> {
    match verdict {
        Verdict::Locked { until } => Some(*until),
        _ => None,
    }
}

/// Counts a password under a key. The verdict comes out once it is stored.
async fn settle(
    app: &App,
    verifier: &Verifier,
    key: &[u8],
    right: bool,
    keep: u64,
    now: u64,
) -> Result<Settled, ApiError> {
    for _ in 0..TRIES {
        let loaded = app.store.guessed(key, now).await?;
        let attempt = verifier
            .attempt_by_host(loaded.state, now, || Ok::<_, Infallible>(right))
            .map_err(ApiError::unexpected)?;
        // A wrong password does not make it known for longer that the owner came from an address.
        let forget_at = match loaded.forget_at {
            known if !right && keep == KNOWN => known,
            _ => now.saturating_add(keep),
        };
        let settled = attempt
            .commit_async(async |before, next| {
                if before == next {
                    // Right, with no failure before it.
                    return Ok(Swap::Stored);
                }
                app.store.swap_guess(key, &loaded, next, forget_at, now).await
            })
            .await?;
        if settled.verdict != Verdict::Conflict {
            return Ok(settled);
        }
    }
    Err(ApiError::busy())
}

/// Notes that an owner comes from here, at most once a day.
async fn remember(app: &App, owner: &[u8], now: u64) -> Result<(), ApiError> {
    let loaded = app.store.guessed(owner, now).await?;
    let until = now.saturating_add(KNOWN);
    if loaded.forget_at.saturating_add(DAY) < until {
        // If another request was faster, it noted the same.
        let _swap = app.store.swap_guess(owner, &loaded, loaded.state, until, now).await?;
    }
    Ok(())
}

/// The network that the client of this request is in.
fn network() -> Option<String> {
    request::current()?.address.map(network_of)
}

fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let bits = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(bits).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_its_address_or_its_network_of_64_bits() {
        for (address, network) in [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(network_of(address.parse().unwrap()), network);
        }
    }

    /// Whatever the flags take, the throttle takes.
    #[test]
    fn every_rate_is_a_throttle() {
        for number in [0, 1, 7, 240, 3600] {
            let rates = Rates { passwords_per_hour: number, sign_ups_per_hour: number };
            assert!(Guesses::new(rates).is_ok(), "{number}");
        }
    }
}
