//! Client authentication: a secret by HTTP Basic or in the body, and the page without a secret.

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::server::{Answer, CLIENT, CLIENT_SECRET, PASSWORD, Server};

async fn by_basic(server: &Server, header: &str, more: &str) -> Answer {
    let form = format!(
        "grant_type=password&username=user0%40example.com&password={}{more}",
        PASSWORD.replace(' ', "+")
    );
    let request = Request::post("/oauth/token")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .header("authorization", header);
    server.send(request.body(Body::from(form)).unwrap()).await
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

#[tokio::test]
async fn a_client_shows_its_secret() {
    let server = Server::new().await;
    let user = server.user().await;
    user.password(json!({})).await.is(403, "mfa_required");
    for (id, secret) in
        [(CLIENT, "wrong"), (CLIENT, ""), ("nobody", CLIENT_SECRET), ("", ""), ("page", "x")]
    {
        let answer = user.password(json!({"client_id": id, "client_secret": secret})).await;
        answer.is(401, "access_denied");
        assert_eq!(answer.headers.get("www-authenticate"), None);
    }
    user.password(json!({"client_id": CLIENT, "client_secret": null}))
        .await
        .is(401, "access_denied");
    user.password(json!({"client_id": null, "client_secret": null})).await.is(401, "access_denied");
    user.password(json!({"client_id": "page", "client_secret": null}))
        .await
        .is(403, "mfa_required");
}

#[tokio::test]
async fn http_basic_is_escaped_as_a_form() {
    let server = Server::new().await;
    server.user().await;
    let escaped = "of+the+shop%3A+100+%25";
    by_basic(&server, &basic(&format!("{CLIENT}:{escaped}")), "").await.is(403, "mfa_required");
    for header in [&basic(&format!("{CLIENT}:wrong")), "Basic !", &basic("no colon")] {
        let answer = by_basic(&server, header, "").await;
        answer.is(401, "access_denied");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    let both = format!("&client_id={CLIENT}&client_secret={escaped}");
    // A header of another scheme does not authenticate the client.
    for header in ["Basic", "Bearer x", &STANDARD.encode("a:b")] {
        by_basic(&server, header, "").await.is(401, "access_denied");
        by_basic(&server, header, &both).await.is(403, "mfa_required");
    }
    by_basic(&server, &basic(&format!("{CLIENT}:{escaped}")), &both)
        .await
        .is(400, "invalid_request");
}
