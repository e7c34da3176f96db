//! Access tokens: audiences, scopes, and `/mfa/*` without an mfa_token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mfa_server::config::Mfa;
use mfa_server::signing::SigningAlg;
use serde_json::{Value, json};

use crate::server::{API, CLIENT, ISSUER, Server, User};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Logs in with a second factor, which it enrols. Returns the answer and the authenticator.
async fn passed(user: &User<'_>, asked: Value) -> (Value, crate::server::Enrolled) {
    let mfa_token = user.password(asked).await.is(403, "mfa_required").field("mfa_token");
    let enrolled = user.enrol(&mfa_token).await;
    (user.otp(&mfa_token, &enrolled.code(-1)).await.is_ok().json(), enrolled)
}

fn for_mfa(scope: &str) -> Value {
    json!({"audience": format!("{ISSUER}mfa/"), "scope": scope})
}

#[tokio::test]
async fn tokens_say_whose_they_are() {
    let server = Server::new().await;
    let user = server.user().await;
    let scope = "openid profile email read:sample \u{e9} made\"up";
    let (json, _) = passed(&user, json!({"audience": API, "scope": scope})).await;
    assert_eq!(json["scope"], "openid profile email read:sample");
    let access = claims(json["access_token"].as_str().unwrap());
    assert_eq!(
        (&access["iss"], &access["aud"], &access["azp"]),
        (&json!(ISSUER), &json!([API, format!("{ISSUER}userinfo")]), &json!(CLIENT))
    );
    assert_eq!(access["exp"].as_u64().unwrap() - access["iat"].as_u64().unwrap(), 600);
    let identity = claims(json["id_token"].as_str().unwrap());
    assert_eq!((&identity["aud"], &identity["email"]), (&json!(CLIENT), &json!(user.email)));
    assert_eq!(identity["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(identity["sub"], access["sub"]);
    assert!(access["sub"].as_str().unwrap().starts_with("auth0|"));
}

/// Verifies a token like an API that only knows the issuer: it takes the algorithm from
/// discovery, and finds the key in the JWKS by the header's `kid`.
async fn verified(server: &Server, token: &str) -> Value {
    let discovery =
        server.request("GET", "/.well-known/openid-configuration", "", None).await.json();
    let jwks = server.request("GET", "/.well-known/jwks.json", "", None).await;
    let jwks: JwkSet = serde_json::from_value(jwks.json()).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = jwks.find(&header.kid.unwrap()).expect("the JWKS has the key");
    let named = &discovery["id_token_signing_alg_values_supported"];
    assert!(named.as_array().unwrap().contains(&json!(header.alg)), "{named}");
    let mut validation = Validation::new(header.alg);
    validation.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, &DecodingKey::from_jwk(key).unwrap(), &validation)
        .unwrap()
        .claims
}

#[tokio::test]
async fn tokens_verify_by_the_keys_that_the_server_publishes() {
    for (alg, kty) in [(SigningAlg::Rs256, "RSA"), (SigningAlg::Es256, "EC")] {
        let server = Server::signing(Mfa::Required, 600, alg).await;
        let jwks = server.request("GET", "/.well-known/jwks.json", "", None).await.json();
        let key = &jwks["keys"][0];
        assert_eq!((&key["alg"], &key["kty"]), (&json!(alg.name()), &json!(kty)));
        assert_eq!(key.get("d"), None, "the JWKS has no private key");
        let user = server.user().await;
        let (json, enrolled) = passed(&user, for_mfa("openid read:authenticators")).await;
        for name in ["access_token", "id_token"] {
            let token = json[name].as_str().unwrap();
            assert_eq!(jsonwebtoken::decode_header(token).unwrap().alg, algorithm(alg));
            assert_eq!(verified(&server, token).await["iss"], ISSUER);
        }
        // The server verifies them too.
        assert_eq!(user.list(json["access_token"].as_str().unwrap()).await[1]["id"], enrolled.id);
    }
}

fn algorithm(alg: SigningAlg) -> Algorithm {
    match alg {
        SigningAlg::Rs256 => Algorithm::RS256,
        SigningAlg::Es256 => Algorithm::ES256,
    }
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let server = Server::new().await;
    let user = server.user().await;
    let (json, _) = passed(&user, json!({"scope": "profile read:sample"})).await;
    assert_eq!((json.get("id_token"), &json["scope"]), (None, &json!("profile")));
}

/// F50: scopes that the API does not have are not granted to any client. A login that asks for
/// no scope gets the API's scopes.
#[tokio::test]
async fn f50_scopes_are_those_of_the_api() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let mfa = format!("{ISSUER}mfa/");
    let all_of_mfa = "enroll read:authenticators remove:authenticators";
    for (step, audience, asked, granted) in [
        (0, API, json!("read:sample admin delete:users enroll"), "read:sample"),
        (1, API, json!(null), "read:sample write:sample"),
    ] {
        let mfa_token = user
            .password(json!({"audience": audience, "scope": asked}))
            .await
            .is(403, "mfa_required")
            .field("mfa_token");
        let tokens = user.otp(&mfa_token, &enrolled.code(step)).await;
        assert_eq!(tokens.is_ok().field("scope"), granted);
        assert_eq!(claims(&tokens.field("access_token"))["scope"], granted);
    }
    // The other cases use recovery codes, because each answer has the next one.
    let mut code = enrolled.recovery_code.unwrap();
    for (audience, asked, granted) in [
        (API, json!("admin"), ""),
        (API, json!(" "), "read:sample write:sample"),
        (API, json!("openid write:sample"), "openid write:sample"),
        (ISSUER, json!("read:sample enroll"), ""),
        ("", json!(null), "openid profile email"),
        (mfa.as_str(), json!(null), all_of_mfa),
        (mfa.as_str(), json!("read:sample enroll"), "enroll"),
    ] {
        let mfa_token = user
            .password(json!({"audience": audience, "scope": asked}))
            .await
            .is(403, "mfa_required")
            .field("mfa_token");
        let tokens = user.recover(&mfa_token, &code).await;
        assert_eq!(tokens.is_ok().field("scope"), granted, "{audience} {asked}");
        code = tokens.field("recovery_code");
    }
}

