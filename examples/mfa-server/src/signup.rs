//! `POST /dbconnections/signup`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use otp_core::{Secret, otpauth};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::audit::Event;
use crate::body::Body;
use crate::error::{ApiError, PasswordRule};
use crate::keys::{hex, random};
use crate::password::{MAX_LEN, MIN_CHARS};
use crate::store::User;

/// The only user directory, with the name of Auth0's first one.
pub const CONNECTION: &str = "Username-Password-Authentication";

#[derive(Deserialize)]
pub struct SignUp {
    client_id: String,
    email: String,
    password: String,
    connection: Option<String>,
}

pub async fn sign_up(
    State(app): State<Arc<App>>,
    Body(request): Body<SignUp>,
) -> Result<Json<Value>, ApiError> {
    if !app.settings.sign_up {
        return Err(ApiError::invalid_signup("signup_disabled", "Public signup is disabled."));
    }
    if !app.settings.clients.is_known(&request.client_id) {
        return Err(ApiError::unknown_client());
    }
    if request.connection.is_some_and(|connection| connection != CONNECTION) {
        return Err(ApiError::invalid_signup("invalid_connection", "There is no such connection."));
    }
    let email = address(&request.email)
        .ok_or_else(|| ApiError::invalid_signup("invalid_email", "The email is not an address."))?;
    let password = request.password;
    strong_enough(&password)?;
    if let Some(seconds) = app.guesses.sign_up(&app).await? {
        let event = Event::new("sign_up.refused").client(&request.client_id);
        event.reason("throttled").write(&app.audit);
        return Err(ApiError::too_many_sign_ups(seconds));
    }
    let id = hex(&random::<12>()?);
    let password_hash = app.passwords.hash(password).await?;
    let user = User::new(format!("auth0|{id}"), email, password_hash);
    // Without mail, the answer cannot hide that an address is taken: a client could find out by
    // logging in after the sign-up. So the answer is Auth0's, at the same cost, and each
    // address may only try a limited number of sign-ups per hour.
    if !app.store.add_user(&user, now()?).await? {
        let account = app.keys.fingerprint("account", &user.email);
        let event = Event::new("sign_up.refused").account(&account).client(&request.client_id);
        event.reason("address_taken").write(&app.audit);
        return Err(ApiError::invalid_signup("invalid_signup", "Invalid sign up"));
    }
    Event::new("user.signed_up").user(&user.id).client(&request.client_id).write(&app.audit);
    Ok(Json(json!({"_id": id, "email": user.email, "email_verified": false})))
}

/// Checks the length, and nothing else (NIST SP 800-63B-4 section 3.1.1.2).
fn strong_enough(password: &str) -> Result<(), ApiError> {
    let rules = [
        PasswordRule {
            code: "lengthAtLeast",
            message: "At least %d characters in length",
            limit: MIN_CHARS,
            verified: password.chars().count() >= MIN_CHARS,
        },
        PasswordRule {
            code: "lengthAtMost",
            message: "At most %d bytes in length",
            limit: MAX_LEN,
            verified: password.len() <= MAX_LEN,
        },
    ];
    if rules.iter().all(|rule| rule.verified) {
        Ok(())
    } else {
        Err(ApiError::weak_password(&rules))
    }
}

/// Returns the only form in which an address is stored and looked up.
pub fn normalised(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Returns an address in its stored form, or `None` if the text is not an address. The check is
/// loose: an address must be distinguishable from others and fit into a key URI. This server
/// cannot know whether mail arrives there.
pub fn address(email: &str) -> Option<String> {
    let email = normalised(email);
    let (local, domain) = email.rsplit_once('@')?;
    let plain = |text: &str| {
        !text.is_empty()
            && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
    };
    let secret = Secret::from_bytes(&[1; 20]).ok()?;
    let fits = otpauth::UriBuilder::totp(&secret).with_account(&email).is_ok();
    (email.len() <= 254 && plain(local) && plain(domain) && fits).then_some(email)
}
