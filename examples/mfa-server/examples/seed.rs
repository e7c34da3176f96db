//! Fills a database for `load.sh`, and prints the requests that `load.sh` sends. Through the
//! API, passwords and enrolments of 10,000 accounts would take minutes.
//!
//! ```text
//! seed fill DATABASE_URL KEY_FILE ACCOUNTS VERSION    adds confirmed accounts with mfa_tokens
//! seed bodies ACCOUNTS MFA_TOKEN CODE                 prints one request per line
//! ```
//!
//! VERSION is the format of sealed secrets: 1 is the old one. CODE is right, wrong or none.

use std::error::Error;
use std::io::{Write as _, stdout};
use std::path::Path;
use std::{env, fs};

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mfa_server::app::unix_time;
use mfa_server::keys::{Keys, hex, sha256};
use mfa_server::seal::Place;
use otp_core::verifier::{State, Swap, Verifier};
use otp_core::{Secret, Totp};
use serde_json::json;
use sqlx::{AnyConnection, Connection as _};

type Failed = Box<dyn Error>;

/// The number of mfa_tokens per account.
const TOKENS: u32 = 4;
/// The codes are for this many seconds in the future, so they are valid from now until two
/// steps later.
const AHEAD: u64 = 30;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["fill", url, key_file, accounts, version] => {
            fill(url, key_file.as_ref(), accounts.parse()?, version == "1").await
        }
        ["bodies", accounts, token, code] => bodies(accounts.parse()?, token.parse()?, code),
        _ => Err("see the first lines of seed.rs".into()),
    }
}

fn secret(account: u32) -> Result<Secret, Failed> {
    Ok(Secret::from_bytes(&sha256(format!("secret {account}").as_bytes())[..20])?)
}

fn mfa_token(account: u32, token: u32) -> String {
    URL_SAFE_NO_PAD.encode(sha256(format!("mfa_token {account} {token}").as_bytes()))
}

/// Returns the state of an authenticator that was confirmed by a code an hour ago.
fn confirmed(secret: &Secret, now: u64) -> Result<State, Failed> {
    let (totp, then) = (Totp::new(secret), now - 3600);
    let code = totp.code_at(then)?;
    let attempt = Verifier::DEFAULT.attempt(&totp, State::enrolment(), code.as_str(), then)?;
    let mut state = None;
    let _verdict = attempt.commit(|_, next| {
        state = Some(next);
        Ok::<_, Failed>(Swap::Stored)
    })?;
    state.ok_or_else(|| "the enrolment was not confirmed".into())
}

async fn fill(url: &str, key_file: &Path, accounts: u32, first: bool) -> Result<(), Failed> {
    sqlx::any::install_default_drivers();
    let mut database = AnyConnection::connect(url).await?;
    let keys = Keys::load(None, key_file)?;
    let master = fs::read_to_string(key_file)?;
    let now = unix_time()?;
    sqlx::raw_sql("BEGIN").execute(&mut database).await?;
    for account in 0..accounts {
        let (user, id) = (format!("auth0|{account:024x}"), format!("totp|dev_{account:016x}"));
        let secret = secret(account)?;
        let sealed = if first {
            first_version(&master, &id, secret.expose_bytes())?
        } else {
            keys.seal(&Place::totp_secret(&id, &user), secret.expose_bytes())?
        };
        sqlx::query(
            "INSERT INTO users (id, email, password_hash, created_at) VALUES ($1, $2, '-', 0)",
        )
        .bind(&user)
        .bind(format!("user{account}@example.com"))
        .execute(&mut database)
        .await?;
        sqlx::query(if first {
            "INSERT INTO otp_authenticators (id, user_id, active, secret, state) \
                 VALUES ($1, $2, 1, $3, $4)"
        } else {
            "INSERT INTO otp_authenticators (id, user_id, active, secret, state, created_at) \
                 VALUES ($1, $2, 1, $3, $4, 0)"
        })
        .bind(&id)
        .bind(&user)
        .bind(sealed)
        .bind(confirmed(&secret, now)?.to_bytes().as_ref())
        .execute(&mut database)
        .await?;
        for token in 0..TOKENS {
            sqlx::query(
                "INSERT INTO mfa_tokens (hash, user_id, client_id, audience, scope, expires_at, spent) \
                 VALUES ($1, $2, 'load', $3, 'openid profile', $4, 0)",
            )
            .bind(sha256(mfa_token(account, token).as_bytes()))
            .bind(&user)
            .bind("https://api.example.com/")
            .bind(i64::try_from(now)? + 86_000)
            .execute(&mut database)
            .await?;
        }
    }
    sqlx::raw_sql("COMMIT").execute(&mut database).await?;
    Ok(database.close().await?)
}

fn bodies(accounts: u32, token: u32, code: &str) -> Result<(), Failed> {
    let mut out = stdout().lock();
    let at = unix_time()? + AHEAD;
    for account in 0..accounts {
        let mut body = json!({
            "client_id": "load",
            "client_secret": "of the load",
            "mfa_token": mfa_token(account, token),
        });
        if code == "none" {
            body["challenge_type"] = json!("otp");
        } else {
            let right = Totp::new(&secret(account)?).code_at(at)?;
            let right = right.as_str();
            let wrong = if right.starts_with('0') { "999999" } else { "000000" };
            body["grant_type"] = json!("http://auth0.com/oauth/grant-type/mfa-otp");
            body["otp"] = json!(if code == "right" { right } else { wrong });
        }
        writeln!(out, "{body}")?;
    }
    Ok(())
}

/// Seals a secret in the first format, which only binds the row: the byte 1, the nonce, the
/// ciphertext.
fn first_version(master: &str, id: &str, secret: &[u8]) -> Result<Vec<u8>, Failed> {
    let master = (0..32)
        .map(|byte| u8::from_str_radix(&master[2 * byte..2 * byte + 2], 16))
        .collect::<Result<Vec<_>, _>>()?;
    let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"otp-core mfa-server v1").extract(&master);
    let refused = |_| format!("the cipher refused {}", hex(id.as_bytes()));
    let mut key = [0; 32];
    root.expand(&[b"seal"], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(refused)?;
    let key = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(refused)?;
    let mut text = secret.to_vec();
    let nonce = key.seal_in_place_append_tag(Aad::from(id), &mut text).map_err(refused)?;
    Ok([&[1], nonce.as_ref().as_slice(), &text].concat())
}
