//! The metrics for a monitoring system.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use mfa_server::metrics;
use serde_json::json;
use tower::ServiceExt as _;

use crate::server::{Answer, Server};

async fn ask(server: &Server, path: &str) -> Answer {
    let router = metrics::router(Arc::clone(&server.app));
    let request = Request::get(path).body(Body::empty()).unwrap();
    Answer::of(router.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn requests_verdicts_hashes_and_connections_are_counted() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    for _ in 0..6 {
        user.password(json!({"password": "a wrong password"})).await;
    }
    server.request("GET", "/nothing/a@example.com", "", None).await.is(404, "not_found");

    let answer = ask(&server, "/metrics").await;
    let kind = answer.is_ok().headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    for line in [
        "mfa_server_requests_total{route=\"/dbconnections/signup\",status=\"200\"} 1",
        "mfa_server_requests_total{route=\"/oauth/token\",status=\"403\"} 6",
        "mfa_server_requests_total{route=\"/oauth/token\",status=\"429\"} 1",
        "mfa_server_requests_total{route=\"-\",status=\"404\"} 1",
        "mfa_server_request_seconds_count{route=\"/oauth/token\"} 8",
        "mfa_server_request_seconds_bucket{le=\"+Inf\",route=\"/oauth/token\"} 8",
        "mfa_server_events_total{event=\"code.accepted\",reason=\"\",verdict=\"accepted\"} 1",
        "mfa_server_events_total{event=\"password.wrong\",reason=\"\",verdict=\"rejected\"} 5",
        "mfa_server_events_total{event=\"password.throttled\",reason=\"account\",verdict=\"\"} 1",
        "mfa_server_password_hashes{state=\"running\"} 0",
        "mfa_server_password_hashes{state=\"waiting\"} 0",
        "mfa_server_audit_failures_total 0",
        "mfa_server_build_info{version=\"0.1.0\"} 1",
    ] {
        assert!(answer.text.lines().any(|told| told == line), "{line}: {}", answer.text);
    }
    for state in ["used", "idle"] {
        let told = format!("mfa_server_database_connections{{state=\"{state}\"}} ");
        assert!(answer.text.contains(&told), "{}", answer.text);
    }
    // The metrics contain no user.
    for told in ["example", "auth0|", &enrolled.id] {
        assert!(!answer.text.contains(told), "{told}: {}", answer.text);
    }
    ask(&server, "/oauth/token").await.is(404, "not_found");
    // The public listener does not serve them.
    server.request("GET", "/metrics", "", None).await.is(404, "not_found");
}
