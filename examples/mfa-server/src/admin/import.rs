//! `mfa-server admin import`: adds users of another system, with their existing passwords and
//! secrets.
//!
//! Each entry is imported completely or not at all, and the command prints a line about it. A
//! wrong entry does not stop the others. [`auth0`] reads the format of Auth0's bulk imports.
//! For another format, write another module that returns an [`Entry`].

mod auth0;

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Read as _, Write};
use std::{fs, mem};

use clap::Args;
use otp_core::verifier::State;
use otp_core::{Period, Secret};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Told, Tools};
use crate::app::unix_time;
use crate::audit::Event;
use crate::keys::{hex, random};
use crate::seal::Place;
use crate::store::{Otp, User};

#[derive(Args)]
pub struct Import {
    /// A JSON array, or one JSON object per line, in the format of Auth0's bulk imports; - is
    /// standard input
    file: String,
    /// Print what the command would do, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// A user of another system, independent of the file's format.
struct Entry {
    /// The id without the connection in front of it. With `None`, the server makes a new id.
    id: Option<String>,
    email: String,
    email_verified: bool,
    blocked: bool,
    password_hash: String,
    factors: Vec<Factor>,
    /// The names of fields that this server cannot store.
    left_out: Vec<&'static str>,
}

/// A secret that the user has confirmed in the other system.
struct Factor {
    secret: Secret,
    /// The last time step that the other system accepted. If it is `None`, a code of the
    /// current window that was used there works once more here.
    last_used_step: Option<u64>,
}

/// Reads the file, and writes a line about each entry when that entry is done.
pub async fn run(
    import: &Import,
    tools: &Tools<'_>,
    out: &mut impl Write,
) -> Result<Told, Box<dyn Error>> {
    let text = read(&import.file).map_err(|error| format!("{}: {error}", import.file))?;
    let now = unix_time()?;
    let (mut done, mut refused) = (0_u64, 0_u64);
    let mut seen = Seen::default();
    for (place, value) in entries(&text)? {
        let entry = value.and_then(|value| auth0::read(&value, now / Period::DEFAULT.seconds()));
        let (who, outcome) = match entry {
            Ok(entry) => {
                let who = format!("{place}: {}: ", entry.email);
                let outcome = match seen.note(&place, &entry) {
                    Ok(()) => take(tools, entry, import.dry_run, now).await?,
                    Err(error) => Err(error),
                };
                (who, outcome)
            }
            Err(error) => (format!("{place}: "), Err(error)),
        };
        match outcome {
            Ok(said) => {
                done += 1;
                writeln!(out, "{who}{said}")?;
            }
            Err(why) => {
                refused += 1;
                writeln!(out, "{who}refused: {why}")?;
            }
        }
    }
    let would = if import.dry_run { " (dry run: nothing was stored)" } else { "" };
    let said = format!("{done} imported, {refused} refused{would}");
    Ok(if refused == 0 { Told::Done(said) } else { Told::No(said) })
}

fn read(file: &str) -> io::Result<Zeroizing<String>> {
    if file == "-" {
        let mut text = Zeroizing::new(String::new());
        io::stdin().lock().read_to_string(&mut text)?;
        return Ok(text);
    }
    fs::read_to_string(file).map(Zeroizing::new)
}

type Found = (String, Result<Value, String>);

/// Returns the entries of an array or of lines, each with its position. Errors only name
/// positions, because the text may contain a secret.
fn entries(text: &str) -> Result<Vec<Found>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let wrong = |error: &serde_json::Error| {
        format!("is not JSON: line {}, column {}", error.line(), error.column())
    };
    if text.trim_start().starts_with('[') {
        let values: Vec<Value> = serde_json::from_str(text).map_err(|error| wrong(&error))?;
        let place = |(nth, value)| (format!("entry {}", nth + 1), Ok(value));
        return Ok(values.into_iter().enumerate().map(place).collect());
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let found = lines.map(|(nth, line)| {
        let value = serde_json::from_str(line);
        let value = value.map_err(|error| format!("is not JSON: column {}", error.column()));
        (format!("line {}", nth + 1), value)
    });
    Ok(found.collect())
}

/// The addresses and ids of a file, and the position of each.
#[derive(Default)]
struct Seen(HashMap<String, String>);

impl Seen {
    fn note(&mut self, place: &str, entry: &Entry) -> Result<(), String> {
        let id = entry.id.iter().map(|id| (id.as_str(), "user_id"));
        for (key, name) in [(entry.email.as_str(), "email")].into_iter().chain(id) {
            if let Some(before) = self.0.insert(format!("{name} {key}"), place.to_owned()) {
                return Err(format!("{name}: {before} has the same one"));
            }
        }
        Ok(())
    }
}

/// Stores an entry, completely or not at all. Returns the text to print, or the reason for a
/// refusal.
async fn take(
    tools: &Tools<'_>,
    mut entry: Entry,
    dry_run: bool,
    now: u64,
) -> Result<Result<String, String>, Box<dyn Error>> {
    let id = match &entry.id {
        Some(id) => id.clone(),
        None => hex(&random::<12>()?),
    };
    let user = User {
        email_verified: entry.email_verified,
        blocked: entry.blocked,
        ..User::new(
            format!("auth0|{id}"),
            mem::take(&mut entry.email),
            mem::take(&mut entry.password_hash),
        )
    };
    let mut otps = Vec::with_capacity(entry.factors.len());
    for factor in &entry.factors {
        otps.push(otp(tools, &user.id, factor, now)?);
    }
    let store = tools.store;
    let is_new = if dry_run {
        store.user_by_email(&user.email).await?.is_none() && store.user(&user.id).await?.is_none()
    } else {
        store.import(&user, &otps, now).await?
    };
    if !is_new {
        return Ok(Err("a user with this address or user_id exists already".into()));
    }
    if !dry_run {
        Event::new("user.imported").user(&user.id).operator(&tools.operator).write(tools.audit);
    }
    let count = otps.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut said = format!("imported with {count} authenticator{plural}");
    if !entry.left_out.is_empty() {
        said += &format!("; left out: {}", entry.left_out.join(", "));
    }
    Ok(Ok(said))
}

fn otp(tools: &Tools<'_>, user_id: &str, factor: &Factor, now: u64) -> Result<Otp, Box<dyn Error>> {
    let id = format!("totp|dev_{}", hex(&random::<8>()?));
    let place = Place::totp_secret(&id, user_id);
    let sealed_secret = tools.keys.seal(&place, factor.secret.expose_bytes())?;
    let confirmed = State::confirmed();
    let state = factor.last_used_step.map_or(confirmed, |step| confirmed.with_last_used(step));
    Ok(Otp { id, active: true, sealed_secret, stored: state.into(), created_at: now })
}
