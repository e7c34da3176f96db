//! Rotates keys while two servers run.

use std::time::Duration;

use mfa_server::app;
use mfa_server::keys::Keys;
use mfa_server::rotate::{self, KeysCommand};
use mfa_server::signing::SigningAlg;
use mfa_server::tokens::check_keys;
use serde_json::{Value, json};

use crate::server::{ISSUER, Server, User};

const POLL: Duration = Duration::from_millis(100);

async fn rotated(server: &Server, command: KeysCommand, alg: SigningAlg) -> String {
    let (store, keys) = (&server.app.store, &server.app.keys);
    rotate::run(&command, store, keys, alg, POLL).await.unwrap().said
}

/// Returns the same master key for another server.
fn same_keys(server: &Server) -> Keys {
    Keys::load(Some(&server.master()), "unread".as_ref()).unwrap()
}

async fn kids(server: &Server) -> Vec<String> {
    let jwks = server.request("GET", "/.well-known/jwks.json", "", None).await;
    let jwks = jwks.is_ok().json();
    let keys = jwks["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Returns an access token for `/mfa/*`, and the id of its key.
async fn access(user: &User<'_>, code: &str) -> (String, String) {
    let asked = json!({"audience": format!("{ISSUER}mfa/"), "scope": "read:authenticators"});
    let mfa_token = user.password(asked).await.is(403, "mfa_required").field("mfa_token");
    let token = user.otp(&mfa_token, code).await.is_ok().field("access_token");
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    (token, kid)
}

#[tokio::test]
async fn a_signing_key_is_published_before_it_signs_and_verifies_after_it() {
    let first = Server::new().await;
    let second = first.beside(same_keys(&first)).await;
    let user = first.user().await;
    let enrolled = user.enrolled().await;
    let before = kids(&first).await;
    let [present, next] = &before[..] else { panic!("the present key and the next: {before:?}") };
    assert_eq!(kids(&second).await, before);

    // The key was published a moment ago, so it does not sign yet, and all servers wait.
    let wait = KeysCommand::RotateSigning { published_for: 3600 };
    let said = rotated(&first, wait, SigningAlg::Es256).await;
    assert!(said.contains("when it has been published for 3600"), "{said}");
    first.poll_keys().await;
    let (old, kid) = access(&user, &enrolled.code(0)).await;
    assert_eq!(&kid, present);
    first.execute("UPDATE signing_keys SET signs_from = NULL WHERE number = 2").await;
    first.execute("DELETE FROM signing_keys WHERE number = 3").await;

    // As if that time were over. One server has reloaded its keys, and the other one has not.
    let at_once = || KeysCommand::RotateSigning { published_for: 0 };
    rotated(&first, at_once(), SigningAlg::Es256).await;
    first.poll_keys().await;
    let (new, kid) = access(&user, &enrolled.code(1)).await;
    assert_eq!(&kid, next);
    for token in [&old, &new] {
        for server in [&first, &second] {
            user.at(server).list(token).await;
        }
    }
    second.poll_keys().await;
    let after = kids(&second).await;
    assert_eq!((&after[0], &after[1], after.len()), (present, next, 3));

    // The old key's tokens expire after ten minutes. Then the key is not published any more.
    second.execute("UPDATE signing_keys SET signs_from = signs_from - 700").await;
    second.poll_keys().await;
    assert_eq!(kids(&second).await, after[1..]);

    // A stolen key is removed at once.
    rotated(&first, at_once(), SigningAlg::Es256).await;
    rotated(&first, KeysCommand::ForgetSigning, SigningAlg::Es256).await;
    second.poll_keys().await;
    let listed = second.request("GET", "/mfa/authenticators", &new, None).await;
    listed.is(401, "invalid_token");
}

/// A key may be stolen while an ordinary rotation waits.
#[tokio::test]
async fn a_rotation_that_waits_can_be_hastened() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let before = kids(&server).await;
    let (stolen, kid) = access(&user, &enrolled.code(0)).await;
    assert_eq!(kid, before[0]);
    let rotate = |published_for| KeysCommand::RotateSigning { published_for };
    rotated(&server, rotate(3600), SigningAlg::Es256).await;

    let (store, keys) = (&server.app.store, &server.app.keys);
    server.poll_keys().await;
    let scheduled = kids(&server).await;
    let again = rotate::run(&rotate(3600), store, keys, SigningAlg::Rs256, POLL).await;
    let said = again.unwrap_err().to_string();
    assert!(said.contains("not over") && said.contains("--published-for 0"), "{said}");
    server.poll_keys().await;
    assert_eq!(kids(&server).await, scheduled, "a command that fails changes nothing");

    let said = rotated(&server, rotate(0), SigningAlg::Es256).await;
    assert_eq!(said, format!("{} of the last rotation signs from now on", before[1]));
    let said = rotated(&server, KeysCommand::ForgetSigning, SigningAlg::Es256).await;
    assert_eq!(said, format!("1 key removed; {} signs", before[1]));
    server.poll_keys().await;
    let listed = server.request("GET", "/mfa/authenticators", &stolen, None).await;
    listed.is(401, "invalid_token");
    let (new, kid) = access(&user, &enrolled.code(1)).await;
    assert_eq!(kid, before[1]);
    user.list(&new).await;

    let said = rotated(&server, KeysCommand::ForgetSigning, SigningAlg::Es256).await;
    assert!(said.starts_with("no key was removed"), "{said}");
}

#[tokio::test]
async fn a_rotation_changes_the_algorithm() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let said =
        rotated(&server, KeysCommand::RotateSigning { published_for: 0 }, SigningAlg::Rs256).await;
    server.poll_keys().await;
    let (token, kid) = access(&user, &enrolled.code(0)).await;
    assert!(said.starts_with(&kid), "{said}");
    assert_eq!(jsonwebtoken::decode_header(&token).unwrap().alg, jsonwebtoken::Algorithm::RS256);
    let discovery = server.request("GET", "/.well-known/openid-configuration", "", None).await;
    let algs = &discovery.json()["id_token_signing_alg_values_supported"];
    assert_eq!(algs, &json!(["ES256", "RS256"]));
    user.list(&token).await;
}

