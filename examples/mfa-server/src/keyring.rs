//! The keys that all servers of a database share: those that sign tokens, and the peppers of
//! recovery codes. A server looks for new ones at intervals, so a rotation does not need a
//! restart.

use std::sync::{Arc, RwLock};
use std::{error, fmt};

use jsonwebtoken::jwk::JwkSet;
use otp_core::recovery::Pepper;

use crate::keys::{KeyError, Keys, Which};
use crate::seal::Place;
use crate::signing::{SigningAlg, SigningError, SigningKey};
use crate::store::{MASTER, PepperRow, SigningRow, Store, StoreError};
use crate::tokens::LIFETIME;

/// The time for which a key stays published after the last token that it signed has expired, in
/// seconds. It allows for clocks that differ.
const MARGIN: u64 = 60;

/// A signing key, and the time from which it signs.
#[derive(Clone)]
pub struct Scheduled {
    pub number: i64,
    pub key: Arc<SigningKey>,
    /// `None` for the next key, which is published but does not sign yet.
    pub signs_from: Option<u64>,
}

pub struct Keyring {
    held: RwLock<Held>,
}

struct Held {
    signing: Vec<Scheduled>,
    peppers: Vec<Arc<Pepper>>,
}

#[derive(Debug)]
pub enum KeyringError {
    Store(StoreError),
    Key(KeyError),
    Signing(SigningError),
    /// A key that the server needs is not in the database.
    Missing(&'static str),
}

impl Keyring {
    /// Loads the keys of this database. The first server on a database makes them: a key that
    /// signs with this algorithm, the next key, and a pepper.
    pub async fn load(
        store: &Store,
        keys: &Keys,
        alg: SigningAlg,
        now: u64,
    ) -> Result<Self, KeyringError> {
        if store.signing_keys().await?.is_empty() {
            // Databases of an earlier version have one key.
            let first = match store.stored("signing key").await? {
                Some(sealed) => sealed,
                None => made(keys, alg, 1).await?,
            };
            let first =
                SigningRow { number: 1, pkcs8: first, published_at: now, signs_from: Some(now) };
            store.add_signing_key(&first).await?;
        }
        if store.signing_keys().await?.iter().all(|row| row.signs_from.is_some()) {
            let pkcs8 = made(keys, alg, 2).await?;
            let next = SigningRow { number: 2, pkcs8, published_at: now, signs_from: None };
            store.add_signing_key(&next).await?;
        }
        if store.peppers().await?.is_empty() {
            // Databases of an earlier version have sets that name this pepper.
            let pepper = keys.seal(&Place::pepper("1"), keys.first_pepper()?)?;
            store.add_pepper(&PepperRow { key_id: 1, pepper }, now).await?;
        }
        let held = read(store, keys, &[]).await?;
        Ok(Self { held: RwLock::new(held) })
    }

    /// Loads new keys, and which master key seals.
    pub async fn reload(&self, store: &Store, keys: &Keys) -> Result<(), KeyringError> {
        if keys.follow(&store.stored(MASTER).await?.unwrap_or_default()) == Which::Another {
            return Err(KeyError::Rotated.into());
        }
        let known = self.with(|held| held.signing.clone());
        let fresh = read(store, keys, &known).await?;
        *self.held.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = fresh;
        Ok(())
    }

    /// Returns the key that signs now.
    pub fn signer(&self, now: u64) -> Result<Arc<SigningKey>, KeyringError> {
        self.with(|held| signer(&held.signing, now).map(|signer| Arc::clone(&signer.key)))
            .ok_or(KeyringError::Missing("no key signs yet: check the server's clock"))
    }

    /// Returns the key that a token names, if it is published.
    pub fn published(&self, kid: &str, now: u64) -> Option<Arc<SigningKey>> {
        self.with(|held| {
            published(&held.signing, now)
                .find(|one| one.key.kid() == kid)
                .map(|one| Arc::clone(&one.key))
        })
    }

    /// Returns the public keys, oldest first: the keys of tokens that have not expired, the key
    /// that signs, and the next key.
    pub fn jwks(&self, now: u64) -> JwkSet {
        let jwk = |one: &Scheduled| one.key.jwk().clone();
        self.with(|held| JwkSet { keys: published(&held.signing, now).map(jwk).collect() })
    }

    /// Returns all signing keys: past, current and next.
    pub fn scheduled(&self) -> Vec<Scheduled> {
        self.with(|held| held.signing.clone())
    }

