//! `POST /oauth/token`: a password, then a code of an authenticator or a recovery code.

mod recovery_code;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use otp_core::verifier::{AttemptError, Authenticator, Verdict, Verifier};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::audit::Event;
use crate::bearer::Bearer;
use crate::body::Body;
use crate::client::{Client, Credentials};
use crate::config::Mfa;
use crate::error::ApiError;
use crate::grant::GrantType;
use crate::guesses::Guess;
use crate::keys::{random, sha256};
use crate::password::foreign;
use crate::refresh::{self, Asked};
use crate::scope;
use crate::signup::{CONNECTION, normalised};
use crate::store::{Login, Otp, Recovery, Refusal, Settled, User};
use crate::tokens::{Answer, Grant};

/// The number of tries per request. A try fails if another request was faster. Each time, the
/// server checked another code. After five wrong codes it checks no more, so in practice two
/// tries are enough.
const TRIES: usize = 16;

/// The authentication methods of a user with a code (RFC 8176).
const OTP: [&str; 3] = ["pwd", "otp", "mfa"];

#[derive(Deserialize)]
pub struct TokenRequest {
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    username: Option<String>,
    password: Option<String>,
    realm: Option<String>,
    scope: Option<String>,
    audience: Option<String>,
    mfa_token: Option<String>,
    otp: Option<String>,
    recovery_code: Option<String>,
    refresh_token: Option<String>,
}

pub async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(mut request): Body<TokenRequest>,
) -> Result<Json<Answer>, ApiError> {
    let credentials = Credentials {
        client_id: request.client_id.take(),
        client_secret: request.client_secret.take(),
    };
    let client = app.settings.clients.authenticate(&headers, &credentials)?;
    let grant = GrantType::named(&request.grant_type).ok_or_else(ApiError::unsupported_grant)?;
    client.may_use(grant)?;
    let answer = match grant {
        GrantType::Password => password(&app, client, request).await?,
        GrantType::PasswordRealm => {
            if needed(request.realm.take(), "realm")? != CONNECTION {
                return Err(ApiError::invalid_request("The realm does not exist."));
            }
            password(&app, client, request).await?
        }
        GrantType::MfaOtp => otp(&app, client.id(), request).await?,
        GrantType::MfaRecoveryCode => recovery_code::redeem(&app, client.id(), request).await?,
        GrantType::RefreshToken => {
            let token = needed(request.refresh_token, "refresh_token")?;
            refresh::exchange(&app, client, &token, request.scope.as_deref()).await?
        }
    };
    Ok(Json(answer))
}

fn needed(field: Option<String>, name: &str) -> Result<String, ApiError> {
    field
        .filter(|value| !value.is_empty())
        .ok_or_else(|| ApiError::invalid_request(format!("Missing required parameter: {name}")))
}