#[tokio::test]
async fn recovery_codes_go_on_working_under_the_pepper_of_before() {
    let first = Server::new().await;
    let second = first.beside(same_keys(&first)).await;
    let user = first.user().await;
    let enrolled = user.enrolled().await;
    let code = enrolled.recovery_code.unwrap();
    assert_eq!(peppers(&first).await, [1]);

    rotated(&first, KeysCommand::RotatePepper, SigningAlg::Es256).await;
    first.poll_keys().await;
    user.recover(&user.log_in().await, "AAAAAAAAAAAAAAAAAAAAAAAA").await.is(403, "invalid_grant");
    assert_eq!(peppers(&first).await, [1]);
    let replacement =
        user.recover(&user.log_in().await, &code).await.is_ok().field("recovery_code");
    assert_eq!(peppers(&first).await, [2]);

    // The other server has not loaded the new pepper, and loads it when a set names it.
    let there = user.at(&second);
    there.recover(&there.log_in().await, &code).await.is(403, "invalid_grant");
    let third = there.recover(&there.log_in().await, &replacement).await;
    assert_eq!(peppers(&first).await, [2]);
    let third = third.is_ok().field("recovery_code");
    user.recover(&user.log_in().await, &third).await.is_ok();

    let other = first.user().await;
    other.enrolled().await;
    assert_eq!(peppers(&first).await, [2, 2]);
}

/// Returns the key ids of the peppers that sets name.
async fn peppers(server: &Server) -> Vec<u32> {
    let mut ids = Vec::new();
    for (_, bytes) in server.column("recovery_codes", "codes").await {
        let codes = mfa_server::store::RecoveryCodes::from_bytes(&bytes).unwrap();
        ids.push(codes.pepper_key_id());
    }
    ids
}

