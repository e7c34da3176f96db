//! Recovery codes: how the server makes one, and `POST /mfa/recovery-code`, which gives a user
//! a new one.

use std::error::Error;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use otp_core::recovery::{Keyed, Length, Pepper};
use otp_core::verifier;
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::audit::Event;
use crate::bearer::Bearer;
use crate::error::ApiError;
use crate::keys::{hex, random};
use crate::store::{Recovery, RecoveryCodes, Refusal};

/// Makes a code of 24 characters, and the row that stores it. The new code always differs from
/// the code in `before`.
pub fn issue(
    pepper: &Pepper,
    user_id: &str,
    before: Option<&Recovery>,
    now: u64,
) -> Result<(Recovery, String), Box<dyn Error + Send + Sync>> {
    let mut shown = String::new();
    let show = |_, code: &otp_core::recovery::Code| code.expose().clone_into(&mut shown);
    let (fill, user) = (aws_lc_rs::rand::fill, user_id.as_bytes());
    let codes = match before {
        None => RecoveryCodes::generate(fill, Keyed, Length::DEFAULT, pepper, user, show)?,
        Some(before) => {
            before.codes.regenerate(fill, Keyed, Length::DEFAULT, pepper, user, show)?
        }
    };
    let id = format!("recovery-code|dev_{}", hex(&random::<8>()?));
    // The earlier failures were guesses at a code that does not exist any more.
    let stored = verifier::State::for_recovery().into();
    Ok((Recovery { id, active: false, codes, stored, created_at: now }, shown))
}

/// Gives the user a new recovery code. The previous one stops working in the same transaction.
///
/// At Auth0 only administrators can do this, by `POST
/// /api/v2/users/{id}/recovery-code-regeneration`. The answer is the same.
pub async fn regenerate(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let bearer = Bearer::of_header(&app, &headers).await?;
    bearer.needs("enroll")?;
    if !bearer.has_second_factor() {
        return Err(ApiError::insufficient_scope("enroll"));
    }
    let user = bearer.user(&app).await?.ok_or_else(ApiError::invalid_token)?;
    let before = app.store.recoveries(&user.id).await?.into_iter().find(|one| one.active);
    let (recovery, code) = issue(&*app.keyring.pepper()?, &user.id, before.as_ref(), now()?)
        .map_err(ApiError::unexpected)?;
    app.store.replace_recovery(bearer.by(), &recovery).await?.map_err(|refusal| match refusal {
        Refusal::Missing => ApiError::not_enrolled(),
        _ => ApiError::invalid_token(),
    })?;
    let event = Event::new("recovery_code.regenerated").user(&user.id).client(bearer.client_id());
    event.authenticator(&recovery.id).write(&app.audit);
    Ok(Json(json!({"recovery_code": code})))
}
