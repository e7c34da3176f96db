//! Codes and recovery codes: each works once, guesses are counted, and an mfa_token is for one
//! login.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mfa_server::config::Mfa;
use mfa_server::keys::{random, sha256};
use mfa_server::store::{Refusal, Settled, StoreError};
use otp_core::verifier::{self, Authenticator, Lifecycle, Verifier};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::server::{Answer, CLIENT, CLIENT_SECRET, Enrolled, ISSUER, MFA_OTP, Server, User};

#[tokio::test]
async fn from_a_password_to_tokens() {
    let server = Server::new().await;
    let user = server.user().await;
    let answer = user.password(json!({})).await;
    answer.is(403, "mfa_required");
    assert_eq!(answer.field("error_description"), "Multifactor authentication required");
    assert_eq!(answer.json()["mfa_requirements"], json!({"enroll": [{"type": "otp"}]}));

    let mfa_token = answer.field("mfa_token");
    let enrolled = user.enrol(&mfa_token).await;
    let tokens = user.otp(&mfa_token, &enrolled.code(-1)).await;
    let json = tokens.is_ok().json();
    assert_eq!(json["expires_in"], 600);
    assert_eq!(json["scope"], "openid profile email");
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["access_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(json["id_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(tokens.headers["cache-control"], "no-store");

    let answer = user.password(json!({})).await;
    assert_eq!(
        answer.json()["mfa_requirements"],
        json!({"challenge": [{"type": "otp"}, {"type": "recovery-code"}]})
    );
    let mfa_token = answer.field("mfa_token");
    let body = json!({"mfa_token": mfa_token, "challenge_type": "otp", "client_id": CLIENT});
    server.post("/mfa/challenge", body.clone()).await.is(401, "access_denied");
    let body = json!({
        "mfa_token": mfa_token,
        "challenge_type": "oob otp",
        "client_id": CLIENT,
        "client_secret": crate::server::CLIENT_SECRET,
    });
    let challenge = server.post("/mfa/challenge", body).await;
    assert_eq!(challenge.is_ok().json(), json!({"challenge_type": "otp"}));
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
}

#[tokio::test]
async fn a_code_opens_once() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.code(0);
    user.otp(&user.log_in().await, &code).await.is_ok();
    let again = user.otp(&user.log_in().await, &code).await;
    assert_eq!(again.is(403, "invalid_grant").field("reason"), "used");
    user.otp(&user.log_in().await, &enrolled.code(1)).await.is_ok();
}

/// Auth0's SDKs for Android and Swift match these texts: `isMultifactorCodeInvalid` and
/// `isMultifactorTokenInvalid`. The reason of a refusal is in another field.
#[tokio::test]
async fn refusals_carry_the_texts_that_sdks_match() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let used = enrolled.code(0);
    user.otp(&user.log_in().await, &used).await.is_ok();
    for (code, reason) in [
        (used.as_str(), Some("used")),
        ("1", Some("malformed")),
        ("abcdef", Some("malformed")),
        ("000000", None),
    ] {
        let answer = user.otp(&user.log_in().await, code).await;
        answer.is(403, "invalid_grant");
        assert_eq!(answer.field("error_description"), "Invalid otp_code.");
        assert_eq!(answer.json().get("reason").and_then(Value::as_str), reason, "{code}");
    }
    let code = enrolled.recovery_code.as_deref().unwrap();
    let wrong = format!("{}{}", &code[1..], &code[..1]);
    for (code, reason) in [("1", Some("malformed")), (&wrong, None)] {
        let answer = user.recover(&user.log_in().await, code).await;
        answer.is(403, "invalid_grant");
        assert_eq!(answer.field("error_description"), "MFA Authorization rejected.");
        assert_eq!(answer.json().get("reason").and_then(Value::as_str), reason, "{code}");
    }
    let answer = user.otp("no such token", "000000").await;
    assert_eq!(answer.is(403, "invalid_grant").field("error_description"), "Malformed mfa_token");
}

