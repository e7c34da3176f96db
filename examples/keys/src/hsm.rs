//! Shared secrets in an HSM, by PKCS #11. The HSM computes HMAC, and the secret never leaves
//! it.
//!
//! The check of a code needs one batch of HMACs in one session. The calls of PKCS #11 block, so
//! run the batch on a thread for blocking work. Meanwhile an asynchronous server can answer
//! other requests.

use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use otp_core::{Secret, Truncated};
use zeroize::Zeroize;

/// A token of an HSM, and its sessions that are not in use. Only one thread at a time may use a
/// session.
pub struct Hsm {
    module: Pkcs11,
    slot: Slot,
    pin: AuthPin,
    sessions: Mutex<Vec<Session>>,
}

impl Hsm {
    /// Opens the first token of a module, for example of `libsofthsm2.so`.
    ///
    /// # Errors
    /// The module cannot be loaded, it has no token, or the PIN is wrong.
    pub fn open(module: &str, pin: &str) -> Result<Self, Error> {
        let module = Pkcs11::new(module)?;
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
        let slot = module.get_slots_with_initialized_token()?.into_iter().next();
        let slot = slot.ok_or(Error::NotSupported)?;
        let hsm = Self { module, slot, pin: pin.into(), sessions: Mutex::default() };
        hsm.with(|_| Ok(()))?;
        Ok(hsm)
    }

    /// Stores the secret of a new authenticator under a name. After that, the secret cannot be
    /// read.
    ///
    /// # Errors
    /// The HSM refuses, or it has a key with this name already. With two keys of one name,
    /// neither would answer.
    pub fn store(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        let mut key = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Label(name.into()),
            Attribute::Value(secret.expose_bytes().to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        let stored = self.with(|session| {
            if session.find_objects(&named(name))?.is_empty() {
                session.create_object(&key).map(drop)
            } else {
                Err(Error::InvalidValue)
            }
        });
        for attribute in &mut key {
            if let Attribute::Value(secret) = attribute {
                secret.zeroize();
            }
        }
        stored
    }

    /// Returns the truncated HMAC-SHA-1 of each moving factor, under the key with this name.
    ///
    /// # Errors
    /// The HSM does not answer, or it does not have exactly one key with this name.
    pub fn hmac_sha1(&self, name: &str, moving_factors: &[u64]) -> Result<Vec<Truncated>, Error> {
        self.with(|session| {
            let [key] = session.find_objects(&named(name))?[..] else {
                return Err(Error::InvalidValue);
            };
            let one = |factor: &u64| {
                let hmac = session.sign(&Mechanism::Sha1Hmac, key, &factor.to_be_bytes())?;
                let hmac = <[u8; 20]>::try_from(hmac).map_err(|_| Error::InvalidValue)?;
                Ok(Truncated::from_hmac(&hmac))
            };
            moving_factors.iter().map(one).collect()
        })
    }

    fn with<R>(&self, ask: impl FnOnce(&Session) -> Result<R, Error>) -> Result<R, Error> {
        let free = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let session = match free {
            Some(session) => session,
            None => {
                let session = self.module.open_rw_session(self.slot)?;
                match session.login(UserType::User, Some(&self.pin)) {
                    // A login counts for all sessions.
                    Ok(())
                    | Err(Error::Pkcs11(cryptoki::error::RvError::UserAlreadyLoggedIn, _)) => {}
                    Err(error) => return Err(error),
                }
                session
            }
        };
        // After an error, the session is closed instead of being used again.
        let result = ask(&session)?;
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        Ok(result)
    }
}

fn named(name: &str) -> [Attribute; 2] {
    [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Label(name.into())]
}

impl std::fmt::Debug for Hsm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hsm").field("slot", &self.slot).finish_non_exhaustive()
    }
}
