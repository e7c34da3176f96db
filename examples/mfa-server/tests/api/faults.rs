//! A database with problems: the answer comes in time and says so, and no code is used up.

use std::future::{Future as _, poll_fn};
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use serde_json::json;
use sqlx::Connection as _;
use tokio::time::sleep;

use crate::server::{API, Answer, CLIENT, CLIENT_SECRET, MFA_OTP, PASSWORD, Server};

/// Checks that the answer says that the database is unavailable, and when to try again.
#[track_caller]
fn is_unavailable(answer: &Answer) {
    answer.is(503, "temporarily_unavailable");
    let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let text = answer.text.to_lowercase();
    for detail in ["sqlite", "locked", "code:", "/tmp"] {
        assert!(!text.contains(detail), "{text}");
    }
}

/// SQLite has one writer at a time. Waiting writers must not hold connections that readers
/// need.
#[tokio::test]
async fn writers_that_wait_keep_no_reader_from_the_database() {
    let server = Server::new().await;
    let user = server.user().await;
    user.enrolled().await;
    let mfa_token = user.log_in().await;
    let lock = server.hold_writes().await;
    // More than the number of connections.
    let writers = (0..12).map(|_| Box::pin(user.otp(&mfa_token, "000000")));
    let mut writers: FuturesUnordered<_> = writers.collect();
    let readers = async {
        sleep(Duration::from_millis(100)).await;
        join_all((0..4).map(|_| user.list(&mfa_token))).await
    };
    tokio::select! {
        _ = writers.next() => panic!("a reader had to wait until a writer gave up"),
        _ = readers => {}
    }
    lock.close().await.unwrap();
}

#[tokio::test]
async fn a_lock_that_is_held_is_told_in_time_and_uses_nothing_up() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let recovery_code = enrolled.recovery_code.as_deref().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..12 {
        tokens.push(user.log_in().await);
    }
    let code = enrolled.code(0);

    let lock = server.hold_writes().await;
    let begun = Instant::now();
    // More than the number of connections.
    let codes = join_all(tokens.iter().map(|token| user.otp(token, &code)));
    let (codes, recovered) = tokio::join!(codes, user.recover(&tokens[0], recovery_code));
    let waited = begun.elapsed();
    codes.iter().for_each(is_unavailable);
    is_unavailable(&recovered);
    assert!(waited < Duration::from_secs(4), "{waited:?}");
    // The process is alive, and says that it cannot serve.
    server.request("GET", "/healthz", "", None).await.is_ok();
    let answer = server.request("GET", "/readyz", "", None).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json(), json!({"status": "unavailable", "reason": "busy"}));
    lock.close().await.unwrap();

    user.otp(&tokens[0], &code).await.is_ok();
    user.otp(&tokens[1], &code).await.is(403, "invalid_grant");
    user.recover(&tokens[1], recovery_code).await.is_ok();
}

/// Many probes cause one write a second. Readiness recovers by itself.
#[tokio::test]
async fn readiness_writes_at_most_once_a_second() {
    let server = Server::new().await;
    let probe = || server.request("GET", "/readyz", "", None);
    let begun = Instant::now();
    let before = server.number("SELECT written FROM readiness").await;
    for answer in join_all((0..50).map(|_| probe())).await {
        assert_eq!(answer.is_ok().json(), json!({"status": "ok"}));
    }
    let written = server.number("SELECT written FROM readiness").await - before;
    let most = 1 + i64::try_from(begun.elapsed().as_secs()).unwrap();
    assert!((1..=most).contains(&written), "{written}");

    server.change("DELETE FROM readiness").await;
    while probe().await.status == 200 {}
    assert_eq!(probe().await.json()["reason"], "failed");
    server.change("INSERT INTO readiness VALUES (1, 0)").await;
    while probe().await.status == 503 {}
}

