//! What all requests share, and which path leads where.

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
    /// Whose word is taken for the address of a client.
    pub trusted_proxies: Vec<IpNet>,
    /// The longest a request may take.
    pub deadline: Duration,
    pub refresh: refresh::Lifetimes,
}

impl App {
    /// The engine of an authenticator. It holds the key schedule, and the secret is gone at once.
    pub fn engine(&self, user_id: &str, otp: &Otp) -> Result<Totp, ApiError> {
        let secret = self.keys.open(&Place::totp_secret(&otp.id, user_id), &otp.sealed_secret)?;
        // Those of other systems may be short.
        let secret = Secret::from_bytes_allow_short(&secret).map_err(ApiError::unexpected)?;
        Ok(Totp::new(&secret))
    }

    /// Seals the secret of an authenticator anew, if it is in an old form or under an old master key. If that
    /// fails, the next login does it.
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
            tracing::warn!(%error, "a secret was not sealed anew");
        }
    }

    /// Hashes a password as this server does, if its hash came from another system. If that fails, the next login
    /// does it.
    pub async fn hash_anew(&self, user: &User, password: String) {
        let Ok(hash) = self.passwords.hash(password).await else { return };
        if let Err(error) = self.store.swap_password(user, &hash).await {
            tracing::warn!(%error, "a password was not hashed anew");
        }
    }
}

/// Has a server take up new keys, every so often, as long as it is there.
pub fn follow_keys(app: &Arc<App>, poll: Duration) -> JoinHandle<()> {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(poll).await;
            let Some(app) = app.upgrade() else { return };
            if let Err(error) = app.keyring.reload(&app.store, &app.keys).await {
                tracing::error!(%error, "keys were not read again");
            }
        }
    })
}

/// Seconds of Unix time. The clock of the server is the one that counts (OWASP ASVS 6.5.8).
pub fn now() -> Result<u64, ApiError> {
    unix_time().map_err(ApiError::unexpected)
}

/// The same outside of a request.
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

/// The database gets its share of the time that an answer may take. It gets no U+0000 of a path; of a
/// body [`body::Body`] looks after that.
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
