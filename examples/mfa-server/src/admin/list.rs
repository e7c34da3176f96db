//! `mfa-server admin list`: users, as a table or as JSON.

use std::error::Error;

use otp_core::verifier::{Lifecycle, State};
use serde_json::{Value, json};

use super::{Told, nobody};
use crate::app::unix_time;
use crate::signup::normalised;
use crate::store::{Account, Otp, Store};
use crate::time::iso;

const HEAD: [&str; 5] = ["EMAIL", "USER", "LAST LOGIN", "AUTHENTICATORS", "RECOVERY CODE"];

pub async fn run(store: &Store, email: Option<&str>, json: bool) -> Result<Told, Box<dyn Error>> {
    let accounts = match email.map(normalised) {
        None => all(store).await?,
        Some(email) => match store.account(&email).await? {
            Some(account) => vec![account],
            None => return Ok(nobody(&email)),
        },
    };
    let now = unix_time()?;
    Ok(Told::Done(if json {
        let lines: Vec<String> =
            accounts.iter().map(|account| object(account, now).to_string()).collect();
        lines.join("\n")
    } else {
        table(accounts.iter().map(|account| row(account, now)))
    }))
}

async fn all(store: &Store) -> Result<Vec<Account>, Box<dyn Error>> {
    let mut all: Vec<Account> = Vec::new();
    loop {
        let after = all.last().map(|last| last.user.email.clone()).unwrap_or_default();
        let page = store.accounts(&after).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Returns in words whether an authenticator or a recovery code would accept a code now.
fn state(state: State, now: u64) -> String {
    match (state.lifecycle(), state.locked_until(now)) {
        (Lifecycle::Disabled(_), _) => "disabled".into(),
        (_, Some(until)) => format!("locked until {}", iso(until)),
        (Lifecycle::Unconfirmed, None) => "not confirmed".into(),
        _ => "ready".into(),
    }
}

fn user_state(account: &Account) -> &'static str {
    if account.user.blocked { "disabled" } else { "enabled" }
}

fn row(account: &Account, now: u64) -> [String; 5] {
    let otps = account.otps.iter().map(|otp| state(otp.stored.state, now));
    let recovery = account.recovery.as_ref().map(|recovery| state(recovery.stored.state, now));
    [
        account.user.email.clone(),
        user_state(account).into(),
        if account.last_login == 0 { "-".into() } else { iso(account.last_login) },
        or_dash(otps.collect::<Vec<_>>().join(", ")),
        or_dash(recovery.unwrap_or_default()),
    ]
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".into() } else { text }
}

fn table(rows: impl Iterator<Item = [String; 5]>) -> String {
    let rows: Vec<[String; 5]> = [HEAD.map(str::to_owned)].into_iter().chain(rows).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn object(account: &Account, now: u64) -> Value {
    let noted = |time: u64| (time != 0).then(|| iso(time));
    let otp = |otp: &Otp| {
        json!({
            "id": otp.id,
            "state": state(otp.stored.state, now),
            "failures": otp.stored.state.failures(),
            "created_at": noted(otp.created_at),
            "last_auth": otp.last_used().map(iso),
        })
    };
    let recovery = account.recovery.as_ref().map(|recovery| {
        json!({
            "state": state(recovery.stored.state, now),
            "failures": recovery.stored.state.failures(),
            "created_at": noted(recovery.created_at),
        })
    });
    json!({
        "user_id": account.user.id,
        "email": account.user.email,
        "email_verified": account.user.email_verified,
        "state": user_state(account),
        "created_at": noted(account.created_at),
        "last_login": noted(account.last_login),
        "authenticators": account.otps.iter().map(otp).collect::<Vec<_>>(),
        "recovery_code": recovery,
    })
}
