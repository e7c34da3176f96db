//! `POST /dbconnections/signup`, and passwords.

use serde_json::json;

use crate::server::{CLIENT, PASSWORD, Server};

#[tokio::test]
async fn a_user_signs_up_once() {
    let server = Server::new().await;
    let body = json!({
        "client_id": CLIENT,
        "email": " Zoë@Example.com",
        "password": PASSWORD,
        "connection": "Username-Password-Authentication",
        "user_metadata": {"plan": "silver"},
    });
    let answer = server.post("/dbconnections/signup", body.clone()).await;
    assert_eq!(answer.is_ok().field("email"), "zoë@example.com");
    assert_eq!(answer.json()["email_verified"], false);
    assert_eq!(answer.field("_id").len(), 24);

    let again = server.post("/dbconnections/signup", body).await;
    again.is(400, "invalid_signup");
    assert_eq!(again.field("code"), "invalid_signup");
    let fields =
        json!({"grant_type": "password", "username": "ZOË@example.com", "password": PASSWORD});
    server.token(fields).await.is(403, "mfa_required");
}

#[tokio::test]
async fn what_cannot_be_signed_up_is_told() {
    let server = Server::new().await;
    let long = "x".repeat(257);
    for (field, value, error) in [
        ("email", "alice", "invalid_email"),
        ("email", "@example.com", "invalid_email"),
        ("email", "a b@example.com", "invalid_email"),
        ("email", "a\n@example.com", "invalid_email"),
        ("email", &format!("{}@example.com", "x".repeat(250)), "invalid_email"),
        ("password", "7 chars", "invalid_password"),
        ("password", &long, "invalid_password"),
        ("connection", "ldap", "invalid_connection"),
    ] {
        let mut body =
            json!({"client_id": CLIENT, "email": "alice@example.com", "password": PASSWORD});
        body[field] = json!(value);
        server.post("/dbconnections/signup", body).await.is(400, error);
    }
    let body = json!({"client_id": "nobody", "email": "alice@example.com", "password": PASSWORD});
    server.post("/dbconnections/signup", body).await.is(401, "access_denied");
}

/// Auth0's SDKs look at this: `isPasswordNotStrongEnough`, and the rules that the password
/// breaks.
#[tokio::test]
async fn a_weak_password_is_told_as_auth0_tells_it() {
    let server = Server::new().await;
    for (password, code) in
        [("7 chars".to_owned(), "lengthAtLeast"), ("x".repeat(257), "lengthAtMost")]
    {
        let body = json!({"client_id": CLIENT, "email": "alice@example.com", "password": password});
        let answer = server.post("/dbconnections/signup", body).await;
        answer.is(400, "invalid_password");
        let told = answer.json();
        assert_eq!(told["name"], "PasswordStrengthError");
        assert_eq!(told["code"], "invalid_password");
        assert_eq!(told["message"], "Password is too weak");
        assert_eq!(told["statusCode"], 400);
        assert_eq!(
            told["policy"],
            "* At least 8 characters in length\n* At most 256 bytes in length"
        );
        assert_eq!(told["description"]["verified"], false);
        let rules = told["description"]["rules"].as_array().unwrap();
        let broken: Vec<_> = rules.iter().filter(|rule| rule["verified"] == false).collect();
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0]["code"], code);
        assert!(
            broken[0]["format"][0].is_u64()
                && broken[0]["message"].as_str().unwrap().contains("%d")
        );
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_told_from_an_unknown_user() {
    let server = Server::new().await;
    let user = server.user().await;
    let wrong = user.password(json!({"password": "correct horse batterx"})).await;
    let unknown = user.password(json!({"username": "nobody@example.com"})).await;
    wrong.is(403, "invalid_grant");
    assert_eq!((wrong.status, wrong.text), (unknown.status, unknown.text));
}

#[tokio::test]
async fn the_realm_is_the_one_there_is() {
    let server = Server::new().await;
    let user = server.user().await;
    let grant = "http://auth0.com/oauth/grant-type/password-realm";
    let realm = "Username-Password-Authentication";
    user.password(json!({"grant_type": grant, "realm": realm})).await.is(403, "mfa_required");
    user.password(json!({"grant_type": grant, "realm": "ldap"})).await.is(400, "invalid_request");
    user.password(json!({"grant_type": grant})).await.is(400, "invalid_request");
}
