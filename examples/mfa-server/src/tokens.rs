//! Signed tokens (RFC 7519), and the key that signs them, which all replicas share.

use jsonwebtoken::Validation;
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Serialize};

use crate::keys::Keys;
use crate::signing::{SigningAlg, SigningError, SigningKey};
use crate::store::Store;

/// How long a token is good for, in seconds.
pub const LIFETIME: u64 = 600;

const NAME: &str = "signing key";

pub struct Tokens {
    issuer: String,
    key: SigningKey,
}

/// The claims of an access token.
#[derive(Serialize, Deserialize)]
pub struct Access {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub azp: String,
    pub iat: u64,
    pub exp: u64,
    pub scope: String,
    /// A second factor was given for it.
    pub mfa: bool,
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
    /// How the user was authenticated (RFC 8176).
    amr: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// What tokens are issued for.
pub struct Grant<'a> {
    pub user_id: &'a str,
    pub email: &'a str,
    pub client_id: &'a str,
    pub audience: &'a str,
    pub scope: &'a str,
    pub amr: &'a [&'a str],
}

/// The answer of `POST /oauth/token`.
#[derive(Serialize)]
pub struct Answer {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    scope: String,
    expires_in: u64,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<String>,
}

impl Tokens {
    /// Takes the key of this database; the first server on it makes one, for this algorithm.
    pub async fn load(
        store: &Store,
        keys: &Keys,
        issuer: String,
        alg: SigningAlg,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let sealed = match store.stored(NAME).await? {
            Some(sealed) => sealed,
            None => {
                let made = tokio::task::spawn_blocking(move || alg.generate()).await??;
                store.shared(NAME, &keys.seal(NAME, &made)?).await?
            }
        };
        Ok(Self { issuer, key: SigningKey::from_pkcs8(&keys.open(NAME, &sealed)?)? })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience of the `/mfa/*` endpoints.
    pub fn mfa_audience(&self) -> String {
        format!("{}mfa/", self.issuer)
    }

    pub fn jwks(&self) -> JwkSet {
        JwkSet { keys: vec![self.key.jwk().clone()] }
    }

    /// The algorithms that tokens are signed by.
    pub fn algs(&self) -> Vec<&'static str> {
        vec![self.key.alg().name()]
    }

    pub fn issue(&self, grant: &Grant<'_>, now: u64) -> Result<Answer, SigningError> {
        let exp = now.saturating_add(LIFETIME);
        let has = |scope| grant.scope.split(' ').any(|granted| granted == scope);
        let access = Access {
            iss: self.issuer.clone(),
            sub: grant.user_id.to_owned(),
            aud: grant.audience.to_owned(),
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
        };
        Ok(Answer {
            access_token: self.key.sign(&access)?,
            id_token: has("openid").then(|| self.key.sign(&identity)).transpose()?,
            scope: access.scope,
            expires_in: LIFETIME,
            token_type: "Bearer",
            recovery_code: None,
        })
    }

    /// The claims of an access token for the `/mfa/*` endpoints that this server signed.
    pub fn mfa_access(&self, token: &str) -> Option<Access> {
        let mut validation = Validation::new(self.key.algorithm());
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[self.mfa_audience()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 0;
        jsonwebtoken::decode(token, self.key.decoding_key(), &validation)
            .ok()
            .map(|token| token.claims)
    }
}

/// Another master key than the one that the database was made with is noticed at the start, not at the
/// first login.
pub async fn check_keys(store: &Store, keys: &Keys) -> Result<(), Box<dyn std::error::Error>> {
    if store.shared("master key", keys.check()).await? == keys.check() {
        return Ok(());
    }
    Err("the database belongs to another master key: give the one that it was made with, by MFA_KEY \
         or --key-file"
        .into())
}
