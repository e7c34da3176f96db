//! The plain exports of authenticator apps: Aegis, 2FAS, andOTP. The export of Ente is a list
//! of key URIs.

use serde_json::Value;

use super::Format;
use super::json::{Json, first_text, list, number, text};
use super::secret::{Fields, Read};
use crate::Outcome;
use crate::entry::label;
use crate::reading::Reading;

/// Tells by its members whose export it is.
pub(super) fn recognise(json: &Json) -> Option<Format> {
    let root = json.root();
    let has = |name| root.get(name).is_some();
    if root.is_array() {
        let is_andotp =
            |entry: &Value| entry.get("secret").is_some() && entry.get("type").is_some();
        return root.as_array()?.first().is_some_and(is_andotp).then_some(Format::Andotp);
    }
    if has("db") && has("header") {
        Some(Format::Aegis)
    } else if has("services") || has("servicesEncrypted") {
        Some(Format::TwoFas)
    } else if has("kdfParams") && has("encryptedData") {
        Some(Format::Ente)
    } else if has("vaults") || has("entries") || (has("salt") && has("content")) {
        Some(Format::Proton)
    } else if has("items") || has("encKeyValidation_DO_NOT_EDIT") {
        Some(Format::Bitwarden)
    } else {
        None
    }
}

pub(super) fn aegis(json: &Json, reading: &mut Reading) -> Outcome<()> {
    let db = json.root().get("db").unwrap_or(&Value::Null);
    if db.is_string() {
        return Err("an encrypted Aegis vault: export it as plain text".into());
    }
    for (at, entry) in list(db, "entries").iter().enumerate() {
        let (issuer, account) = (text(entry, "issuer"), text(entry, "name"));
        let info = entry.get("info").unwrap_or(&Value::Null);
        let read = fields(info, text(entry, "type"), issuer, account, "algo");
        take(at, issuer, account, read, reading);
    }
    Ok(())
}

pub(super) fn two_fas(json: &Json, reading: &mut Reading) -> Outcome<()> {
    let root = json.root();
    if !text(root, "servicesEncrypted").is_empty() {
        return Err("an encrypted 2FAS backup: export it without a password".into());
    }
    for (at, service) in list(root, "services").iter().enumerate() {
        let otp = service.get("otp").unwrap_or(&Value::Null);
        let issuer = Some(text(otp, "issuer")).filter(|issuer| !issuer.is_empty());
        let issuer = issuer.unwrap_or(text(service, "name"));
        let account = first_text(otp, &["account", "label"]);
        // Earlier versions only knew TOTP, and did not say so.
        let kind = Some(text(otp, "tokenType")).filter(|kind| !kind.is_empty()).unwrap_or("TOTP");
        let read = numbers(otp).and_then(|[digits, period, counter]| {
            let secret = text(service, "secret");
            let algorithm = Some(text(otp, "algorithm")).filter(|name| !name.is_empty());
            let issuer = Some(issuer);
            Fields { kind, issuer, account, secret, algorithm, digits, period, counter }.read()
        });
        take(at, issuer, account, read, reading);
    }
    Ok(())
}

pub(super) fn andotp(json: &Json, reading: &mut Reading) -> Outcome<()> {
    let entries = json.root().as_array().ok_or("not an export of andOTP: it is a list")?;
    for (at, entry) in entries.iter().enumerate() {
        let (issuer, account) = (text(entry, "issuer"), text(entry, "label"));
        let read = fields(entry, text(entry, "type"), issuer, account, "algorithm");
        take(at, issuer, account, read, reading);
    }
    Ok(())
}

/// A plain export of Ente is not JSON.
pub(super) fn ente(_: &Json) -> Outcome<()> {
    Err("an encrypted export of Ente Auth: export it as plain text".into())
}

/// Reads a key whose fields are members of one object.
fn fields(key: &Value, kind: &str, issuer: &str, account: &str, algorithm: &str) -> Read {
    let [digits, period, counter] = numbers(key)?;
    let secret = text(key, "secret");
    let algorithm = Some(text(key, algorithm)).filter(|name| !name.is_empty());
    let issuer = Some(issuer);
    Fields { kind, issuer, account, secret, algorithm, digits, period, counter }.read()
}

fn numbers(key: &Value) -> Result<[Option<u64>; 3], String> {
    Ok([number(key, "digits")?, number(key, "period")?, number(key, "counter")?])
}

/// Takes an entry, and tells what is wrong with it. `at` counts from 0.
pub(super) fn take(at: usize, issuer: &str, account: &str, read: Read, reading: &mut Reading) {
    let place = format!("entry {}", at + 1);
    let name = label(Some(issuer), account);
    let entry = read.map(|(entry, warning)| {
        if let Some(warning) = warning {
            reading.warn(&place, &name, &warning);
        }
        entry
    });
    reading.take(&place, &name, entry);
}
