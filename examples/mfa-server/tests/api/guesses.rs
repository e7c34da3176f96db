//! Guesses of passwords, and sign-ups, by clients with an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use futures_util::future::join_all;
use mfa_server::keys::Keys;
use serde_json::{Value, json};

use crate::server::{Answer, CLIENT, CLIENT_SECRET, PASSWORD, Server};

const HERE: &str = "192.0.2.1";
const THERE: &str = "198.51.100.1";

async fn post(server: &Server, address: &str, path: &str, body: Value) -> Answer {
    let address: IpAddr = address.parse().unwrap();
    let request = Request::post(path)
        .header("content-type", "application/json")
        .extension(ConnectInfo(SocketAddr::from((address, 1234))));
    server.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn log_in(server: &Server, address: &str, email: &str, password: &str) -> Answer {
    let fields = json!({
        "grant_type": "password", "username": email, "password": password,
        "client_id": CLIENT, "client_secret": CLIENT_SECRET,
    });
    post(server, address, "/oauth/token", fields).await
}

async fn sign_up(server: &Server, address: &str, email: &str) -> Answer {
    let fields = json!({"client_id": CLIENT, "email": email, "password": PASSWORD});
    post(server, address, "/dbconnections/signup", fields).await
}

/// Returns how many answers have each status.
fn statuses(answers: &[Answer]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
    }
    counts
}

/// Six wrong passwords get the same answers for an existing and for an unknown account. A
/// waiting account costs no hash.
#[tokio::test]
async fn an_account_waits_after_five_wrong_passwords_whether_it_exists_or_not() {
    let server = Server::new().await;
    let user = server.user().await;
    let mut told = Vec::new();
    for (address, email) in [(HERE, user.email.as_str()), (THERE, "nobody@example.com")] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            let before = server.app.passwords.begun();
            let mut answer = log_in(&server, address, email, "a wrong password").await;
            answer.is(403, "invalid_grant");
            assert_eq!(server.app.passwords.begun(), before + 1);
            answer.headers.remove("x-request-id");
            answers.push((answer.text, answer.headers));
        }
        told.push(answers);
        // The account also waits at another server, from another address, and with the right
        // password.
        let other = server.beside(Keys::load(Some(server.master().trim()), "".as_ref()).unwrap());
        let other = other.await;
        let spelled = format!(" {} ", email.to_uppercase());
        for (server, address, password) in
            [(&server, address, PASSWORD), (&other, "203.0.113.9", "another one")]
        {
            let before = server.app.passwords.begun();
            let answer = log_in(server, address, &spelled, password).await;
            assert!(!answer.is(429, "too_many_attempts").text.contains("account"));
            let seconds: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((1..=30).contains(&seconds));
            assert_eq!(server.app.passwords.begun(), before);
        }
    }
    assert_eq!(told[0], told[1]);
    // The table does not contain the address either.
    let text = server.number("SELECT count(*) FROM guesses WHERE key LIKE '%example%'").await;
    assert_eq!(text, 0);
}

/// The owner has the right password, and has logged in from there before. From other addresses,
/// and with a wrong password, the answer is the same as if that had not happened.
#[tokio::test]
async fn a_stranger_does_not_keep_the_owner_out() {
    let server = Server::new().await;
    let user = server.user().await;
    log_in(&server, HERE, &user.email, PASSWORD).await.is(403, "mfa_required");
    for _ in 0..5 {
        log_in(&server, THERE, &user.email, "a wrong password").await.is(403, "invalid_grant");
    }
    for address in [THERE, HERE] {
        let answer = log_in(&server, address, &user.email, "a wrong password").await;
        answer.is(429, "too_many_attempts");
    }
    log_in(&server, THERE, &user.email, PASSWORD).await.is(429, "too_many_attempts");
    for _ in 0..2 {
        log_in(&server, HERE, &user.email, PASSWORD).await.is(403, "mfa_required");
    }
    // An attacker at the owner's address does not get more tries than elsewhere.
    for _ in 0..5 {
        log_in(&server, HERE, &user.email, "a wrong password").await.is(429, "too_many_attempts");
    }
    let before = server.app.passwords.begun();
    log_in(&server, HERE, &user.email, PASSWORD).await.is(429, "too_many_attempts");
    assert_eq!(server.app.passwords.begun(), before);
}

