//! `mfa-server admin import-tokens`: gives the hardware tokens of a seed file to existing
//! users.
//!
//! The command reads the whole file before it stores the first token. Each token is then stored
//! in a transaction of its own, and the command prints a line about it. A refused token does
//! not stop the others. No line contains a secret.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use otp_core::seeds::{self, Buffer, Csv, Pskc, Refused, Text, Token, Unlock};
use otp_core::verifier::State;
use otp_core::{Algorithm, Digits, Period, SecretError};
use zeroize::Zeroizing;

use super::{Told, Tools};
use crate::app::unix_time;
use crate::audit::Event;
use crate::keys::{hex, random};
use crate::seal::Place;
use crate::signup::address;
use crate::store::{Added, MOST, Otp, User};

#[derive(Args)]
pub struct ImportTokens {
    /// A seed file in PSKC or CSV, recognised by its content; - is standard input
    file: String,
    /// The user who gets the token, if the file has only one
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// A file with the key of an encrypted PSKC file, in hexadecimal
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    key: Option<PathBuf>,
    /// A file whose first line is the passphrase of an encrypted PSKC file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print what the command would do, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// A token that this server can verify.
struct Seed {
    email: Option<String>,
    secret: Zeroizing<Vec<u8>>,
    state: State,
    /// The file has an expiry date for the token.
    expires: bool,
}

/// A token's name, and the token or the reason for its refusal.
type Found = (String, Result<Seed, String>);

/// Reads the file, and writes a line about each token when that token is done.
pub async fn run(
    import: &ImportTokens,
    tools: &Tools<'_>,
    out: &mut impl Write,
) -> Result<Told, Box<dyn Error>> {
    let now = unix_time()?;
    let given = match &import.user {
        None => None,
        Some(email) => Some(address(email).ok_or("--user: is not an address")?),
    };
    let found = read(import, given.as_deref(), now)?;
    if given.is_some() && found.len() != 1 {
        let count = found.len();
        return Err(format!("--user needs a file with one token, and this file has {count}").into());
    }
    let mut batch = Batch { tools, dry_run: import.dry_run, now, added: HashMap::new() };
    let mut seen = HashMap::new();
    let (mut done, mut refused) = (0_u64, 0_u64);
    for (name, seed) in found {
        let (who, outcome) = match seed {
            Err(why) => (name, Err(why)),
            Ok(seed) => {
                let digest = digest(&SHA256, &seed.secret).as_ref().to_vec();
                let twin = seen.insert(digest, name.clone());
                match (&seed.email, twin) {
                    (_, Some(twin)) => (name, Err(format!("{twin} has the same secret"))),
                    (None, None) => {
                        (name, Err("the file does not name the e-mail address of its user".into()))
                    }
                    (Some(email), None) => {
                        (format!("{name}: {email}"), batch.take(email, &seed).await?)
                    }
                }
            }
        };
        match outcome {
            Ok(said) => {
                done += 1;
                writeln!(out, "{who}: {said}")?;
            }
            Err(why) => {
                refused += 1;
                writeln!(out, "{who}: refused: {why}")?;
            }
        }
    }
    let would = if import.dry_run { " (dry run: nothing was stored)" } else { "" };
    let said = format!("{done} imported, {refused} refused{would}");
    Ok(if refused == 0 { Told::Done(said) } else { Told::No(said) })
}

struct Batch<'a> {
    tools: &'a Tools<'a>,
    dry_run: bool,
    now: u64,
    /// The number of tokens of this file that each user already got.
    added: HashMap<String, usize>,
}

