//! The layers around every request.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::IntoResponse as _;
use axum::routing::get;
use mfa_server::audit::Event;
use mfa_server::front;
use serde_json::json;
use tower::ServiceExt as _;

use crate::server::{Answer, Server};

/// Sends a request to routes of the test, behind the layers of all routes.
async fn behind(server: &Server, request: Request<Body>) -> Answer {
    let app = Arc::clone(&server.app);
    let audited = Arc::clone(&app);
    let routes = Router::new()
        .route("/panics", get(async || -> String { panic!("hunter2") }))
        .route("/fails", get(async || (axum::http::StatusCode::BAD_GATEWAY, "hunter2")))
        .route("/is-no-json", get(async || "text"))
        .route(
            "/audited",
            get(async move || Event::new("test.happened").user("auth0|1").write(&audited.audit)),
        );
    let router = front::behind(routes, &app).with_state(Arc::clone(&app));
    Answer::of(router.oneshot(request).await.unwrap().into_response()).await
}

fn ask(path: &str) -> axum::http::request::Builder {
    Request::get(path).header("host", "x")
}

#[tokio::test]
async fn what_a_server_says_wrong_is_not_passed_on() {
    let server = Server::new().await;
    let answer = behind(&server, ask("/panics").body(Body::empty()).unwrap()).await;
    answer.is(500, "server_error");
    assert!(!answer.text.contains("hunter2"));
    let answer = behind(&server, ask("/fails").body(Body::empty()).unwrap()).await;
    answer.is(502, "server_error");
    assert!(!answer.text.contains("hunter2"));
    let answer = behind(&server, ask("/is-no-json").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.is_ok().text, "text");
}

#[tokio::test]
async fn a_request_is_known_by_its_id_and_address() {
    let server = Server::new().await;
    let peer = ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 1234)));
    let request = ask("/audited").header("x-request-id", "of-the-proxy.1").extension(peer);
    let answer = behind(&server, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "of-the-proxy.1");

    let answer = behind(&server, ask("/audited").body(Body::empty()).unwrap()).await;
    let made = answer.headers["x-request-id"].to_str().unwrap();
    assert_eq!(made.len(), 32);

    let mut events = server.audited();
    for event in &mut events {
        let time = event.as_object_mut().unwrap().remove("time").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
    }
    assert_eq!(
        json!(events),
        json!([
            {"event": "test.happened", "user_id": "auth0|1", "address": "192.0.2.7", "request_id": "of-the-proxy.1"},
            {"event": "test.happened", "user_id": "auth0|1", "request_id": made},
        ])
    );
}

#[tokio::test]
async fn the_audit_log_follows_a_file_that_is_renamed() {
    let server = Server::new().await;
    let audit = || ask("/audited").body(Body::empty()).unwrap();
    behind(&server, audit()).await.is_ok();
    server.move_audit_log();
    // Until the reopen, the server writes to the renamed file.
    behind(&server, audit()).await.is_ok();
    server.app.audit.reopen().unwrap();
    behind(&server, audit()).await.is_ok();
    assert_eq!(server.audited().len(), 1);
}