#[tokio::test]
async fn an_mfa_token_is_spent_by_its_success() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let mfa_token = user.log_in().await;
    user.otp(&mfa_token, "000000").await.is(403, "invalid_grant");
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
    user.otp(&mfa_token, &enrolled.code(1)).await.is(403, "invalid_grant");
    let code = enrolled.recovery_code.as_deref().unwrap();
    user.recover(&mfa_token, code).await.is(403, "invalid_grant");
    // Neither code was used up.
    user.otp(&user.log_in().await, &enrolled.code(1)).await.is_ok();
    user.recover(&user.log_in().await, code).await.is_ok();
}

#[tokio::test]
async fn an_mfa_token_is_for_one_user_and_one_client() {
    let server = Server::new().await;
    let (alice, mallory) = (server.user().await, server.user().await);
    let (of_alice, of_mallory) = (alice.enrolled().await, mallory.enrolled().await);
    alice.otp(&alice.log_in().await, &of_mallory.code(0)).await.is(403, "invalid_grant");
    alice.otp(&mallory.log_in().await, &of_alice.code(0)).await.is(403, "invalid_grant");

    let mfa_token = alice.log_in().await;
    let fields = json!({"grant_type": MFA_OTP, "mfa_token": mfa_token, "otp": of_alice.code(0), "client_id": "page"});
    server.post("/oauth/token", fields).await.is(403, "invalid_grant");
    let body = json!({"mfa_token": mfa_token, "challenge_type": "otp", "client_id": "page"});
    server.post("/mfa/challenge", body).await.is(403, "invalid_grant");
    alice.otp(&mfa_token, &of_alice.code(0)).await.is_ok();
}

#[tokio::test]
async fn an_mfa_token_runs_out() {
    let server = Server::with(Mfa::Required, 1).await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    sleep(Duration::from_secs(2)).await;
    user.associate(&mfa_token).await.is(401, "invalid_token");
    user.otp(&mfa_token, "000000").await.is(403, "expired_token");
    user.recover(&mfa_token, "000000").await.is(403, "expired_token");
    let body = json!({"mfa_token": mfa_token, "client_id": CLIENT, "client_secret": CLIENT_SECRET});
    let answer = server.post("/mfa/challenge", body).await;
    assert_eq!(answer.is(403, "expired_token").field("error_description"), "mfa_token is expired");
    user.otp("no such token", "000000").await.is(403, "invalid_grant");
}

#[tokio::test]
async fn guesses_are_counted_across_logins() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    // Text that is not formatted as a code is not counted, and five guesses are free.
    for guess in ["1", "+12345", "1234567", "abcdef"] {
        user.otp(&user.log_in().await, guess).await.is(403, "invalid_grant");
    }
    for guess in ["000000", "111111", "222 222", "333333", "444444"] {
        user.otp(&user.log_in().await, guess).await.is(403, "invalid_grant");
    }
    let answer = user.otp(&user.log_in().await, "000000").await;
    answer.is(429, "too_many_attempts");
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((25..=30).contains(&wait), "{wait}");
    // The right code is locked out too, and its answer is the same as a wrong one's.
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is(429, "too_many_attempts");
    // The recovery code works, because it has a count of its own.
    let code = enrolled.recovery_code.as_deref().unwrap();
    user.recover(&user.log_in().await, code).await.is_ok();
}

#[tokio::test]
async fn guesses_of_recovery_codes_are_counted() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.recovery_code.as_deref().unwrap();
    let guess = &format!("{}{}", &code[1..], &code[..1]);
    for _ in 0..5 {
        user.recover(&user.log_in().await, guess).await.is(403, "invalid_grant");
    }
    let answer = user.recover(&user.log_in().await, guess).await;
    assert!(answer.is(429, "too_many_attempts").headers.contains_key("retry-after"));
    user.recover(&user.log_in().await, code).await.is(429, "too_many_attempts");
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
}

#[tokio::test]
async fn a_recovery_code_burns_and_is_replaced() {
    let server = Server::new().await;
    let user = server.user().await;
    let first = user.enrolled().await.recovery_code.unwrap();
    assert_eq!(first.len(), 24);
    // As a user types it from paper.
    let typed = format!(" {}-{} ", first[..12].to_lowercase(), &first[12..]);
    let answer = user.recover(&user.log_in().await, &typed).await;
    let second = answer.is_ok().field("recovery_code");
    assert!(second.len() == 24 && second != first);
    assert_eq!(answer.json()["scope"], "openid profile email");
    user.recover(&user.log_in().await, &first).await.is(403, "invalid_grant");
    user.recover(&user.log_in().await, &second).await.is_ok();
}