#[tokio::test]
async fn an_audience_that_is_not_known_is_refused() {
    let server = Server::new().await;
    let user = server.user().await;
    let asked = json!({"audience": "https://other.example.com/"});
    user.password(asked).await.is(403, "access_denied");
}

#[tokio::test]
async fn an_access_token_serves_in_place_of_an_mfa_token() {
    let server = Server::new().await;
    let user = server.user().await;
    let (json, old) =
        passed(&user, for_mfa("enroll read:authenticators remove:authenticators")).await;
    let access = json["access_token"].as_str().unwrap();
    assert_eq!(user.list(access).await[1]["id"], old.id);

    // An access token adds another authenticator at any time.
    let new = user.enrol(access).await;
    user.otp(access, &new.code(-1)).await.is_ok();
    user.otp(access, &new.code(0)).await.is(403, "invalid_grant");
    let listed = user.list(access).await;
    assert!(listed.as_array().unwrap().iter().any(|one| one["id"] == json!(new.id)));
    user.otp(&user.log_in().await, &new.code(0)).await.is_ok();

    for id in [old.id, new.id] {
        let path = format!("/mfa/authenticators/{}", id.replace('|', "%7C"));
        assert_eq!(server.request("DELETE", &path, access, None).await.status, 204);
    }
    assert_eq!(user.list(access).await, json!([]));
}

#[tokio::test]
async fn an_access_token_does_what_its_scope_says() {
    let server = Server::new().await;
    let user = server.user().await;
    let (json, enrolled) = passed(&user, for_mfa("read:authenticators")).await;
    let access = json["access_token"].as_str().unwrap();
    user.list(access).await;
    user.associate(access).await.is(403, "insufficient_scope");
    let path = format!("/mfa/authenticators/{}", enrolled.id.replace('|', "%7C"));
    server.request("DELETE", &path, access, None).await.is(403, "insufficient_scope");
    user.otp(access, &enrolled.code(0)).await.is(403, "invalid_grant");
}

#[tokio::test]
async fn a_token_for_something_else_does_not_serve() {
    let server = Server::new().await;
    let user = server.user().await;
    let (json, _) = passed(&user, json!({"scope": "openid enroll read:authenticators"})).await;
    let [access, identity] = ["access_token", "id_token"].map(|name| json[name].as_str().unwrap());
    // The last part is the signature. These signatures are not the server's.
    let (signed, _) = access.rsplit_once('.').unwrap();
    for token in [access, identity, &format!("{signed}."), &format!("{signed}.AAAA"), "x", ""] {
        let answer = server.request("GET", "/mfa/authenticators", token, None).await;
        answer.is(401, "invalid_token");
        assert!(answer.headers.contains_key("www-authenticate"));
    }
}

#[tokio::test]
async fn the_server_describes_itself() {
    let server = Server::new().await;
    let discovery =
        server.request("GET", "/.well-known/openid-configuration", "", None).await.json();
    assert_eq!(discovery["issuer"], ISSUER);
    assert_eq!(discovery["token_endpoint"], format!("{ISSUER}oauth/token"));
    assert_eq!(discovery["jwks_uri"], format!("{ISSUER}.well-known/jwks.json"));
    let strings =
        |name: &str| -> Vec<String> { serde_json::from_value(discovery[name].clone()).unwrap() };
    let scopes = strings("scopes_supported");
    for scope in ["openid", "email", "read:authenticators", "read:sample", "write:sample"] {
        assert!(scopes.contains(&scope.to_owned()), "{scope}");
    }
    let methods = strings("token_endpoint_auth_methods_supported");
    assert_eq!(methods, ["client_secret_basic", "client_secret_post", "none"]);
    let jwks = server.request("GET", "/.well-known/jwks.json", "", None).await.json();
    let key = &jwks["keys"][0];
    assert_eq!(
        (&key["alg"], &key["use"], &key["kty"]),
        (&json!("ES256"), &json!("sig"), &json!("EC"))
    );
    assert_eq!(key.get("d"), None, "the JWKS has no private key");
    let health = server.request("GET", "/healthz", "", None).await;
    assert_eq!(health.is_ok().json(), json!({"status": "ok"}));
    server.request("GET", "/nothing", "", None).await.is(404, "not_found");
    server.request("GET", "/oauth/token", "", None).await.is(405, "invalid_request");
}
