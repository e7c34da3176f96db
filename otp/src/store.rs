//! The files of states and sets: each is replaced as a whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use otp_core::verifier::State;

use crate::Outcome;
use crate::private::{NewFile, open_lock};

/// A file that no other process can use at the same time.
///
/// The lock is on a file beside it, `FILE.lock`, because each commit makes a new `FILE`. The
/// operating system releases it when the process ends, also if it is killed.
pub(crate) struct StoredFile {
    path: PathBuf,
    _lock: File,
}

impl StoredFile {
    /// Waits until no other process uses the file.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        // If it is a link, the file behind it is replaced, not the link.
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(cannot("open", &error)),
        };
        if path.is_dir() {
            return Err("the file of the state or set is a folder".into());
        }
        // A device would be replaced, and a pipe waits for a writer for ever.
        if path.metadata().is_ok_and(|about| !about.is_file()) {
            return Err("the file of the state or set is a device or a pipe".into());
        }
        let lock = open_lock(&path).map_err(|error| cannot("lock", &error))?;
        lock.lock().map_err(|error| cannot("lock", &error))?;
        Ok(Self { path, _lock: lock })
    }

    /// The bytes, or nothing if there is no file yet.
    pub(crate) fn load(&self) -> Outcome<Option<Vec<u8>>> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot("read", &error)),
        }
    }

    /// Returns the verifier state in a file that has to be there.
    pub(crate) fn load_old_state(&self) -> Outcome<State> {
        if self.load()?.is_none() {
            return Err("there is no such file: `otp verify --state` makes one".into());
        }
        self.load_state()
    }

    /// Returns the verifier state in the file. If there is no file yet, an enrolment begins.
    pub(crate) fn load_state(&self) -> Outcome<State> {
        let Some(bytes) = self.load()? else { return Ok(State::enrolment()) };
        let state = State::from_bytes(&bytes);
        Ok(state.map_err(|error| format!("the state file is left as it is: {error}"))?)
    }

    /// Puts these bytes in the place of the old ones. If the process ends at any moment, the
    /// old bytes or the new ones are there as a whole.
    pub(crate) fn commit(&self, bytes: &[u8]) -> Outcome<()> {
        // Under the lock no other process has a file of this name.
        let written = NewFile::beside(&self.path, ".new").and_then(|mut file| {
            file.write_all(bytes)?;
            file.put()
        });
        written.map_err(|error| cannot("write", &error))
    }
}

fn cannot(what: &str, error: &io::Error) -> Box<dyn std::error::Error> {
    format!("cannot {what} the file of the state or set: {error}").into()
}
