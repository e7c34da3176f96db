//! `/mfa/*`: enrol, list, remove and challenge authenticators.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use otp_core::recovery::{Keyed, Length};
use otp_core::verifier;
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
use crate::seal::Place;
use crate::store::{Otp, Recovery, RecoveryCodes};

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
    let user = app.store.user(user_id).await?.ok_or_else(ApiError::invalid_token)?;
    if !bearer.has_second_factor() && app.store.otps(user_id).await?.iter().any(|otp| otp.active) {
        return Err(ApiError::already_enrolled());
    }

    let secret = Secret::generate_from_os(Algorithm::Sha1).map_err(ApiError::unexpected)?;
    let id = format!("totp|dev_{}", hex(&random::<8>()?));
    let place = Place::totp_secret(&id, user_id);
    let sealed_secret = app.keys.seal(&place, secret.expose_bytes())?;
    let stored = verifier::State::enrolment().into();
    let otp = Otp { id, active: false, sealed_secret, stored };
    let (recovery, recovery_codes) =
        if app.store.recoveries(user_id).await?.iter().any(|recovery| recovery.active) {
            (None, None)
        } else {
            let (recovery, code) = recovery(&app, user_id)?;
            (Some(recovery), Some(vec![code]))
        };
    let uri = otpauth::UriBuilder::totp(&secret)
        .with_algorithm(Algorithm::Sha1)
        .with_digits(Digits::Six)
        .with_period(Period::DEFAULT)
        .with_issuer(&app.tenant)
        .and_then(|uri| uri.with_account(&user.email))
        .map_err(ApiError::unexpected)?;
    // Last, as it takes the place of an enrolment that was not confirmed.
    app.store.enrol(user_id, &otp, recovery.as_ref()).await?;
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

/// A code of 24 characters, and what is stored of it.
fn recovery(app: &App, user_id: &str) -> Result<(Recovery, String), ApiError> {
    let mut shown = String::new();
    let codes = RecoveryCodes::generate(
        aws_lc_rs::rand::fill,
        Keyed,
        Length::DEFAULT,
        &*app.keyring.pepper()?,
        user_id.as_bytes(),
        |_, code| code.expose().clone_into(&mut shown),
    )
    .map_err(ApiError::unexpected)?;
    let id = format!("recovery-code|dev_{}", hex(&random::<8>()?));
    let stored = verifier::State::for_recovery().into();
    Ok((Recovery { id, active: false, codes, stored }, shown))
}

pub async fn list(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Vec<Value>>, ApiError> {
    let bearer = Bearer::of_header(&app, &headers).await?;
    bearer.needs("read:authenticators")?;
    let entry = |id, kind, active| json!({"id": id, "authenticator_type": kind, "type": kind, "active": active});
    let recoveries = app.store.recoveries(bearer.user_id()).await?;
    let recoveries = recoveries.into_iter().map(|one| entry(one.id, "recovery-code", one.active));
    let otps = app.store.otps(bearer.user_id()).await?;
    let otps = otps.into_iter().map(|one| entry(one.id, "otp", one.active));
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
    if app.store.remove(bearer.user_id(), &id).await? {
        let event = Event::new("authenticator.removed").user(bearer.user_id());
        event.client(bearer.client_id()).authenticator(&id).write(&app.audit);
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("The user has no such authenticator."))
    }
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
    let login = bearer::login(&app, client.id(), &request.mfa_token, now()?).await?;
    // Several may be named, with spaces between them: the client takes any of these.
    let kinds = request.challenge_type.as_deref().unwrap_or("otp");
    if !kinds.split_ascii_whitespace().any(|kind| kind == "otp") {
        return Err(ApiError::unsupported_challenge(known(kinds)));
    }
    let otps = app.store.otps(&login.user_id).await?;
    let otp = otps.iter().find(|otp| otp.active).ok_or_else(ApiError::nothing_to_challenge)?;
    if request.authenticator_id.is_some_and(|id| id != otp.id) {
        return Err(ApiError::invalid_request(
            "The user has no such authenticator to be challenged.",
        ));
    }
    Ok(Json(json!({"challenge_type": "otp"})))
}

/// The name of a type that exists and is not enabled here; whatever else was sent is not sent back.
fn known(kind: &str) -> &'static str {
    ["oob", "recovery-code", "push-notification", "webauthn-roaming", "email", "phone"]
        .into_iter()
        .find(|known| *known == kind)
        .unwrap_or("This type")
}
