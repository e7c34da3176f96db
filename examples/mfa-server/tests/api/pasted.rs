//! What people type and paste, by the table that the core is tested with: what can be read is judged, and what cannot has
//! words of its own.

use serde_json::Value;

use crate::server::Server;

const TEXT: &str = include_str!("../../../../tests/data/pasted.txt");
/// So many wrong codes are judged before a wait.
const FREE: usize = 5;

fn rows(kind: &str) -> Vec<(&'static str, String)> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let [own, outcome, _why, text] =
                line.split('\t').collect::<Vec<_>>().try_into().expect(line);
            (own == kind).then(|| (outcome, unescaped(text)))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    let mut parts = text.split("\\u{");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_once('}').expect(part);
        whole.push(char::from_u32(u32::from_str_radix(hex, 16).expect(hex)).expect(hex));
        whole += rest;
    }
    whole
}

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
