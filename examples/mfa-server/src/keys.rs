//! The master key and the keys derived from it: the key that seals secrets at rest, the first
//! pepper, and the demo client.
//!
//! During a rotation of the master key, a server has two: the new one and the old one. The
//! database says which of them seals. Both can open sealed data.

use std::path::Path;
use std::sync::RwLock;
use std::time::{Duration, Instant};
use std::{fmt, io};

use aws_lc_rs::{digest, hkdf, hmac, rand};
use zeroize::Zeroizing;

use crate::key_file::{read, read_or_make};
use crate::seal::{Place, Seal};

/// The length of the master key, in bytes.
pub const LEN: usize = 32;

struct Master {
    seal: Seal,
    check: [u8; LEN],
    first_pepper: Zeroizing<[u8; LEN]>,
    fingerprint: hmac::Key,
    demo_client: [u8; LEN],
}

pub struct Keys {
    given: Master,
    old: Option<Master>,
    sealing: RwLock<Sealing>,
    /// The time for which a server with two keys seals after it last read which of them seals.
    patience: Duration,
}

/// The key that seals, and when the server last read that from the database.
struct Sealing {
    which: Which,
    told: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Given,
    Old,
    /// A key that this server does not have.
    Another,
}

#[derive(Debug)]
pub enum KeyError {
    /// The text is not 64 hexadecimal digits; with its position.
    Form(String),
    Readable(String),
    File(String, io::Error),
    /// The cryptographic library refused. This does not happen with keys of the right length.
    Refused,
    /// Sealed data does not open: another key sealed it, it is in another place, or somebody
    /// changed it.
    Sealed,
    /// The server does not know which of two master keys seals.
    Rotated,
}

impl Keys {
    /// Loads the master key from the environment variable `MFA_KEY`. Without it, loads it from
    /// a file, and creates the file if it does not exist.
    pub fn load(variable: Option<&str>, file: &Path) -> Result<Self, KeyError> {
        Self::load_by(read_or_make, variable, file)
    }

    /// Does the same from a file that must exist.
    pub fn load_existing(variable: Option<&str>, file: &Path) -> Result<Self, KeyError> {
        Self::load_by(read, variable, file)
    }

    fn load_by(
        read: impl Fn(&Path) -> Result<Zeroizing<String>, KeyError>,
        variable: Option<&str>,
        file: &Path,
    ) -> Result<Self, KeyError> {
        let given = match variable {
            Some(hex) => Master::parse(hex, "MFA_KEY")?,
            None => Master::parse(&read(file)?, &file.display().to_string())?,
        };
        let sealing = RwLock::new(Sealing { which: Which::Given, told: Instant::now() });
        Ok(Self { given, old: None, sealing, patience: Duration::MAX })
    }

    /// Adds the old master key during a rotation: from `MFA_KEY_OLD`, or from a file, if one of
    /// them is given.
    pub fn with_old(
        mut self,
        variable: Option<&str>,
        file: Option<&Path>,
        patience: Duration,
    ) -> Result<Self, KeyError> {
        self.old = match (variable, file) {
            (Some(hex), _) => Some(Master::parse(hex, "MFA_KEY_OLD")?),
            (None, Some(file)) => Some(Master::parse(&read(file)?, &file.display().to_string())?),
            (None, None) => None,
        };
        self.patience = patience;
        Ok(self)
    }

