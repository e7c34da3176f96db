//! Shared secrets in a TPM 2.0, by the commands of `tpm2-tools`: for a host that has a TPM and no HSM.
//!
//! The files of a key are encrypted by the TPM, and only this TPM reads them. It computes one HMAC in some milliseconds and does
//! one thing at a time, so this is for a door or a small server.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use otp_core::{Secret, Truncated};

use crate::Error;

/// The storage key of the TPM's owner, where operating systems keep it.
const PARENT: &str = "0x81000001";

/// A TPM, and the folder with the files of its keys.
#[derive(Debug)]
pub struct Tpm {
    folder: PathBuf,
    address: String,
    /// A TPM has places for three keys, so one judgement uses it at a time.
    turn: Mutex<()>,
}

impl Tpm {
    /// Takes the folder with the files of the keys, and the address of the TPM: `device:/dev/tpmrm0`.
    #[must_use]
    pub fn new(folder: PathBuf, address: &str) -> Self {
        Self { folder, address: address.to_owned(), turn: Mutex::new(()) }
    }

    /// Makes the storage key, once for each TPM.
    ///
    /// # Errors
    /// The TPM refuses, or has one.
    pub fn make_parent(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let primary = self.folder.join("primary.ctx");
        let primary = primary.to_str().ok_or("the folder is not UTF-8")?;
        self.run("tpm2_createprimary", &["-C", "o", "-c", primary], &[])?;
        self.run("tpm2_evictcontrol", &["-C", "o", "-c", primary, PARENT], &[])?;
        Ok(fs::remove_file(primary)?)
    }

    /// Stores the secret of a new authenticator under a name. It cannot be read from then on.
    ///
    /// # Errors
    /// The TPM refuses, or there is a key of this name.
    pub fn store(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let [public, private, plain] = self.files(name, ["pub", "priv", "plain"])?;
        if fs::exists(&public)? {
            return Err("there is a key of this name".into());
        }
        // The tools read the secret from a file, which only this user may read. If the power goes now it stays: let the
        // folder be in memory (`/dev/shm`) or encrypted, and move the two files of the key afterwards.
        let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&plain);
        let imported = new?.write_all(secret.expose_bytes()).map_err(Error::from).and_then(|()| {
            let import =
                ["-C", PARENT, "-G", "hmac:sha1", "-i", &plain, "-u", &public, "-r", &private];
            self.run("tpm2_import", &import, &[])
        });
        fs::remove_file(plain)?;
        imported.map(drop)
    }

    /// The truncated HMAC-SHA-1 of each moving factor, under the key of a name.
    ///
    /// # Errors
    /// The TPM does not answer, or there is no such key.
    pub fn hmac_sha1(&self, name: &str, moving_factors: &[u64]) -> Result<Vec<Truncated>, Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let [public, private, loaded] = self.files(name, ["pub", "priv", "ctx"])?;
        self.run("tpm2_load", &["-C", PARENT, "-u", &public, "-r", &private, "-c", &loaded], &[])?;
        let one = |factor: &u64| {
            let hmac = ["-c", &loaded, "-o", "/dev/stdout"];
            let hmac = self.run("tpm2_hmac", &hmac, &factor.to_be_bytes())?;
            let hmac = <[u8; 20]>::try_from(hmac).map_err(|_| "the TPM gave no HMAC-SHA-1")?;
            Ok(Truncated::from_hmac(&hmac))
        };
        moving_factors.iter().map(one).collect()
    }

    /// The files of a key. A name has letters, digits, `-` and `_`, so that it leads nowhere else.
    fn files(&self, name: &str, ends: [&str; 3]) -> Result<[String; 3], Error> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err("a name has letters, digits, - and _".into());
        }
        let folder = self.folder.to_str().ok_or("the folder is not UTF-8")?;
        Ok(ends.map(|end| format!("{folder}/{name}.{end}")))
    }

    /// Runs a command, and returns what it prints. Its arguments hold no secret.
    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Error> {
        let output = self.command(program, arguments, input);
        // What a command has loaded stays in one of the three places of the TPM, also if it failed.
        self.command("tpm2_flushcontext", &["-t"], &[])?;
        output
    }

    fn command(&self, program: &str, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Error> {
        let mut command = Command::new(program);
        command.args(arguments).arg("-Q").env("TPM2TOOLS_TCTI", &self.address);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        child.stdin.take().ok_or("no input")?.write_all(input)?;
        let output = child.wait_with_output()?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
    }
}
