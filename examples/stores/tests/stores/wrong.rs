//! Stores with mistakes that others made, on a real Redis. The conformance test names each
//! mistake.

use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use otp_core::conformance::{Violation, check_store};
use otp_core::verifier::State;
use redis::{Client, Commands, Connection, ExistenceCheck, SetExpiry, SetOptions};

use super::server::{self, Server};

const KEY: &str = "otp:check";
const LOCK: &str = "lock:check";

/// Connections that are not in use. Each thread takes one.
struct Connections(Client, Mutex<Vec<Connection>>);

impl Connections {
    fn with<R>(&self, use_it: impl FnOnce(&mut Connection) -> R) -> R {
        let free = self.1.lock().unwrap().pop();
        let mut connection = free.unwrap_or_else(|| self.0.get_connection().unwrap());
        let result = use_it(&mut connection);
        self.1.lock().unwrap().push(connection);
        result
    }
}

fn load(redis: &mut Connection) -> State {
    let bytes: Vec<u8> = redis.get(KEY).unwrap();
    State::from_bytes(&bytes).unwrap()
}

fn store(redis: &mut Connection, state: State) {
    let () = redis.set(KEY, state.to_bytes().as_ref()).unwrap();
}

/// Returns what the conformance test finds about a swap.
fn found_in(swap: impl Fn(&mut Connection, State, State) -> bool + Sync) -> Option<Violation> {
    let server = Server::start(server::redis);
    let client = Client::open(format!("redis://127.0.0.1:{}", server.port)).unwrap();
    let connections = Connections(client, Mutex::default());
    connections.with(|redis| store(redis, State::enrolment()));
    let swap = |old, new| connections.with(|redis| swap(redis, old, new));
    check_store(|| connections.with(load), swap).err()
}

#[test]
fn a_get_and_then_a_set() {
    let found = found_in(|redis, old, new| {
        let matches = load(redis) == old;
        if matches {
            store(redis, new);
        }
        matches
    });
    assert_eq!(found, Some(Violation::ManyCommits));
}

#[test]
fn a_set_that_compares_nothing() {
    let found = found_in(|redis, _, new| {
        store(redis, new);
        true
    });
    assert_eq!(found, Some(Violation::StaleSwap));
}

/// The lock works until its holder takes longer than the lock's lifetime, for example because
/// of a slow disk.
#[test]
fn a_lock_that_expires() {
    let found = found_in(|redis, old, new| {
        let lock = SetOptions::default()
            .conditional_set(ExistenceCheck::NX)
            .with_expiration(SetExpiry::PX(1));
        while !redis.set_options(LOCK, "held", lock.clone()).unwrap_or(false) {
            sleep(Duration::from_micros(100));
        }
        let matches = load(redis) == old;
        if matches {
            // This delay only matters if other threads run too.
            sleep(Duration::from_millis(2));
            store(redis, new);
        }
        let () = redis.del(LOCK).unwrap();
        matches
    });
    assert_eq!(found, Some(Violation::ManyCommits));
}