async fn password(app: &App, client: &Client, request: TokenRequest) -> Result<Answer, ApiError> {
    let username = needed(request.username, "username")?;
    let password = needed(request.password, "password")?;
    let (audience, scope) =
        scope::granted(app, client, request.audience, request.scope.as_deref())?;

    let email = normalised(&username);
    let account = app.keys.fingerprint("account", &email);
    let user = app.store.user_by_email(&email).await?;
    let is_foreign = user.as_ref().is_some_and(|user| foreign::is_foreign(&user.password_hash));
    let to_be_hashed = is_foreign.then(|| password.clone());
    let guess = app.guesses.password(app, &email, async || {
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        app.passwords.verify(password, stored).await
    });
    let guess = guess.await?;
    let event = |name| {
        let event = Event::new(name).account(&account).client(client.id());
        user.iter().fold(event, |event, user| event.user(&user.id))
    };
    let wrong = || ApiError::invalid_grant("Wrong email or password.");
    match guess {
        Guess::Right => {}
        Guess::Wrong(record) => {
            event("password.wrong").verdict(record).write(&app.audit);
            return Err(wrong());
        }
        Guess::Throttled(wait) => {
            event("password.throttled").reason(wait.of).write(&app.audit);
            return Err(ApiError::too_many_passwords(wait.seconds));
        }
    }
    let user = user.as_ref().ok_or_else(wrong)?;
    if let Some(password) = to_be_hashed {
        app.hash_anew(user, password).await;
    }

    let blocked = || {
        event("password.right").reason("blocked").write(&app.audit);
        ApiError::blocked()
    };
    if user.blocked {
        return Err(blocked());
    }
    let now = now()?;
    let otps = app.store.otps(&user.id).await?;
    let recoveries = app.store.recoveries(&user.id).await?;
    if password_is_enough(app, &otps) {
        let (audience, scope, amr) = (audience.as_str(), scope.as_str(), &["pwd"][..]);
        let asked = Asked { user_id: &user.id, client_id: client.id(), audience, scope, amr };
        let mut answer = issue(app, user, &asked, None, now)?;
        let minted = refresh::mint(app, &asked, now)?;
        if !app.store.enter(user, minted.as_ref().map(|minted| &minted.row), now).await? {
            return Err(blocked());
        }
        answer.refresh_token = minted.map(|minted| minted.token);
        event("password.right").reason("no_second_factor").write(&app.audit);
        return Ok(answer);
    }
    let mfa_token = URL_SAFE_NO_PAD.encode(random::<32>()?);
    let login = Login {
        hash: sha256(mfa_token.as_bytes()),
        user_id: user.id.clone(),
        client_id: client.id().to_owned(),
        audience,
        scope,
        expires_at: now.saturating_add(app.mfa_token_seconds),
        spent: false,
        refresh: None,
    };
    app.store.add_login(&login, now).await?;
    event("password.right").reason("mfa_required").write(&app.audit);
    Err(ApiError::mfa_required(&mfa_token, &requirements(&otps, &recoveries)))
}

/// Returns whether a user with these authenticators may log in without a second factor.
pub fn password_is_enough(app: &App, otps: &[Otp]) -> bool {
    app.mfa == Mfa::Optional && !otps.iter().any(Otp::requires_code)
}

/// Returns the factors that the user can be asked for. It includes locked and disabled ones: a
/// challenge is the only way in, and a password cannot enrol another factor.
fn requirements(otps: &[Otp], recoveries: &[Recovery]) -> Value {
    if !otps.iter().any(|otp| otp.active) {
        return json!({"enroll": [{"type": "otp"}]});
    }
    let mut ways = vec![json!({"type": "otp"})];
    if recoveries.iter().any(|recovery| recovery.active) {
        ways.push(json!({"type": "recovery-code"}));
    }
    json!({"challenge": ways})
}

fn issue(
    app: &App,
    user: &User,
    asked: &Asked<'_>,
    until: Option<u64>,
    now: u64,
) -> Result<Answer, ApiError> {
    let grant = Grant {
        user_id: &user.id,
        email: &user.email,
        email_verified: user.email_verified,
        client_id: asked.client_id,
        audience: asked.audience,
        scope: asked.scope,
        amr: asked.amr,
        until,
    };
    app.tokens.issue(&grant, now).map_err(ApiError::unexpected)
}

async fn otp(app: &App, client: &str, request: TokenRequest) -> Result<Answer, ApiError> {
    let mfa_token = needed(request.mfa_token, "mfa_token")?;
    let code = needed(request.otp, "otp")?;
    let now = now()?;
    let (bearer, user, mut otps) = Bearer::of_client(app, client, &mfa_token, &OTP, now).await?;
    for _ in 0..TRIES {
        let answer = || finish(app, &user, &bearer, client, &OTP, now);
        let (settled, otp) = judge(app, &bearer, &otps, &code, now, answer).await?;
        let event = |name, record| {
            let event = Event::new(name).user(&user.id).client(client).verdict(record);
            otp.iter().fold(event, |event, otp| event.authenticator(&otp.id))
        };
        match settled {
            Settled::Accepted { answer, record, .. } => {
                event("code.accepted", record).write(&app.audit);
                if let Some(otp) = otp.filter(|otp| !otp.active) {
                    let confirmed = Event::new("authenticator.confirmed").user(&user.id);
                    confirmed.client(client).authenticator(&otp.id).write(&app.audit);
                }
                for otp in &otps {
                    app.seal_anew(&user.id, otp).await;
                }
                return Ok(answer);
            }
            Settled::Conflict => otps = app.store.otps(&user.id).await?,
            Settled::Refused(verdict, record) => {
                event("code.refused", record).write(&app.audit);
                return Err(refusal(&verdict, now));
            }
            Settled::Barred(refusal, record) => {
                event("code.refused", record).reason(refusal.name()).write(&app.audit);
                return Err(barred(refusal));
            }
        }
    }
    Err(ApiError::busy())
}

