//! The bounds of password hashes, with clients that hang up.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::response::IntoResponse as _;
use mfa_server::password::{Load, Passwords};
use tokio::task::JoinSet;
use tokio::time::sleep;

const CORES: usize = 2;
/// The permits for hashes that run or wait.
const PLACES: usize = 18;

/// A hash takes a core and 19 MiB until it ends, even if its client hangs up at once.
#[tokio::test(flavor = "multi_thread")]
async fn hashes_are_bounded_when_clients_hang_up() {
    let passwords = Passwords::on(CORES).unwrap();
    for _ in 0..60 {
        {
            let mut one = pin!(passwords.hash("correct horse battery".into()));
            // The hash waits or runs. Then its client hangs up.
            poll_fn(|context| Poll::Ready(one.as_mut().poll(context).is_pending())).await;
        }
        assert!(passwords.load().running <= CORES, "{:?}", passwords.load());
        // Each running hash has a thread of its own.
        let threads = std::fs::read_dir("/proc/self/task").unwrap().count();
        assert!(threads < 30, "{threads} threads");
    }
    // Hashes that never started have left the queue, and the running ones end.
    while passwords.load() != (Load { running: 0, waiting: 0 }) {
        assert_eq!(passwords.load().waiting, 0);
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_wait_are_told_to_come_back() {
    let passwords = Arc::new(Passwords::on(CORES).unwrap());
    let mut asked = JoinSet::new();
    for _ in 0..2 * PLACES {
        let passwords = Arc::clone(&passwords);
        asked.spawn(async move { passwords.verify("correct horse battery".into(), None).await });
    }
    let (mut judged, mut refused) = (0, 0);
    while let Some(answer) = asked.join_next().await {
        match answer.unwrap() {
            Ok(right) => {
                assert!(!right);
                judged += 1;
            }
            Err(error) => {
                let response = error.into_response();
                assert_eq!(response.status(), 429);
                assert_eq!(response.headers()["retry-after"], "1");
                refused += 1;
            }
        }
    }
    assert!(judged >= PLACES && refused > 0, "{judged} judged, {refused} refused");
    assert_eq!(passwords.load(), Load { running: 0, waiting: 0 });
}
