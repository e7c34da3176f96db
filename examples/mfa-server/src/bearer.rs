//! The user whose authenticators a request is about, taken from an mfa_token or an access token
//! for `ISSUER/mfa/`.
//!
//! An mfa_token only proves a right password. Until it is spent, it lists authenticators,
//! enrols the first one and answers challenges. To change confirmed authenticators, a client
//! needs an access token that has the scope and that was issued after a second factor.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::app::{App, now};
use crate::audit::Event;
use crate::error::ApiError;
use crate::keys::sha256;
use crate::refresh::{self, Asked};
use crate::store::{By, Login, Otp, User, Waiting};
use crate::tokens::Access;

pub enum Bearer {
    /// An mfa_token that is neither spent nor expired.
    Login(Login),
    /// An access token for `ISSUER/mfa/`.
    Access(Access),
}

impl Bearer {
    /// Returns the bearer token of the `Authorization` header (RFC 6750).
    pub async fn of_header(app: &App, headers: &HeaderMap) -> Result<Self, ApiError> {
        let token = bearer_token(headers)?;
        let now = now()?;
        if let Some(access) = app.tokens.mfa_access(token, now) {
            return Ok(Self::Access(access));
        }
        let login = app.store.login(&sha256(token.as_bytes())).await?;
        login
            .filter(|login| !login.spent && login.expires_at > now)
            .map(Self::Login)
            .ok_or_else(ApiError::invalid_token)
    }

    /// Returns the token that a client sends as `mfa_token`, its user and the user's
    /// authenticators. `amr` says how the user is being authenticated (RFC 8176). An access
    /// token is accepted too: it confirms the enrolment that was made with it.
    pub async fn of_client(
        app: &App,
        client: &str,
        mfa_token: &str,
        amr: &[&str],
        now: u64,
    ) -> Result<(Self, User, Vec<Otp>), ApiError> {
        let (bearer, user, otps) = match app.tokens.mfa_access(mfa_token, now) {
            Some(access) if access.azp == client && access.has_scope("enroll") => {
                let user = app.store.user(&access.sub).await?;
                let user = user.ok_or_else(ApiError::malformed_mfa_token)?;
                let otps = app.store.otps(&user.id).await?;
                (Self::Access(access), user, otps)
            }
            Some(_) => return Err(ApiError::malformed_mfa_token()),
            None => {
                let Waiting { mut login, user, otps } = login(app, client, mfa_token, now).await?;
                let asked = Asked {
                    user_id: &login.user_id,
                    client_id: client,
                    audience: &login.audience,
                    scope: &login.scope,
                    amr,
                };
                login.refresh = refresh::mint(app, &asked, now)?;
                (Self::Login(login), user, otps)
            }
        };
        if bearer.is_honoured(&user) {
            Ok((bearer, user, otps))
        } else {
            Err(ApiError::malformed_mfa_token())
        }
    }

    pub fn user_id(&self) -> &str {
        match self {
            Self::Login(login) => &login.user_id,
            Self::Access(access) => &access.sub,
        }
    }

    pub fn client_id(&self) -> &str {
        match self {
            Self::Login(login) => &login.client_id,
            Self::Access(access) => &access.azp,
        }
    }

    /// Returns the user. Returns `None` if an operator has blocked the user or made the token
    /// void.
    pub async fn user(&self, app: &App) -> Result<Option<User>, ApiError> {
        let user = app.store.user(self.user_id()).await?;
        Ok(user.filter(|user| self.is_honoured(user)))
    }

    fn is_honoured(&self, user: &User) -> bool {
        match self {
            Self::Login(_) => !user.blocked, // A void mfa_token is spent.
            Self::Access(access) => user.honours(access.iat),
        }
    }

    /// Returns the authority, which the transaction checks again.
    pub fn by(&self) -> By<'_> {
        match self {
            Self::Login(login) => By::Login(login),
            Self::Access(access) => By::Access {
                user_id: &access.sub,
                issued_at: access.iat,
                second_factor: access.mfa,
            },
        }
    }

    /// Returns the mfa_token that a right code spends. Returns `None` for an access token.
    pub fn login(&self) -> Option<&Login> {
        match self {
            Self::Login(login) => Some(login),
            Self::Access(_) => None,
        }
    }

    /// Returns whether the token was issued after a second factor. Without one, the client
    /// cannot change confirmed authenticators, and cannot add one to them.
    pub fn has_second_factor(&self) -> bool {
        match self {
            Self::Login(_) => false,
            Self::Access(access) => access.mfa,
        }
    }

    /// Checks that the token grants a scope of `/mfa/*`.
    pub fn needs(&self, scope: &str) -> Result<(), ApiError> {
        let granted = match self {
            Self::Login(_) => matches!(scope, "enroll" | "read:authenticators"),
            Self::Access(access) => access.has_scope(scope),
        };
        if granted { Ok(()) } else { Err(ApiError::insufficient_scope(scope)) }
    }
}

/// Returns the token of an `Authorization` header.
pub fn bearer_token(headers: &HeaderMap) -> Result<&str, ApiError> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(ApiError::invalid_token)
}

/// Returns the login that an mfa_token stands for. An unknown token, a spent one and one of
/// another client get the same answer, because none of them has any authority. The audit log
/// says which case it was.
pub async fn login(
    app: &App,
    client: &str,
    mfa_token: &str,
    now: u64,
) -> Result<Waiting, ApiError> {
    let waiting = app.store.waiting(&sha256(mfa_token.as_bytes())).await?;
    let (reason, error) = match waiting.as_ref().map(|waiting| &waiting.login) {
        None => ("unknown", ApiError::malformed_mfa_token()),
        Some(login) if login.client_id != client => {
            ("of_another_client", ApiError::malformed_mfa_token())
        }
        Some(login) if login.spent => ("spent", ApiError::malformed_mfa_token()),
        Some(login) if login.expires_at <= now => ("expired", ApiError::expired_mfa_token()),
        Some(_) => return waiting.ok_or_else(ApiError::malformed_mfa_token),
    };
    let event = Event::new("mfa_token.refused").client(client).reason(reason);
    waiting.iter().fold(event, |event, waiting| event.user(&waiting.user.id)).write(&app.audit);
    Err(error)
}