/// F48: one mfa_token, with a code and a recovery code at the same time. Both requests load the
/// mfa_token unspent, and the code is faster. The recovery code is not used up, because its
/// answer grants nothing.
#[tokio::test]
async fn f48_a_recovery_code_that_comes_second_is_not_used_up() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.recovery_code.as_deref().unwrap();
    let (store, pepper) = (&server.app.store, server.app.keyring.pepper().unwrap());

    let mfa_token = user.log_in().await;
    let login = store.login(&sha256(mfa_token.as_bytes())).await.unwrap().unwrap();
    let [recovery] = &store.recoveries(&login.user_id).await.unwrap()[..] else { panic!("one") };
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();

    let (state, id) = (recovery.stored.state, login.user_id.as_bytes());
    let redemption = Verifier::DEFAULT
        .redeem(&recovery.codes, &*pepper, id, state, code, 0)
        .unwrap()
        .with_replacement(|bytes: &mut [u8]| {
            bytes.copy_from_slice(&random::<32>()?[..bytes.len()]);
            Ok::<_, mfa_server::keys::KeyError>(())
        });
    let settled = store
        .settle_redemption(recovery, redemption.unwrap(), None, &login, 0, |_| {
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(matches!(settled, Ok(Settled::Barred(Refusal::Void, _))));

    let [after] = &store.recoveries(&login.user_id).await.unwrap()[..] else { panic!("one") };
    assert!(after.codes == recovery.codes && after.stored.state == state);
    user.recover(&user.log_in().await, code).await.is_ok();
}

/// F48: the server makes the answer before it uses up the code. If it cannot make the answer,
/// the code still works.
#[tokio::test]
async fn f48_a_code_whose_answer_cannot_be_made_is_not_used_up() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let store = &server.app.store;
    let mfa_token = user.log_in().await;
    let login = store.login(&sha256(mfa_token.as_bytes())).await.unwrap().unwrap();

    let otps = store.otps(&login.user_id).await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (engine, code) = (server.app.engine(&login.user_id, &otps[0]).unwrap(), enrolled.code(0));
    let mut judged = [Authenticator::new(0, engine, otps[0].stored.state)];
    let attempt = Verifier::DEFAULT.attempt_any(&mut judged, &code, now).unwrap();
    let unsigned = || Err::<(), _>(StoreError::Corrupt("a signature"));
    let settled = store.settle(&otps, attempt, &login, now, unsigned).await;
    assert!(matches!(settled, Err(StoreError::Corrupt("a signature"))));
    user.otp(&mfa_token, &code).await.is_ok();
}

/// A double click: two requests with one mfa_token and one recovery code. The second one is not
/// checked by the set that the first one stored. That would count as a failure of the owner.
#[tokio::test]
async fn a_double_click_on_a_recovery_code_counts_no_failure() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.recovery_code.as_deref().unwrap();
    let mfa_token = user.log_in().await;
    let writes = server.hold_writes().await;
    let (first, second, ()) = tokio::join!(
        user.recover(&mfa_token, code),
        user.recover(&mfa_token, code),
        server.release_writes(writes)
    );
    let (won, lost) = if first.status == 200 { (first, second) } else { (second, first) };
    won.is_ok().field("recovery_code");
    lost.is(403, "invalid_grant");
    assert_eq!(lost.field("error_description"), "Malformed mfa_token");
    for (_, state) in server.states("recovery_codes").await {
        assert_eq!(verifier::State::from_bytes(&state).unwrap().failures(), 0);
    }
}

#[tokio::test]
async fn a_hundred_failures_disable_an_authenticator() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let store = &server.app.store;
    let state = store.state(&enrolled.id).await.unwrap().unwrap();
    assert_eq!(state.failures(), 0);
    let disabled = state.disabled();
    assert!(store.compare_and_swap(&enrolled.id, state, disabled).await.unwrap());
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is(403, "access_denied");
}

/// Enrols and confirms with an access token, at a server with optional MFA.
async fn enrolled_by_choice(user: &User<'_>) -> Enrolled {
    let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": "enroll"});
    let access = user.password(asked).await.is_ok().field("access_token");
    let enrolled = user.enrol(&access).await;
    user.otp(&access, &enrolled.code(-1)).await.is_ok();
    enrolled
}