#[tokio::test]
async fn the_master_key_is_rotated_while_servers_know_both() {
    let old = Server::new().await;
    let user = old.user().await;
    let enrolled = user.enrolled().await;
    let (old_hex, new_hex) = (old.master(), "ab".repeat(32));
    let with = |old: Option<&str>| {
        let keys = Keys::load(Some(&new_hex), "unread".as_ref()).unwrap();
        keys.with_old(old, None, Duration::from_secs(60)).unwrap()
    };
    let refused =
        async |keys: Keys| check_keys(&old.app.store, &keys).await.unwrap_err().to_string();
    assert!(refused(with(None)).await.contains("another master key"));

    // All servers have both keys, and the old one still seals. A server with only the old key
    // can read everything.
    let both = old.beside(with(Some(&old_hex))).await;
    let other = both.user().await;
    let of_other = other.enrolled().await;
    other.at(&old).otp(&other.at(&old).log_in().await, &of_other.code(0)).await.is_ok();

    let second = old.beside(with(Some(&old_hex))).await;
    for server in [&both, &second] {
        app::follow_keys(&server.app, POLL);
    }
    let command = tokio::spawn({
        let (store, keys) = (both.app.clone(), with(Some(&old_hex)));
        async move {
            let alg = SigningAlg::Es256;
            // Much longer than the servers need.
            let poll = 7 * POLL;
            rotate::run(&KeysCommand::RotateMaster, &store.store, &keys, alg, poll)
                .await
                .map_err(|error| error.to_string())
        }
    });
    // Meanwhile users enrol at servers that hear of the rotation one after the other.
    let late = second.user().await;
    let of_late = late.enrolled().await;
    let said = command.await.unwrap().unwrap();
    assert!(said.said.contains("none under the old one"), "{said:?}");
    let early = both.user().await;
    let of_early = early.enrolled().await;

    // The old key does not open anything any more. A server with only that key says so at its
    // start.
    let only_old = || Keys::load(Some(&old_hex), "unread".as_ref()).unwrap();
    assert!(refused(only_old()).await.contains("was rotated, and this is the old one"));
    let new = old.beside(with(None)).await;
    for (one, enrolled) in
        [(&user, &enrolled), (&other, &of_other), (&late, &of_late), (&early, &of_early)]
    {
        let here = one.at(&new);
        here.otp(&here.log_in().await, &enrolled.code(1)).await.is_ok();
    }
    // Peppers and signing keys have not changed.
    let here = user.at(&new);
    here.recover(&here.log_in().await, &enrolled.recovery_code.unwrap()).await.is_ok();
    assert_eq!(kids(&new).await, kids(&old).await);
    let said: Value = json!(rotated(&new, KeysCommand::RotateMaster, SigningAlg::Es256).await);
    assert!(said.to_string().contains("under this master key already"), "{said}");
}

#[tokio::test]
async fn a_rotation_of_the_master_key_that_was_interrupted_goes_on() {
    let old = Server::new().await;
    let user = old.user().await;
    let enrolled = user.enrolled().await;
    let (old_hex, new_hex) = (old.master(), "cd".repeat(32));
    let with = |old: Option<&str>| {
        let keys = Keys::load(Some(&new_hex), "unread".as_ref()).unwrap();
        keys.with_old(old, None, Duration::from_secs(60)).unwrap()
    };
    let both = with(Some(&old_hex));
    // The command is killed after the database named the new key, and before any row is sealed
    // under it.
    old.app.store.change_master(old.app.keys.check(), both.check()).await.unwrap();
    let alone = check_keys(&old.app.store, &with(None)).await.unwrap_err().to_string();
    assert!(alone.contains("is not finished"), "{alone}");
    // A server with only the old key stops sealing, because other servers could not read its
    // rows.
    assert!(old.app.keyring.reload(&old.app.store, &old.app.keys).await.is_err());
    let stranded = old.user().await;
    stranded.associate(&stranded.log_in().await).await.is(500, "server_error");

    check_keys(&old.app.store, &both).await.unwrap();
    rotate::run(&KeysCommand::RotateMaster, &old.app.store, &both, SigningAlg::Es256, POLL)
        .await
        .unwrap();
    let new = old.beside(with(None)).await;
    let here = user.at(&new);
    here.otp(&here.log_in().await, &enrolled.code(0)).await.is_ok();
}
