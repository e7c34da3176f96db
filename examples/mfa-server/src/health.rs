//! Probes for supervisors.
//!
//! - `/healthz` answers if the process answers. If it fails, restart the process.
//! - `/readyz` answers if the database can be written. If it fails, send users to another
//!   server and do not restart this one: it recovers by itself when the database does.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::app::App;

pub async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

pub async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.store.unready().await {
        None => Json(json!({"status": "ok"})).into_response(),
        Some(reason) => {
            let body = Json(json!({"status": "unavailable", "reason": reason}));
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], body).into_response()
        }
    }
}
