//! The effect of a restored backup, as the README describes it.

use serde_json::json;

use crate::server::{CLIENT, CLIENT_SECRET, Server};

const README: &str = include_str!("../../README.md");

/// The README's statements end all logins and sessions.
#[tokio::test]
async fn the_statements_for_a_restored_database_end_sessions() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let asked = user.password(json!({"scope": "openid offline_access"})).await;
    let answer = user.otp(&asked.field("mfa_token"), &enrolled.code(0)).await;
    let refresh_token = answer.is_ok().field("refresh_token");
    let mfa_token = user.log_in().await;

    let (_, rest) = README.split_once("```sql\n").unwrap();
    let (statements, _) = rest.split_once("```").unwrap();
    assert!(statements.matches(';').count() == 2, "{statements}");
    for statement in statements.split_inclusive(';').filter(|text| text.contains(';')) {
        server.execute(statement.trim()).await;
    }
    user.otp(&mfa_token, &enrolled.code(1)).await.is(403, "invalid_grant");
    let refresh = json!({
        "grant_type": "refresh_token", "refresh_token": refresh_token,
        "client_id": CLIENT, "client_secret": CLIENT_SECRET,
    });
    server.post("/oauth/token", refresh).await.is(403, "invalid_grant");
}
