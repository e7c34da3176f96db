//! The master key, and what is derived from it: the key that seals secrets at rest, the first pepper, and
//! the demo client.
//!
//! While the master key is rotated, a server has two: the one that it was given, and the old one. The
//! database says which of them seals. Both open.

use std::path::Path;
use std::sync::RwLock;
use std::time::{Duration, Instant};
use std::{fmt, io};

use aws_lc_rs::{digest, hkdf, hmac, rand};
use zeroize::Zeroizing;

use crate::key_file::{read, read_or_make};
use crate::seal::{Place, Seal};

/// Bytes of the master key.
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
    /// How long it seals without having heard which key does, if it has two.
    patience: Duration,
}

/// Which key seals, and since when it is known that it does.
struct Sealing {
    which: Which,
    told: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    Given,
    Old,
    /// Another one, which this server does not have.
    Another,
}

#[derive(Debug)]
pub enum KeyError {
    /// Not 64 hexadecimal digits, and where.
    Form(String),
    Readable(String),
    File(String, io::Error),
    /// The library of ciphers refused, which it does not with keys of the right length.
    Refused,
    /// What was sealed does not open: another key, another place, or somebody changed it.
    Sealed,
    /// It is not known which of two master keys seals.
    Rotated,
}

impl Keys {
    /// From the environment variable `MFA_KEY`, or else from a file, which is made if there is none.
    pub fn load(variable: Option<&str>, file: &Path) -> Result<Self, KeyError> {
        Self::load_by(read_or_make, variable, file)
    }

    /// The same from a file that has to be there.
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

    /// Adds the old master key while it is rotated: from `MFA_KEY_OLD`, or else from a file, if one of them
    /// is there.
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

    /// Encrypts, for one place only: what is sealed for another does not open there.
    pub fn seal(&self, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.sealing_key()?.seal.seal(place, secret)
    }

    /// Decrypts what was sealed for a place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut masters = [Some(&self.given), self.old.as_ref()].into_iter().flatten();
        masters.find_map(|master| master.seal.open(place, sealed).ok()).ok_or(KeyError::Sealed)
    }

    /// Whether something is sealed as [`seal`](Self::seal) does it now.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.sealing_key().is_ok_and(|master| master.seal.sealed(sealed))
    }

    /// The first pepper of a database: 32 bytes.
    pub fn first_pepper(&self) -> Result<&[u8], KeyError> {
        Ok(self.sealing_key()?.first_pepper.as_slice())
    }

    /// What tells the given master key from others, and the old one.
    pub fn check(&self) -> &[u8] {
        &self.given.check
    }

    pub fn old_check(&self) -> Option<&[u8]> {
        self.old.as_ref().map(|old| old.check.as_slice())
    }

    /// Which key has this check value.
    pub fn which(&self, check: &[u8]) -> Which {
        match check {
            check if check == self.given.check => Which::Given,
            check if self.old_check() == Some(check) => Which::Old,
            _ => Which::Another,
        }
    }

    /// Seals by the key that has this check value from now on.
    pub fn follow(&self, check: &[u8]) -> Which {
        let which = self.which(check);
        let mut sealing = self.sealing.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        *sealing = Sealing { which, told: Instant::now() };
        which
    }

    /// Returns a keyed hash of a text that may not be stored or logged itself, such as an address that may belong to
    /// nobody. Texts of different kinds have nothing in common. All servers of a database find the same, except while
    /// the master key is rotated, and another one afterwards.
    pub fn fingerprint(&self, kind: &str, text: &str) -> Vec<u8> {
        let master = self.sealing_key().unwrap_or(&self.given);
        let mut context = hmac::Context::with_key(&master.fingerprint);
        for part in [kind.as_bytes(), &[0], text.as_bytes()] {
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Id and secret of the demo client, the same at each start and in each replica.
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

/// Bytes nobody can guess.
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
            Self::Form(place) => write!(f, "{place} has to be 64 hexadecimal digits"),
            Self::Readable(file) => write!(
                f,
                "others may read the key file {file}: chmod 600 {file}, or give it to root and the \
                 group of the server with mode 440"
            ),
            Self::File(file, error) => write!(f, "key file {file}: {error}"),
            Self::Refused => f.write_str("the cryptographic library failed"),
            Self::Sealed => f.write_str("what is encrypted in the database does not open"),
            Self::Rotated => f.write_str(
                "the master key was rotated, and this server does not know which one seals",
            ),
        }
    }
}

impl std::error::Error for KeyError {}
