//! `/userinfo`: the claims about a token's user that its scope allows.

use serde_json::{Value, json};

use crate::server::{API, ISSUER, Server, User};

async fn tokens(user: &User<'_>, asked: Value) -> Value {
    let mfa_token = user.password(asked).await.is(403, "mfa_required").field("mfa_token");
    let enrolled = user.enrol(&mfa_token).await;
    user.otp(&mfa_token, &enrolled.code(-1)).await.is_ok().json()
}

#[tokio::test]
async fn claims_are_those_of_the_scope() {
    let server = Server::new().await;
    for (asked, names) in [
        (json!({"scope": "openid"}), &["sub"][..]),
        (json!({"scope": "openid profile"}), &["name", "sub"]),
        (json!({"scope": "openid email"}), &["email", "email_verified", "sub"]),
        // A token for an API with `openid` is also for `/userinfo`.
        (json!({"scope": "openid email", "audience": API}), &["email", "email_verified", "sub"]),
        (json!({"scope": "email"}), &["email", "email_verified", "sub"]),
    ] {
        let user = server.user().await;
        let tokens = tokens(&user, asked.clone()).await;
        let access = tokens["access_token"].as_str().unwrap();
        for method in ["GET", "POST"] {
            let claims = server.request(method, "/userinfo", access, None).await.is_ok().json();
            let found: Vec<_> = claims.as_object().unwrap().keys().collect();
            assert_eq!(found, names, "{asked}");
            assert!(claims["sub"].as_str().unwrap().starts_with("auth0|"));
            if names.contains(&"email") {
                assert_eq!(claims["email"], user.email);
                assert_eq!(claims["email_verified"], false);
            }
        }
    }
    let user = server.user().await;
    server.execute("UPDATE users SET email_verified = 1").await;
    let tokens = tokens(&user, json!({"scope": "openid email"})).await;
    let access = tokens["access_token"].as_str().unwrap();
    let claims = server.request("GET", "/userinfo", access, None).await.json();
    assert_eq!(claims["email_verified"], true);
}

#[tokio::test]
async fn other_tokens_are_refused() {
    let server = Server::new().await;
    let user = server.user().await;
    let of_api = tokens(&user, json!({"scope": "email read:sample", "audience": API})).await;
    let user = server.user().await;
    let of_server = tokens(&user, json!({"scope": "openid email offline_access"})).await;
    let mfa_token = user.log_in().await;
    for token in [
        of_api["access_token"].as_str().unwrap(),
        of_server["id_token"].as_str().unwrap(),
        of_server["refresh_token"].as_str().unwrap(),
        &mfa_token,
        "",
    ] {
        let answer = server.request("GET", "/userinfo", token, None).await;
        answer.is(401, "invalid_token");
        assert!(answer.headers.contains_key("www-authenticate"), "{answer:?}");
    }
    // A token for `/userinfo` is not valid anywhere else.
    let access = of_server["access_token"].as_str().unwrap();
    let listed = server.request("GET", "/mfa/authenticators", access, None).await;
    listed.is(401, "invalid_token");
    let discovery =
        server.request("GET", "/.well-known/openid-configuration", "", None).await.json();
    assert_eq!(discovery["userinfo_endpoint"], format!("{ISSUER}userinfo"));
    assert_eq!(discovery["revocation_endpoint"], format!("{ISSUER}oauth/revoke"));
}
