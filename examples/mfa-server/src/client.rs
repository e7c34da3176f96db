//! Authenticates clients. A confidential client shows its secret by HTTP Basic or in the body
//! (RFC 6749 section 2.3.1). A public client does not have a secret.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;
use crate::grant::GrantType;
use crate::keys::sha256;

/// The id of the page at `/`.
pub const PAGE: &str = "page";

/// A client that may call this server.
pub struct Client {
    id: String,
    /// SHA-256 of id and secret, so that the time of a comparison does not depend on their
    /// lengths.
    id_hash: Vec<u8>,
    /// `None` for a public client.
    secret_hash: Option<Vec<u8>>,
    grants: Vec<GrantType>,
    /// The APIs for which the client gets tokens; `None` means all of them. The server's own
    /// endpoints are always allowed.
    apis: Option<Vec<String>>,
}

impl Client {
    /// Creates a client with all grants and all APIs. Without the hash of a secret, it is a
    /// public client: an app on a user's device, which cannot keep a secret.
    pub fn new(id: String, secret_hash: Option<Vec<u8>>) -> Self {
        let id_hash = sha256(id.as_bytes());
        Self { id, id_hash, secret_hash, grants: GrantType::ALL.to_vec(), apis: None }
    }

    /// Creates the client of the page: a public client that gets tokens for this server only.
    pub fn page() -> Self {
        Self::new(PAGE.into(), None).with_apis(Vec::new())
    }

    #[must_use]
    pub fn with_grants(mut self, grants: Vec<GrantType>) -> Self {
        self.grants = grants;
        self
    }

    #[must_use]
    pub fn with_apis(mut self, apis: Vec<String>) -> Self {
        self.apis = Some(apis);
        self
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// Checks that the client may use a grant.
    pub fn may_use(&self, grant: GrantType) -> Result<(), ApiError> {
        if self.grants.contains(&grant) { Ok(()) } else { Err(ApiError::grant_not_allowed(grant)) }
    }

    /// Returns whether the client gets tokens for an API.
    pub fn may_reach(&self, audience: &str) -> bool {
        self.apis.as_ref().is_none_or(|apis| apis.iter().any(|api| api == audience))
    }
}

/// All clients that may call this server.
pub struct Clients(Vec<Client>);

/// The client's credentials in the body of a request.
#[derive(Default, serde::Deserialize)]
pub struct Credentials {
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
}

impl Clients {
    pub fn new(clients: Vec<Client>) -> Self {
        Self(clients)
    }

    pub fn add(&mut self, client: Client) {
        self.0.push(client);
    }

    /// Returns the client of a request.
    ///
    /// # Errors
    /// The client is unknown, its secret is wrong, or it used two methods at once.
    pub fn authenticate(
        &self,
        headers: &HeaderMap,
        body: &Credentials,
    ) -> Result<&Client, ApiError> {
        let basic = basic(headers)?;
        let unknown =
            if basic.is_some() { ApiError::unknown_basic_client } else { ApiError::unknown_client };
        let (id, secret) = match (basic, body) {
            (Some(_), Credentials { client_secret: Some(_), .. }) => {
                return Err(ApiError::invalid_request(
                    "The client must authenticate by one method, not by two.",
                ));
            }
            (Some((id, secret)), _) => (id, Some(secret)),
            (None, body) => {
                (body.client_id.clone().unwrap_or_default(), body.client_secret.clone())
            }
        };
        match secret {
            Some(secret) => self.confidential(&id, &secret),
            // A public client's id is not a secret, so the comparison may stop early.
            None => self.0.iter().find(|client| client.secret_hash.is_none() && client.id == id),
        }
        .ok_or_else(unknown)
    }

    /// Compares the id and the secret with those of every client. So the time does not reveal
    /// which ids exist, or how much of a secret is right.
    fn confidential(&self, id: &str, secret: &str) -> Option<&Client> {
        let (id, secret) = (sha256(id.as_bytes()), sha256(secret.as_bytes()));
        let mut found = None;
        for client in &self.0 {
            let Some(secret_hash) = &client.secret_hash else { continue };
            let id = verify_slices_are_equal(&id, &client.id_hash).is_ok();
            let secret = verify_slices_are_equal(&secret, secret_hash).is_ok();
            if id & secret {
                found = Some(client);
            }
        }
        found
    }

    /// Returns whether a client has this id. A sign-up needs nothing more, as at Auth0.
    pub fn is_known(&self, id: &str) -> bool {
        self.0.iter().any(|client| client.id == id)
    }

    /// Returns the grants that at least one client may use.
    pub fn grants(&self) -> Vec<GrantType> {
        let used = |grant: &GrantType| self.0.iter().any(|client| client.grants.contains(grant));
        GrantType::ALL.into_iter().filter(used).collect()
    }

    /// Returns the methods by which clients authenticate, in the names of RFC 8414.
    pub fn auth_methods(&self) -> Vec<&'static str> {
        let mut methods = Vec::new();
        if self.0.iter().any(|client| client.secret_hash.is_some()) {
            methods.extend(["client_secret_basic", "client_secret_post"]);
        }
        if self.0.iter().any(|client| client.secret_hash.is_none()) {
            methods.push("none");
        }
        methods
    }
}

/// Returns id and secret, each percent-decoded as in a form. Ignores headers of other schemes:
/// Auth0's reference sends a bearer token with `POST /mfa/challenge`, and the client's secret
/// in the body.
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, ApiError> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, encoded)) = header.and_then(|value| value.split_once(' ')) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let bytes = STANDARD.decode(encoded.trim()).ok();
    let decoded = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let (id, secret) = decoded
        .as_deref()
        .and_then(|text| text.split_once(':'))
        .ok_or_else(ApiError::unknown_basic_client)?;
    let unescape = |text: &str| {
        let pair = format!("={text}");
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(&pair).unwrap_or_default();
        pairs.into_iter().next().map(|(_, value)| value).ok_or_else(ApiError::unknown_basic_client)
    };
    Ok(Some((unescape(id)?, unescape(secret)?)))
}
