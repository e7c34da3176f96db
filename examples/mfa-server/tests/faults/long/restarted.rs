//! PostgreSQL is restarted while users log in.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use crate::long::cluster::Cluster;
use crate::program::{Program, User};

/// The answers that users got.
#[derive(Default)]
struct Seen {
    accepted: AtomicU32,
    unavailable: AtomicU32,
    unknown: AtomicU32,
}

/// Uses one recovery code after the other. Each answer has the next one.
fn go_on(server: &Program, mut user: User, stop: &AtomicBool, seen: &Seen) {
    let (mut used, mut tokens) = (Vec::new(), Vec::new());
    let mut is_known = true;
    while !stop.load(SeqCst) {
        // Passwords take longer than codes. With several mfa_tokens, a restart also hits
        // requests with codes.
        let Some(token) = tokens.pop() else {
            while tokens.len() < 8 && !stop.load(SeqCst) {
                match server.log_in(&user.email) {
                    Ok(token) => tokens.push(token),
                    Err(_) => thread::sleep(Duration::from_millis(20)),
                }
            }
            continue;
        };
        let answer = server.recover(&token, &user.recovery_code).unwrap();
        match answer.status {
            200 => {
                seen.accepted.fetch_add(1, SeqCst);
                used.push(std::mem::replace(
                    &mut user.recovery_code,
                    answer.field("recovery_code"),
                ));
                is_known = true;
            }
            503 => {
                seen.unavailable.fetch_add(1, SeqCst);
                // Otherwise the answer says that the commit may have been done.
                if !answer.field("error_description").contains("Nothing was decided") {
                    seen.unknown.fetch_add(1, SeqCst);
                    is_known = false;
                }
            }
            // The code was accepted, but the answer was lost with the connection, and so was
            // the replacement.
            403 if !is_known => return,
            _ => panic!("{answer:?}, after {} codes", used.len()),
        }
    }
    // An accepted code never works again, even if the database was restarted.
    for code in used.iter().rev().take(3) {
        let token = server.log_in(&user.email).unwrap();
        assert_eq!(server.recover(&token, code).unwrap().status, 403);
    }
}

#[test]
#[ignore = "long"]
fn no_code_is_lost_or_comes_back_when_postgresql_is_restarted_under_load() {
    let cluster = Cluster::start();
    let server = Program::start(cluster.folder(), &cluster.url());
    let users: Vec<User> =
        (0..6).map(|number| server.enrolled(&format!("user{number}@example.com"))).collect();
    let (stop, seen) = (AtomicBool::new(false), Seen::default());
    thread::scope(|scope| {
        for user in users {
            let (server, stop, seen) = (&server, &stop, &seen);
            scope.spawn(move || go_on(server, user, stop, seen));
        }
        for mode in ["fast", "immediate", "fast", "immediate", "immediate"] {
            let before = seen.accepted.load(SeqCst);
            while seen.accepted.load(SeqCst) < before + 12 {
                thread::sleep(Duration::from_millis(10));
            }
            cluster.control("restart", mode);
            server.heals();
        }
        stop.store(true, SeqCst);
    });
    let [accepted, unavailable, unknown] =
        [&seen.accepted, &seen.unavailable, &seen.unknown].map(|count| count.load(SeqCst));
    println!("{accepted} accepted, {unavailable} unavailable, of {unknown} nobody knows");
}
