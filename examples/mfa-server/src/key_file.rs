//! The file of a master key: its permissions, and how it is created.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process;

use rustix::process::getegid;
use zeroize::Zeroizing;

use crate::keys::{KeyError, LEN, hex, random};

/// Reads a file that must exist.
pub fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |error| KeyError::File(path.display().to_string(), error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !is_private(&metadata) {
        return Err(KeyError::Readable(path.display().to_string()));
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Reads a file. Creates it first if it does not exist.
pub fn read_or_make(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |error| KeyError::File(path.display().to_string(), error);
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).map_err(failed)?,
        Err(error) => return Err(failed(error)),
        Ok(_) => {}
    }
    read(path)
}

/// Returns whether only the owner can read the file, or whether root owns it and the group of
/// this process may read it. Root's own group is accepted too, because systemd and Kubernetes
/// give credentials to it.
fn is_private(metadata: &Metadata) -> bool {
    let lent = metadata.uid() == 0
        && metadata.mode() & 0o037 == 0
        && (metadata.gid() == getegid().as_raw() || metadata.gid() == 0);
    metadata.mode() & 0o077 == 0 || lent
}

/// Creates the file in one step: another process sees no file or a complete one. If the file
/// exists already, it stays as it is.
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
    // The reason for a failed write is more useful than the reason for a failed removal.
    let removed = fs::remove_file(&draft);
    written.and(removed)
}
