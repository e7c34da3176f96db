//! A user with several authenticators, and the recovery code as the way back.

use std::time::Duration;

use mfa_server::config::Mfa;
use otp_core::verifier::State;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{Answer, CLIENT, CLIENT_SECRET, Enrolled, ISSUER, Server, User};

/// Adds an authenticator with an access token, and confirms it with the code of the previous
/// step.
async fn add(user: &User<'_>, access: &str) -> Enrolled {
    let enrolled = user.enrol(access).await;
    user.otp(access, &enrolled.code(-1)).await.is_ok();
    enrolled
}

async fn remove(server: &Server, access: &str, id: &str) -> Answer {
    let path = format!("/mfa/authenticators/{}", id.replace('|', "%7C"));
    server.request("DELETE", &path, access, None).await
}

async fn challenge(server: &Server, mfa_token: &str, id: Option<&str>) -> Answer {
    let body = json!({
        "mfa_token": mfa_token, "challenge_type": "otp", "authenticator_id": id,
        "client_id": CLIENT, "client_secret": CLIENT_SECRET,
    });
    server.post("/mfa/challenge", body).await
}

/// Replaces the stored state.
async fn rewrite(server: &Server, id: &str, rewrite: impl FnOnce(State) -> State) {
    let store = &server.app.store;
    let state = store.state(id).await.unwrap().unwrap();
    assert!(store.compare_and_swap(id, state, rewrite(state)).await.unwrap());
}

async fn failures(server: &Server, id: &str) -> u32 {
    server.app.store.state(id).await.unwrap().unwrap().failures()
}

#[tokio::test]
async fn any_of_several_authenticators_logs_in() {
    let server = Server::new().await;
    let user = server.user().await;
    let phone = user.enrolled().await;
    let tablet = add(&user, &user.access(&phone.code(0)).await).await;
    let mfa_token = user.log_in().await;
    challenge(&server, &mfa_token, Some(&phone.id)).await.is_ok();
    challenge(&server, &mfa_token, Some(&tablet.id)).await.is_ok();
    challenge(&server, &mfa_token, Some("totp|dev_0")).await.is(400, "invalid_request");
    let code = tablet.code(0);
    user.otp(&mfa_token, &code).await.is_ok();
    assert_eq!(server.audited().pop().unwrap()["authenticator_id"], *tablet.id);
    user.otp(&user.log_in().await, &code).await.is(403, "invalid_grant");
    assert!(server.audited().pop().unwrap().get("authenticator_id").is_none());
    user.otp(&user.log_in().await, &phone.code(1)).await.is_ok();
}

/// F45: a code of one authenticator is not a failure of another one. A wrong code is a failure
/// of each.
#[tokio::test]
async fn f45_codes_of_one_authenticator_leave_the_others_without_a_failure() {
    let server = Server::new().await;
    let user = server.user().await;
    let phone = user.enrolled().await;
    let tablet = add(&user, &user.access(&phone.code(0)).await).await;
    let counts = async || [failures(&server, &phone.id).await, failures(&server, &tablet.id).await];
    user.otp(&user.log_in().await, &tablet.code(0)).await.is_ok();
    assert_eq!(counts().await, [0, 0]);
    for _ in 0..4 {
        user.otp(&user.log_in().await, "000000").await.is(403, "invalid_grant");
    }
    assert_eq!(counts().await, [4, 4]);
    user.otp(&user.log_in().await, &phone.code(1)).await.is_ok();
    assert_eq!(counts().await, [0, 0]);
}

/// The server counts guesses for all authenticators together: five are free in total, not per
/// authenticator.
#[tokio::test]
async fn another_authenticator_gives_no_more_guesses() {
    let server = Server::new().await;
    let user = server.user().await;
    let phone = user.enrolled().await;
    let tablet = add(&user, &user.access(&phone.code(0)).await).await;
    for _ in 0..5 {
        user.otp(&user.log_in().await, "000000").await.is(403, "invalid_grant");
    }
    for code in ["000000", &phone.code(1), &tablet.code(0)] {
        user.otp(&user.log_in().await, code).await.is(429, "too_many_attempts");
    }
    let listed = user.list(&user.log_in().await).await;
    assert!(listed[0].get("locked_until").is_none(), "{listed}");
    assert!(listed[1]["locked_until"].is_string() && listed[2]["locked_until"].is_string());
}

#[tokio::test]
async fn a_user_has_ten_authenticators_at_most() {
    let server = Server::new().await;
    let user = server.user().await;
    let first = user.enrolled().await;
    let access = user.access(&first.code(0)).await;
    let mut last = first.id;
    for _ in 1..10 {
        last = add(&user, &access).await.id;
    }
    let full = user.associate(&access).await;
    assert!(full.is(403, "access_denied").field("error_description").contains("10 authenticators"));
    assert_eq!(user.list(&access).await.as_array().unwrap().len(), 11);
    assert_eq!(remove(&server, &access, &last).await.status, 204);
    add(&user, &access).await;
}

