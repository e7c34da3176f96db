//! `mfa-server keys …`: rotates the keys of a database while servers use it.

use std::error::Error;
use std::time::Duration;

use clap::Subcommand;

use crate::app::unix_time;
use crate::keyring::{self, Keyring, Scheduled, made};
use crate::keys::{KeyError, Keys, Which, random};
use crate::seal::Place;
use crate::signing::SigningAlg;
use crate::store::{MASTER, PepperRow, SealedKind, SealedRow, SigningRow, Store};

const SIGNING_ROTATED: &str = "signing_key.rotated";
/// The number of rows that are loaded at once.
const PAGE: u32 = 500;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Make the next signing key sign, and publish a new next key
    RotateSigning {
        /// Seconds for which a key must be published before it signs: at least as long as
        /// clients cache the JWKS; 0 if a key was stolen
        #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
        published_for: u64,
    },
    /// Remove the signing keys before the current one: servers refuse their tokens from now on
    ForgetSigning,
    /// Hash new recovery codes under a new pepper; existing codes still work
    RotatePepper,
    /// Seal all rows under the new master key; MFA_KEY_OLD or --old-key-file gives the old one
    RotateMaster,
}

/// The result of a command.
#[derive(Debug)]
pub struct Done {
    pub said: String,
    /// The event for the audit log, if the command changed something.
    pub event: Option<&'static str>,
}

impl Done {
    fn changed(event: &'static str, said: String) -> Self {
        Self { said, event: Some(event) }
    }

    fn nothing(said: String) -> Self {
        Self { said, event: None }
    }
}

/// Runs the command.
pub async fn run(
    command: &KeysCommand,
    store: &Store,
    keys: &Keys,
    alg: SigningAlg,
    poll: Duration,
) -> Result<Done, Box<dyn Error>> {
    // Waits three intervals, in case servers look for new keys less often than this command
    // assumes.
    let settle = poll.saturating_mul(3);
    match command {
        KeysCommand::RotateSigning { published_for } => {
            rotate_signing(store, keys, alg, *published_for).await
        }
        KeysCommand::ForgetSigning => forget_signing(store, keys, alg).await,
        KeysCommand::RotatePepper => rotate_pepper(store, keys).await,
        KeysCommand::RotateMaster => rotate_master(store, keys, settle).await,
    }
}

async fn rotate_signing(
    store: &Store,
    keys: &Keys,
    alg: SigningAlg,
    published_for: u64,
) -> Result<Done, Box<dyn Error>> {
    let now = unix_time()?;
    let ring = Keyring::load(store, keys, alg, now).await?;
    let rows = store.signing_keys().await?;
    let next = rows
        .last()
        .filter(|row| row.signs_from.is_none())
        .ok_or("the database does not have a next key")?;
    let scheduled = ring.scheduled();
    let waiting = rows
        .iter()
        .find_map(|row| row.signs_from.filter(|&from| from > now).map(|from| (row, from)));
    if let Some((row, from)) = waiting {
        return hasten(store, &scheduled, row, from, now, published_for).await;
    }
    let mut published_at = next.published_at;
    if scheduled.last().is_some_and(|next| next.key.alg() != alg) {
        let pkcs8 = made(keys, alg, next.number).await?;
        let other = SigningRow { number: next.number, pkcs8, published_at: now, signs_from: None };
        if !store.replace_next_signing_key(next, &other).await? {
            return Err("another rotation was faster".into());
        }
        published_at = now;
    }
    let signs_from = published_at.saturating_add(published_for).max(now);
    let number = next.number.saturating_add(1);
    let pkcs8 = made(keys, alg, number).await?;
    let after = SigningRow { number, pkcs8, published_at: now, signs_from: None };
    let oldest = keyring::published(&scheduled, now).map(|one| one.number).min();
    let oldest = oldest.unwrap_or(next.number);
    if !store.promote_signing_key(next.number, signs_from, &after, oldest).await? {
        return Err("another rotation was faster".into());
    }
    ring.reload(store, keys).await?;
    let scheduled = ring.scheduled();
    let kid = |number| scheduled.iter().find(|one| one.number == number).map(|one| one.key.kid());
    let published = match signs_from {
        from if from > now => format!(", when it has been published for {published_for}"),
        _ => String::new(),
    };
    let said = format!(
        "{} signs {}{published}; the next key is {}",
        kid(next.number).unwrap_or("-"),
        since(signs_from, now),
        kid(number).unwrap_or("-"),
    );
    Ok(Done::changed(SIGNING_ROTATED, said))
}

/// Makes the key of the last rotation sign earlier, if it was published for long enough.
async fn hasten(
    store: &Store,
    scheduled: &[Scheduled],
    row: &SigningRow,
    from: u64,
    now: u64,
    published_for: u64,
) -> Result<Done, Box<dyn Error>> {
    let sooner = row.published_at.saturating_add(published_for).max(now);
    if sooner >= from {
        let wait = from.saturating_sub(now);
        return Err(format!(
            "the last rotation is not over: its key signs in {wait} seconds. To make it sign now, use \
             --published-for 0"
        )
        .into());
    }
    if !store.hasten_signing_key(row.number, from, sooner).await? {
        return Err("another rotation was faster".into());
    }
    let kid = scheduled.iter().find(|one| one.number == row.number).map(|one| one.key.kid());
    let said = format!("{} of the last rotation signs {}", kid.unwrap_or("-"), since(sooner, now));
    Ok(Done::changed(SIGNING_ROTATED, said))
}

