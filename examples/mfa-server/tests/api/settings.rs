//! The settings of a configuration file, and their effect on clients.

use axum::body::Body;
use axum::http::Request;
use mfa_server::keys::{hex, sha256};
use mfa_server::settings::Settings;
use serde_json::{Value, json};

use crate::server::{API, ISSUER, MFA_OTP, PASSWORD, Server};

const PASSWORD_REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";

/// A client with all grants, a client with few grants, and a public client.
const SETTINGS: &str = r#"
page = false
origins = ["https://admin.example.com"]

[[client]]
id = "shop"
secret = "of the shop: 100 %"

[[client]]
id = "till"
secret = "of the till"
grants = ["password", "http://auth0.com/oauth/grant-type/mfa-otp"]
apis = []

[[client]]
id = "app"
public = true
origins = ["https://app.example.com", "capacitor://localhost"]
apis = ["https://someapi.com/api"]

[[api]]
audience = "https://someapi.com/api"
scopes = ["read:sample"]

[[api]]
audience = "https://other.example.com/"
"#;

/// Logs in by password with a client.
async fn password(server: &Server, client: &Value, more: Value) -> crate::server::Answer {
    let mut fields =
        json!({"grant_type": "password", "username": "user0@example.com", "password": PASSWORD});
    for part in [client, &more] {
        fields.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
    }
    server.post("/oauth/token", fields).await
}

#[tokio::test]
async fn each_client_has_its_own_secret() {
    let server = Server::of(SETTINGS).await;
    server.user().await;
    for (id, secret) in [("shop", "of the shop: 100 %"), ("till", "of the till")] {
        let client = json!({"client_id": id, "client_secret": secret});
        password(&server, &client, json!({})).await.is(403, "mfa_required");
    }
    for (id, secret) in
        [("shop", "of the till"), ("till", "of the shop: 100 %"), ("app", ""), ("app", "app")]
    {
        let client = json!({"client_id": id, "client_secret": secret});
        password(&server, &client, json!({})).await.is(401, "access_denied");
    }
    for id in ["shop", "till"] {
        password(&server, &json!({"client_id": id}), json!({})).await.is(401, "access_denied");
    }
    password(&server, &json!({"client_id": "app"}), json!({})).await.is(403, "mfa_required");
}

#[tokio::test]
async fn a_secret_may_be_given_by_its_hash() {
    let hash = hex(&sha256(b"of the shop: 100 %"));
    let server =
        Server::of(&format!("client = [{{ id = \"shop\", secret_sha256 = \"{hash}\" }}]")).await;
    let user = server.user().await;
    user.log_in().await;
    user.password(json!({"client_secret": hash})).await.is(401, "access_denied");
}

/// F50: a public client must be configured. If the page is switched off, its client is too.
#[tokio::test]
async fn f50_without_the_page_there_is_no_public_client() {
    let server = Server::of(&SETTINGS.replace("public = true", "secret = \"of the app\"")).await;
    let user = server.user().await;
    for id in ["page", "app"] {
        let client = json!({"client_id": id});
        password(&server, &client, json!({})).await.is(401, "access_denied");
        let body = json!({"client_id": id, "mfa_token": user.log_in().await});
        server.post("/mfa/challenge", body).await.is(401, "access_denied");
    }
    let body = json!({"client_id": "page", "email": "bob@example.com", "password": PASSWORD});
    server.post("/dbconnections/signup", body).await.is(401, "access_denied");
    for path in ["/", "/page.js", "/api.js", "/page.css"] {
        server.request("GET", path, "", None).await.is(404, "not_found");
    }
    let drawn = json!({"barcode_uri": "otpauth://totp/a?secret=BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"});
    let mfa_token = user.log_in().await;
    server.request("POST", "/page/qr-code", &mfa_token, Some(drawn)).await.is(404, "not_found");
    let discovery =
        server.request("GET", "/.well-known/openid-configuration", "", None).await.json();
    assert_eq!(
        discovery["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic", "client_secret_post"])
    );
}