/// PostgreSQL cannot store U+0000, and SQLite can. With both, the server refuses it.
#[tokio::test]
async fn u_0000_is_refused_in_every_field() {
    let server = Server::new().await;
    let signup = [("email", "a@example.com"), ("password", PASSWORD), ("connection", "x")];
    let password = [("username", "a@example.com"), ("password", PASSWORD), ("audience", API)];
    let codes = [("mfa_token", "x"), ("otp", "123456"), ("client_id", CLIENT), ("unknown", "x")];
    for (path, grant, fields) in [
        ("/dbconnections/signup", "-", &signup[..]),
        ("/oauth/token", "password", &password),
        ("/oauth/token", MFA_OTP, &codes),
    ] {
        for (name, _) in fields {
            let mut json = json!({"grant_type": grant, "client_secret": CLIENT_SECRET});
            json["client_id"] = CLIENT.into();
            for (name, value) in fields {
                json[name] = (*value).into();
            }
            json[name] = "a\0b".into();
            let answer = server.post(path, json.clone()).await;
            assert!(answer.is(400, "invalid_request").text.contains("U+0000"), "{name}");

            let form = serde_urlencoded::to_string(json.as_object().unwrap()).unwrap();
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(form));
            let answer = server.send(request.unwrap()).await;
            assert!(answer.is(400, "invalid_request").text.contains("U+0000"), "{name}");
        }
    }
    server
        .request("DELETE", "/mfa/authenticators/a%00b", "x", None)
        .await
        .is(400, "invalid_request");
    // An escaped backslash followed by letters is not U+0000.
    let harmless =
        json!({"grant_type": "\\u0000", "client_id": CLIENT, "client_secret": CLIENT_SECRET});
    server.post("/oauth/token", harmless).await.is(403, "unsupported_grant_type");
}

/// F47: SQLite undoes a transaction by itself, for example if the disk is full. The next
/// transaction on that connection must not count as a part of the old one: its commit would
/// succeed without storing anything.
#[tokio::test]
async fn f47_a_transaction_that_sqlite_undid_leaves_no_connection_behind() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let spent = || server.number("SELECT count(*) FROM mfa_tokens WHERE spent = 1");
    // The first trigger undoes the transaction, and the second one undoes the statement.
    for failing in ["RAISE(ROLLBACK, 'disk full')", "RAISE(ABORT, 'disk full')"] {
        server
            .change(&format!(
                "CREATE TRIGGER failing UPDATE ON otp_authenticators BEGIN SELECT {failing}; END"
            ))
            .await;
        for _ in 0..4 {
            user.otp(&user.log_in().await, "000000").await.is(500, "server_error");
        }
        server.change("DROP TRIGGER failing").await;
    }
    let before = server.states("otp_authenticators").await;
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
    assert_ne!(
        server.states("otp_authenticators").await,
        before,
        "the server issued tokens, but nothing was stored"
    );
    assert_eq!(spent().await, 2);
}

/// A client may hang up at any point. Its request is then either done completely or not at all.
#[tokio::test]
async fn f48_a_request_that_is_dropped_is_done_or_undone() {
    let server = Server::new().await;
    let user = server.user().await;
    let code = user.enrolled().await.recovery_code.unwrap();
    let mfa_token = user.log_in().await;
    let before = server.states("recovery_codes").await;
    let mut undone = 0;
    for polls in 1.. {
        // The first request is dropped while it waits, even if the database is fast.
        let held = if polls == 1 { Some(server.hold_writes().await) } else { None };
        let mut request = Box::pin(user.recover(&mfa_token, &code));
        for _ in 0..polls {
            let answer = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await;
            if let Poll::Ready(answer) = answer {
                answer.is_ok();
                break;
            }
            // The database answers from another thread.
            sleep(Duration::from_millis(1)).await;
        }
        drop(request);
        if let Some(held) = held {
            held.close().await.unwrap();
        }
        // A commit that has started is completed.
        server.hold_writes().await.close().await.unwrap();
        let used_up = server.states("recovery_codes").await != before;
        let spent = server.number("SELECT count(*) FROM mfa_tokens WHERE spent = 1").await == 2;
        assert_eq!(used_up, spent, "after {polls} polls");
        if used_up {
            break;
        }
        undone += 1;
    }
    assert!(undone > 0);
    // No connection of the pool was lost.
    let mfa_token = user.log_in().await;
    join_all((0..9).map(|_| user.list(&mfa_token))).await;
}
