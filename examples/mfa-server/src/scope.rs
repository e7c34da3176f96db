//! The purpose of tokens: an API, and the granted scopes of that API.

use std::str::FromStr;

use serde::Deserialize;

use crate::app::App;
use crate::client::Client;
use crate::error::ApiError;
use crate::grant::GrantType;

/// Scopes for claims about the user. A client may ask for them together with the scopes of any
/// API.
pub const IDENTITY: [&str; 3] = ["openid", "profile", "email"];
/// The scope that asks for a refresh token.
pub const OFFLINE: &str = "offline_access";
/// The scopes of the `/mfa/*` endpoints, which count as an API.
pub const MFA: [&str; 3] = ["enroll", "read:authenticators", "remove:authenticators"];

/// An API for which access tokens may be issued.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    pub audience: Audience,
    #[serde(default)]
    pub scopes: Vec<Scope>,
}

#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Audience(String);

#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Scope(String);

impl Audience {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Audience {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Err("an audience is empty") } else { Ok(Self(text)) }
    }
}

impl Scope {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Scope {
    type Error = String;

    /// The allowed characters are those of RFC 6749 section 3.3.
    fn try_from(text: String) -> Result<Self, String> {
        let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !text.is_empty() && text.bytes().all(allowed) {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is not a scope (RFC 6749 section 3.3)"))
        }
    }
}

/// Reads the format of the command line: the audience, then its scopes after spaces.
impl FromStr for Api {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_ascii_whitespace().map(str::to_owned);
        let audience = words.next().ok_or("is empty")?;
        let scopes = words.map(Scope::try_from).collect::<Result<_, _>>()?;
        Ok(Self { audience: Audience(audience), scopes })
    }
}

/// The scopes that a client may get for an audience.
pub struct Offered<'a> {
    of_api: Vec<&'a str>,
    offline: bool,
}

impl<'a> Offered<'a> {
    pub fn new(app: &'a App, client: &Client, audience: &str) -> Result<Self, ApiError> {
        let of_mfa = audience == app.tokens.mfa_audience();
        let of_api = if audience == app.tokens.issuer() {
            IDENTITY.to_vec()
        } else if of_mfa {
            MFA.to_vec()
        } else {
            let api = app.settings.apis.iter().find(|api| api.audience.0 == audience);
            let api = api.filter(|_| client.may_reach(audience)).ok_or_else(|| {
                ApiError::denied("This client cannot get tokens for this audience.")
            })?;
            api.scopes.iter().map(Scope::as_str).collect()
        };
        // The `/mfa/*` endpoints need a recent second factor, so their tokens cannot be
        // refreshed.
        let offline = !of_mfa && client.may_use(GrantType::RefreshToken).is_ok();
        Ok(Self { of_api, offline })
    }

    /// Returns whether the scope is granted if a client asks for it.
    pub fn has(&self, scope: &str) -> bool {
        IDENTITY.contains(&scope)
            || self.of_api.contains(&scope)
            || (self.offline && scope == OFFLINE)
    }
}

/// Returns the audience and the granted scopes. A client that asks for no scope gets all scopes
/// of the API, as at Auth0 after a login by password.
pub fn granted(
    app: &App,
    client: &Client,
    audience: Option<String>,
    asked: Option<&str>,
) -> Result<(String, String), ApiError> {
    let audience = audience
        .filter(|audience| !audience.is_empty())
        .unwrap_or_else(|| app.tokens.issuer().to_owned());
    let offered = Offered::new(app, client, &audience)?;
    let asked: Vec<&str> = asked.unwrap_or_default().split_ascii_whitespace().collect();
    let granted = if asked.is_empty() {
        offered.of_api
    } else {
        asked.into_iter().filter(|scope| offered.has(scope)).collect()
    };
    let scope = granted.join(" ");
    Ok((audience, scope))
}