    /// Returns the algorithms of the published keys.
    pub fn algs(&self, now: u64) -> Vec<&'static str> {
        let mut algs: Vec<_> = self
            .with(|held| published(&held.signing, now).map(|one| one.key.alg().name()).collect());
        algs.sort_unstable();
        algs.dedup();
        algs
    }

    /// Returns the pepper for new recovery codes.
    pub fn pepper(&self) -> Result<Arc<Pepper>, KeyringError> {
        self.with(|held| held.peppers.last().cloned())
            .ok_or(KeyringError::Missing("the database does not have a pepper"))
    }

    /// Returns the pepper that a set names. If it is not loaded, loads the keys again, because
    /// another server may have just made it.
    pub async fn pepper_of(
        &self,
        key_id: u32,
        store: &Store,
        keys: &Keys,
    ) -> Result<Arc<Pepper>, KeyringError> {
        let find = |held: &Held| held.peppers.iter().find(|one| one.key_id() == key_id).cloned();
        if let Some(pepper) = self.with(find) {
            return Ok(pepper);
        }
        self.reload(store, keys).await?;
        self.with(find).ok_or(KeyringError::Missing("a pepper that recovery codes name is missing"))
    }

    fn with<T>(&self, read: impl FnOnce(&Held) -> T) -> T {
        read(&self.held.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

/// Returns the key that signs at a time: the last one whose time has come.
pub fn signer(keys: &[Scheduled], now: u64) -> Option<&Scheduled> {
    keys.iter().rev().find(|one| one.signs_from.is_some_and(|from| from <= now))
}

/// Returns the published keys. A key is published until the last token that it signed, before
/// its successor took over, has expired.
pub fn published(keys: &[Scheduled], now: u64) -> impl Iterator<Item = &Scheduled> {
    keys.iter().enumerate().filter_map(move |(index, one)| {
        let successor = keys.get(index.saturating_add(1)).and_then(|next| next.signs_from);
        let ended = |from: u64| from.saturating_add(LIFETIME).saturating_add(MARGIN) <= now;
        (!successor.is_some_and(ended)).then_some(one)
    })
}

/// Reads the keys from the database. Known keys are not parsed again, because parsing takes
/// long.
async fn read(store: &Store, keys: &Keys, known: &[Scheduled]) -> Result<Held, KeyringError> {
    let signing = store.signing_keys().await?;
    let signing = signing.iter().map(|row| {
        let number = row.number.to_string();
        let pkcs8 = keys.open(&Place::signing_key(&number), &row.pkcs8)?;
        let same = known.iter().find(|one| one.key.is(&pkcs8));
        let key = match same {
            Some(one) => Arc::clone(&one.key),
            None => Arc::new(SigningKey::from_pkcs8(&pkcs8)?),
        };
        Ok(Scheduled { number: row.number, key, signs_from: row.signs_from })
    });
    let signing = signing.collect::<Result<_, KeyringError>>()?;
    let peppers = store.peppers().await?;
    let peppers = peppers.iter().map(|row| {
        let pepper = keys.open(&Place::pepper(&row.key_id.to_string()), &row.pepper)?;
        let key_id = u32::try_from(row.key_id).map_err(|_| StoreError::Corrupt("a pepper"))?;
        let pepper = Pepper::new(key_id, &pepper).map_err(|_| StoreError::Corrupt("a pepper"))?;
        Ok(Arc::new(pepper))
    });
    Ok(Held { signing, peppers: peppers.collect::<Result<_, KeyringError>>()? })
}

/// Makes a new private key, sealed for its row.
pub async fn made(keys: &Keys, alg: SigningAlg, number: i64) -> Result<Vec<u8>, KeyringError> {
    // Finding an RSA key takes about a second.
    let pkcs8 = tokio::task::spawn_blocking(move || alg.generate())
        .await
        .map_err(|_| KeyringError::Missing("no signing key was made"))??;
    Ok(keys.seal(&Place::signing_key(&number.to_string()), &pkcs8)?)
}

impl From<StoreError> for KeyringError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<KeyError> for KeyringError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<SigningError> for KeyringError {
    fn from(error: SigningError) -> Self {
        Self::Signing(error)
    }
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Signing(error) => error.fmt(f),
            Self::Missing(what) => f.write_str(what),
        }
    }
}

impl error::Error for KeyringError {}