    /// Encrypts a secret for one place. It does not open in any other place.
    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.sealing_key()?.seal.seal(place, secret)
    }

    /// Decrypts a secret that was sealed for a place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut masters = [Some(&self.given), self.old.as_ref()].into_iter().flatten();
        masters.find_map(|master| master.seal.open(place, sealed).ok()).ok_or(KeyError::Sealed)
    }

    /// Returns whether [`seal`](Self::seal) would now use the same format and the same master
    /// key.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.sealing_key().is_ok_and(|master| master.seal.sealed(sealed))
    }

    /// Returns the first pepper of a database: 32 bytes.
    pub fn first_pepper(&self) -> Result<&[u8], KeyError> {
        Ok(self.sealing_key()?.first_pepper.as_slice())
    }

    /// Returns a value that tells the new master key from others.
    pub fn check(&self) -> &[u8] {
        &self.given.check
    }

    pub fn old_check(&self) -> Option<&[u8]> {
        self.old.as_ref().map(|old| old.check.as_slice())
    }

    /// Returns which key has this check value.
    pub fn which(&self, check: &[u8]) -> Which {
        match check {
            check if check == self.given.check => Which::Given,
            check if self.old_check() == Some(check) => Which::Old,
            _ => Which::Another,
        }
    }

    /// From now on, seals with the key that has this check value.
    pub fn follow(&self, check: &[u8]) -> Which {
        let which = self.which(check);
        let mut sealing = self.sealing.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        *sealing = Sealing { which, told: Instant::now() };
        which
    }

    /// Returns a keyed hash of a text that must not be stored or logged, such as an address
    /// that may not belong to any user. The hashes of different kinds are unrelated. All
    /// servers of a database compute the same hash, except during a rotation of the master key.
    /// After it, the hash is a different one.
    pub fn fingerprint(&self, kind: &str, text: &str) -> Vec<u8> {
        let master = self.sealing_key().unwrap_or(&self.given);
        let mut context = hmac::Context::with_key(&master.fingerprint);
        for part in [kind.as_bytes(), &[0], text.as_bytes()] {
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Returns the id and the secret of the demo client. They are the same at each start and on
    /// each server with this master key.
    pub fn demo_client(&self) -> (String, String) {
        let (id, secret) = self.given.demo_client.split_at(8);
        (format!("demo-{}", hex(id)), hex(secret))
    }

    fn sealing_key(&self) -> Result<&Master, KeyError> {
        let sealing = self.sealing.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        if self.old.is_some() && sealing.told.elapsed() > self.patience {
            return Err(KeyError::Rotated);
        }
        match sealing.which {
            Which::Given => Ok(&self.given),
            Which::Old => self.old.as_ref().ok_or(KeyError::Rotated),
            Which::Another => Err(KeyError::Rotated),
        }
    }
}

impl Master {
    fn parse(hex: &str, place: &str) -> Result<Self, KeyError> {
        Self::derive(&*master(hex, place)?)
    }

    fn derive(master: &[u8]) -> Result<Self, KeyError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"otp-core mfa-server v1").extract(master);
        let derived = |purpose: &[u8]| {
            let mut key = Zeroizing::new([0; LEN]);
            root.expand(&[purpose], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut *key))
                .map_err(|_| KeyError::Refused)?;
            Ok(key)
        };
        let check = *derived(b"check")?;
        Ok(Self {
            seal: Seal::new(&*derived(b"seal")?, &check)?,
            check,
            first_pepper: derived(b"recovery codes")?,
            fingerprint: hmac::Key::new(hmac::HMAC_SHA256, &*derived(b"fingerprint")?),
            demo_client: *derived(b"demo client")?,
        })
    }
}

/// Returns random bytes from a cryptographic generator.
pub fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| KeyError::Refused)?;
    Ok(bytes)
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn master(hex: &str, place: &str) -> Result<Zeroizing<[u8; LEN]>, KeyError> {
    let form = || KeyError::Form(place.to_owned());
    let hex = hex.trim_ascii();
    if hex.len() != 2 * LEN || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(form());
    }
    let mut key = Zeroizing::new([0; LEN]);
    for (byte, pair) in key.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        let pair = str::from_utf8(pair).map_err(|_| form())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| form())?;
    }
    Ok(key)
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(place) => write!(f, "{place} is not 64 hexadecimal digits"),
            Self::Readable(file) => write!(
                f,
                "others may read the key file {file}: chmod 600 {file}, or give it to root and the \
                 group of the server with mode 440"
            ),
            Self::File(file, error) => write!(f, "key file {file}: {error}"),
            Self::Refused => f.write_str("the cryptographic library failed"),
            Self::Sealed => f.write_str("encrypted data in the database does not open"),
            Self::Rotated => f.write_str(
                "the master key was rotated, and this server does not know which one seals",
            ),
        }
    }
}

impl std::error::Error for KeyError {}
