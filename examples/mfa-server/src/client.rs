//! Who calls: a client with a secret, by HTTP Basic or in the body (RFC 6749 section 2.3.1), or the
//! page, which has none.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::ApiError;
use crate::keys::sha256;

/// The public client that the page at `/` is. Whoever reads the page has whatever is in it, so it has
/// no secret.
pub const PAGE: &str = "page";

/// The clients that may call.
pub struct Clients {
    id: String,
    /// SHA-256 of each, so that comparing takes as long whatever the lengths are.
    id_hash: Vec<u8>,
    secret_hash: Vec<u8>,
}

/// What a request says of itself.
#[derive(Default, serde::Deserialize)]
pub struct Credentials {
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
}

impl Clients {
    pub fn new(id: String, secret: &str) -> Self {
        Self { id_hash: sha256(id.as_bytes()), secret_hash: sha256(secret.as_bytes()), id }
    }

    /// The id of the client, if it is one and can show it.
    pub fn authenticate(&self, headers: &HeaderMap, body: &Credentials) -> Result<&str, ApiError> {
        let basic = basic(headers)?;
        let unknown =
            if basic.is_some() { ApiError::unknown_basic_client } else { ApiError::unknown_client };
        let (id, secret) = match (basic, body) {
            (Some(_), Credentials { client_secret: Some(_), .. }) => {
                return Err(ApiError::invalid_request(
                    "The client has to authenticate by one method, not by two.",
                ));
            }
            (Some((id, secret)), _) => (id, Some(secret)),
            (None, body) => {
                (body.client_id.clone().unwrap_or_default(), body.client_secret.clone())
            }
        };
        let Some(secret) = secret else {
            return if id == PAGE { Ok(PAGE) } else { Err(ApiError::unknown_client()) };
        };
        // Both, whether the first is right or not.
        let id = verify_slices_are_equal(&sha256(id.as_bytes()), &self.id_hash).is_ok();
        let secret = verify_slices_are_equal(&sha256(secret.as_bytes()), &self.secret_hash).is_ok();
        if id & secret { Ok(&self.id) } else { Err(unknown()) }
    }

    /// Where an id alone is asked for, as in signing up.
    pub fn is_known(&self, id: &str) -> bool {
        id == self.id || id == PAGE
    }
}

/// Id and secret, each escaped as in a form. A header of another scheme is not about the client: Auth0's
/// reference has a bearer token in `POST /mfa/challenge`, beside the secret in the body.
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
