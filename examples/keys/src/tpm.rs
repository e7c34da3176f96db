//! Shared secrets in a TPM 2.0, with the commands of `tpm2-tools`: for a host with a TPM and
//! without an HSM.
//!
//! The TPM encrypts the files of a key, and only this TPM can read them. An HMAC takes some
//! milliseconds, and the TPM does one thing at a time. So this is for a door lock or a small
//! server.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use otp_core::{Secret, Truncated};

use crate::Error;

/// The storage key of the TPM's owner. Operating systems keep it at this address.
const PARENT: &str = "0x81000001";

/// A TPM, and the folder with the files of its keys. Only one process may use the folder.
#[derive(Debug)]
pub struct Tpm {
    folder: PathBuf,
    address: String,
    /// A TPM has space for three keys, so only one call uses it at a time.
    turn: Mutex<()>,
}

impl Tpm {
    /// Takes the folder with the files of the keys, and the address of the TPM, for example
    /// `device:/dev/tpmrm0`.
    #[must_use]
    pub fn new(folder: PathBuf, address: &str) -> Self {
        Self { folder, address: address.to_owned(), turn: Mutex::new(()) }
    }

    /// Makes the storage key. Call it once per TPM.
    ///
    /// # Errors
    /// The TPM refuses, or it has a storage key already.
    pub fn make_parent(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let primary = self.folder.join("primary.ctx");
        let primary = primary.to_str().ok_or("the folder is not UTF-8")?;
        self.run("tpm2_createprimary", &["-C", "o", "-c", primary], &[])?;
        self.run("tpm2_evictcontrol", &["-C", "o", "-c", primary, PARENT], &[])?;
        Ok(fs::remove_file(primary)?)
    }

    /// Removes the files of a [`store`](Self::store) that did not end, because the power was
    /// cut or the process was killed. One of these files has a secret in plain text. Call this
    /// once when the host starts, before any other call. The keys stay.
    ///
    /// # Errors
    /// The folder cannot be read, or a file cannot be removed.
    pub fn recover(&self) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.to_str().unwrap_or_default();
            if [".plain", ".pub.new", ".priv.new"].iter().any(|end| name.ends_with(end)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Stores the secret of a new authenticator under a name. After that, the secret cannot be
    /// read.
    ///
    /// If the power is cut meanwhile, call this again. It then stores the key, or returns the
    /// error that the key exists.
    ///
    /// # Errors
    /// The TPM refuses, or a key with this name exists.
    pub fn store(&self, name: &str, secret: &Secret) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let [public, private, plain] = self.files(name, ["pub", "priv", "plain"])?;
        let [new_public, new_private, _] = self.files(name, ["pub.new", "priv.new", ""])?;
        if fs::exists(&public)? && fs::exists(&private)? {
            return Err("a key with this name exists already".into());
        }
        // A call that did not end may have left the secret, or half of a key, which cannot be
        // used.
        for left in [&plain, &public, &private] {
            remove(left)?;
        }
        // The tools read the secret from a file, which only this user can read. If the power is
        // cut now, the file stays until `recover`. The deleted bytes can stay on the disk even
        // longer. So use a folder in memory (`/dev/shm`) or on an encrypted disk, and move the
        // key's two files to their place afterwards.
        let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&plain);
        let imported = new?.write_all(secret.expose_bytes()).map_err(Error::from).and_then(|()| {
            let parts = ["-u", &new_public, "-r", &new_private];
            let import = [&["-C", PARENT, "-G", "hmac:sha1", "-i", &plain], &parts[..]].concat();
            self.run("tpm2_import", &import, &[])
        });
        fs::remove_file(plain)?;
        imported?;
        // A file only gets its final name after its bytes are on the disk.
        for (new, file) in [(new_private, private), (new_public, public)] {
            File::open(&new)?.sync_all()?;
            fs::rename(new, file)?;
        }
        Ok(File::open(&self.folder)?.sync_all()?)
    }

    /// Returns the truncated HMAC-SHA-1 of each moving factor, under the key with this name.
    ///
    /// # Errors
    /// The TPM does not answer, or no key has this name.
    pub fn hmac_sha1(&self, name: &str, moving_factors: &[u64]) -> Result<Vec<Truncated>, Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let [public, private, loaded] = self.files(name, ["pub", "priv", "ctx"])?;
        self.run("tpm2_load", &["-C", PARENT, "-u", &public, "-r", &private, "-c", &loaded], &[])?;
        let one = |factor: &u64| {
            let hmac = ["-c", &loaded, "-o", "/dev/stdout"];
            let hmac = self.run("tpm2_hmac", &hmac, &factor.to_be_bytes())?;
            let hmac = <[u8; 20]>::try_from(hmac)
                .map_err(|_| "the TPM did not answer with an HMAC-SHA-1")?;
            Ok(Truncated::from_hmac(&hmac))
        };
        moving_factors.iter().map(one).collect()
    }

    /// Returns the files of a key. Names may only contain letters, digits, `-` and `_`, so no
    /// name leads to another folder.
    fn files(&self, name: &str, ends: [&str; 3]) -> Result<[String; 3], Error> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err("the name must contain only letters, digits, - and _".into());
        }
        let folder = self.folder.to_str().ok_or("the folder is not UTF-8")?;
        Ok(ends.map(|end| format!("{folder}/{name}.{end}")))
    }

    /// Runs a command, and returns its output. Its arguments must not contain a secret.
    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Error> {
        let output = self.command(program, arguments, input);
        // A loaded key takes one of the TPM's three places until it is flushed, even after an
        // error.
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

/// Removes a file, if it exists.
fn remove(file: &str) -> Result<(), Error> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
