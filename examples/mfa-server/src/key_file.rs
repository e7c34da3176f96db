//! The file of a master key: who may read it, and how it is made.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process;

use rustix::process::getegid;
use zeroize::Zeroizing;

use crate::keys::{KeyError, LEN, hex, random};

/// Reads a file that has to be there.
pub fn read(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |error| KeyError::File(path.display().to_string(), error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !is_private(&metadata) {
        return Err(KeyError::Readable(path.display().to_string()));
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Reads a file, which is made if it is not there.
pub fn read_or_make(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let failed = |error| KeyError::File(path.display().to_string(), error);
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path).map_err(failed)?,
        Err(error) => return Err(failed(error)),
        Ok(_) => {}
    }
    read(path)
}

/// Whether only its owner reads the file, or root owns it and lends it to the group of this process. Root's
/// own group is as good: systemd and Kubernetes give credentials to it.
fn is_private(metadata: &Metadata) -> bool {
    let lent = metadata.uid() == 0
        && metadata.mode() & 0o037 == 0
        && (metadata.gid() == getegid().as_raw() || metadata.gid() == 0);
    metadata.mode() & 0o077 == 0 || lent
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
