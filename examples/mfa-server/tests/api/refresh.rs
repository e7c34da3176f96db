//! Refresh tokens: each works once, and a token that arrives twice ends its login.

use std::time::Duration;

use mfa_server::config::Mfa;
use mfa_server::keys::sha256;
use mfa_server::store;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{API, Answer, CLIENT, CLIENT_SECRET, ISSUER, Server, User};

const SCOPE: &str = "openid email offline_access read:sample";

/// Logs in, and asks for a refresh token.
async fn logged_in(user: &User<'_>) -> Answer {
    let asked = json!({"audience": API, "scope": SCOPE});
    let mfa_token = user.password(asked).await.is(403, "mfa_required").field("mfa_token");
    let enrolled = user.enrol(&mfa_token).await;
    user.otp(&mfa_token, &enrolled.code(-1)).await
}

async fn refresh(server: &Server, token: &str, more: Value) -> Answer {
    let mut fields = json!({"grant_type": "refresh_token", "refresh_token": token});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.token(fields).await
}

async fn revoke(server: &Server, fields: Value) -> Answer {
    server.post("/oauth/revoke", fields).await
}

fn claims(token: &str) -> Value {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&json).unwrap()
}

#[tokio::test]
async fn each_is_good_once_and_one_that_comes_twice_ends_its_login() {
    let server = Server::new().await;
    let user = server.user().await;
    let login = logged_in(&user).await;
    let first = login.is_ok().field("refresh_token");
    let answer = refresh(&server, &first, json!({})).await;
    let second = answer.is_ok().field("refresh_token");
    assert_ne!(first, second);
    assert_eq!(answer.json()["scope"], SCOPE);
    let [before, after] = [&login, &answer].map(|answer| claims(&answer.field("access_token")));
    assert_eq!((&before["sub"], &before["aud"]), (&after["sub"], &after["aud"]));
    // The authentication methods stay as they were at the login.
    assert_eq!(claims(&answer.field("id_token"))["amr"], json!(["pwd", "otp", "mfa"]));

    let third = refresh(&server, &second, json!({})).await.is_ok().field("refresh_token");
    refresh(&server, &first, json!({})).await.is(403, "invalid_grant");
    // The server cannot tell whether the owner or the thief has the third token.
    refresh(&server, &third, json!({})).await.is(403, "invalid_grant");
    let events = server.audited();
    let [.., used, revoked] = &events[..] else { panic!("{events:?}") };
    assert_eq!(used["event"], "refresh_token.used");
    assert_eq!(revoked["event"], "refresh_token.revoked");
    assert_eq!((&revoked["reason"], &revoked["client_id"]), (&json!("used_twice"), &json!(CLIENT)));
    assert_eq!(revoked["user_id"], before["sub"]);
}

