//! Errors in Auth0's format: a status, and `{"error", "error_description"}`.

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

/// A rule for passwords: its code, and its text. `%d` in the text stands for the limit.
pub struct PasswordRule {
    pub code: &'static str,
    pub message: &'static str,
    pub limit: usize,
    /// True if the password follows the rule.
    pub verified: bool,
}

/// The answer to a request that fails. It contains no secret, password or code.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    error: &'static str,
    description: String,
    /// Further fields of the JSON object.
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

    /// A password, code or mfa_token that is wrong or was used before.
    pub fn invalid_grant(description: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "invalid_grant", description)
    }

    /// An mfa_token that is unknown, spent, or of another client. SDKs match this text.
    pub fn malformed_mfa_token() -> Self {
        Self::invalid_grant("Malformed mfa_token")
    }

    /// A code that is not accepted. SDKs match this text, which does not say why. `reason` says
    /// it, for pages that explain it to users.
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

    /// For a client that used HTTP Basic (RFC 6749 section 5.2). Other clients get no
    /// `WWW-Authenticate` header, as at Auth0: with it, Auth0's SDK would ignore the body.
    pub fn unknown_basic_client() -> Self {
        let mut error = Self::unknown_client();
        error.challenge = Some("Basic realm=\"client\"");
        error
    }

    /// A bearer token that is unknown or has expired.
    pub fn invalid_token() -> Self {
        let description = "The token is not valid, or has expired.";
        let mut error = Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description);
        error.challenge = Some("Bearer error=\"invalid_token\"");
        error
    }

    pub fn insufficient_scope(scope: &str) -> Self {
        let description =
            format!("The token does not have the scope {scope}, or was issued without MFA.");
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

    /// An operator has blocked the user. The client only learns this after a right password.
    pub fn blocked() -> Self {
        Self::new(StatusCode::FORBIDDEN, "unauthorized", "user is blocked")
    }

    /// A code for a user without an authenticator.
    pub fn not_enrolled() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "association_required", NOT_ENROLLED)
    }

    /// A challenge for a user without a confirmed authenticator. Auth0's reference names both
    /// this error and `association_required`. Its SDKs for Android and Swift only recognise
    /// this one as "has to enrol first" (`isMultifactorEnrollRequired`).
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
        let description = "This path does not support this method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", description)
    }

    /// An error of a sign-up, which has more fields than other errors: among them `code` and
    /// `description`.
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

    /// A password that is too short or too long. The answer has the broken rules in Auth0's
    /// format.
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

    /// The answer is the same for an account and for an address, so a client does not learn
    /// which of them has to wait.
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

    /// The queue of password hashes is full, so every client gets this answer. Auth0 uses it
    /// for its limits, and its SDKs try again.
    pub fn overloaded() -> Self {
        let description = "Too many requests at the same time. Try again.";
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", description);
        error.retry_after = Some(1);
        error
    }

    pub fn busy() -> Self {
        Self::unavailable("Too many requests for one authenticator at the same time. Try again.", 1)
    }

    fn unavailable(description: &'static str, seconds: u64) -> Self {
        let mut error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        error.retry_after = Some(seconds);
        error
    }

    /// The server did not answer the request in time.
    pub fn late() -> Self {
        let description = "The request took too long. Try again.";
        let mut error =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        error.retry_after = Some(1);
        error
    }

    /// For an error of which the server only knows the status.
    pub fn of_status(status: StatusCode) -> Self {
        let description = match status {
            StatusCode::NOT_FOUND => return Self::not_found("This path does not exist."),
            StatusCode::METHOD_NOT_ALLOWED => return Self::method_not_allowed(),
            StatusCode::REQUEST_TIMEOUT => "The request did not arrive in time.",
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
            tracing::error!(%error, "the database failed");
            return Self::internal();
        };
        tracing::error!(%error, trouble = trouble.name(), "the database is not available");
        let description = match error {
            StoreError::Unanswered(_) => {
                "The database did not answer in time. If the code is refused now, use the next one."
            }
            _ => "The database is not available. Nothing was decided. Try again.",
        };
        Self::unavailable(description, trouble.retry_after())
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "a key could not be used");
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

/// An error that should not happen. Only the log has its text.
impl ApiError {
    pub fn unexpected(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "unexpected error");
        Self::internal()
    }
}
