//! Redis or Valkey: a string for each user. A script compares and replaces it.
//!
//! Start the server with `--appendonly yes --appendfsync always`. Without `appendonly`, a
//! restart loses the states of up to an hour. Without `appendfsync always`, it loses those of
//! about a second. The codes of that time then work again. Do not set a `maxmemory-policy` that
//! evicts keys, and do not give the keys a lifetime. A user whose state is lost cannot log in.
//! If you enrol that user again with the same secret, used codes work again.
//!
//! A replica has older data than its primary. At a fail-over, the data that it had not received
//! is lost. `replicas` says how many replicas must have the new state before its code logs in.
//! With fewer replicas, the login fails.

use std::fmt;
use std::time::Duration;

use otp_core::verifier::{State, Swap};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, ExistenceCheck, SetOptions};

use crate::{Error, NotEnrolled};

/// The server runs a script as one step. Valkey 8.1 and Redis 8.4 have `SET … IFEQ` for this.
const SWAP: &str = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1";

/// The time for which a login waits for the replicas, in milliseconds.
const REPLICAS_WITHIN: u32 = 2000;

/// A Redis or Valkey server.
#[derive(Clone)]
pub struct Store {
    connection: ConnectionManager,
    replicas: u32,
}

impl Store {
    /// Connects to `redis://host:port`. Every new state must also reach this many replicas.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn open(url: &str, replicas: u32) -> Result<Self, Error> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(5)));
        let connection = Client::open(url)?.get_connection_manager_with_config(config).await?;
        Ok(Self { connection, replicas })
    }

    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The server failed.
    pub async fn enrol(&self, user: &str) -> Result<(), Error> {
        let new = State::enrolment().to_bytes();
        let options = SetOptions::default().conditional_set(ExistenceCheck::NX);
        let () = self.connection.clone().set_options(key(user), new.as_ref(), options).await?;
        Ok(())
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The server failed, or the user has no state.
    pub async fn load(&self, user: &str) -> Result<State, Error> {
        let bytes: Option<Vec<u8>> = self.connection.clone().get(key(user)).await?;
        Ok(State::from_bytes(&bytes.ok_or(NotEnrolled)?)?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The server failed, or too few replicas have the new state.
    pub async fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let (old, new) = (old.to_bytes(), new.to_bytes());
        let mut pipe = redis::pipe();
        pipe.cmd("EVAL").arg(SWAP).arg(1).arg(key(user)).arg(old.as_ref()).arg(new.as_ref());
        pipe.cmd("WAIT").arg(self.replicas).arg(REPLICAS_WITHIN);
        let (rows, replicas): (u64, u32) = pipe.query_async(&mut self.connection.clone()).await?;
        if rows == 1 && replicas < self.replicas {
            return Err("too few replicas have the new state".into());
        }
        Ok(Swap::from_rows(rows))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("replicas", &self.replicas).finish_non_exhaustive()
    }
}

fn key(user: &str) -> String {
    format!("otp:{user}")
}
