//! Whose authenticators a request is about: an mfa_token, or an access token for `ISSUER/mfa/`.
//!
//! An mfa_token stands for a right password, and for nothing else. Until it is spent it lists
//! authenticators, enrols the first one and answers challenges. Everything that changes confirmed
//! authenticators needs an access token with the scope, which a second factor stands behind.

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

    /// Returns the token that a client sends as `mfa_token`, to authenticate a user in the way that `amr`
    /// says (RFC 8176), the user and the user's authenticators. An access token is accepted too: it confirms the
    /// enrolment that was made with it.
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

    /// Returns the user, unless an operator has blocked them, or made the token void.
    pub async fn user(&self, app: &App) -> Result<Option<User>, ApiError> {
        let user = app.store.user(self.user_id()).await?;
        Ok(user.filter(|user| self.is_honoured(user)))
    }

    fn is_honoured(&self, user: &User) -> bool {
        match self {
            Self::Login(_) => !user.blocked, // A void one is spent.
            Self::Access(access) => user.honours(access.iat),
        }
    }

    /// Returns the authority that a transaction checks again.
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

    /// Returns the mfa_token that a right code spends, if this is one.
    pub fn login(&self) -> Option<&Login> {
        match self {
            Self::Login(login) => Some(login),
            Self::Access(_) => None,
        }
    }

    /// Returns whether a second factor stands behind it. Without one, no confirmed authenticator may
    /// be changed, and none may be added beside a confirmed one.
    pub fn has_second_factor(&self) -> bool {
        match self {
            Self::Login(_) => false,
            Self::Access(access) => access.mfa,
        }
    }

    /// Checks that it grants a scope of `/mfa/*`.
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

/// Returns what an mfa_token stands for. An unknown one, a spent one and one of another client get
/// the same answer: none of them has any authority. The audit log says which one it was.
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