/// Otherwise a thief of one access token could enrol a new factor every ten minutes, and would
/// never have to log in.
#[tokio::test]
async fn confirming_an_authenticator_gives_no_longer_access_than_there_was() {
    let server = Server::new().await;
    let user = server.user().await;
    let access = user.access(&user.enrolled().await.code(0)).await;
    let before = server.app.tokens.mfa_access(&access, 0).unwrap().exp;
    sleep(Duration::from_millis(2100)).await;
    let enrolled = user.enrol(&access).await;
    let answer = user.otp(&access, &enrolled.code(-1)).await;
    let after = server.app.tokens.mfa_access(&answer.is_ok().field("access_token"), 0).unwrap();
    assert_eq!(after.exp, before);
    assert!(answer.json()["expires_in"].as_u64().unwrap() < 599, "{answer:?}");
}

#[tokio::test]
async fn the_recovery_code_goes_with_the_last_authenticator() {
    let server = Server::new().await;
    let user = server.user().await;
    let first = user.enrolled().await;
    let access = user.access(&first.code(0)).await;
    let second = add(&user, &access).await;
    user.enrol(&access).await;
    assert_eq!(remove(&server, &access, &first.id).await.status, 204);
    assert_eq!(user.list(&access).await.as_array().unwrap().len(), 3);
    assert_eq!(remove(&server, &access, &second.id).await.status, 204);
    // A waiting enrolment is removed too, because it would not have a recovery code.
    assert_eq!(user.list(&access).await, json!([]));
}

/// An attacker with the password can disable all authenticators. The owner logs in with the
/// recovery code, enrols again with that token, and removes the disabled authenticator.
#[tokio::test]
async fn a_disabled_authenticator_never_bars_the_recovery_code() {
    for mfa in [Mfa::Required, Mfa::Optional] {
        let server = Server::with(mfa, 600).await;
        let user = server.user().await;
        let old = if mfa == Mfa::Required {
            user.enrolled().await
        } else {
            let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": "enroll"});
            let access = user.password(asked).await.is_ok().field("access_token");
            add(&user, &access).await
        };
        // The hundredth wrong code.
        rewrite(&server, &old.id, |state| state.with_failures(99)).await;
        user.otp(&user.log_in().await, "000000").await.is(403, "invalid_grant");
        user.otp(&user.log_in().await, &old.code(0)).await.is(403, "access_denied");

        let answer = user.password(json!({})).await;
        let ways = json!({"challenge": [{"type": "otp"}, {"type": "recovery-code"}]});
        assert_eq!(answer.is(403, "mfa_required").json()["mfa_requirements"], ways);
        challenge(&server, &answer.field("mfa_token"), None).await.is_ok();
        // The list says so, and an app can go to the recovery code at once.
        let listed = user.list(&answer.field("mfa_token")).await;
        assert!(listed[0].get("disabled").is_none(), "{listed}");
        assert_eq!(listed[1]["disabled"], true, "{listed}");
        // A password is not enough to enrol or to remove.
        user.associate(&answer.field("mfa_token")).await.is(403, "access_denied");

        let asked = json!({
            "audience": format!("{ISSUER}mfa/"),
            "scope": "enroll read:authenticators remove:authenticators",
        });
        let mfa_token = user.password(asked).await.field("mfa_token");
        let answer = user.recover(&mfa_token, old.recovery_code.as_deref().unwrap()).await;
        let access = answer.is_ok().field("access_token");
        let new = add(&user, &access).await;
        assert_eq!(remove(&server, &access, &old.id).await.status, 204);
        user.otp(&user.log_in().await, &new.code(0)).await.is_ok();
        user.recover(&user.log_in().await, &answer.field("recovery_code")).await.is_ok();
    }
}

#[tokio::test]
async fn a_disabled_authenticator_does_not_bar_the_others() {
    let server = Server::new().await;
    let user = server.user().await;
    let lost = user.enrolled().await;
    let kept = add(&user, &user.access(&lost.code(0)).await).await;
    rewrite(&server, &lost.id, State::disabled).await;
    user.otp(&user.log_in().await, &lost.code(1)).await.is(403, "invalid_grant");
    user.otp(&user.log_in().await, &kept.code(0)).await.is_ok();
}

