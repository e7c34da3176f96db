//! Slows down guesses of passwords, per account and per address.
//!
//! The throttle is that of `otp-core`, whose verifier can also count attempts that the host
//! checks itself. Its states are in the database, so all servers share them. A guess is
//! throttled in the same way for an account that does not exist.
//!
//! - An account: five wrong passwords are free. After each further one, the account waits:
//!   first 30 seconds, later up to 15 minutes. A budget of 50 bounds the guesses between two
//!   logins of the owner. Only time refills it.
//! - An attacker who keeps an account waiting does not lock out its owner. The server knows
//!   each address with a right password for 90 days, and keeps a state for it. Wrong passwords
//!   from other addresses do not count there. This state only lets a right password in. A wrong
//!   password gets the same answer as from any other address. So the answer does not reveal
//!   that the owner was at this address.
//! - An address: a limited number of wrong passwords per hour, for all accounts together, and
//!   of sign-ups. For IPv6 the network of 64 bits counts, because one client usually gets a
//!   whole network.
//!
//! While an account or an address has to wait, the server does not hash its passwords.

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
/// The time for which the server knows an owner's address after the last login from there, in
/// seconds.
const KNOWN: u64 = 90 * DAY;
/// The largest number of tries to count a guess. A try fails if another guess was stored first.
/// Each of those was one more wrong password, so the throttle usually ends this earlier.
const TRIES: usize = 64;

/// The limits of one address per hour.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Rates {
    /// Wrong passwords per hour from one address, for all accounts together; 0 means no limit
    #[arg(
        long,
        env = "PASSWORDS_PER_HOUR",
        value_name = "NUMBER",
        default_value_t = 240,
        value_parser = clap::value_parser!(u32).range(0..=3600)
    )]
    pub passwords_per_hour: u32,

    /// Sign-ups per hour from one address; 0 means no limit
    #[arg(
        long,
        env = "SIGN_UPS_PER_HOUR",
        value_name = "NUMBER",
        default_value_t = 120,
        value_parser = clap::value_parser!(u32).range(0..=3600)
    )]
    pub sign_ups_per_hour: u32,
}

/// The throttles of accounts and of addresses.
pub struct Guesses {
    account: Verifier,
    address: Option<Verifier>,
    sign_ups: Option<Verifier>,
}

/// The result of a password check, after it was counted.
pub enum Guess {
    Right,
    Wrong(Record),
    /// The account or the address has to wait. The answer does not say whether the password was
    /// right.
    Throttled(Wait),
}

pub struct Wait {
    pub seconds: u64,
    /// `"account"` or `"address"`: the one that has to wait.
    pub of: &'static str,
}

impl Wait {
    fn of(of: &'static str, until: u64, now: u64) -> Guess {
        Guess::Throttled(Self { seconds: until.saturating_sub(now), of })
    }
}

impl Guesses {
    /// Creates the throttles.
    ///
    /// # Errors
    /// None for rates that the flags accept.
    pub fn new(rates: Rates) -> Result<Self, SettingsError> {
        let account = Throttle::DEFAULT
            .with_waits(30, 900, Backoff::Exponential)?
            // No account is ever disabled, because anybody could disable anybody's account.
            .with_max_failures(u32::MAX)?
            .with_budget(Budget::new(50, 900)?);
        Ok(Self {
            account: Verifier::DEFAULT.with_throttle(account),
            address: hourly(rates.passwords_per_hour)?,
            sign_ups: hourly(rates.sign_ups_per_hour)?,
        })
    }

    /// Checks a password, unless the account or the address has to wait. `is_right` hashes it.
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

        // Everything below uses the state that is in the database now. So passwords that arrive
        // at the same time get no more answers than passwords that arrive one after the other.
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

    /// Counts a sign-up. If its address has to wait, returns for how many seconds.
    pub async fn sign_up(&self, app: &App) -> Result<Option<u64>, ApiError> {
        let (Some(verifier), Some(network)) = (&self.sign_ups, network()) else { return Ok(None) };
        let now = now()?;
        let key = app.keys.fingerprint("sign-ups of an address", &network);
        let settled = settle(app, verifier, &key, false, FORGET, now).await?;
        Ok(waits(&settled.verdict).map(|until| until.saturating_sub(now)))
    }
}

/// Returns the key of an account's state.
pub fn of_account(keys: &Keys, email: &str) -> Vec<u8> {
    keys.fingerprint("passwords of an account", email)
}

/// Returns a throttle of `number` per hour. It has no waits after failures in a row, because
/// many people may share one office's address.
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

/// Counts a password under a key. Returns the verdict after the state is stored.
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
        // A wrong password does not extend the time for which the server knows an owner's
        // address.
        let forget_at = match loaded.forget_at {
            known if !right && keep == KNOWN => known,
            _ => now.saturating_add(keep),
        };
        let settled = attempt
            .commit_async(async |before, next| {
                if before == next {
                    // The password is right and there were no failures, so there is nothing to
                    // store.
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

/// Stores that the owner logged in from this address, at most once a day.
async fn remember(app: &App, owner: &[u8], now: u64) -> Result<(), ApiError> {
    let loaded = app.store.guessed(owner, now).await?;
    let until = now.saturating_add(KNOWN);
    if loaded.forget_at.saturating_add(DAY) < until {
        // If another request was faster, it stored the same.
        let _swap = app.store.swap_guess(owner, &loaded, loaded.state, until, now).await?;
    }
    Ok(())
}

/// Returns the network of the client of this request.
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

    /// Every rate that the flags accept makes a valid throttle.
    #[test]
    fn every_rate_is_a_throttle() {
        for number in [0, 1, 7, 240, 3600] {
            let rates = Rates { passwords_per_hour: number, sign_ups_per_hour: number };
            assert!(Guesses::new(rates).is_ok(), "{number}");
        }
    }
}