#[tokio::test]
async fn the_page_gets_tokens_for_this_server_and_for_no_api() {
    let server = Server::new().await;
    server.user().await;
    let page = json!({"client_id": "page"});
    password(&server, &page, json!({"audience": format!("{ISSUER}mfa/")}))
        .await
        .is(403, "mfa_required");
    password(&server, &page, json!({})).await.is(403, "mfa_required");
    password(&server, &page, json!({"audience": API})).await.is(403, "access_denied");
}

#[tokio::test]
async fn a_client_gets_tokens_for_its_apis_only() {
    let server = Server::of(SETTINGS).await;
    server.user().await;
    let other = "https://other.example.com/";
    let shop = json!({"client_id": "shop", "client_secret": "of the shop: 100 %"});
    let app = json!({"client_id": "app"});
    let till = json!({"client_id": "till", "client_secret": "of the till"});
    for (client, audience, may) in [
        (&shop, API, true),
        (&shop, other, true),
        (&app, API, true),
        (&app, other, false),
        (&till, API, false),
        (&till, "", true),
    ] {
        let error = if may { "mfa_required" } else { "access_denied" };
        password(&server, client, json!({"audience": audience})).await.is(403, error);
    }
}

#[tokio::test]
async fn a_client_uses_its_grants_only() {
    let server = Server::of(SETTINGS).await;
    let user = server.user().await;
    let till = json!({"client_id": "till", "client_secret": "of the till"});
    let realm = json!({"grant_type": PASSWORD_REALM, "realm": "Username-Password-Authentication"});
    let refused = password(&server, &till, realm.clone()).await;
    refused.is(403, "unauthorized_client");
    assert_eq!(
        refused.field("error_description"),
        format!("Grant type '{PASSWORD_REALM}' not allowed for the client.")
    );
    let recovery =
        json!({"grant_type": crate::server::MFA_RECOVERY, "mfa_token": "x", "recovery_code": "x"});
    password(&server, &till, recovery).await.is(403, "unauthorized_client");
    let otp = json!({"grant_type": MFA_OTP, "mfa_token": "x", "otp": "000000"});
    password(&server, &till, otp).await.is(403, "invalid_grant");
    user.password(realm).await.is(403, "mfa_required");

    // Without the grant, a challenge is refused too.
    let server =
        Server::of(&SETTINGS.replace(", \"http://auth0.com/oauth/grant-type/mfa-otp\"", "")).await;
    let mut body = till.clone();
    body["mfa_token"] = json!("x");
    server.post("/mfa/challenge", body).await.is(403, "unauthorized_client");
}

