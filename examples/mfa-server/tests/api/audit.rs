//! The audit log of a user's logins: its events, and the secrets that must not be in it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::server::{API, CLIENT, CLIENT_SECRET, PASSWORD, Server};

/// Returns each event without the parts that differ from run to run.
fn outline(events: &[Value]) -> Vec<String> {
    let outline = |event: &Value| {
        let words = [&event["event"], &event["reason"], &event["verdict"]["verdict"]];
        let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
        words.join(" ")
    };
    events.iter().map(outline).collect()
}

#[tokio::test]
async fn each_step_of_a_user_is_an_event() {
    let server = Server::new().await;
    let user = server.user().await;
    let body = json!({"client_id": CLIENT, "email": user.email, "password": PASSWORD});
    server.post("/dbconnections/signup", body).await.is(400, "invalid_signup");
    user.password(json!({"password": "of nobody"})).await.is(403, "invalid_grant");
    user.password(json!({"username": "nobody@example.com"})).await.is(403, "invalid_grant");

    let mfa_token = user.log_in().await;
    let enrolled = user.enrol(&mfa_token).await;
    let used = enrolled.code(-1);
    user.otp(&mfa_token, &used).await.is_ok();
    user.otp(&mfa_token, &enrolled.code(0)).await.is(403, "invalid_grant");
    let other = user.log_in().await;
    for refused in [used.as_str(), "12"] {
        user.otp(&other, refused).await.is(403, "invalid_grant");
    }
    for _ in 0..5 {
        user.otp(&other, "000000").await.is(403, "invalid_grant");
    }
    user.otp(&other, "000000").await.is(429, "too_many_attempts");
    let recovery_code = enrolled.recovery_code.clone().unwrap();
    user.recover(&other, "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF").await.is(403, "invalid_grant");
    user.recover(&other, &recovery_code).await.is_ok();

    let events = server.audited();
    assert_eq!(
        outline(&events),
        [
            "user.signed_up",
            "sign_up.refused address_taken",
            "password.wrong rejected",
            "password.wrong rejected",
            "password.right mfa_required",
            "authenticator.enrolled",
            "code.accepted accepted",
            "authenticator.confirmed",
            "mfa_token.refused spent",
            "password.right mfa_required",
            "code.refused replayed",
            "code.refused malformed",
            "code.refused rejected",
            "code.refused rejected",
            "code.refused rejected",
            "code.refused rejected",
            "code.refused rejected",
            "code.refused locked",
            "recovery_code.refused rejected",
            "recovery_code.accepted redeemed",
        ]
    );
    // Each event names the client, and either the user or the account.
    let id = &events[0]["user_id"];
    assert!(id.as_str().unwrap().starts_with("auth0|"));
    for event in &events {
        let is_known = event["user_id"] == *id;
        assert!(is_known || event["account"].as_str().unwrap().len() == 16, "{event}");
        assert_eq!(event["client_id"], CLIENT, "{event}");
        assert_eq!(event["request_id"].as_str().map(str::len), Some(32), "{event}");
    }
    // The hash of an account is always the same, and differs from another address's hash.
    assert_eq!(events[1]["account"], events[2]["account"]);
    assert_ne!(events[2]["account"], events[3]["account"]);
    assert_eq!(events[6]["authenticator_id"], *enrolled.id);
    assert_eq!(events[16]["verdict"]["failures"], 5);
    let text = json!(events).to_string();
    for told in [
        PASSWORD,
        "of nobody",
        "example.com",
        CLIENT_SECRET,
        &mfa_token,
        &other,
        &recovery_code,
        &used,
        "000000",
    ] {
        assert!(!text.contains(told), "{told} is in the audit log");
    }
}

#[tokio::test]
async fn what_an_access_token_changes_is_an_event() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let access = user.access(&enrolled.code(0)).await;
    let before = server.audited().len();
    let path = format!("/mfa/authenticators/{}", enrolled.id.replace('|', "%7C"));
    server.request("POST", "/mfa/recovery-code", &access, None).await.is_ok();
    server.request("DELETE", &path, &access, None).await;
    let events = server.audited().split_off(before);
    assert_eq!(outline(&events), ["recovery_code.regenerated", "authenticator.removed"]);
    assert_eq!(events[1]["authenticator_id"], *enrolled.id);
    assert!(events.iter().all(|event| event["client_id"] == CLIENT));
}

/// An event about a grant is written only after the commit.
#[tokio::test]
async fn what_was_not_stored_is_no_event() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let mfa_token = user.password(json!({"audience": API})).await.field("mfa_token");
    let before = server.audited();
    let lock = server.hold_writes().await;
    user.otp(&mfa_token, &enrolled.code(0)).await.is(503, "temporarily_unavailable");
    server.release_writes(lock).await;
    assert_eq!(server.audited(), before);
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
    assert_eq!(outline(&server.audited()[before.len()..]), ["code.accepted accepted"]);
}

/// If a request were dropped while it stores something, the failure would be counted without a
/// line in the audit log.
#[tokio::test]
async fn a_client_that_hangs_up_does_not_hide_what_it_did() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let mfa_token = user.log_in().await;
    let writes = server.hold_writes().await;
    let wrong = user.otp(&mfa_token, "000000");
    assert!(timeout(Duration::from_millis(200), wrong).await.is_err());
    server.release_writes(writes).await;
    sleep(Duration::from_secs(1)).await;
    let state = server.app.store.state(&enrolled.id).await.unwrap().unwrap();
    assert_eq!(state.failures(), 1);
    let event = server.audited().pop().unwrap();
    assert_eq!(event["event"], "code.refused");
    assert_eq!(event["request_id"].as_str().unwrap().len(), 32);
}
