//! Issues and verifies signed tokens (RFC 7519).

use std::sync::Arc;

use jsonwebtoken::Validation;
use serde::{Deserialize, Serialize};

use crate::keyring::{Keyring, KeyringError};
use crate::keys::{Keys, Which};
use crate::store::{MASTER, Store};

/// The lifetime of a token, in seconds.
pub const LIFETIME: u64 = 600;

pub struct Tokens {
    issuer: String,
    keyring: Arc<Keyring>,
}

/// The claims of an access token.
#[derive(Serialize, Deserialize)]
pub struct Access {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub azp: String,
    pub iat: u64,
    pub exp: u64,
    pub scope: String,
    /// True if the token was issued after a second factor.
    pub mfa: bool,
}

/// The audience of an access token. With the scope `openid`, a token for an API is also for
/// `/userinfo`, as at Auth0.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Access {
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }
}

#[derive(Serialize)]
struct Identity<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
    /// The user's authentication methods (RFC 8176).
    amr: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

/// The contents of the tokens to be issued.
pub struct Grant<'a> {
    pub user_id: &'a str,
    pub email: &'a str,
    pub email_verified: bool,
    pub client_id: &'a str,
    pub audience: &'a str,
    pub scope: &'a str,
    pub amr: &'a [&'a str],
    /// An end of the tokens that may be earlier than their usual one.
    pub until: Option<u64>,
}

/// The answer of `POST /oauth/token`.
#[derive(Serialize)]
pub struct Answer {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    scope: String,
    expires_in: u64,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<String>,
}

impl Tokens {
    pub fn new(issuer: String, keyring: Arc<Keyring>) -> Self {
        Self { issuer, keyring }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience of the `/mfa/*` endpoints.
    pub fn mfa_audience(&self) -> String {
        mfa_audience(&self.issuer)
    }

    pub fn issue(&self, grant: &Grant<'_>, now: u64) -> Result<Answer, KeyringError> {
        let key = self.keyring.signer(now)?;
        let exp = now.saturating_add(LIFETIME).min(grant.until.unwrap_or(u64::MAX));
        let has = |scope| grant.scope.split(' ').any(|granted| granted == scope);
        let audience = grant.audience.to_owned();
        let shared = has("openid") && grant.audience != self.issuer;
        let access = Access {
            iss: self.issuer.clone(),
            sub: grant.user_id.to_owned(),
            aud: if shared {
                Audience::Several(vec![audience, self.user_info()])
            } else {
                Audience::One(audience)
            },
            azp: grant.client_id.to_owned(),
            iat: now,
            exp,
            scope: grant.scope.to_owned(),
            mfa: grant.amr.contains(&"mfa"),
        };
        let identity = Identity {
            iss: &self.issuer,
            sub: grant.user_id,
            aud: grant.client_id,
            iat: now,
            exp,
            amr: grant.amr,
            name: has("profile").then_some(grant.email),
            email: has("email").then_some(grant.email),
            email_verified: has("email").then_some(grant.email_verified),
        };
        Ok(Answer {
            access_token: key.sign(&access)?,
            id_token: has("openid").then(|| key.sign(&identity)).transpose()?,
            refresh_token: None,
            scope: access.scope,
            expires_in: exp.saturating_sub(now),
            token_type: "Bearer",
            recovery_code: None,
        })
    }

    /// Returns the claims of an access token for the `/mfa/*` endpoints. Returns `None` if no
    /// server of this database signed it.
    pub fn mfa_access(&self, token: &str, now: u64) -> Option<Access> {
        self.access(token, &[&self.mfa_audience()], now)
    }

    /// Does the same for `/userinfo`: accepts an access token for this server, or one for an
    /// API that is also for `/userinfo`.
    pub fn user_info_access(&self, token: &str, now: u64) -> Option<Access> {
        self.access(token, &[&self.issuer, &self.user_info()], now)
    }

    /// Returns the audience of `/userinfo`, which is its address too.
    pub fn user_info(&self) -> String {
        user_info(&self.issuer)
    }

    /// Returns the claims of an access token for one of these audiences.
    fn access(&self, token: &str, audiences: &[&str], now: u64) -> Option<Access> {
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.keyring.published(&kid, now)?;
        let mut validation = Validation::new(key.algorithm());
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        jsonwebtoken::decode(token, key.decoding_key(), &validation).ok().map(|token| token.claims)
    }
}

/// Checks that the master key is the one of this database. So a wrong key is noticed at the
/// start, not at the first login. During a rotation, one of the two given keys must be the
/// database's.
pub async fn check_keys(store: &Store, keys: &Keys) -> Result<(), Box<dyn std::error::Error>> {
    let check = store.shared(MASTER, keys.check()).await?;
    if keys.follow(&check) == Which::Another {
        if store.is_retired_master(keys.check()).await? {
            return Err(
                "the master key was rotated, and this is the old one: give the new key by \
                        MFA_KEY or --key-file"
                    .into(),
            );
        }
        return Err(
            "the database belongs to another master key: give the key that it was made with, \
                    by MFA_KEY or --key-file. To rotate it, give that key by MFA_KEY_OLD or \
                    --old-key-file together with the new one"
                .into(),
        );
    }
    let before = store.master_before().await?;
    if before.is_some_and(|before| keys.which(&before) == Which::Another) {
        return Err(
            "the rotation of the master key is not finished: give the old key by MFA_KEY_OLD \
                    or --old-key-file, and run mfa-server keys rotate-master"
                .into(),
        );
    }
    Ok(())
}

pub fn mfa_audience(issuer: &str) -> String {
    format!("{issuer}mfa/")
}

pub fn user_info(issuer: &str) -> String {
    format!("{issuer}userinfo")
}