#[tokio::test]
async fn discovery_says_what_is_configured() {
    let settings = r#"
        page = false
        [[client]]
        id = "app"
        public = true
        grants = ["password", "http://auth0.com/oauth/grant-type/mfa-otp"]
        [[api]]
        audience = "https://someapi.com/api"
        scopes = ["read:sample"]
    "#;
    let server = Server::of(settings).await;
    let discovery =
        server.request("GET", "/.well-known/openid-configuration", "", None).await.json();
    assert_eq!(discovery["grant_types_supported"], json!(["password", MFA_OTP]));
    assert_eq!(discovery["token_endpoint_auth_methods_supported"], json!(["none"]));
    let scopes = discovery["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("read:sample")) && scopes.contains(&json!("enroll")));
    assert!(!scopes.contains(&json!("offline_access")), "no client may refresh");
}

/// A granted scope ends when the configuration removes it.
#[tokio::test]
async fn refresh_tokens_follow_the_configuration() {
    let shop = "[[client]]\nid = \"shop\"\nsecret = \"of the shop: 100 %\"\n";
    let grants = "grants = [\"password\", \"http://auth0.com/oauth/grant-type/mfa-otp\"]\n";
    let api = "[[api]]\naudience = \"https://someapi.com/api\"\n";
    let scopes = "scopes = [\"read:sample\", \"write:sample\"]\n";
    let asked = json!({"audience": API, "scope": "offline_access read:sample write:sample"});

    let server = Server::of(&format!("{shop}{api}{scopes}")).await;
    let user = server.user().await;
    let mfa_token = user.password(asked.clone()).await.is(403, "mfa_required").field("mfa_token");
    let enrolled = user.enrol(&mfa_token).await;
    let token = user.otp(&mfa_token, &enrolled.code(-1)).await.is_ok().field("refresh_token");
    let refresh = async |server: &Server, token: &str| {
        server.token(json!({"grant_type": "refresh_token", "refresh_token": token})).await
    };

    // The API has one scope fewer now.
    let server = server.restarted(&format!("{shop}{api}scopes = [\"read:sample\"]\n")).await;
    let answer = refresh(&server, &token).await;
    assert_eq!(answer.is_ok().json()["scope"], "offline_access read:sample");
    let token = answer.field("refresh_token");
    // The client may not refresh; then the API does not exist.
    let server = server.restarted(&format!("{shop}{grants}{api}{scopes}")).await;
    refresh(&server, &token).await.is(403, "unauthorized_client");
    let server = server.restarted(shop).await;
    refresh(&server, &token).await.is(403, "access_denied");
    let server = server.restarted(&format!("{shop}{api}{scopes}")).await;
    refresh(&server, &token).await.is_ok();

    // A client without the grant gets no refresh token, and its answer does not have the scope.
    let server = server.restarted(&format!("{shop}{grants}{api}{scopes}")).await;
    let fields = json!({"username": "user0@example.com", "password": PASSWORD});
    let mut fields = fields.as_object().unwrap().clone();
    fields.extend(asked.as_object().unwrap().clone());
    fields.insert("grant_type".into(), json!("password"));
    let mfa_token = server.token(json!(fields)).await.field("mfa_token");
    let otp = json!({"grant_type": MFA_OTP, "mfa_token": mfa_token, "otp": enrolled.code(0)});
    let answer = server.token(otp).await;
    assert_eq!(answer.is_ok().json()["scope"], "read:sample write:sample");
    assert_eq!(answer.json().get("refresh_token"), None);
}

#[tokio::test]
async fn signing_up_can_be_switched_off() {
    let server = Server::of(&format!("sign_up = false\n{SETTINGS}")).await;
    let body = json!({"client_id": "shop", "email": "bob@example.com", "password": PASSWORD});
    let refused = server.post("/dbconnections/signup", body).await;
    refused.is(400, "signup_disabled");
    assert_eq!(refused.field("name"), "BadRequestError");
}

/// Sends a request like a browser does for a page of another origin.
async fn from_origin(
    server: &Server,
    method: &str,
    path: &str,
    origin: &str,
) -> crate::server::Answer {
    let mut request = Request::builder().method(method).uri(path).header("origin", origin);
    if method == "OPTIONS" {
        request = request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "auth0-client,authorization,content-type");
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn pages_of_configured_origins_may_call_every_endpoint() {
    let server = Server::of(SETTINGS).await;
    let paths = [
        ("POST", "/oauth/token"),
        ("POST", "/dbconnections/signup"),
        ("POST", "/mfa/associate"),
        ("POST", "/mfa/challenge"),
        ("GET", "/mfa/authenticators"),
        ("DELETE", "/mfa/authenticators/totp%7Cdev_0"),
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/nothing"),
    ];
    for origin in ["https://app.example.com", "https://admin.example.com", "capacitor://localhost"]
    {
        for (method, path) in paths {
            // Refusals can be read too. Otherwise an app would only see a failed request.
            let answer = from_origin(&server, method, path, origin).await;
            assert_eq!(answer.headers["access-control-allow-origin"], origin, "{method} {path}");
            let exposed = answer.headers["access-control-expose-headers"].to_str().unwrap();
            assert_eq!(exposed, "retry-after,www-authenticate,x-request-id");
            let preflight = from_origin(&server, "OPTIONS", path, origin).await;
            assert_eq!(preflight.status, 200, "{path}");
            assert_eq!(preflight.headers["access-control-allow-origin"], origin, "{path}");
            let value = |name: &str| preflight.headers[name].to_str().unwrap();
            assert!(value("access-control-allow-methods").contains("DELETE"));
            assert!(value("access-control-allow-headers").contains("auth0-client"));
            for answer in [&answer, &preflight] {
                let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
                assert!(format!("{vary:?}").to_lowercase().contains("origin"), "{vary:?}");
                assert!(!answer.headers.contains_key("access-control-allow-credentials"));
            }
        }
    }
    for origin in [
        "https://evil.example.com",
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "null",
    ] {
        for method in ["POST", "OPTIONS"] {
            let answer = from_origin(&server, method, "/oauth/token", origin).await;
            assert_eq!(answer.headers.get("access-control-allow-origin"), None, "{origin}");
        }
    }
    // Without configured origins, no page may call.
    let server = Server::new().await;
    let answer = from_origin(&server, "OPTIONS", "/oauth/token", "https://app.example.com").await;
    assert_eq!(answer.headers.get("access-control-allow-origin"), None);
}

/// Each error names its line, helps with words, and contains no secret.
#[test]
fn what_is_wrong_in_a_file_is_told() {
    for (text, line, words) in [
        ("page = tru", 1, ""),
        ("\npages = true", 2, "unknown field `pages`"),
        ("origins = [\n\"https://a.example.com/\",\n]", 1, "without a path"),
        ("origins = [\"*\"]", 1, "is not an origin"),
        ("origins = [\"null\"]", 1, "is not an origin"),
        ("origins = [\"https://u@a.example.com\"]", 1, "is not an origin"),
        ("[[client]]\nid = \"a\"\nsecrt = \"hunter2\"", 3, "unknown field `secrt`"),
        ("[[client]]\nid = \"a\"\nsecret = \"hunter2", 3, ""),
        ("[[client]]\nid = \"a\"\nsecret = 20072007", 3, "string in quotes"),
        ("[[client]]\nid = \"a\"\nsecret = \"\"", 3, "not empty"),
        ("[[client]]\nid = \"a\"\nsecret = hunter2", 3, ""),
        ("[[client]]\nid = \"a\"\nsecret_sha256 = \"hunter2\"", 3, "64 hexadecimal digits"),
        ("[[client]]\nid = \"a\"", 2, "needs exactly one of: secret, secret_sha256, public"),
        ("[[client]]\nid = \"a\"\npublic = true\nsecret = \"hunter2\"", 2, "exactly one of"),
        ("[[client]]\nsecret = \"hunter2\"", 1, "missing field `id`"),
        ("[[client]]\nid = \"\"\npublic = true", 2, "the id is empty"),
        ("[[client]]\nid = \"page\"\npublic = true", 2, "the page has this id"),
        (
            "[[client]]\nid = \"a\"\npublic = true\n\n[[client]]\nid = \"a\"\npublic = true",
            6,
            "listed twice",
        ),
        (
            "[[client]]\nid = \"a\"\npublic = true\ngrants = [\n\"implicit\"]",
            4,
            "\"implicit\" is not a grant",
        ),
        ("[[client]]\nid = \"a\"\npublic = true\napis = [\"https://x\"]", 4, "the API https://x"),
        ("[[api]]\naudience = \"\"", 2, "an audience is empty"),
        ("[[api]]\naudience = \"a\"\nscopes = [\"b c\"]", 3, "is not a scope"),
        ("[[api]]\naudience = \"a\"\n[[api]]\naudience = \"a\"", 3, "the API a is listed twice"),
    ] {
        let Err(said) = Settings::parse(text) else { panic!("accepted: {text}") };
        assert!(said.starts_with(&format!("line {line}: ")), "{text:?}: {said}");
        assert!(said.contains(words), "{text:?}: {said}");
        assert!(!said.contains("hunter2") && !said.contains("20072007"), "{text:?}: {said}");
    }
}
