//! The data that all requests share, and the routes.

use std::sync::Arc;
use std::time::{Duration, SystemTime, SystemTimeError, UNIX_EPOCH};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use ipnet::IpNet;
use otp_core::{Secret, Totp};
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use crate::audit::Audit;
use crate::config::Mfa;
use crate::error::ApiError;
use crate::guesses::Guesses;
use crate::keyring::{Keyring, KeyringError};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::password::Passwords;
use crate::seal::Place;
use crate::settings::Settings;
use crate::store::{self, Otp, SealedKind, SealedRow, Store, User};
use crate::tokens::Tokens;
use crate::{
    authenticators, body, discovery, front, health, page, recovery, refresh, request, signup,
    token, userinfo,
};

pub struct App {
    pub store: Store,
    pub keys: Keys,
    pub keyring: Arc<Keyring>,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub guesses: Guesses,
    pub tenant: String,
    pub settings: Settings,
    pub mfa: Mfa,
    pub mfa_token_seconds: u64,
    pub audit: Audit,
    pub metrics: Metrics,
    /// The proxies whose `X-Forwarded-For` header this server believes.
    pub trusted_proxies: Vec<IpNet>,
    /// The longest time that a request may take.
    pub deadline: Duration,
    pub refresh: refresh::Lifetimes,
}

impl App {
    /// Returns the engine of an authenticator. The engine holds the key schedule; the secret is
    /// wiped at once.
    pub fn engine(&self, user_id: &str, otp: &Otp) -> Result<Totp, ApiError> {
        let secret = self.keys.open(&Place::totp_secret(&otp.id, user_id), &otp.sealed_secret)?;
        // Secrets of other systems may have fewer than 128 bits.
        let secret = Secret::from_bytes_allow_short(&secret).map_err(ApiError::unexpected)?;
        Ok(Totp::new(&secret))
    }

    /// Seals the secret of an authenticator again, if it has an old format or an old master
    /// key. If that fails, the next login tries again.
    pub async fn seal_anew(&self, user_id: &str, otp: &Otp) {
        if self.keys.is_current(&otp.sealed_secret) {
            return;
        }
        let place = Place::totp_secret(&otp.id, user_id);
        let sealed = self.keys.open(&place, &otp.sealed_secret);
        let sealed = sealed.and_then(|secret| self.keys.seal(&place, &secret));
        let done = match sealed {
            Ok(sealed) => {
                let (row, user_id) = (otp.id.clone(), user_id.to_owned());
                let loaded = SealedRow { row, user_id, sealed: otp.sealed_secret.clone() };
                let swapped = self.store.swap_sealed(SealedKind::Totp, &loaded, &sealed).await;
                swapped.map(drop).map_err(KeyringError::from)
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "a secret was not sealed again");
        }
    }

    /// If the hash of a password came from another system, replaces it by a hash of this
    /// server. If that fails, the next login tries again.
    pub async fn hash_anew(&self, user: &User, password: String) {
        let Ok(hash) = self.passwords.hash(password).await else { return };
        if let Err(error) = self.store.swap_password(user, &hash).await {
            tracing::warn!(%error, "a password was not hashed again");
        }
    }
}

/// Starts a task that reads new keys at each interval `poll`, until the app is dropped.
pub fn follow_keys(app: &Arc<App>, poll: Duration) -> JoinHandle<()> {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(poll).await;
            let Some(app) = app.upgrade() else { return };
            if let Err(error) = app.keyring.reload(&app.store, &app.keys).await {
                tracing::error!(%error, "keys were not reloaded");
            }
        }
    })
}

/// Returns the time of the server's clock in seconds of Unix time. A client's clock never
/// counts (OWASP ASVS 6.5.8).
pub fn now() -> Result<u64, ApiError> {
    unix_time().map_err(ApiError::unexpected)
}

/// Does the same outside of a request.
pub fn unix_time() -> Result<u64, SystemTimeError> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

pub fn router(app: Arc<App>) -> Router {
    let pages = if app.settings.page { page::router() } else { Router::new() };
    let routes = Router::new()
        .route("/dbconnections/signup", post(signup::sign_up))
        .route("/oauth/token", post(token::token))
        .route("/oauth/revoke", post(refresh::revoke))
        .route("/userinfo", get(userinfo::user_info).post(userinfo::user_info))
        .route("/mfa/associate", post(authenticators::associate))
        .route("/mfa/authenticators", get(authenticators::list))
        .route("/mfa/authenticators/{id}", delete(authenticators::remove))
        .route("/mfa/challenge", post(authenticators::challenge))
        .route("/mfa/recovery-code", post(recovery::regenerate))
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route("/.well-known/jwks.json", get(discovery::jwks))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(pages)
        .layer(middleware::from_fn(patience));
    front::behind(routes, &app).with_state(app)
}

/// Limits how long a request waits for the database. Refuses U+0000 in a path; [`body::Body`]
/// refuses it in a body.
async fn patience(request: Request, next: Next) -> Response {
    if request.uri().path().contains("%00") {
        return ApiError::invalid_request(body::NUL).into_response();
    }
    let answer = store::within(store::PATIENCE, next.run(request)).in_current_span();
    match request::current() {
        Some(known) => store::to_its_end(known.scope(answer)).await,
        None => store::to_its_end(answer).await,
    }
}
