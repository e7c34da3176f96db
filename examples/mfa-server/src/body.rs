//! Request bodies: JSON and forms, read into the same fields.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// The largest body, in bytes.
pub const MAX_LEN: usize = 16 * 1024;

/// The message for U+0000. PostgreSQL cannot store it, so this server refuses it with both
/// databases.
pub const NUL: &str =
    "The request contains the character U+0000, which is not allowed in any field.";

/// Fields from JSON or from a form, as the content type says. Unknown fields are ignored, as at
/// Auth0. A field that occurs twice is refused.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let form = is_form(request.headers())?;
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
                BytesRejection::FailedToBufferBody(error) if error.status() == 413 => {
                    ApiError::too_large()
                }
                _ => ApiError::invalid_request("The body could not be read."),
            })?;
        if has_nul(&bytes, form) {
            return Err(ApiError::invalid_request(NUL));
        }
        // The parsers' messages may quote the body, which may contain passwords and codes.
        let body = if form {
            serde_urlencoded::from_bytes(&bytes)
                .map_err(|_| "The body is not a form with the fields that this request needs.")
        } else {
            serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
                serde_json::error::Category::Data => {
                    "A field that this request needs is missing, or has another type."
                }
                _ => "The body is not JSON.",
            })
        };
        body.map(Self).map_err(ApiError::invalid_request)
    }
}

fn is_form(headers: &HeaderMap) -> Result<bool, ApiError> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(false),
        "application/x-www-form-urlencoded" => Ok(true),
        _ => Err(ApiError::invalid_request(
            "The content type must be application/json or application/x-www-form-urlencoded.",
        )),
    }
}

/// Returns whether the body contains U+0000, as a byte or as an escape.
fn has_nul(bytes: &[u8], form: bool) -> bool {
    if bytes.contains(&0) {
        return true;
    }
    if form {
        return bytes.windows(3).any(|three| three == b"%00");
    }
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let escape = &rest[at + 1..];
        if escape.starts_with(b"u0000") {
            return true;
        }
        // The escaped character may be a backslash itself.
        rest = escape.get(1..).unwrap_or_default();
    }
    false
}
