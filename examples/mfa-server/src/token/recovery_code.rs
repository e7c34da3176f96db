//! The grant type for recovery codes.

use otp_core::recovery::{self, Keyed, Pepper};
use otp_core::verifier::Verifier;

use super::{TRIES, TokenRequest, barred, disabled, finish, needed};
use crate::app::{App, now};
use crate::audit::Event;
use crate::bearer::Bearer;
use crate::error::ApiError;
use crate::store::{RecoveryCodes, Settled};
use crate::tokens::Answer;

/// The authentication methods of a user with a recovery code (RFC 8176).
const AMR: [&str; 2] = ["pwd", "mfa"];

pub(super) async fn redeem(
    app: &App,
    client: &str,
    request: TokenRequest,
) -> Result<Answer, ApiError> {
    let mfa_token = needed(request.mfa_token, "mfa_token")?;
    let code = needed(request.recovery_code, "recovery_code")?;
    let now = now()?;
    let (bearer, user, _) = Bearer::of_client(app, client, &mfa_token, &AMR, now).await?;
    let login = bearer.login().ok_or_else(ApiError::malformed_mfa_token)?;
    for _ in 0..TRIES {
        let recoveries = app.store.recoveries(&login.user_id).await?;
        let recovery = recoveries
            .iter()
            .find(|recovery| recovery.active)
            .ok_or_else(ApiError::not_enrolled)?;
        // A double click sends the code twice. If the first request has spent the login, this
        // request must not use the set that the first one stored: the code would count as a
        // failure. The order matters: if the login is still unspent after the set was read,
        // this login has not changed the set.
        if app.store.login(&login.hash).await?.is_none_or(|login| login.spent) {
            return Err(ApiError::malformed_mfa_token());
        }
        let key_id = recovery.codes.pepper_key_id();
        let pepper = app.keyring.pepper_of(key_id, &app.store, &app.keys).await?;
        // A code under an old pepper is replaced by one under the current pepper.
        let renewed = match app.keyring.pepper()? {
            present if present.key_id() == key_id => None,
            present => Some(renewed(&recovery.codes, &present, &user.id)?),
        };
        let redemption = Verifier::DEFAULT
            .redeem(
                &recovery.codes,
                &*pepper,
                user.id.as_bytes(),
                recovery.stored.state,
                &code,
                now,
            )
            .map_err(ApiError::unexpected)?
            .with_replacement(aws_lc_rs::rand::fill)
            .map_err(ApiError::unexpected)?;
        let set = renewed.as_ref().map(|(set, _)| set);
        let settled =
            app.store.settle_redemption(recovery, redemption, set, login, now, |redeemed| {
                let mut answer = finish(app, &user, &bearer, client, &AMR, now)?;
                let replacement = redeemed.replacement().map(|code| code.expose().to_owned());
                answer.recovery_code =
                    renewed.as_ref().map(|(_, code)| code.clone()).or(replacement);
                Ok::<_, ApiError>(answer)
            });
        let event = |name, record| {
            let event = Event::new(name).user(&user.id).client(client);
            event.authenticator(&recovery.id).verdict(record)
        };
        match settled.await? {
            Settled::Accepted { answer, record, .. } => {
                event("recovery_code.accepted", record).write(&app.audit);
                return Ok(answer);
            }
            Settled::Conflict => {}
            Settled::Refused(verdict, record) => {
                event("recovery_code.refused", record).write(&app.audit);
                return Err(refusal(&verdict, now));
            }
            Settled::Barred(refusal, record) => {
                let refused = event("recovery_code.refused", record).reason(refusal.name());
                refused.write(&app.audit);
                return Err(barred(refusal));
            }
        }
    }
    Err(ApiError::busy())
}

fn refusal(verdict: &recovery::Verdict, now: u64) -> ApiError {
    match verdict {
        recovery::Verdict::Locked { until } => {
            ApiError::too_many_attempts(until.saturating_sub(now))
        }
        recovery::Verdict::Disabled => disabled(),
        recovery::Verdict::Malformed(_) => ApiError::invalid_recovery_code(Some("malformed")),
        _ => ApiError::invalid_recovery_code(None),
    }
}

/// Returns a new set under another pepper, and its code for the user.
fn renewed(
    codes: &RecoveryCodes,
    pepper: &Pepper,
    user_id: &str,
) -> Result<(RecoveryCodes, String), ApiError> {
    let mut shown = String::new();
    let show = |_, code: &recovery::Code| code.expose().clone_into(&mut shown);
    let (fill, user) = (aws_lc_rs::rand::fill, user_id.as_bytes());
    let set = codes
        .regenerate(fill, Keyed, codes.code_length(), pepper, user, show)
        .map_err(ApiError::unexpected)?;
    Ok((set, shown))
}
