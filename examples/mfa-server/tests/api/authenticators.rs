//! `/mfa/*`: enrols, lists and removes authenticators.

use mfa_server::config::Mfa;
use serde_json::json;

use crate::server::{CLIENT, CLIENT_SECRET, ISSUER, Server};

#[tokio::test]
async fn what_an_enrolment_gives() {
    let server = Server::new().await;
    let user = server.user().await;
    let answer = user.associate(&user.log_in().await).await;
    let json = answer.is_ok().json();
    assert_eq!(json["authenticator_type"], "otp");
    let secret = json["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    assert_eq!(
        json["barcode_uri"],
        format!(
            "otpauth://totp/ACME%20Co:{}?secret={secret}&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30",
            user.email.replace('@', "%40"),
        )
    );
    assert!(json["id"].as_str().unwrap().starts_with("totp|dev_"));
    assert_eq!(json["recovery_codes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_enrolled_is_listed() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    assert_eq!(user.list(&mfa_token).await, json!([]));
    let enrolled = user.enrol(&mfa_token).await;
    let pending = user.list(&mfa_token).await;
    assert_eq!(pending[0]["active"], false);
    assert_eq!(pending[1]["active"], false);
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
    let list = user.list(&user.log_in().await).await;
    assert!(list[0]["id"].as_str().unwrap().starts_with("recovery-code|dev_"));
    let time = |value: &serde_json::Value| {
        let time = value.as_str().unwrap().to_owned();
        assert!(time.len() == 24 && time.starts_with("20") && time.ends_with(".000Z"), "{time}");
        time
    };
    let recovery = json!({
        "id": list[0]["id"], "authenticator_type": "recovery-code", "type": "recovery-code",
        "active": true, "created_at": time(&list[0]["created_at"]),
    });
    let otp = json!({
        "id": enrolled.id, "authenticator_type": "otp", "type": "otp", "active": true,
        "created_at": time(&list[1]["created_at"]), "last_auth": time(&list[1]["last_auth"]),
    });
    assert_eq!(list, json!([recovery, otp]));
}

#[tokio::test]
async fn an_enrolment_that_is_not_confirmed_is_replaced() {
    let server = Server::new().await;
    let user = server.user().await;
    let first = user.enrol(&user.log_in().await).await;
    let mfa_token = user.log_in().await;
    let second = user.enrol(&mfa_token).await;
    assert!(first.id != second.id && first.recovery_code != second.recovery_code);
    user.otp(&mfa_token, &first.code(0)).await.is(403, "invalid_grant");
    user.otp(&mfa_token, &second.code(0)).await.is_ok();
    let first = first.recovery_code.unwrap();
    user.recover(&user.log_in().await, &first).await.is(403, "invalid_grant");
    user.recover(&user.log_in().await, &second.recovery_code.unwrap()).await.is_ok();
}

#[tokio::test]
async fn whoever_is_enrolled_needs_the_factor_to_enrol_another() {
    let server = Server::new().await;
    let user = server.user().await;
    let old = user.enrolled().await;
    let mfa_token = user.log_in().await;
    let refused = user.associate(&mfa_token).await;
    refused.is(403, "access_denied");
    assert_eq!(refused.field("error_description"), "User is already enrolled.");

    let access = user.access(&old.code(0)).await;
    let new = user.enrol(&access).await;
    assert_eq!(new.recovery_code, None, "the user has one already");
    // The new authenticator does not log in until it is confirmed.
    user.otp(&user.log_in().await, &new.code(0)).await.is(403, "invalid_grant");
    user.otp(&access, &new.code(0)).await.is_ok();
    // From now on both authenticators log in.
    user.otp(&user.log_in().await, &new.code(1)).await.is_ok();
    user.otp(&user.log_in().await, &old.code(1)).await.is_ok();
    let list = user.list(&access).await;
    let listed = |id: &str| list.as_array().unwrap().iter().any(|one| one["id"] == id);
    assert!(list.as_array().unwrap().len() == 3 && listed(&old.id) && listed(&new.id), "{list}");
}

/// F49: after its second factor, an mfa_token has no authority left.
#[tokio::test]
async fn f49_a_spent_mfa_token_has_no_authority() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    let enrolled = user.enrol(&mfa_token).await;
    user.otp(&mfa_token, &enrolled.code(-1)).await.is_ok();

    server.request("GET", "/mfa/authenticators", &mfa_token, None).await.is(401, "invalid_token");
    user.associate(&mfa_token).await.is(401, "invalid_token");
    let path = format!("/mfa/authenticators/{}", enrolled.id.replace('|', "%7C"));
    server.request("DELETE", &path, &mfa_token, None).await.is(401, "invalid_token");
    let drawn = json!({"barcode_uri": "otpauth://totp/a?secret=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"});
    let drawn = server.request("POST", "/page/qr-code", &mfa_token, Some(drawn)).await;
    drawn.is(401, "invalid_token");

    // Requests with a code get the same answer as for an unknown token, with the text that SDKs
    // match.
    let challenge =
        json!({"mfa_token": mfa_token, "client_id": CLIENT, "client_secret": CLIENT_SECRET});
    let recovery = enrolled.recovery_code.as_deref().unwrap();
    for answer in [
        server.post("/mfa/challenge", challenge).await,
        user.otp(&mfa_token, &enrolled.code(0)).await,
        user.recover(&mfa_token, recovery).await,
    ] {
        answer.is(403, "invalid_grant");
        assert_eq!(answer.field("error_description"), "Malformed mfa_token");
    }
    // Neither the code nor the recovery code was used up.
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
    user.recover(&user.log_in().await, recovery).await.is_ok();
}

/// An mfa_token only proves a password. It enrols the first authenticator but not a further
/// one, and it removes none.
#[tokio::test]
async fn an_unspent_mfa_token_changes_nothing_that_is_confirmed() {
    let server = Server::new().await;
    let user = server.user().await;
    let early = user.log_in().await;
    let enrolled = user.enrolled().await;
    for mfa_token in [&early, &user.log_in().await] {
        user.associate(mfa_token).await.is(403, "access_denied");
        let path = format!("/mfa/authenticators/{}", enrolled.id.replace('|', "%7C"));
        server.request("DELETE", &path, mfa_token, None).await.is(403, "insufficient_scope");
        assert_eq!(user.list(mfa_token).await.as_array().unwrap().len(), 2);
    }
    user.otp(&early, &enrolled.code(0)).await.is_ok();
}

#[tokio::test]
async fn what_is_removed_is_gone() {
    let server = Server::new().await;
    let (user, other) = (server.user().await, server.user().await);
    let (enrolled, others) = (user.enrolled().await, other.enrolled().await);
    let mfa_token = user.log_in().await;
    let remove = async |bearer: &str, id: &str| {
        let path = format!("/mfa/authenticators/{}", id.replace('|', "%7C"));
        server.request("DELETE", &path, bearer, None).await
    };
    remove(&mfa_token, &enrolled.id).await.is(403, "insufficient_scope");
    remove("", &enrolled.id).await.is(401, "invalid_token");
    let access = user.access(&enrolled.code(0)).await;
    remove(&access, &others.id).await.is(404, "not_found");
    assert_eq!(remove(&access, &enrolled.id).await.status, 204);
    remove(&access, &enrolled.id).await.is(404, "not_found");
    assert_eq!(
        user.list(&access).await,
        json!([]),
        "the recovery code is removed with the last authenticator"
    );

    // The user enrols again, and gets another recovery code.
    let answer = user.password(json!({})).await;
    assert_eq!(answer.json()["mfa_requirements"], json!({"enroll": [{"type": "otp"}]}));
    user.otp(&answer.field("mfa_token"), &enrolled.code(1)).await.is(400, "association_required");
    let again = user.enrolled().await;
    assert!(again.recovery_code.is_some() && again.recovery_code != enrolled.recovery_code);
    other.otp(&other.log_in().await, &others.code(0)).await.is_ok();
}

#[tokio::test]
async fn other_kinds_are_not_enabled() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    let associate = async |kinds| {
        let body = json!({"authenticator_types": kinds});
        server.request("POST", "/mfa/associate", &mfa_token, Some(body)).await
    };
    let oob = associate(json!(["oob"])).await;
    assert!(
        oob.is(400, "unsupported_challenge_type")
            .field("error_description")
            .contains("not enabled")
    );
    associate(json!(["otp", "<b>"])).await.is(400, "unsupported_challenge_type");
    associate(json!([])).await.is(400, "invalid_request");
    associate(json!("otp")).await.is(400, "invalid_request");
    let body = json!({"mfa_token": mfa_token, "challenge_type": "oob", "client_id": "page"});
    server.post("/mfa/challenge", body).await.is(403, "invalid_grant");
}

