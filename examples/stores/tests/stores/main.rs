//! Tests each store with its real server: with `otp_core::conformance`, and with one code that
//! 32 threads of two processes submit while the store is killed.

mod failover;
mod race;
mod server;
mod wrong;

use std::env;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use otp_core::conformance::check_store;
use otp_core::verifier::{State, Swap};
use otp_stores::{StateStore, open};
use serde_json::json;

use race::Race;
use server::Server;

#[test]
fn redis() {
    let mut server = Server::start(server::redis);
    let address = format!("redis://127.0.0.1:{}", server.port);
    check("redis", &address);
    Race::start("redis", &address).run(|_| server.kill_and_restart());
}

#[test]
fn postgres() {
    let mut server = Server::start(server::postgres);
    let address = format!("postgres://test@127.0.0.1:{}/postgres", server.port);
    check("postgres", &address);
    Race::start("postgres", &address).run(|_| server.kill_and_restart());
}

#[test]
fn dynamodb() {
    let mut server = Server::start(server::dynamodb);
    let address = format!("http://127.0.0.1:{}", server.port);
    create_table(&address);
    // The stand-in takes 20 s for this.
    if env::var_os("OTP_LONG").is_some() {
        check("dynamodb", &address);
    }
    Race::start("dynamodb", &address).run(|_| server.kill_and_restart());
}

/// A client that ignores the HTTP status takes the service's refusal for an answer.
#[test]
fn dynamodb_by_a_careless_client() {
    let refused =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"});
    let store = otp_stores::dynamodb::Store(|_: &str, _| Ok(Ok(refused.clone())));
    let (old, new) = (State::enrolment(), State::confirmed());
    assert!(store.swap("alice", old, new).is_err(), "the login must fail");
    assert!(store.load("alice").is_err() && store.enrol("alice").is_err());
}

/// `measure.sh` runs it.
#[test]
#[ignore = "measures"]
fn measure() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let servers = [server::redis, server::postgres, server::dynamodb].map(Server::start);
    let [redis, postgres, dynamodb] = servers.each_ref().map(|server| server.port);
    let dynamodb = format!("http://127.0.0.1:{dynamodb}");
    create_table(&dynamodb);
    for (name, address) in [
        ("redis", format!("redis://127.0.0.1:{redis}")),
        ("postgres", format!("postgres://test@127.0.0.1:{postgres}/postgres")),
        ("sqlite", file("sqlite")),
        ("rusqlite", file("rusqlite")),
        ("redb", file("redb")),
        ("dynamodb", dynamodb),
    ] {
        let output = program().args([name, &address, "measure", "alice", "500"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        print!("{name:10} {}", String::from_utf8_lossy(&output.stdout));
    }
}

/// Creates the table. A real service does this once, together with its other tables.
fn create_table(address: &str) {
    let table = r#"{"TableName": "otp", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "user", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "user", "KeyType": "HASH"}]}"#;
    ureq::post(address)
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", "DynamoDB_20120810.CreateTable")
        .header("X-Amz-Date", "20260101T000000Z")
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
        )
        .send(table)
        .unwrap();
    // The service creates it in the background.
    let store = open("dynamodb", address).unwrap();
    while store.enrol("check").is_err() {
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn sqlite() {
    in_a_file("sqlite");
}

#[test]
fn rusqlite() {
    in_a_file("rusqlite");
}

/// These stores do not have a server, so one of the two processes is killed.
fn in_a_file(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("otp.db");
    check(name, file.to_str().unwrap());
    Race::start(name, file.to_str().unwrap()).run(Race::kill_and_restart_one);
}

/// Only one process can open the file. It races with its own threads, and is killed.
#[test]
fn redb() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("otp.redb");
    let file = file.to_str().unwrap();
    check("redb", file);
    Race::of_one_process("redb", file).run(Race::kill_and_restart_one);
}

/// Runs the core's conformance test.
fn check(name: &str, address: &str) {
    let store = open(name, address).unwrap();
    store.enrol("check").unwrap();
    let swap = |old, new| matches!(store.swap("check", old, new).unwrap(), Swap::Stored);
    check_store(|| store.load("check").unwrap(), swap).unwrap();
    a_missing_state_is_an_error(&*store);
}

fn a_missing_state_is_an_error(store: &dyn StateStore) {
    assert_eq!(store.load("nobody").unwrap_err().to_string(), "this user has no authenticator");
    // A second enrolment does not replace the state.
    let stored = store.load("check").unwrap();
    store.enrol("check").unwrap();
    assert_eq!(store.load("check").unwrap(), stored);
}

/// Returns a command that runs this package's program.
fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_otp-stores"))
}