#[tokio::test]
async fn of_many_requests_with_one_token_one_is_answered() {
    let server = Server::new().await;
    let user = server.user().await;
    let token = logged_in(&user).await.is_ok().field("refresh_token");
    let writes = server.hold_writes().await;
    let many = async {
        let all = (0..4).map(|_| refresh(&server, &token, json!({})));
        let mut answers = Vec::new();
        let mut all: Vec<_> = all.map(Box::pin).collect();
        std::future::poll_fn(|context| {
            all.retain_mut(|one| match one.as_mut().poll(context) {
                std::task::Poll::Ready(answer) => {
                    answers.push(answer);
                    false
                }
                std::task::Poll::Pending => true,
            });
            if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        answers
    };
    let (answers, ()) = tokio::join!(many, server.release_writes(writes));
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let [won] = won[..] else { panic!("{answers:?}") };
    for lost in answers.iter().filter(|answer| answer.status != 200) {
        lost.is(403, "invalid_grant");
    }
    // The other requests are a reuse, and a thief may have won.
    refresh(&server, &won.field("refresh_token"), json!({})).await.is(403, "invalid_grant");
}

/// The client was told that nothing was decided, so it sends its token again. If the server did
/// the rotation later, the token would arrive twice, and the user would be logged out.
#[tokio::test]
async fn a_refresh_that_was_given_up_is_not_done_later() {
    use base64::Engine as _;
    let server = Server::new().await;
    let token = logged_in(&server.user().await).await.is_ok().field("refresh_token");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token).unwrap();
    let store = &server.app.store;
    let loaded = store.refresh(&sha256(&bytes[..16])).await.unwrap().unwrap();
    let writes = server.hold_writes().await;
    let rotation = store.rotate_refresh(&loaded, &[7; 32], loaded.idle_until);
    assert!(store::within(Duration::from_millis(100), rotation).await.is_err());
    server.release_writes(writes).await;
    sleep(Duration::from_secs(1)).await;
    refresh(&server, &token, json!({})).await.is_ok();
}

/// An attacker who had the password before the owner enrolled must not keep access for another
/// month.
#[tokio::test]
async fn a_login_by_a_password_alone_ends_with_the_first_authenticator() {
    let server = Server::with(Mfa::Optional, 600).await;
    let user = server.user().await;
    let log_in = async |asked: Value| user.password(asked).await;
    let stranger = log_in(json!({"scope": "offline_access"})).await;
    let stranger = stranger.is_ok().field("refresh_token");
    let answer = refresh(&server, &stranger, json!({})).await;
    let stranger = answer.is_ok().field("refresh_token");

    let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": "enroll"});
    let access = log_in(asked).await.is_ok().field("access_token");
    let enrolled = user.enrol(&access).await;
    // The enrolment is not confirmed yet.
    let answer = refresh(&server, &stranger, json!({})).await;
    let stranger = answer.is_ok().field("refresh_token");
    user.otp(&access, &enrolled.code(-1)).await.is_ok();
    refresh(&server, &stranger, json!({})).await.is(403, "invalid_grant");
    let revoked = server.audited().pop().unwrap();
    assert_eq!(revoked["event"], "refresh_token.revoked");
    assert_eq!(revoked["reason"], "no_second_factor");

    let asked = json!({"scope": "offline_access"});
    let mfa_token = log_in(asked).await.is(403, "mfa_required").field("mfa_token");
    let owner = user.otp(&mfa_token, &enrolled.code(0)).await.is_ok().field("refresh_token");
    refresh(&server, &owner, json!({})).await.is_ok();
}

#[tokio::test]
async fn only_a_login_that_asks_for_one_has_one() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    let enrolled = user.enrol(&mfa_token).await;
    let answer = user.otp(&mfa_token, &enrolled.code(-1)).await;
    assert_eq!(answer.is_ok().json().get("refresh_token"), None);
    // The `/mfa/*` endpoints need a recent second factor.
    let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": "offline_access enroll"});
    let mfa_token = user.password(asked).await.field("mfa_token");
    let answer = user.otp(&mfa_token, &enrolled.code(0)).await;
    assert_eq!(answer.is_ok().json().get("refresh_token"), None);

    let asked = json!({"scope": SCOPE});
    let mfa_token = user.password(asked).await.field("mfa_token");
    let answer = user.recover(&mfa_token, &enrolled.recovery_code.unwrap()).await;
    let token = answer.is_ok().field("refresh_token");
    let answer = refresh(&server, &token, json!({})).await;
    assert_eq!(claims(&answer.is_ok().field("id_token"))["amr"], json!(["pwd", "mfa"]));
}

#[tokio::test]
async fn it_belongs_to_its_client() {
    let server = Server::new().await;
    let user = server.user().await;
    let token = logged_in(&user).await.is_ok().field("refresh_token");
    let page = json!({"grant_type": "refresh_token", "refresh_token": token, "client_id": "page"});
    server.post("/oauth/token", page).await.is(403, "invalid_grant");
    let page = json!({"token": token, "client_id": "page"});
    assert_eq!(revoke(&server, page).await.status, 200);
    refresh(&server, &token, json!({})).await.is_ok();
}

