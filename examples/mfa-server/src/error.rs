//! Errors as Auth0 tells them: a status, and `{"error", "error_description"}`.

use axum::Json;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::grant::GrantType;
use crate::keyring::KeyringError;
use crate::keys::KeyError;
use crate::store::{MOST, StoreError};

const NOT_ENROLLED: &str =
    "User is not enrolled. You can use /mfa/associate endpoint to enroll the first authenticator.";

/// A rule for passwords: its code, and its text with `%d` in the place of the limit.
pub struct PasswordRule {
    pub code: &'static str,
    pub message: &'static str,
    pub limit: usize,
    /// The password follows it.
    pub verified: bool,
}

/// What a request ends in that does not succeed. No secret, password or code is in it.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    error: &'static str,
    description: String,
    /// What else is in the object.
    more: Option<Value>,
    retry_after: Option<u64>,
    challenge: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        let description = description.into();
        Self { status, error, description, more: None, retry_after: None, challenge: None }
    }

    pub fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", "The body is too large.")
    }

    /// A password, code or mfa_token that is wrong, or was used.
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "invalid_grant", description)
    }

    /// An mfa_token that is unknown, spent, or of another client. The text is the one that SDKs match.
    pub fn malformed_mfa_token() -> Self {
        Self::invalid_grant("Malformed mfa_token")
    }

    /// A code that is not accepted. SDKs match the text, and it says nothing of why. `reason` does, for
    /// pages that tell people.
    pub fn invalid_code(reason: Option<&'static str>) -> Self {
        Self::invalid_grant("Invalid otp_code.").with_reason(reason)
    }

    /// A recovery code that is not accepted, with the same reasons.
    pub fn invalid_recovery_code(reason: Option<&'static str>) -> Self {
        Self::invalid_grant("MFA Authorization rejected.").with_reason(reason)
    }

    fn with_reason(mut self, reason: Option<&'static str>) -> Self {
        self.more = reason.map(|reason| json!({"reason": reason}));
        self
    }

    pub fn expired_mfa_token() -> Self {
        Self::new(StatusCode::FORBIDDEN, "expired_token", "mfa_token is expired")
    }

    pub fn unsupported_grant() -> Self {
        let description = "Grant type is not supported.";
        Self::new(StatusCode::FORBIDDEN, "unsupported_grant_type", description)
    }

    pub fn grant_not_allowed(grant: GrantType) -> Self {
        let description = format!("Grant type '{}' not allowed for the client.", grant.name());
        Self::new(StatusCode::FORBIDDEN, "unauthorized_client", description)
    }

    pub fn unknown_client() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized")
    }

    /// For a client that came by HTTP Basic (RFC 6749 section 5.2). To one that did not, Auth0 says nothing
    /// of it, and its SDK would take it for a reason to pass over the body.
    pub fn unknown_basic_client() -> Self {
        let mut error = Self::unknown_client();
        error.challenge = Some("Basic realm=\"client\"");
        error
    }

    /// A bearer token that is unknown or has run out.
    pub fn invalid_token() -> Self {
        let description = "The token is not valid, or has expired.";
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description);
        error.challenge = Some("Bearer error=\"invalid_token\"");
        error
    }

    pub fn insufficient_scope(scope: &str) -> Self {
        let description = format!("The token lacks the scope {scope}, or has not passed MFA.");
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", description)
    }

    pub fn denied(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "access_denied", description)
    }

    pub fn already_enrolled() -> Self {
        Self::denied("User is already enrolled.")
    }

    pub fn too_many_authenticators() -> Self {
        let description = format!("The user has {MOST} authenticators. Remove one of them first.");
        Self::denied(description)
    }

    /// An operator has blocked the user. It is told after a right password only.
    pub fn blocked() -> Self {
        Self::new(StatusCode::FORBIDDEN, "unauthorized", "user is blocked")
    }

    /// A code for a user who has no authenticator.
    pub fn not_enrolled() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "association_required", NOT_ENROLLED)
    }

    /// A challenge for a user who has no confirmed authenticator. Auth0's reference names both this
    /// error and `association_required`. Its SDKs for Android and Swift only take this one for "has to
    /// enrol first" (`isMultifactorEnrollRequired`).
    pub fn nothing_to_challenge() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unsupported_challenge_type", NOT_ENROLLED)
    }

    pub fn unsupported_challenge(kind: &str) -> Self {
        let description = format!("{kind} is not enabled for this tenant: only otp is.");
        Self::new(StatusCode::BAD_REQUEST, "unsupported_challenge_type", description)
    }

    pub fn not_found(description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", description)
    }

    pub fn method_not_allowed() -> Self {
        let description = "The path does not take this method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", description)
    }

    /// `code` and `description` are what signing up has beside the usual two.
    pub fn invalid_signup(code: &'static str, description: &str) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, code, description);
        error.more = Some(json!({
            "name": "BadRequestError",
            "code": code,
            "description": description,
            "statusCode": 400,
        }));
        error
    }

    /// A password that is too short or too long, with the rules that it breaks, as Auth0 tells them.
    pub fn weak_password(rules: &[PasswordRule]) -> Self {
        let message = "Password is too weak";
        let mut error = Self::new(StatusCode::BAD_REQUEST, "invalid_password", message);
        let policy: Vec<_> = rules
            .iter()
            .map(|rule| format!("* {}", rule.message.replace("%d", &rule.limit.to_string())))
            .collect();
        let rules: Vec<_> = rules
            .iter()
            .map(|rule| {
                json!({
                    "code": rule.code,
                    "message": rule.message,
                    "format": [rule.limit],
                    "verified": rule.verified,
                })
            })
            .collect();
        error.more = Some(json!({
            "name": "PasswordStrengthError",
            "code": "invalid_password",
            "message": message,
            "description": {"rules": rules, "verified": false},
            "policy": policy.join("\n"),
            "statusCode": 400,
        }));
        error
    }

    pub fn mfa_required(mfa_token: &str, requirements: &Value) -> Self {
        let description = "Multifactor authentication required";
        let mut error = Self::new(StatusCode::FORBIDDEN, "mfa_required", description);
        error.more = Some(json!({"mfa_token": mfa_token, "mfa_requirements": requirements}));
        error
    }

    pub fn too_many_attempts(seconds: u64) -> Self {
        Self::too_many("too_many_attempts", "wrong codes", seconds)
    }

    /// The same for an account and for an address: nobody learns which of the two it was.
    pub fn too_many_passwords(seconds: u64) -> Self {
        Self::too_many("too_many_attempts", "wrong passwords", seconds)
    }

    pub fn too_many_sign_ups(seconds: u64) -> Self {
        Self::too_many("too_many_requests", "sign-ups", seconds)
    }

    fn too_many(error: &'static str, what: &str, seconds: u64) -> Self {
        let description = format!("Too many {what}. Try again in {seconds} seconds.");
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, error, description);
        error.retry_after = Some(seconds);
        error
    }

    /// More passwords wait to be checked than the server has room for, whoever sent them. Auth0 answers its
    /// limits so, and its SDKs try again.
    pub fn overloaded() -> Self {
        let description = "Too many requests at a time. Try again.";
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", description);
        error.retry_after = Some(1);
        error
    }

    pub fn busy() -> Self {
        Self::unavailable("Too many requests for one authenticator at a time. Try again.", 1)
    }

    fn unavailable(description: &'static str, seconds: u64) -> Self {
        let mut error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        error.retry_after = Some(seconds);
        error
    }

    /// The request was not answered in time.
    pub fn late() -> Self {
        let description = "The request took too long. Try again.";
        let mut error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        error.retry_after = Some(1);
        error
    }

    /// For an error of which only the status is known.
    pub fn of_status(status: StatusCode) -> Self {
        let description = match status {
            StatusCode::NOT_FOUND => return Self::not_found("There is nothing at this path."),
            StatusCode::METHOD_NOT_ALLOWED => return Self::method_not_allowed(),
            StatusCode::REQUEST_TIMEOUT => "The request did not come in time.",
            StatusCode::URI_TOO_LONG => "The path is too long.",
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The headers are too large.",
            _ => "The request could not be read.",
        };
        if status.is_server_error() {
            return Self { status, ..Self::internal() };
        }
        Self::new(status, "invalid_request", description)
    }

    fn internal() -> Self {
        let description = "The server failed. Nothing was decided.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", description)
    }

    pub fn body(&self) -> Value {
        let mut body = json!({"error": self.error, "error_description": self.description});
        if let (Value::Object(body), Some(Value::Object(more))) = (&mut body, &self.more) {
            body.extend(more.clone());
        }
        body
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let Some(trouble) = error.trouble() else {
            tracing::error!(%error, "the store failed");
            return Self::internal();
        };
        tracing::error!(%error, trouble = trouble.name(), "the store is not available");
        let description = match error {
            StoreError::Unanswered(_) => {
                "The database did not answer in time. If the code is refused now, take the next one."
            }
            _ => "The database is not available. Nothing was decided. Try again.",
        };
        Self::unavailable(description, trouble.retry_after())
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "a key failed");
        Self::internal()
    }
}

impl From<KeyringError> for ApiError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Store(error) => error.into(),
            error => Self::unexpected(error),
        }
    }
}

/// What should not happen, and is told to the operator alone.
impl ApiError {
    pub fn unexpected(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "unexpected");
        Self::internal()
    }
}
