//! `/mfa/*`: enrol, list, remove and challenge authenticators.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use otp_core::verifier::{self, Lifecycle};
use otp_core::{Algorithm, Digits, Period, Secret, otpauth};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::audit::Event;
use crate::bearer::{self, Bearer};
use crate::body::Body;
use crate::client::Credentials;
use crate::error::ApiError;
use crate::grant::GrantType;
use crate::keys::{hex, random};
use crate::recovery;
use crate::seal::Place;
use crate::store::{Otp, Refusal, Waiting};
use crate::time::iso;

#[derive(Deserialize)]
pub struct Associate {
    authenticator_types: Vec<String>,
}

#[derive(Serialize)]
pub struct Associated {
    id: String,
    authenticator_type: &'static str,
    secret: String,
    barcode_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

pub async fn associate(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(request): Body<Associate>,
) -> Result<Json<Associated>, ApiError> {
    let bearer = Bearer::of_header(&app, &headers).await?;
    bearer.needs("enroll")?;
    if request.authenticator_types.is_empty() {
        return Err(ApiError::invalid_request("authenticator_types is empty."));
    }
    if let Some(other) = request.authenticator_types.iter().find(|kind| *kind != "otp") {
        return Err(ApiError::unsupported_challenge(known(other)));
    }
    let user_id = bearer.user_id();
    let user = bearer.user(&app).await?.ok_or_else(ApiError::invalid_token)?;
    let now = now()?;

    let secret = Secret::generate_from_os(Algorithm::Sha1).map_err(ApiError::unexpected)?;
    let id = format!("totp|dev_{}", hex(&random::<8>()?));
    let place = Place::totp_secret(&id, user_id);
    let sealed_secret = app.keys.seal(&place, secret.expose_bytes())?;
    let stored = verifier::State::enrolment().into();
    let otp = Otp { id, active: false, sealed_secret, stored, created_at: now };
    let (recovery, recovery_codes) =
        if app.store.recoveries(user_id).await?.iter().any(|recovery| recovery.active) {
            (None, None)
        } else {
            let (recovery, code) = recovery::issue(&*app.keyring.pepper()?, user_id, None, now)
                .map_err(ApiError::unexpected)?;
            (Some(recovery), Some(vec![code]))
        };
    let uri = otpauth::UriBuilder::totp(&secret)
        .with_algorithm(Algorithm::Sha1)
        .with_digits(Digits::Six)
        .with_period(Period::DEFAULT)
        .with_issuer(&app.tenant)
        .and_then(|uri| uri.with_account(&user.email))
        .map_err(ApiError::unexpected)?;
    // This comes last, because it replaces an enrolment that was not confirmed.
    app.store.enrol(bearer.by(), &otp, recovery.as_ref()).await?.map_err(refused)?;
    let event = Event::new("authenticator.enrolled").user(user_id).client(bearer.client_id());
    event.authenticator(&otp.id).write(&app.audit);
    Ok(Json(Associated {
        id: otp.id,
        authenticator_type: "otp",
        secret: secret.expose_base32().to_string(),
        barcode_uri: uri.to_string(),
        recovery_codes,
    }))
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Void => ApiError::invalid_token(),
        Refusal::Enrolled => ApiError::already_enrolled(),
        Refusal::Full => ApiError::too_many_authenticators(),
        Refusal::Missing => ApiError::not_found("The user has no such authenticator."),
    }
}

pub async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Vec<Value>>, ApiError> {
    let bearer = Bearer::of_header(&app, &headers).await?;
    bearer.needs("read:authenticators")?;
    let user = bearer.user(&app).await?.ok_or_else(ApiError::invalid_token)?;
    let now = now()?;
    let entry = |id, kind, active, state: verifier::State, created_at, last_used| {
        let mut entry =
            json!({"id": id, "authenticator_type": kind, "type": kind, "active": active});
        let locked_until = state.locked_until(now);
        let times =
            [("created_at", created_at), ("last_auth", last_used), ("locked_until", locked_until)];
        let times = times.into_iter().filter_map(|(name, time)| Some((name, iso(time?).into())));
        // Auth0's list has neither this field nor `locked_until`. The answer to a code tells
        // the same.
        let disabled = matches!(state.lifecycle(), Lifecycle::Disabled(_));
        let disabled = disabled.then_some(("disabled", true.into()));
        if let Some(entry) = entry.as_object_mut() {
            entry.extend(times.chain(disabled).map(|(name, value)| (name.to_owned(), value)));
        }
        entry
    };
    let noted = |time| (time != 0).then_some(time);
    let recoveries = app.store.recoveries(&user.id).await?;
    let recoveries = recoveries.into_iter().map(|one| {
        let created_at = noted(one.created_at);
        entry(one.id, "recovery-code", one.active, one.stored.state, created_at, None)
    });
    let otps = app.store.otps(&user.id).await?;
    let otps = otps.into_iter().map(|one| {
        let last_used = one.last_used();
        entry(one.id, "otp", one.active, one.stored.state, noted(one.created_at), last_used)
    });
    Ok(Json(recoveries.chain(otps).collect()))
}

pub async fn remove(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let bearer = Bearer::of_header(&app, &headers).await?;
    bearer.needs("remove:authenticators")?;
    if !bearer.has_second_factor() {
        return Err(ApiError::insufficient_scope("remove:authenticators"));
    }
    app.store.remove(bearer.by(), &id).await?.map_err(refused)?;
    let event = Event::new("authenticator.removed").user(bearer.user_id());
    event.client(bearer.client_id()).authenticator(&id).write(&app.audit);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Challenge {
    client_id: Option<String>,
    client_secret: Option<String>,
    mfa_token: String,
    challenge_type: Option<String>,
    authenticator_id: Option<String>,
}

pub async fn challenge(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(request): Body<Challenge>,
) -> Result<Json<Value>, ApiError> {
    let credentials =
        Credentials { client_id: request.client_id, client_secret: request.client_secret };
    let client = app.settings.clients.authenticate(&headers, &credentials)?;
    client.may_use(GrantType::MfaOtp)?;
    let Waiting { otps, .. } = bearer::login(&app, client.id(), &request.mfa_token, now()?).await?;
    // The field may have several types with spaces between them. The client accepts any of
    // them.
    let kinds = request.challenge_type.as_deref().unwrap_or("otp");
    if !kinds.split_ascii_whitespace().any(|kind| kind == "otp") {
        return Err(ApiError::unsupported_challenge(known(kinds)));
    }
    let confirmed = || otps.iter().filter(|otp| otp.active);
    if confirmed().next().is_none() {
        return Err(ApiError::nothing_to_challenge());
    }
    // The answer does not depend on the authenticator: the server checks a code against all of
    // them.
    if request.authenticator_id.is_some_and(|id| confirmed().all(|otp| otp.id != id)) {
        return Err(ApiError::invalid_request(
            "The user has no such authenticator to be challenged.",
        ));
    }
    Ok(Json(json!({"challenge_type": "otp"})))
}

/// Returns the name of a type that exists but is not enabled here. The answer never repeats any
/// other text of the request.
fn known(kind: &str) -> &'static str {
    ["oob", "recovery-code", "push-notification", "webauthn-roaming", "email", "phone"]
        .into_iter()
        .find(|known| *known == kind)
        .unwrap_or("This type")
}
