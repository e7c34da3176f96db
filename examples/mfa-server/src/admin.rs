//! `mfa-server admin …`: an operator's commands for helping users while servers run.
//!
//! A command does not ask for a password, because anybody who can read the database and the
//! master key could do the same without it. Each command is one transaction and prints one line
//! about what it did. The audit log has each command with the operator's name.

mod import;
mod list;
mod tokens;

use std::error::Error;
use std::{env, io};

use clap::Subcommand;

use self::import::Import;
use self::tokens::ImportTokens;
use crate::app::unix_time;
use crate::audit::{Audit, Event};
use crate::guesses;
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::recovery;
use crate::signing::SigningAlg;
use crate::signup::normalised;
use crate::store::{By, Recovery, Refusal, Store, User};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Show users: their state, their last login, and the state of their authenticators
    List {
        /// Show only this user
        email: Option<String>,
        /// Print one JSON object per user, one per line
        #[arg(long)]
        json: bool,
    },
    /// Unlock and enable a user's authenticators, recovery code and password
    Unlock { email: String },
    /// Disable all authenticators, print a new recovery code, and end all sessions: the next login
    /// needs that code, and enrols again
    Reset { email: String },
    /// Lock a user out, and end all sessions
    Disable { email: String },
    /// Let a disabled user in again
    Enable { email: String },
    /// Set email_verified to true, because mail to the user's address arrives
    VerifyEmail { email: String },
    /// Delete a user and all data of the user
    Delete { email: String },
    /// Print a new recovery code for a user; the previous one stops working
    RecoveryCode { email: String },
    /// Add users of another system, with the passwords and TOTP secrets that they have there
    Import(Import),
    /// Give the hardware tokens of a seed file to users, as confirmed authenticators
    ImportTokens(ImportTokens),
}

/// The shared objects that each command needs.
pub struct Tools<'a> {
    pub store: &'a Store,
    pub keys: &'a Keys,
    pub alg: SigningAlg,
    pub audit: &'a Audit,
    /// The operator's name in the audit log.
    pub operator: String,
}

/// The text that a command prints when it ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    Done(String),
    /// Nothing was done: the user does not exist, or has nothing that the command could change.
    No(String),
}

/// Returns the name of the user that runs this process. If that is root by `sudo`, the name of
/// the user who called `sudo` is added.
pub fn operator() -> String {
    let name = whoami::username().unwrap_or_else(|_| "unknown".into());
    match env::var("SUDO_USER") {
        Ok(before) if name == "root" => format!("{before} as root"),
        _ => name,
    }
}

/// Runs the command.
pub async fn run(command: &AdminCommand, tools: &Tools<'_>) -> Result<Told, Box<dyn Error>> {
    let email = match command {
        AdminCommand::List { email, json } => {
            return list::run(tools.store, email.as_deref(), *json).await;
        }
        AdminCommand::Import(import) => {
            return import::run(import, tools, &mut io::stdout()).await;
        }
        AdminCommand::ImportTokens(import) => {
            return tokens::run(import, tools, &mut io::stdout()).await;
        }
        AdminCommand::Unlock { email }
        | AdminCommand::Reset { email }
        | AdminCommand::Disable { email }
        | AdminCommand::Enable { email }
        | AdminCommand::VerifyEmail { email }
        | AdminCommand::Delete { email }
        | AdminCommand::RecoveryCode { email } => normalised(email),
    };
    let Some(user) = tools.store.user_by_email(&email).await? else {
        return Ok(nobody(&email));
    };
    let (event, said) = match act(command, tools, &user).await? {
        Some(done) => done,
        None => return Ok(Told::No(format!("{email}: the user has no authenticator"))),
    };
    Event::new(event).user(&user.id).operator(&tools.operator).write(tools.audit);
    Ok(Told::Done(format!("{email}: {said}")))
}

fn nobody(email: &str) -> Told {
    Told::No(format!("{email}: no user has this address"))
}

/// Returns the name of the event and the text to print. Returns `None` if the user has nothing
/// that the command could change.
async fn act(
    command: &AdminCommand,
    tools: &Tools<'_>,
    user: &User,
) -> Result<Option<(&'static str, String)>, Box<dyn Error>> {
    let (store, id, now) = (tools.store, user.id.as_str(), unix_time()?);
    let done = match command {
        AdminCommand::List { .. } | AdminCommand::Import(_) | AdminCommand::ImportTokens(_) => {
            return Ok(None);
        }
        AdminCommand::Unlock { .. } => {
            let factors = store.unlock(id).await?;
            let password =
                store.forget_guess(&guesses::of_account(tools.keys, &user.email)).await?;
            ("user.unlocked", unlocked(factors, password))
        }
        AdminCommand::Reset { .. } => {
            let (recovery, code) = new_recovery_code(tools, id, now).await?;
            let said = match store.reset(id, &recovery, now).await? {
                0 => "all sessions ended; the next login enrols".to_owned(),
                disabled => {
                    let s = if disabled == 1 { "" } else { "s" };
                    format!(
                        "{disabled} authenticator{s} disabled, all sessions ended; the next login \
                         enrols again, with the recovery code {code}"
                    )
                }
            };
            ("user.reset", said)
        }
        AdminCommand::Disable { .. } => {
            let before = if store.block(id, true, now).await? {
                ""
            } else {
                " (the user was disabled before)"
            };
            ("user.disabled", format!("disabled{before}, all sessions ended"))
        }
        AdminCommand::Enable { .. } => {
            let before = if store.block(id, false, now).await? {
                ""
            } else {
                " (the user was enabled before)"
            };
            ("user.enabled", format!("enabled{before}"))
        }
        AdminCommand::VerifyEmail { .. } => {
            store.verify_email(id).await?;
            ("user.email_verified", "the address is verified".to_owned())
        }
        AdminCommand::Delete { .. } => {
            store.delete_user(id).await?;
            ("user.deleted", "deleted".to_owned())
        }
        AdminCommand::RecoveryCode { .. } => {
            let (recovery, code) = new_recovery_code(tools, id, now).await?;
            match store.replace_recovery(By::Operator { user_id: id }, &recovery).await? {
                Ok(()) => ("recovery_code.issued", format!("the recovery code is {code}")),
                Err(Refusal::Missing) => return Ok(None),
                Err(_) => return Err("the user was deleted meanwhile".into()),
            }
        }
    };
    Ok(Some(done))
}

/// Makes the code that replaces the present one, with the row that stores it.
async fn new_recovery_code(
    tools: &Tools<'_>,
    user_id: &str,
    now: u64,
) -> Result<(Recovery, String), Box<dyn Error>> {
    let keyring = Keyring::load(tools.store, tools.keys, tools.alg, now).await?;
    let before = tools.store.recoveries(user_id).await?.into_iter().find(|one| one.active);
    let issued = recovery::issue(&*keyring.pepper()?, user_id, before.as_ref(), now);
    issued.map_err(|error| error.to_string().into())
}

fn unlocked(factors: usize, password: bool) -> String {
    let factors = u64::try_from(factors).unwrap_or(u64::MAX);
    match (factors, password) {
        (0, false) => "nothing was locked or disabled".into(),
        (0, true) => "the password accepts attempts again".into(),
        (factors, password) => {
            let also = if password { "; the password accepts attempts again" } else { "" };
            counted(factors, "authenticator or recovery code", &format!("unlocked{also}"))
        }
    }
}

fn counted(number: u64, what: &str, done: &str) -> String {
    let plural = what.replace("authenticator or recovery code", "authenticators or recovery codes");
    format!("{number} {} {done}", if number == 1 { what } else { &plural })
}