#[tokio::test]
async fn a_refresh_lowers_the_scope_and_never_raises_it() {
    let server = Server::new().await;
    let user = server.user().await;
    let token = logged_in(&user).await.is_ok().field("refresh_token");
    let asked = json!({"scope": "read:sample profile write:sample", "audience": "https://other"});
    let answer = refresh(&server, &token, asked).await;
    assert_eq!(answer.is_ok().json()["scope"], "read:sample");
    assert_eq!(claims(&answer.field("access_token"))["aud"], API);
    assert_eq!(answer.json().get("id_token"), None);
    let next = answer.field("refresh_token");
    assert_eq!(refresh(&server, &next, json!({})).await.is_ok().json()["scope"], SCOPE);
}

#[tokio::test]
async fn it_ends_unless_it_is_used_and_at_last_in_any_case() {
    let server = Server::new().await;
    for column in ["idle_until", "ends_at"] {
        let user = server.user().await;
        let token = logged_in(&user).await.is_ok().field("refresh_token");
        let token = refresh(&server, &token, json!({})).await.is_ok().field("refresh_token");
        let now = mfa_server::app::unix_time().unwrap();
        server.execute(&format!("UPDATE refresh_tokens SET {column} = {now}")).await;
        refresh(&server, &token, json!({})).await.is(403, "invalid_grant");
    }
}

#[tokio::test]
async fn it_is_revoked_by_its_client_and_by_whoever_changes_a_factor() {
    let server = Server::new().await;
    let user = server.user().await;
    let client = json!({"client_id": CLIENT, "client_secret": CLIENT_SECRET});
    let with = |token: &str| {
        let mut fields = client.clone();
        fields["token"] = json!(token);
        fields
    };
    let first = logged_in(&user).await.is_ok().field("refresh_token");
    let second = refresh(&server, &first, json!({})).await.is_ok().field("refresh_token");
    // Any token of the login, also a second time, and other texts.
    for token in [&*second, &second, &first, "unknown", "é", &"A".repeat(64)] {
        let answer = revoke(&server, with(token)).await;
        assert_eq!((answer.status.as_u16(), &*answer.text), (200, ""), "{token}");
    }
    refresh(&server, &second, json!({})).await.is(403, "invalid_grant");
    revoke(&server, client.clone()).await.is(400, "invalid_request");
    let stranger = json!({"client_id": CLIENT, "client_secret": "guess", "token": second});
    revoke(&server, stranger).await.is(401, "access_denied");

    let other = server.user().await;
    let answer = logged_in(&other).await;
    let access = answer.is_ok().field("access_token");
    let user_info = async || server.request("GET", "/userinfo", &access, None).await;
    user_info().await.is_ok();
    let user_id = claims(&access)["sub"].as_str().unwrap().to_owned();
    server.reset(&user_id).await;
    let token = answer.field("refresh_token");
    refresh(&server, &token, json!({})).await.is(403, "invalid_grant");
    user_info().await.is(401, "invalid_token");
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_none_is_stored_as_it_is() {
    let server = Server::new().await;
    let user = server.user().await;
    let token = logged_in(&user).await.is_ok().field("refresh_token");
    assert_eq!(token.len(), 64);
    for guess in ["x", "é\u{0}", &token[1..], &format!("{token}A"), &"A".repeat(64)] {
        let answer = refresh(&server, guess, json!({})).await;
        assert!((400..404).contains(&answer.status.as_u16()), "{answer:?}");
    }
    refresh(&server, "", json!({})).await.is(400, "invalid_request");
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(&token).unwrap();
    let file = server.file();
    for part in [&bytes[..16], &bytes[16..], token.as_bytes()] {
        assert!(!file.windows(part.len()).any(|window| window == part));
    }
    refresh(&server, &token, json!({})).await.is_ok();
}