fn since(from: u64, now: u64) -> String {
    match from.saturating_sub(now) {
        0 => "from now on".to_owned(),
        wait => format!("in {wait} seconds"),
    }
}

async fn forget_signing(
    store: &Store,
    keys: &Keys,
    alg: SigningAlg,
) -> Result<Done, Box<dyn Error>> {
    let now = unix_time()?;
    let scheduled = Keyring::load(store, keys, alg, now).await?.scheduled();
    let signer = keyring::signer(&scheduled, now).ok_or("no key signs yet")?;
    let forgotten = store.forget_signing_keys(signer.number).await?;
    let signs = format!("{} signs", signer.key.kid());
    let removed = match forgotten {
        0 => {
            let said = format!("no key was removed: run rotate-signing first; {signs}");
            return Ok(Done::nothing(said));
        }
        1 => "1 key removed".to_owned(),
        more => format!("{more} keys removed"),
    };
    Ok(Done::changed("signing_key.forgotten", format!("{removed}; {signs}")))
}

async fn rotate_pepper(store: &Store, keys: &Keys) -> Result<Done, Box<dyn Error>> {
    let last = store.peppers().await?.last().map_or(0, |row| row.key_id);
    let key_id = last.saturating_add(1);
    let pepper = zeroize::Zeroizing::new(random::<32>()?);
    let pepper = keys.seal(&Place::pepper(&key_id.to_string()), &*pepper)?;
    if !store.add_pepper(&PepperRow { key_id, pepper }, unix_time()?).await? {
        return Err("another rotation was faster".into());
    }
    let said = format!("new recovery codes are hashed under pepper {key_id}");
    Ok(Done::changed("pepper.rotated", said))
}

async fn rotate_master(
    store: &Store,
    keys: &Keys,
    settle: Duration,
) -> Result<Done, Box<dyn Error>> {
    let stored = store.stored(MASTER).await?.unwrap_or_default();
    let before = match keys.which(&stored) {
        Which::Old => {
            if !store.change_master(&stored, keys.check()).await? {
                return Err("another rotation was faster".into());
            }
            Some(stored)
        }
        // The rotation was started before, or there is nothing to rotate.
        Which::Given => store.master_before().await?,
        Which::Another => return Err(KeyError::Rotated.into()),
    };
    keys.follow(keys.check());
    if before.as_deref().is_some_and(|before| keys.old_check() != Some(before)) {
        return Err("an unfinished rotation started from another master key: give that key by \
                    MFA_KEY_OLD or --old-key-file"
            .into());
    }
    let mut sealed = reseal_all(store, keys).await?;
    if let Some(before) = before {
        // Servers that have not read of the new key yet still seal under the old one.
        loop {
            tokio::time::sleep(settle).await;
            keys.follow(keys.check());
            let more = reseal_all(store, keys).await?;
            sealed = sealed.saturating_add(more);
            if more == 0 {
                break;
            }
        }
        store.retire_master(&before).await?;
        let said = format!(
            "{sealed} rows are sealed under the new master key, none under the old one: restart the \
             servers without the old key"
        );
        return Ok(Done::changed("master_key.rotated", said));
    }
    let already = "every row is sealed under this master key already";
    Ok(Done::nothing(match sealed {
        0 if keys.old_check().is_none() => format!(
            "{already}. To rotate it, give the new key, and this one by MFA_KEY_OLD or --old-key-file"
        ),
        0 => already.to_owned(),
        _ => format!("{sealed} rows were sealed again; the master key is the same"),
    }))
}

/// Seals each row again that has an old format or an old master key. Returns how many rows it
/// sealed.
async fn reseal_all(store: &Store, keys: &Keys) -> Result<u64, Box<dyn Error>> {
    let mut sealed: u64 = 0;
    for kind in SealedKind::ALL {
        let mut after = String::new();
        loop {
            let rows = store.sealed(kind, &after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.row);
            for row in rows.iter().filter(|row| !keys.is_current(&row.sealed)) {
                reseal(store, keys, kind, row)
                    .await
                    .map_err(|error| format!("{kind:?} {}: {error}", row.row))?;
                sealed = sealed.saturating_add(1);
            }
        }
    }
    Ok(sealed)
}

/// Seals a row again. If somebody changes or removes the row meanwhile, the next pass finds it.
async fn reseal(
    store: &Store,
    keys: &Keys,
    kind: SealedKind,
    row: &SealedRow,
) -> Result<(), Box<dyn Error>> {
    let place = match kind {
        SealedKind::Totp => Place::totp_secret(&row.row, &row.user_id),
        SealedKind::Signing => Place::signing_key(&row.row),
        SealedKind::Pepper => Place::pepper(&row.row),
    };
    let secret = keys.open(&place, &row.sealed)?;
    store.swap_sealed(kind, row, &keys.seal(&place, &secret)?).await?;
    Ok(())
}