/// The recovery code can be disabled too. Then an operator helps.
#[tokio::test]
async fn a_disabled_recovery_code_is_unlocked_by_an_operator() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.recovery_code.as_deref().unwrap();
    let almost = |state: &[u8]| {
        State::from_bytes(state).unwrap().with_failures(99).to_bytes().as_ref().to_vec()
    };
    server.rewrite_states("recovery_codes", almost).await;
    server.rewrite_states("otp_authenticators", almost).await;
    user.recover(&user.log_in().await, "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF")
        .await
        .is(403, "invalid_grant");
    user.otp(&user.log_in().await, "000000").await.is(403, "invalid_grant");
    user.recover(&user.log_in().await, code).await.is(403, "access_denied");
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is(403, "access_denied");

    let store = &server.app.store;
    let id = store.user_by_email(&user.email).await.unwrap().unwrap().id;
    assert_eq!(store.unlock(&id).await.unwrap(), 2);
    user.recover(&user.log_in().await, code).await.is_ok();
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
}

#[tokio::test]
async fn a_user_gets_another_recovery_code() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let first = enrolled.recovery_code.as_deref().unwrap();
    let regenerate =
        async |bearer: &str| server.request("POST", "/mfa/recovery-code", bearer, None).await;
    regenerate("").await.is(401, "invalid_token");
    regenerate(&user.log_in().await).await.is(403, "insufficient_scope");

    // This also works if an attacker has disabled the previous one.
    let disabled =
        |state: &[u8]| State::from_bytes(state).unwrap().disabled().to_bytes().as_ref().to_vec();
    server.rewrite_states("recovery_codes", disabled).await;
    let access = user.access(&enrolled.code(0)).await;
    let answer = regenerate(&access).await;
    let second = answer.is_ok().field("recovery_code");
    assert!(second.len() == 24 && second != first);
    user.recover(&user.log_in().await, first).await.is(403, "invalid_grant");
    user.recover(&user.log_in().await, &second).await.is_ok();

    // The user has one recovery code, or none if there is no authenticator.
    let codes: Vec<Value> = user.list(&access).await.as_array().unwrap().clone();
    assert_eq!(codes.iter().filter(|one| one["type"] == "recovery-code").count(), 1);
    remove(&server, &access, &enrolled.id).await;
    regenerate(&access).await.is(400, "association_required");
}

#[tokio::test]
async fn another_recovery_code_needs_a_second_factor_and_the_scope() {
    let server = Server::with(Mfa::Optional, 600).await;
    let user = server.user().await;
    let token = async |scope: &str| {
        let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": scope});
        user.password(asked).await.is_ok().field("access_token")
    };
    let (reads, enrols) = (token("read:authenticators").await, token("enroll").await);
    add(&user, &enrols).await;
    for access in [reads, enrols] {
        let answer = server.request("POST", "/mfa/recovery-code", &access, None).await;
        answer.is(403, "insufficient_scope");
    }
}

/// F58: after an operator disables or resets a user, passwords and earlier tokens do not work any
/// more.
#[tokio::test]
async fn f58_what_an_operator_decides_counts_at_once() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let access = user.access(&enrolled.code(0)).await;
    let store = &server.app.store;
    let id = store.user_by_email(&user.email).await.unwrap().unwrap().id;
    let now = mfa_server::app::now().unwrap();

    let mfa_token = user.log_in().await;
    store.block(&id, true, now).await.unwrap();
    let blocked = user.password(json!({})).await;
    blocked.is(403, "unauthorized");
    assert_eq!(blocked.field("error_description"), "user is blocked");
    // Without the right password, the answer does not reveal it.
    user.password(json!({"password": "correct horse batterx"})).await.is(403, "invalid_grant");
    let code = enrolled.code(1);
    user.otp(&mfa_token, &code).await.is(403, "invalid_grant");
    let recovery = enrolled.recovery_code.as_deref().unwrap();
    user.recover(&mfa_token, recovery).await.is(403, "invalid_grant");
    let refused = async |access: &str| {
        let list = server.request("GET", "/mfa/authenticators", access, None).await;
        list.is(401, "invalid_token");
        user.associate(access).await.is(401, "invalid_token");
        remove(&server, access, &enrolled.id).await.is(401, "invalid_token");
        let regenerated = server.request("POST", "/mfa/recovery-code", access, None).await;
        regenerated.is(401, "invalid_token");
        user.otp(access, &code).await.is(403, "invalid_grant");
    };
    refused(&access).await;

    // After the user is enabled again, earlier tokens stay void, and no code was used up.
    store.block(&id, false, now).await.unwrap();
    refused(&access).await;
    user.otp(&mfa_token, &code).await.is(403, "invalid_grant");
    user.otp(&user.log_in().await, &code).await.is_ok();

    // After a reset the password is not enough, and neither is what the user had before.
    let handed = server.reset(&id).await;
    refused(&access).await;
    let mfa_token = user.log_in().await;
    user.associate(&mfa_token).await.is(403, "access_denied");
    user.otp(&mfa_token, &enrolled.code(2)).await.is(403, "access_denied");
    user.recover(&mfa_token, recovery).await.is(403, "invalid_grant");
    user.recover(&mfa_token, &handed).await.is_ok();
}