#[tokio::test]
async fn a_challenge_needs_something_to_challenge() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    let challenge = async |mfa_token: &str, id: Option<&str>| {
        let mut body = json!({"mfa_token": mfa_token, "challenge_type": "otp"});
        body["client_id"] = json!(CLIENT);
        body["client_secret"] = json!(CLIENT_SECRET);
        if let Some(id) = id {
            body["authenticator_id"] = json!(id);
        }
        server.post("/mfa/challenge", body).await
    };
    // SDKs for phones recognise this error as "has to enrol first"
    // (`isMultifactorEnrollRequired`).
    challenge(&mfa_token, None).await.is(400, "unsupported_challenge_type");
    let enrolled = user.enrol(&mfa_token).await;
    challenge(&mfa_token, None).await.is(400, "unsupported_challenge_type");
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
    challenge(&mfa_token, None).await.is(403, "invalid_grant");
    let mfa_token = user.log_in().await;
    challenge(&mfa_token, Some(&enrolled.id)).await.is_ok();
    challenge(&mfa_token, Some("totp|dev_0")).await.is(400, "invalid_request");
}

#[tokio::test]
async fn where_mfa_is_optional_it_begins_with_an_enrolment() {
    let server = Server::with(Mfa::Optional, 600).await;
    let user = server.user().await;
    let answer = user.password(json!({})).await;
    assert_eq!(answer.is_ok().json()["scope"], "openid profile email");

    let asked = json!({
        "audience": format!("{ISSUER}mfa/"),
        "scope": "enroll read:authenticators remove:authenticators",
    });
    let access = user.password(asked).await.is_ok().field("access_token");
    let enrolled = user.enrol(&access).await;
    user.password(json!({})).await.is_ok();
    user.otp(&access, &enrolled.code(-1)).await.is_ok();
    // A password is not enough any more, so its earlier token has fewer rights too.
    user.log_in().await;
    user.associate(&access).await.is(403, "access_denied");
    let path = format!("/mfa/authenticators/{}", enrolled.id.replace('|', "%7C"));
    let refused = server.request("DELETE", &path, &access, None).await;
    refused.is(403, "insufficient_scope");
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
}