#[tokio::test]
async fn a_right_password_begins_anew() {
    let server = Server::new().await;
    let user = server.user().await;
    for _ in 0..3 {
        for _ in 0..4 {
            user.password(json!({"password": "a wrong one"})).await.is(403, "invalid_grant");
        }
        user.log_in().await;
    }
}

/// If many guesses arrive at the same time at two servers, five are checked.
#[tokio::test]
async fn guesses_that_come_together_are_counted_one_by_one() {
    let server = Server::new().await;
    let keys = Keys::load(Some(server.master().trim()), "".as_ref()).unwrap();
    let other = server.beside(keys).await;
    let user = server.user().await;
    let guesses = (0..16).map(|number| {
        let server = if number % 2 == 0 { &server } else { &other };
        let (user, password) = (user.at(server), format!("wrong password {number}"));
        async move { user.password(json!({"password": password})).await }
    });
    let answers = join_all(guesses).await;
    assert_eq!(statuses(&answers), BTreeMap::from([(403, 5), (429, 11)]));
}

/// An address that tries one password on many accounts has to wait, and so does its network of
/// 64 bits.
#[tokio::test]
async fn an_address_waits_after_many_accounts() {
    let server = Server::new().await;
    let user = server.user().await;
    for number in 0..8 {
        let address = format!("2001:db8:1:2::{number:x}");
        let email = format!("nobody{number}@example.com");
        log_in(&server, &address, &email, PASSWORD).await.is(403, "invalid_grant");
    }
    for email in [user.email.as_str(), "nobody@example.com"] {
        let before = server.app.passwords.begun();
        let answer = log_in(&server, "2001:db8:1:2:ffff::1", email, PASSWORD).await;
        answer.is(429, "too_many_attempts");
        assert_eq!(server.app.passwords.begun(), before);
    }
    log_in(&server, "2001:db8:1:3::1", &user.email, PASSWORD).await.is(403, "mfa_required");
}

#[tokio::test]
async fn sign_ups_of_an_address_are_counted_whether_the_address_is_taken_or_not() {
    let server = Server::new().await;
    sign_up(&server, HERE, "a@example.com").await.is_ok();
    sign_up(&server, HERE, "a@example.com").await.is(400, "invalid_signup");
    sign_up(&server, HERE, "b@example.com").await.is_ok();
    for email in ["a@example.com", "c@example.com"] {
        let before = server.app.passwords.begun();
        let answer = sign_up(&server, HERE, email).await;
        answer.is(429, "too_many_requests");
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(server.app.passwords.begun(), before);
    }
    sign_up(&server, THERE, "c@example.com").await.is_ok();
}

#[tokio::test]
async fn old_guesses_are_forgotten() {
    let server = Server::new().await;
    let user = server.user().await;
    let wrong = json!({"password": "a wrong password"});
    for _ in 0..5 {
        user.password(wrong.clone()).await.is(403, "invalid_grant");
    }
    user.password(wrong.clone()).await.is(429, "too_many_attempts");
    server.change("UPDATE guesses SET forget_at = 1").await;
    for _ in 0..5 {
        user.password(wrong.clone()).await.is(403, "invalid_grant");
    }
    server.change("UPDATE guesses SET forget_at = 1").await;
    let nobody = json!({"username": "nobody@example.com"});
    user.password(nobody).await.is(403, "invalid_grant");
    assert_eq!(server.number("SELECT count(*) FROM guesses").await, 1);
}
