//! The master key, and what is derived from it: the key that seals secrets at rest (RFC 6238 section
//! 5.1), the pepper of recovery codes, and the demo client.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::{fmt, process};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{digest, hkdf, rand};
use otp_core::recovery::Pepper;
use zeroize::Zeroizing;

/// Bytes of the master key.
const LEN: usize = 32;
/// The form of what is sealed: this byte, the nonce, the ciphertext with its tag.
const VERSION: u8 = 1;
/// The pepper's key id. Another master key is another pepper.
const PEPPER: u32 = 1;

pub struct Keys {
    seal: RandomizedNonceKey,
    pepper: Pepper,
    check: [u8; LEN],
    demo_client: [u8; LEN],
}

#[derive(Debug)]
pub enum KeyError {
    /// Not 64 hexadecimal digits, and where.
    Form(String),
    Readable(String),
    File(String, io::Error),
    /// The library of ciphers refused, which it does not with keys of the right length.
    Refused,
    /// What was sealed does not open: another key, or somebody changed it.
    Sealed,
}

impl Keys {
    /// From the environment variable `MFA_KEY`, or else from a file, which is made if there is none.
    pub fn load(variable: Option<&str>, file: &Path) -> Result<Self, KeyError> {
        let hex = match variable {
            Some(hex) => return Self::derive(&*master(hex, "MFA_KEY")?),
            None => read_or_make(file)?,
        };
        Self::derive(&*master(&hex, &file.display().to_string())?)
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
        Ok(Self {
            seal: RandomizedNonceKey::new(&AES_256_GCM, &*derived(b"seal")?)
                .map_err(|_| KeyError::Refused)?,
            pepper: Pepper::new(PEPPER, &*derived(b"recovery codes")?)
                .map_err(|_| KeyError::Refused)?,
            check: *derived(b"check")?,
            demo_client: *derived(b"demo client")?,
        })
    }

    /// Encrypts, for one place only: what is sealed for another does not open there.
    pub fn seal(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        // Reserved as a whole: a vector that grows leaves its old bytes behind.
        let mut text = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
        text.extend_from_slice(secret);
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(place), &mut text)
            .map_err(|_| KeyError::Refused)?;
        Ok([&[VERSION], nonce.as_ref().as_slice(), &text].concat())
    }

    /// Decrypts what was sealed for a place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (&[VERSION], rest) = sealed.split_first_chunk().ok_or(KeyError::Sealed)? else {
            return Err(KeyError::Sealed);
        };
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(KeyError::Sealed)?;
        let mut text = Zeroizing::new(text.to_vec());
        let len = self
            .seal
            .open_in_place(Nonce::from(nonce), Aad::from(place), &mut text)
            .map_err(|_| KeyError::Sealed)?
            .len();
        text.truncate(len);
        Ok(text)
    }

    pub fn pepper(&self) -> &Pepper {
        &self.pepper
    }

    /// What another server on the same database has too, if it has the same master key.
    pub fn check(&self) -> &[u8] {
        &self.check
    }

    /// Id and secret of the demo client, the same at each start and in each replica.
    pub fn demo_client(&self) -> (String, String) {
        let (id, secret) = self.demo_client.split_at(8);
        (format!("demo-{}", hex(id)), hex(secret))
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

fn read_or_make(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |error| KeyError::File(path.display().to_string(), error);
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            return Err(KeyError::Readable(path.display().to_string()));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).map_err(failed)?,
        Err(error) => return Err(failed(error)),
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Makes the file as a whole: another process sees none, or one that is complete, and the one that was
/// there first stays.
fn make(path: &Path) -> io::Result<()> {
    let key = Zeroizing::new(random::<LEN>().map_err(io::Error::other)?);
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(Zeroizing::new(hex(&*key) + "\n").as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        });
    // Why it was not written says more than that it is not there.
    let removed = fs::remove_file(&draft);
    written.and(removed)
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(place) => write!(f, "{place} has to be 64 hexadecimal digits"),
            Self::Readable(file) => {
                write!(f, "others may read the key file {file}: chmod 600 {file}")
            }
            Self::File(file, error) => write!(f, "key file {file}: {error}"),
            Self::Refused => f.write_str("the cryptographic library failed"),
            Self::Sealed => f.write_str("what is encrypted in the database does not open"),
        }
    }
}

impl std::error::Error for KeyError {}