/// Checks a code for all confirmed authenticators, or for the enrolment that it would confirm.
/// Also returns the authenticator that the code belongs to, if that is known.
async fn judge<'a>(
    app: &App,
    bearer: &Bearer,
    otps: &'a [Otp],
    code: &str,
    now: u64,
    answer: impl FnOnce() -> Result<Answer, ApiError>,
) -> Result<(Settled<Answer, Verdict>, Option<&'a Otp>), ApiError> {
    let user_id = bearer.user_id();
    let (confirmed, pending) = otps.split_at(otps.partition_point(|otp| otp.active));
    if let (Bearer::Login(login), [first, others @ ..]) = (bearer, confirmed) {
        let mut authenticators = confirmed
            .iter()
            .enumerate()
            .map(|(nth, otp)| {
                Ok(Authenticator::new(nth, app.engine(user_id, otp)?, otp.stored.state))
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let attempt = match Verifier::DEFAULT.attempt_any(&mut authenticators, code, now) {
            Ok(attempt) => attempt,
            // All of them were disabled before their first code, but are active. An earlier
            // version of the server wrote such rows.
            Err(AttemptError::NoneConfirmed) => {
                let event = Event::new("code.refused").user(user_id).client(&login.client_id);
                event.reason("disabled").write(&app.audit);
                return Err(disabled());
            }
            Err(error) => return Err(ApiError::unexpected(error)),
        };
        let settled = app.store.settle(confirmed, attempt, login, now, answer).await?;
        let otp = match settled {
            Settled::Accepted { nth, .. } => confirmed.get(nth),
            _ => others.is_empty().then_some(first),
        };
        return Ok((settled, otp));
    }
    let otp = pending.first().ok_or_else(|| match bearer {
        Bearer::Login(_) => ApiError::not_enrolled(),
        // An access token can only confirm the enrolment that was made with it.
        Bearer::Access(_) => ApiError::malformed_mfa_token(),
    })?;
    let attempt = Verifier::DEFAULT
        .attempt(&app.engine(user_id, otp)?, otp.stored.state, code, now)
        .map_err(ApiError::unexpected)?;
    let settled = app.store.settle_enrolment(bearer.by(), otp, attempt, now, answer).await?;
    Ok((settled, Some(otp)))
}

fn barred(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Enrolled => ApiError::already_enrolled(),
        Refusal::Full => ApiError::too_many_authenticators(),
        Refusal::Void | Refusal::Missing => ApiError::malformed_mfa_token(),
    }
}

fn refusal(verdict: &Verdict, now: u64) -> ApiError {
    match verdict {
        Verdict::Locked { until } => ApiError::too_many_attempts(until.saturating_sub(now)),
        Verdict::Disabled => disabled(),
        Verdict::Replayed => ApiError::invalid_code(Some("used")),
        Verdict::Malformed(_) => ApiError::invalid_code(Some("malformed")),
        _ => ApiError::invalid_code(None),
    }
}

fn disabled() -> ApiError {
    ApiError::denied("The authenticator is disabled.")
}

fn finish(
    app: &App,
    user: &User,
    bearer: &Bearer,
    client: &str,
    amr: &[&str],
    now: u64,
) -> Result<Answer, ApiError> {
    let asked =
        |audience, scope| Asked { user_id: &user.id, client_id: client, audience, scope, amr };
    match bearer {
        Bearer::Login(login) => {
            let asked = asked(&login.audience, &login.scope);
            let mut answer = issue(app, user, &asked, None, now)?;
            answer.refresh_token = login.refresh.as_ref().map(|minted| minted.token.clone());
            Ok(answer)
        }
        Bearer::Access(access) => {
            let audience = app.tokens.mfa_audience();
            // The code belongs to a secret that this access token enrolled, so the new token
            // ends when this one ends.
            issue(app, user, &asked(&audience, &access.scope), Some(access.exp), now)
        }
    }
}
