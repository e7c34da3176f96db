//! The plain exports of password managers in JSON, Bitwarden and Proton, and of their
//! authenticator apps.
//!
//! Most items of a vault do not have one-time codes. They are passed over, and do not count.

use serde_json::Value;

use super::apps::take;
use super::json::{Json, first_text, list, text};
use super::secret::read_text;
use crate::Outcome;
use crate::reading::Reading;

pub(super) fn bitwarden(json: &Json, reading: &mut Reading) -> Outcome<()> {
    let root = json.root();
    if root.get("encrypted").and_then(Value::as_bool) == Some(true) {
        return Err("an encrypted Bitwarden export: export it as plain .json".into());
    }
    for (at, item) in list(root, "items").iter().enumerate() {
        let login = item.get("login").unwrap_or(&Value::Null);
        let (name, user) = (text(item, "name"), text(login, "username"));
        take_text(at, text(login, "totp"), name, user, reading);
    }
    Ok(())
}

pub(super) fn proton(json: &Json, reading: &mut Reading) -> Outcome<()> {
    let root = json.root();
    let has_flag = root.get("encrypted").and_then(Value::as_bool) == Some(true);
    if has_flag || (root.get("salt").is_some() && root.get("content").is_some()) {
        return Err("an encrypted Proton export: export it without a password".into());
    }
    // Proton Authenticator.
    for (at, entry) in list(root, "entries").iter().enumerate() {
        let content = entry.get("content").unwrap_or(&Value::Null);
        let name = text(content, "name");
        let read = read_text(text(content, "uri"), None, name).map(|(mut key, warning)| {
            // The name of a Steam account stands beside its secret.
            if key.account.is_empty() {
                name.clone_into(&mut key.account);
            }
            (key, warning)
        });
        take(at, "", name, read, reading);
    }
    // Proton Pass.
    let vaults = root.get("vaults").and_then(Value::as_object);
    let items = vaults.into_iter().flat_map(|vaults| vaults.values());
    for (at, item) in items.flat_map(|vault| list(vault, "items")).enumerate() {
        let data = item.get("data").unwrap_or(&Value::Null);
        let content = data.get("content").unwrap_or(&Value::Null);
        let name = data.get("metadata").map_or("", |about| text(about, "name"));
        let user = first_text(content, &["itemUsername", "username", "itemEmail"]);
        take_text(at, text(content, "totpUri"), name, user, reading);
        for field in list(data, "extraFields") {
            let totp = field.get("data").map_or("", |data| text(data, "totpUri"));
            take_text(at, totp, name, user, reading);
        }
    }
    Ok(())
}

/// Takes the key of an item, if it has one.
fn take_text(at: usize, totp: &str, name: &str, user: &str, reading: &mut Reading) {
    if !totp.trim().is_empty() {
        take(at, name, user, read_text(totp, Some(name), user), reading);
    }
}