#[tokio::test]
async fn f33_a_disabled_authenticator_does_not_switch_the_second_factor_off() {
    let server = Server::with(Mfa::Optional, 600).await;
    let user = server.user().await;
    // Until an authenticator is confirmed, the password is enough.
    user.password(json!({})).await.is_ok();
    let enrolled = enrolled_by_choice(&user).await;
    let (code, store) = (enrolled.code(0), &server.app.store);
    let refused = |answer: &Answer| {
        answer.is(403, "mfa_required");
        let json = answer.json();
        assert_eq!(
            json["mfa_requirements"],
            json!({"challenge": [{"type": "otp"}, {"type": "recovery-code"}]})
        );
        for token in ["access_token", "id_token"] {
            assert_eq!(json.get(token), None);
        }
    };
    refused(&user.password(json!({})).await);

    let confirmed = store.state(&enrolled.id).await.unwrap().unwrap();
    let read = |flags, failures, wait_until: u64| {
        let mut bytes = [0; 24];
        (bytes[0], bytes[1], bytes[7]) = (1, flags, failures);
        bytes[16..].copy_from_slice(&wait_until.to_be_bytes());
        verifier::State::from_bytes(&bytes).unwrap()
    };
    let mut stored = confirmed;
    // Disabled by the host, by too many failures, and before the first code.
    for disabled in [confirmed.disabled(), read(0b111, 100, 0), read(0b010, 100, 0)] {
        assert!(matches!(disabled.lifecycle(), Lifecycle::Disabled(_)));
        assert!(store.compare_and_swap(&enrolled.id, stored, disabled).await.unwrap());
        stored = disabled;
        let answer = user.password(json!({})).await;
        refused(&answer);
        // Neither a code nor another enrolment helps.
        let mfa_token = answer.field("mfa_token");
        user.otp(&mfa_token, &code).await.is(403, "access_denied");
        user.associate(&mfa_token).await.is(403, "access_denied");
    }
    // The same holds for a locked one.
    let locked = read(0b101, 5, 10_000_000_000);
    assert!(store.compare_and_swap(&enrolled.id, stored, locked).await.unwrap());
    refused(&user.password(json!({})).await);
    // After an administrator has enabled it, a login asks for the code and accepts it.
    assert!(store.compare_and_swap(&enrolled.id, locked, confirmed.enabled()).await.unwrap());
    let answer = user.password(json!({})).await;
    refused(&answer);
    user.otp(&answer.field("mfa_token"), &code).await.is_ok();
}

/// Returns a state in the format of the previous version: the first 24 of its 36 bytes.
fn version_1(state: &[u8]) -> Vec<u8> {
    let mut bytes = state[..24].to_vec();
    bytes[0] = 1;
    assert!(verifier::State::from_bytes(&bytes).is_ok());
    bytes
}

#[tokio::test]
async fn rows_of_24_bytes_are_read_and_replaced() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let [first, second] = [0, 1].map(|step| enrolled.code(step));
    user.otp(&user.log_in().await, &first).await.is_ok();
    server.rewrite_states("otp_authenticators", version_1).await;
    // A used code stays used, and changes no row.
    let again = user.otp(&user.log_in().await, &first).await;
    assert_eq!(again.is(403, "invalid_grant").field("reason"), "used");
    assert_eq!(server.states("otp_authenticators").await[0].1.len(), 24);
    // The row is found, and is longer after the login.
    user.otp(&user.log_in().await, &second).await.is_ok();
    assert_eq!(server.states("otp_authenticators").await[0].1.len(), 38);
    user.otp(&user.log_in().await, &second).await.is(403, "invalid_grant");
}

#[tokio::test]
async fn a_row_of_24_bytes_that_confirms_is_found() {
    let server = Server::new().await;
    let user = server.user().await;
    let mfa_token = user.log_in().await;
    let enrolled = user.enrol(&mfa_token).await;
    server.rewrite_states("otp_authenticators", version_1).await;
    user.otp(&mfa_token, &enrolled.code(0)).await.is_ok();
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is(403, "invalid_grant");
}
