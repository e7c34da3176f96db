//! Encryption at rest: a secret only opens in its own place.

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use mfa_server::keys::sha256;
use mfa_server::seal::Place;
use sqlx::{Connection as _, Row as _};

use crate::server::Server;

/// An attacker can write to the database but does not have the key. The attacker copies the
/// authenticator of another account to a victim.
#[tokio::test]
async fn a_secret_that_is_copied_to_another_user_does_not_open() {
    let server = Server::new().await;
    let (thief, victim) = (server.user().await, server.user().await);
    let (of_thief, of_victim) = (thief.enrolled().await, victim.enrolled().await);
    server.execute(&format!("DELETE FROM otp_authenticators WHERE id = '{}'", of_victim.id)).await;
    let to_victim = format!(
        "UPDATE otp_authenticators SET user_id = (SELECT id FROM users WHERE email = '{}') \
         WHERE id = '{}'",
        victim.email, of_thief.id
    );
    server.execute(&to_victim).await;
    let answer = victim.otp(&victim.log_in().await, &of_thief.code(0)).await;
    answer.is(500, "server_error");
}

#[tokio::test]
async fn a_place_is_its_kind_its_row_and_its_user() {
    let server = Server::new().await;
    let keys = &server.app.keys;
    let place = Place::totp_secret("totp|dev_1", "auth0|2");
    let sealed = keys.seal(&place, b"secret").unwrap();
    assert_eq!(**keys.open(&place, &sealed).unwrap(), *b"secret");
    for other in [
        Place::totp_secret("totp|dev_2", "auth0|2"),
        Place::totp_secret("totp|dev_1", "auth0|1"),
        // The same characters, divided differently between the parts.
        Place::totp_secret("totp|dev_1a", "uth0|2"),
        Place::totp_secret("totp|dev_1auth0|2", ""),
        Place::signing_key("totp|dev_1"),
        Place::pepper("totp|dev_1"),
    ] {
        assert!(keys.open(&other, &sealed).is_err());
    }
    for changed in 0..sealed.len() {
        let mut sealed = sealed.clone();
        sealed[changed] ^= 1;
        assert!(keys.open(&place, &sealed).is_err(), "byte {changed}");
    }
    for len in 0..sealed.len() {
        assert!(keys.open(&place, &sealed[..len]).is_err(), "{len} bytes");
    }
}

#[tokio::test]
async fn the_first_version_is_read_and_sealed_anew_at_the_next_login() {
    let server = Server::new().await;
    let user = server.user().await;
    let enrolled = user.enrolled().await;
    let hash = sha256(user.log_in().await.as_bytes());
    let user_id = server.app.store.login(&hash).await.unwrap().unwrap().user_id;
    let place = Place::totp_secret(&enrolled.id, &user_id);
    let secret = server.app.keys.open(&place, &stored(&server).await).unwrap();

    let mut database = server.database().await;
    sqlx::query("UPDATE otp_authenticators SET secret = $1")
        .bind(first_version(&server.master(), &enrolled.id, &secret))
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();

    // A wrong code changes nothing.
    user.otp(&user.log_in().await, "000000").await.is(403, "invalid_grant");
    assert_eq!(stored(&server).await[0], 1);
    user.otp(&user.log_in().await, &enrolled.code(0)).await.is_ok();
    assert_eq!(stored(&server).await[0], 2);
    user.otp(&user.log_in().await, &enrolled.code(1)).await.is_ok();
}

async fn stored(server: &Server) -> Vec<u8> {
    let mut database = server.database().await;
    let query = "SELECT secret FROM otp_authenticators";
    let row = sqlx::query(query).fetch_one(&mut database).await.unwrap();
    database.close().await.unwrap();
    row.get(0)
}

/// Seals as earlier servers did, bound only to the row: the byte 1, the nonce, the ciphertext.
fn first_version(master: &str, id: &str, secret: &[u8]) -> Vec<u8> {
    let master: Vec<u8> = (0..32)
        .map(|byte| u8::from_str_radix(&master[2 * byte..2 * byte + 2], 16).unwrap())
        .collect();
    let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"otp-core mfa-server v1").extract(&master);
    let mut key = [0; 32];
    root.expand(&[b"seal"], hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    let key = RandomizedNonceKey::new(&AES_256_GCM, &key).unwrap();
    let mut text = secret.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(id), &mut text).unwrap();
    [&[1], nonce.as_ref().as_slice(), &text].concat()
}
