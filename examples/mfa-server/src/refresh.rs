//! Refresh tokens: `grant_type=refresh_token` and `POST /oauth/revoke` (RFC 6749 section 6, RFC
//! 7009).
//!
//! Each token works for one refresh, which returns the next token. If a token arrives twice,
//! somebody copied it. The server cannot tell whether the thief or the client sends it now. So
//! it revokes all tokens of that login. An old token has no grace period, because a thief could
//! use it too. So a client must send one refresh at a time, as the SDKs do.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::app::{App, now};
use crate::audit::Event;
use crate::body::Body;
use crate::client::{Client, Credentials};
use crate::error::ApiError;
use crate::keys::{KeyError, random, sha256};
use crate::scope::{self, Offered};
use crate::store::{Minted, Refresh, User};
use crate::token::password_is_enough;
use crate::tokens::{Answer, Grant};

/// Bytes of the part that names the login.
const FAMILY: usize = 16;
/// Bytes of the part that each refresh replaces.
const SECRET: usize = 32;

/// The lifetimes of refresh tokens, in seconds.
#[derive(Clone, Copy)]
pub struct Lifetimes {
    /// From the login.
    pub absolute: u64,
    /// From the last refresh.
    pub idle: u64,
}

/// A login that may ask for a refresh token.
pub struct Asked<'a> {
    pub user_id: &'a str,
    pub client_id: &'a str,
    pub audience: &'a str,
    pub scope: &'a str,
    pub amr: &'a [&'a str],
}

/// The two parts of a token.
struct Parts {
    family: [u8; FAMILY],
    secret: [u8; SECRET],
}

impl Parts {
    fn of(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (&family, rest) = bytes.split_first_chunk()?;
        Some(Self { family, secret: rest.try_into().ok()? })
    }

    fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.family.as_slice(), &self.secret].concat())
    }
}

/// Makes the first refresh token of a login, if the login asks for one. The caller stores it.
pub fn mint(app: &App, grant: &Asked<'_>, now: u64) -> Result<Option<Minted>, KeyError> {
    if !grant.scope.split(' ').any(|scope| scope == scope::OFFLINE) {
        return Ok(None);
    }
    let parts = Parts { family: random()?, secret: random()? };
    let ends_at = now.saturating_add(app.refresh.absolute);
    let row = Refresh {
        family: sha256(&parts.family),
        present: sha256(&parts.secret),
        user_id: grant.user_id.to_owned(),
        client_id: grant.client_id.to_owned(),
        audience: grant.audience.to_owned(),
        scope: grant.scope.to_owned(),
        amr: grant.amr.join(" "),
        idle_until: now.saturating_add(app.refresh.idle).min(ends_at),
        ends_at,
    };
    Ok(Some(Minted { token: parts.token(), row }))
}

/// Exchanges a refresh token for an access token and the next refresh token. `scope` may ask
/// for fewer scopes than the login has, for these tokens only. Scopes beyond that are not
/// granted. Scopes that the configuration has removed since the login are not granted either.
pub async fn exchange(
    app: &App,
    client: &Client,
    token: &str,
    scope: Option<&str>,
) -> Result<Answer, ApiError> {
    let now = now()?;
    let mut parts = Parts::of(token).ok_or_else(unknown)?;
    let loaded = app.store.refresh(&sha256(&parts.family)).await?;
    let loaded = loaded
        .filter(|loaded| loaded.client_id == client.id())
        .filter(|loaded| loaded.ends_at > now && loaded.idle_until > now)
        .ok_or_else(unknown)?;
    if verify_slices_are_equal(&sha256(&parts.secret), &loaded.present).is_err() {
        return Err(revoked(app, &loaded, "used_twice").await?);
    }
    let user = app.store.user(&loaded.user_id).await?;
    let user = user.filter(|user| !user.blocked).ok_or_else(unknown)?;
    // A password was enough when the user logged in. After the first accepted code it is not
    // enough any more.
    if !loaded.amr.split(' ').any(|method| method == "mfa")
        && !password_is_enough(app, &app.store.otps(&user.id).await?)
    {
        return Err(revoked(app, &loaded, "no_second_factor").await?);
    }
    let offered = Offered::new(app, client, &loaded.audience)?;
    let mut answer = issue(app, &user, &loaded, &offered, scope, now)?;
    parts.secret = random()?;
    answer.refresh_token = Some(parts.token());
    let idle_until = now.saturating_add(app.refresh.idle).min(loaded.ends_at);
    if !app.store.rotate_refresh(&loaded, &sha256(&parts.secret), idle_until).await? {
        return Err(revoked(app, &loaded, "used_twice").await?);
    }
    event("refresh_token.used", &loaded).write(&app.audit);
    Ok(answer)
}

fn issue(
    app: &App,
    user: &User,
    loaded: &Refresh,
    offered: &Offered<'_>,
    scope: Option<&str>,
    now: u64,
) -> Result<Answer, ApiError> {
    let asked = scope.filter(|scope| !scope.trim().is_empty());
    let still = loaded.scope.split(' ').filter(|scope| offered.has(scope));
    let granted = still.filter(|granted| {
        asked.is_none_or(|asked| asked.split_ascii_whitespace().any(|asked| asked == *granted))
    });
    let scope = granted.collect::<Vec<_>>().join(" ");
    let amr: Vec<&str> = loaded.amr.split(' ').collect();
    let grant = Grant {
        user_id: &user.id,
        email: &user.email,
        email_verified: user.email_verified,
        client_id: &loaded.client_id,
        audience: &loaded.audience,
        scope: &scope,
        amr: &amr,
        until: None,
    };
    Ok(app.tokens.issue(&grant, now)?)
}

/// Revokes a login. Returns the error for its client.
async fn revoked(app: &App, loaded: &Refresh, why: &'static str) -> Result<ApiError, ApiError> {
    app.store.revoke_refresh(&loaded.family).await?;
    event("refresh_token.revoked", loaded).reason(why).write(&app.audit);
    Ok(unknown())
}

fn event(name: &'static str, loaded: &Refresh) -> Event {
    Event::new(name).user(&loaded.user_id).client(&loaded.client_id)
}

fn unknown() -> ApiError {
    ApiError::invalid_grant("Unknown or invalid refresh token.")
}

#[derive(Deserialize)]
pub struct Revoke {
    client_id: Option<String>,
    client_secret: Option<String>,
    token: Option<String>,
}

/// Revokes all refresh tokens of a login, by any one of them. The answer is the same if the
/// token does not exist.
pub async fn revoke(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(request): Body<Revoke>,
) -> Result<StatusCode, ApiError> {
    let credentials =
        Credentials { client_id: request.client_id, client_secret: request.client_secret };
    let client = app.settings.clients.authenticate(&headers, &credentials)?;
    let token = request.token.filter(|token| !token.is_empty());
    let token =
        token.ok_or_else(|| ApiError::invalid_request("Missing required parameter: token"))?;
    if let Some(parts) = Parts::of(&token) {
        let family = sha256(&parts.family);
        let loaded = app.store.refresh(&family).await?;
        if let Some(loaded) = loaded.filter(|loaded| loaded.client_id == client.id()) {
            app.store.revoke_refresh(&family).await?;
            event("refresh_token.revoked", &loaded).reason("by_client").write(&app.audit);
        }
    }
    Ok(StatusCode::OK)
}
