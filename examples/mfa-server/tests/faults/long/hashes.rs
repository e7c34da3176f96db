//! Password hashes of clients that hang up.

use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::program::Program;

/// Returns a figure about the process from the system.
fn status(server: &Program, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// F51: each hash takes 19 MiB, and goes on after its client has hung up.
#[test]
#[ignore = "long"]
fn f51_hashes_are_bounded_when_300_clients_hang_up() {
    let folder = TempDir::new().unwrap();
    let url = format!("sqlite://{}", folder.path().join("db").display());
    let server = Program::start(folder.path(), &url);
    let user = server.enrolled("a@example.com");
    let mut threads = 0;
    for number in 0..300 {
        let fields = json!({
            "grant_type": "password", "username": format!("nobody{number}@example.com"),
            "password": "correct horse battery",
        });
        // Long enough for the server to read the request, and too short for an answer.
        let request = server.begin_post("/oauth/token", fields);
        thread::sleep(Duration::from_millis(5));
        drop(request);
        threads = threads.max(status(&server, "Threads:"));
    }
    let peak = status(&server, "VmHWM:") / 1024;
    println!("{peak} MiB at most, {threads} threads at most");
    assert!(peak < 600, "{peak} MiB");
    // A client that does not hang up is served, because the others have left the queue.
    server.log_in(&user.email).unwrap();
}
