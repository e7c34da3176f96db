//! Wrong bodies: the answer is clear, repeats no text of the request, and changes nothing.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::server::{Answer, CLIENT, CLIENT_SECRET, MFA_OTP, PASSWORD, Server};

async fn raw(server: &Server, kind: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post("/oauth/token").header("content-type", kind);
    server.send(request.body(body.into()).unwrap()).await
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_and_not_repeated() {
    let server = Server::new().await;
    for (kind, body) in [
        ("application/json", ""),
        ("application/json", "{"),
        ("application/json", r#"{"grant_type": "password", "password": "hunter2 hunter2"#),
        ("application/json", r#"["hunter2 hunter2"]"#),
        ("application/json", r#""hunter2 hunter2""#),
        ("application/json", r#"{"password": "hunter2 hunter2"}"#),
        ("application/json", r#"{"grant_type": {"hunter2": 1}}"#),
        ("application/json", r#"{"grant_type": "password", "otp": 123456}"#),
        ("application/json", "{\"grant_type\": \"\u{0}hunter2\", }"),
        ("application/x-www-form-urlencoded", "password=hunter2"),
        ("application/x-www-form-urlencoded", "grant_type=password&otp=1&otp=hunter2"),
        ("text/plain", "grant_type=password&password=hunter2"),
        ("", "grant_type=password&password=hunter2"),
    ] {
        let answer = raw(&server, kind, body).await;
        answer.is(400, "invalid_request");
        assert!(!answer.text.contains("hunter2") && !answer.text.contains("123456"), "{answer:?}");
    }
    raw(&server, "application/json", vec![0xff; 10]).await.is(400, "invalid_request");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let server = Server::new().await;
    let body = format!(r#"{{"grant_type": "{}"}}"#, "x".repeat(17_000));
    raw(&server, "application/json", body.clone()).await.is(413, "invalid_request");
    let request = Request::post("/dbconnections/signup").header("content-type", "application/json");
    server.send(request.body(Body::from(body)).unwrap()).await.is(413, "invalid_request");
    // A body just below the limit is read.
    let body = json!({
        "client_id": CLIENT, "client_secret": CLIENT_SECRET, "grant_type": "password", "x": "x".repeat(16_000)
    });
    server.post("/oauth/token", body).await.is(400, "invalid_request");
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = Server::new().await;
    let user = server.user().await;
    for (fields, missing) in [
        (json!({"grant_type": "password", "password": PASSWORD}), "username"),
        (json!({"grant_type": "password", "username": user.email}), "password"),
        (json!({"grant_type": "password", "username": user.email, "password": ""}), "password"),
        (json!({"grant_type": MFA_OTP, "otp": "123456"}), "mfa_token"),
        (json!({"grant_type": MFA_OTP, "mfa_token": "x"}), "otp"),
        (json!({"grant_type": crate::server::MFA_RECOVERY, "mfa_token": "x"}), "recovery_code"),
    ] {
        let answer = server.token(fields).await;
        let description = answer.is(400, "invalid_request").field("error_description");
        assert_eq!(description, format!("Missing required parameter: {missing}"));
    }
}

#[tokio::test]
async fn grants_that_are_not_supported_are_refused() {
    let server = Server::new().await;
    for grant in [
        "",
        "authorization_code",
        "client_credentials",
        "http://auth0.com/oauth/grant-type/mfa-oob",
    ] {
        server.token(json!({"grant_type": grant})).await.is(403, "unsupported_grant_type");
    }
}
