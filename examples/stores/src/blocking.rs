//! Puts all stores behind one trait, for the program and the tests. A service has one store,
//! and does not need the trait.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use otp_core::verifier::{State, Swap};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{Error, dynamodb, postgres, redb, redis, rusqlite, sqlite};

/// The names that [`open`] accepts.
pub const NAMES: [&str; 6] = ["redis", "postgres", "sqlite", "rusqlite", "redb", "dynamodb"];

/// The operations that all stores have.
pub trait StateStore: Send + Sync {
    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The store failed.
    fn enrol(&self, user: &str) -> Result<(), Error>;
    /// Loads a state.
    ///
    /// # Errors
    /// The store failed, or the user has no state.
    fn load(&self, user: &str) -> Result<State, Error>;
    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The store failed.
    fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error>;
}

/// Opens a store by its name. The address is a URL or a file.
///
/// # Errors
/// No store has this name, or it cannot be opened.
pub fn open(name: &str, address: &str) -> Result<Box<dyn StateStore>, Error> {
    Ok(match name {
        "redis" => Box::new(waiting(|| redis::Store::open(address, 0))?),
        "postgres" => Box::new(waiting(|| postgres::Store::open(address))?),
        "sqlite" => Box::new(waiting(|| sqlite::Store::open(address))?),
        "rusqlite" => Box::new(Connections(address.to_owned(), Mutex::default())),
        "redb" => Box::new(redb::Store::open(address)?),
        "dynamodb" => {
            let address = address.to_owned();
            Box::new(dynamodb::Store(move |operation: &str, body| post(&address, operation, &body)))
        }
        _ => return Err(format!("{name} is not the name of a store: use one of {NAMES:?}").into()),
    })
}

/// An asynchronous store, and the runtime that waits for it.
struct Waiting<S>(Runtime, S);

fn waiting<S, F>(open: impl FnOnce() -> F) -> Result<Waiting<S>, Error>
where
    F: Future<Output = Result<S, Error>>,
{
    let runtime = Runtime::new()?;
    let store = runtime.block_on(open())?;
    Ok(Waiting(runtime, store))
}

macro_rules! of_waiting {
    ($($store:ty),*) => {$(
        impl StateStore for Waiting<$store> {
            fn enrol(&self, user: &str) -> Result<(), Error> {
                self.0.block_on(self.1.enrol(user))
            }

            fn load(&self, user: &str) -> Result<State, Error> {
                self.0.block_on(self.1.load(user))
            }

            fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
                self.0.block_on(self.1.swap(user, old, new))
            }
        }
    )*};
}

of_waiting!(redis::Store, postgres::Store, sqlite::Store);

/// A file, and its connections that are not in use. Only one thread at a time may use a
/// connection of rusqlite.
struct Connections(String, Mutex<Vec<rusqlite::Store>>);

impl Connections {
    fn with<R>(&self, ask: impl FnOnce(&rusqlite::Store) -> Result<R, Error>) -> Result<R, Error> {
        let free = self.1.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let store = free.map_or_else(|| rusqlite::Store::open(&self.0), Ok)?;
        // After an error, the connection is closed instead of being used again.
        let result = ask(&store)?;
        self.1.lock().unwrap_or_else(PoisonError::into_inner).push(store);
        Ok(result)
    }
}

impl StateStore for Connections {
    fn enrol(&self, user: &str) -> Result<(), Error> {
        self.with(|store| store.enrol(user))
    }

    fn load(&self, user: &str) -> Result<State, Error> {
        self.with(|store| store.load(user))
    }

    fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        self.with(|store| store.swap(user, old, new))
    }
}

impl StateStore for redb::Store {
    fn enrol(&self, user: &str) -> Result<(), Error> {
        self.enrol(user)
    }

    fn load(&self, user: &str) -> Result<State, Error> {
        self.load(user)
    }

    fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        self.swap(user, old, new)
    }
}

impl<F: Fn(&str, Value) -> dynamodb::Answer + Send + Sync> StateStore for dynamodb::Store<F> {
    fn enrol(&self, user: &str) -> Result<(), Error> {
        self.enrol(user)
    }

    fn load(&self, user: &str) -> Result<State, Error> {
        self.load(user)
    }

    fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        self.swap(user, old, new)
    }
}

/// Sends a request to a stand-in for the service, which accepts any signature.
fn post(address: &str, operation: &str, body: &Value) -> dynamodb::Answer {
    let signature = "AWS4-HMAC-SHA256 Credential=a/20260101/local/dynamodb/aws4_request, \
                     SignedHeaders=host, Signature=0";
    let mut answer = ureq::post(address)
        .config()
        .http_status_as_error(false)
        .build()
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", format!("DynamoDB_20120810.{operation}"))
        .header("X-Amz-Date", "20260101T000000Z")
        .header("Authorization", signature)
        .send(body.to_string())?;
    let succeeded = answer.status().is_success();
    let body: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    if succeeded {
        return Ok(Ok(body));
    }
    // `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`
    let kind = body["__type"].as_str().unwrap_or_default();
    Ok(Err(kind.rsplit('#').next().unwrap_or_default().to_owned()))
}
