//! The web apps that may call from a browser: cross-origin requests (CORS) of configured
//! origins.

use std::str::FromStr;
use std::time::Duration;

use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use tower_http::cors::{AllowHeaders, CorsLayer};
use url::{Position, Url};

use crate::request;

/// The value that a browser sends as `Origin` for an app's pages.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = String;

    /// Also accepts the schemes of apps in a web view, such as `capacitor://localhost`. Refuses
    /// `*`: each origin must be named.
    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || {
            format!(
                "{text:?} is not an origin: write it like https://app.example.com, without a path"
            )
        };
        let url = Url::parse(text).map_err(|_| refused())?;
        let is_web = matches!(url.scheme(), "http" | "https");
        let sent = if is_web {
            url.origin().ascii_serialization()
        } else {
            // The URL standard gives such a scheme no origin. Web views send the address
            // without a path.
            url[..Position::BeforePath].to_owned()
        };
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.host_str().is_none_or(str::is_empty) || has_user || sent != text {
            return Err(refused());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| refused())
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Answers preflight requests, and tells browsers that pages of these origins may read the
/// answers. Credentials are not allowed, because tokens are in headers and bodies and never in
/// cookies. Any request header is allowed: SDKs send headers of their own, and this server
/// never trusts a header just because it is there.
pub fn cors(origins: &[Origin]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.iter().map(|origin| origin.0.clone()).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE, HeaderName::from_static(request::ID)])
        .max_age(Duration::from_secs(600))
}
