//! Codes as users type and paste them. The core is tested with the same table. A text that can
//! be read as a code is checked, and other texts get an answer of their own.

use serde_json::Value;

use crate::server::Server;

use self::rows::rows;

#[path = "../../../../tests/it/pasted/rows.rs"]
mod rows;

/// The number of wrong codes that are checked before a wait.
const FREE: usize = 5;

#[tokio::test]
async fn what_can_be_read_is_judged_and_nothing_else() {
    let server = Server::new().await;
    for kind in ["code", "recovery"] {
        for some in rows(kind).chunks(FREE) {
            let user = server.user().await;
            user.enrolled().await;
            let mfa_token = user.log_in().await;
            for (outcome, text) in some {
                let answer = match kind {
                    "code" => user.otp(&mfa_token, text).await,
                    _ => user.recover(&mfa_token, text).await,
                };
                answer.is(403, "invalid_grant");
                let reason = (*outcome != "read").then_some("malformed");
                let told = answer.json();
                assert_eq!(told.get("reason").and_then(Value::as_str), reason, "{kind} {text:?}");
            }
        }
    }
}
