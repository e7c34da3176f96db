//! What all requests share, and which path leads where.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use otp_core::{Secret, Totp};
use serde_json::json;
use tower_http::timeout::TimeoutLayer;

use crate::client::Clients;
use crate::config::Mfa;
use crate::error::ApiError;
use crate::keys::Keys;
use crate::password::Passwords;
use crate::store::{Otp, Store};
use crate::tokens::Tokens;
use crate::{authenticators, body, discovery, page, signup, token};

/// The longest a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

pub struct App {
    pub store: Store,
    pub keys: Keys,
    pub tokens: Tokens,
    pub clients: Clients,
    pub passwords: Passwords,
    pub tenant: String,
    /// The APIs that access tokens may be for, beside this server's.
    pub audiences: Vec<String>,
    pub mfa: Mfa,
    pub mfa_token_seconds: u64,
}

impl App {
    /// The engine of an authenticator. It holds the key schedule, and the secret is gone at once.
    pub fn engine(&self, otp: &Otp) -> Result<Totp, ApiError> {
        let secret = self.keys.open(&otp.id, &otp.sealed_secret)?;
        Ok(Totp::new(&Secret::from_bytes(&secret).map_err(ApiError::unexpected)?))
    }
}

/// Seconds of Unix time. The clock of the server is the one that counts (OWASP ASVS 6.5.8).
pub fn now() -> Result<u64, ApiError> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_err(ApiError::unexpected)?;
    Ok(since.as_secs())
}

pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/dbconnections/signup", post(signup::sign_up))
        .route("/oauth/token", post(token::token))
        .route("/mfa/associate", post(authenticators::associate))
        .route("/mfa/authenticators", get(authenticators::list))
        .route("/mfa/authenticators/{id}", delete(authenticators::remove))
        .route("/mfa/challenge", post(authenticators::challenge))
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/jwks.json", get(discovery::jwks))
        .route("/healthz", get(health))
        .merge(page::router())
        .fallback(async || ApiError::not_found("There is nothing at this path."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(body::MAX_LEN))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(middleware::from_fn(log))
        .with_state(app)
}

async fn health(State(app): State<Arc<App>>) -> Response {
    match app.store.ping().await {
        Ok(()) => Json(json!({"status": "ok"})).into_response(),
        Err(error) => {
            tracing::error!(%error, "the store failed");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "database"}))).into_response()
        }
    }
}

/// One line a request: the route and not the path, and nothing of the bodies.
async fn log(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    // Answers hold tokens, secrets and codes.
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    tracing::info!(
        %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
}
