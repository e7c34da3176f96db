//! The states that a fail-over to a Redis replica loses.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use otp_core::verifier::{Verdict, Verifier};
use otp_core::{Secret, Totp};
use otp_stores::{Error, redis};
use tokio::runtime::Runtime;

use super::server::{self, Server};

const NOW: u64 = 1_800_000_000;

/// A primary, its replica, and a network between them that can be cut.
struct Pair {
    primary: Server,
    replica: Server,
    is_cut: Arc<AtomicBool>,
}

impl Pair {
    fn start() -> Self {
        let (primary, replica) = (Server::start(server::redis), Server::start(server::redis));
        let is_cut = Arc::new(AtomicBool::new(false));
        let port = network_to(primary.port, &is_cut);
        cli(replica.port, &["REPLICAOF", "127.0.0.1", &port.to_string()]);
        while !cli(replica.port, &["INFO", "replication"]).contains("master_link_status:up") {
            thread::yield_now();
        }
        Self { primary, replica, is_cut }
    }

    fn cut(&self) {
        self.is_cut.store(true, SeqCst);
    }

    /// Kills the primary. The replica takes over.
    fn fail_over(&mut self) {
        self.primary.kill();
        cli(self.replica.port, &["REPLICAOF", "NO", "ONE"]);
    }
}

fn cli(port: u16, command: &[&str]) -> String {
    let output =
        Command::new("redis-cli").args(["-p", &port.to_string()]).args(command).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Returns a port that leads to another one until the network is cut. Data that was already
/// sent may still arrive.
fn network_to(port: u16, is_cut: &Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap().port();
    let is_cut = Arc::clone(is_cut);
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { return };
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                let is_cut = Arc::clone(&is_cut);
                thread::spawn(move || forward(from, to, &is_cut));
            }
        }
    });
    here
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok(len @ 1..) = from.read(&mut buffer) {
        if is_cut.load(SeqCst) || to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn log_in(port: u16, replicas: u32, code: &str) -> Result<Verdict, Error> {
    let totp = totp();
    Runtime::new()?.block_on(async {
        let store = redis::Store::open(&format!("redis://127.0.0.1:{port}"), replicas).await?;
        store.enrol("alice").await?;
        let swap = |old, new| store.swap("alice", old, new);
        let load = || store.load("alice");
        Ok(Verifier::DEFAULT.log_in_async(&totp, code, NOW, load, swap).await?.verdict)
    })
}

fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap())
}

/// If a login does not wait for a replica, the last codes before a fail-over work again.
#[test]
fn a_fail_over_loses_what_the_replica_had_not_received() {
    let (mut pair, code) = (Pair::start(), totp().code_at(NOW).unwrap().to_string());
    // Enrols a user, and waits until the replica knows it.
    assert!(matches!(log_in(pair.primary.port, 1, "000000"), Ok(Verdict::Rejected(_))));
    pair.cut();
    assert!(matches!(log_in(pair.primary.port, 0, &code), Ok(Verdict::Accepted(_))));
    pair.fail_over();
    assert!(matches!(log_in(pair.replica.port, 0, &code), Ok(Verdict::Accepted(_))));
}

/// If a login waits for one replica, a state that only the primary has does not log in.
#[test]
fn a_login_that_waits_for_a_replica_survives_a_fail_over() {
    let (mut pair, code) = (Pair::start(), totp().code_at(NOW).unwrap().to_string());
    assert!(matches!(log_in(pair.primary.port, 1, "000000"), Ok(Verdict::Rejected(_))));
    assert!(matches!(log_in(pair.primary.port, 1, &code), Ok(Verdict::Accepted(_))));
    pair.cut();
    let next = totp().code_at(NOW + 30).unwrap().to_string();
    let refused = log_in(pair.primary.port, 1, &next).unwrap_err();
    assert!(refused.to_string().contains("too few replicas"), "{refused}");
    pair.fail_over();
    // The accepted code is used up on the replica too. The other code was not accepted before.
    assert!(matches!(log_in(pair.replica.port, 0, &code), Ok(Verdict::Replayed)));
    assert!(matches!(log_in(pair.replica.port, 0, &next), Ok(Verdict::Accepted(_))));
}
