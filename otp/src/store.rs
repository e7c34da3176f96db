//! What is stored between two commands: one file each, replaced as a whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use otp_core::verifier::State;

use crate::Outcome;

/// A file that no other process can use at the same time.
///
/// The lock is on a file beside it, `FILE.lock`, since `FILE` is another one after each commit. It
/// goes with the process, however that ends.
pub(crate) struct StoredFile {
    path: PathBuf,
    _lock: File,
}

impl StoredFile {
    /// Waits until nobody else uses the file.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        // What a link points to is replaced, not the link.
        let path = match path.canonicalize() {
            Ok(path) => path,
            Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(cannot("open", &error)),
        };
        if path.is_dir() {
            return Err("the file of the state or set is a folder".into());
        }
        let lock = private().create(true).truncate(false).open(beside(&path, ".lock"));
        let lock = lock.map_err(|error| cannot("lock", &error))?;
        lock.lock().map_err(|error| cannot("lock", &error))?;
        Ok(Self { path, _lock: lock })
    }

    /// The bytes, or nothing where there is no file yet.
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

    /// Puts these bytes in the place of the old ones. Whenever the process ends, one of the two is
    /// there, and whole.
    pub(crate) fn commit(&self, bytes: &[u8]) -> Outcome<()> {
        // Under the lock nobody else has a file of this name. One that a killed process has left is
        // overwritten.
        let new = beside(&self.path, ".new");
        let written = private().create(true).truncate(true).open(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)?;
            sync_folder(&self.path)
        });
        written.map_err(|error| {
            // Nothing more can be done where it cannot be removed either.
            let _ = fs::remove_file(&new);
            cannot("write", &error)
        })
    }
}

/// Makes a folder for its owner alone, if it is not there.
pub(crate) fn make_folder(folder: &Path) -> Outcome<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| format!("{}: {error}", folder.display()).into())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// To be written, and for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the new name outlast a loss of power, where folders can be synchronised.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn cannot(what: &str, error: &io::Error) -> Box<dyn std::error::Error> {
    format!("cannot {what} the file of the state or set: {error}").into()
}