impl Batch<'_> {
    /// Stores a token. Returns the text to print, or the reason for a refusal.
    async fn take(
        &mut self,
        email: &str,
        seed: &Seed,
    ) -> Result<Result<String, String>, Box<dyn Error>> {
        let Tools { store, keys, audit, operator, .. } = self.tools;
        let nobody = "no user has this address";
        let Some(User { id: user_id, .. }) = store.user_by_email(email).await? else {
            return Ok(Err(nobody.into()));
        };
        let id = format!("totp|dev_{}", hex(&random::<8>()?));
        let sealed_secret = keys.seal(&Place::totp_secret(&id, &user_id), &seed.secret)?;
        let stored = seed.state.into();
        let otp = Otp { id, active: true, sealed_secret, stored, created_at: self.now };
        // A stored secret that cannot be decrypted cannot be compared, and no code can log in
        // with it.
        let is_same = |other: &Otp| {
            let place = Place::totp_secret(&other.id, &user_id);
            let opened = keys.open(&place, &other.sealed_secret);
            opened.is_ok_and(|opened| verify_slices_are_equal(&opened, &seed.secret).is_ok())
        };
        let before = self.added.entry(user_id.clone()).or_default();
        let rehearsed = self.dry_run.then_some(*before);
        match store.add_confirmed(&user_id, &otp, is_same, rehearsed).await? {
            Added::Done => {}
            Added::NoUser => return Ok(Err(nobody.into())),
            Added::Full => {
                return Ok(Err(format!(
                    "the user has {MOST} authenticators already, and that is the limit"
                )));
            }
            Added::Same => {
                return Ok(Err("the user has an authenticator with the same secret".into()));
            }
        }
        *before += 1;
        if !self.dry_run {
            let event = Event::new("authenticator.imported").user(&user_id).operator(operator);
            event.authenticator(&otp.id).write(audit);
        }
        let left_out = if seed.expires { "; left out: the expiry date" } else { "" };
        Ok(Ok(format!("imported{left_out}")))
    }
}

/// Reads all tokens of the file. If the file cannot be read to its end, it is an error and no
/// token is imported.
fn read(
    import: &ImportTokens,
    given: Option<&str>,
    now: u64,
) -> Result<Vec<Found>, Box<dyn Error>> {
    let wrong = |error: seeds::Error| format!("{}: {error}", import.file);
    let file = bytes(Path::new(&import.file))?;
    let key = import.key.as_deref().map(key).transpose()?;
    let passphrase = import.passphrase_file.as_deref().map(passphrase).transpose()?;
    let unlock = match (&key, &passphrase) {
        (Some(key), _) => Unlock::Key(key),
        (None, Some(passphrase)) => Unlock::Passphrase(passphrase),
        (None, None) => Unlock::Plain,
    };
    let (mut buffer, mut found) = (Buffer::new(), Vec::new());
    if is_xml(&file) {
        let mut tokens = Pskc::open(&file, unlock, &mut buffer).map_err(wrong)?;
        while let Some(token) = tokens.next_token().map_err(wrong)? {
            found.push(one(&token, found.len() + 1, given, now));
        }
    } else {
        if key.is_some() || passphrase.is_some() {
            return Err(
                "--key and --passphrase-file need a PSKC file, and this file is not XML".into()
            );
        }
        let mut tokens = Csv::open(&file, &mut buffer).map_err(wrong)?;
        while let Some(token) = tokens.next_token().map_err(wrong)? {
            found.push(one(&token, found.len() + 1, given, now));
        }
    }
    if found.is_empty() {
        return Err(format!("{}: has no token", import.file).into());
    }
    Ok(found)
}

/// Returns whether the file is XML. A CSV record does not begin with a `<`.
fn is_xml(file: &[u8]) -> bool {
    let text = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    text.trim_ascii_start().starts_with(b"<")
}

/// Names a token by its serial number. Without one, names it by the identifier of its key or by
/// its position in the file.
fn one(token: &Result<Token<'_>, Refused<'_>>, nth: usize, given: Option<&str>, now: u64) -> Found {
    let (serial, key_id) = match token {
        Ok(token) => (token.serial(), token.key_id()),
        Err(refused) => (refused.serial(), refused.key_id()),
    };
    let name = match (serial, key_id) {
        (Some(serial), _) => format!("token {serial}"),
        (None, Some(key_id)) => format!("token with the key {key_id}"),
        (None, None) => format!("token {nth} of the file"),
    };
    let seed = match token {
        Ok(token) => seed(token, given, now),
        Err(refused) => Err(refused.error().to_string()),
    };
    (name, seed)
}

/// Refuses tokens that this server cannot verify. Its authenticators are TOTP with SHA-1, 6
/// digits and 30 seconds. If `given` is an address, it replaces the one in the token.
fn seed(token: &Token<'_>, given: Option<&str>, now: u64) -> Result<Seed, String> {
    let Some(period) = token.period() else {
        return Err("HOTP: this server only supports TOTP, and the file does not say that the token is TOTP".into());
    };
    if token.algorithm() != Algorithm::Sha1 {
        return Err(format!("{}: this server only supports SHA1", token.algorithm()));
    }
    if token.digits() != Digits::Six {
        return Err(format!("{} digits: this server only supports 6", token.digits().get()));
    }
    if period != Period::DEFAULT {
        return Err(format!(
            "a period of {} seconds: this server only supports 30",
            period.seconds()
        ));
    }
    match token.secret() {
        Ok(_) => {}
        Err(SecretError::Short) => return Err("its secret has fewer than 128 bits".into()),
        Err(error) => return Err(format!("its secret: {error}")),
    }
    // With a last used step in the future, the server would refuse all codes until that step.
    let drift = u64::from(token.drift().unsigned_abs());
    let latest = (now / period.seconds()).saturating_add(drift).saturating_add(1);
    if token.last_step().is_some_and(|step| step > latest) {
        return Err("its last used time step is in the future".into());
    }
    if token.number_of_transactions().is_some() {
        return Err(
            "the file limits the number of uses, and this server cannot enforce that".into()
        );
    }
    if time(token.start_date(), "start")?.is_some_and(|start| start > now) {
        return Err("its start date is in the future".into());
    }
    let expiry = time(token.expiry_date(), "expiry")?;
    if expiry.is_some_and(|expiry| expiry <= now) {
        return Err("it has expired".into());
    }
    let email = match (given, token.user()) {
        (Some(given), _) => Some(given.to_owned()),
        (None, None) => None,
        // The message does not repeat the value: if the columns of a table are shifted, it may
        // be a secret.
        (None, Some(user)) => {
            Some(address(&user.to_string()).ok_or("its user is not an e-mail address")?)
        }
    };
    Ok(Seed {
        email,
        secret: Zeroizing::new(token.expose_secret_bytes().to_vec()),
        state: token.state(),
        expires: expiry.is_some(),
    })
}

/// Returns an XML Schema time in seconds of Unix time. A time without a zone is in UTC.
fn time(text: Option<Text<'_>>, what: &str) -> Result<Option<u64>, String> {
    let Some(text) = text else { return Ok(None) };
    let text = text.to_string();
    let time = text.parse::<Timestamp>().or_else(|_| {
        let local: DateTime = text.parse()?;
        TimeZone::UTC.to_timestamp(local)
    });
    let time = time.map_err(|_| format!("its {what} date cannot be read"))?;
    Ok(Some(u64::try_from(time.as_second()).unwrap_or(0)))
}

fn bytes(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let read = if file == Path::new("-") {
        let mut bytes = Zeroizing::new(Vec::new());
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file).map(Zeroizing::new)
    };
    read.map_err(|error| format!("{}: {error}", file.display()))
}

fn text(file: &Path) -> Result<Zeroizing<String>, String> {
    let bytes = bytes(file)?;
    let text = str::from_utf8(&bytes).map_err(|_| format!("{}: is not text", file.display()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn key(file: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = text(file)?;
    let digits = text.trim_ascii();
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wrong = || format!("{}: is not 32, 48 or 64 hexadecimal digits", file.display());
    if !is_hex || !matches!(digits.len(), 32 | 48 | 64) {
        return Err(wrong());
    }
    let mut key = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    for pair in digits.as_bytes().chunks_exact(2) {
        let pair = str::from_utf8(pair).map_err(|_| wrong())?;
        key.push(u8::from_str_radix(pair, 16).map_err(|_| wrong())?);
    }
    Ok(key)
}

fn passphrase(file: &Path) -> Result<Zeroizing<String>, String> {
    let text = text(file)?;
    match text.lines().next() {
        None | Some("") => Err(format!("{}: its first line is empty", file.display())),
        Some(line) => Ok(Zeroizing::new(line.to_owned())),
    }
}
