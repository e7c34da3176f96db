//! Files that only their owner can read. A new file is written beside the old one, and then
//! takes its place as a whole.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::Outcome;

/// A file that does not have its name yet. If it is dropped before it gets the name, it is
/// removed, and the old file stays.
pub(crate) struct NewFile {
    path: PathBuf,
    new: PathBuf,
    file: File,
    is_put: bool,
}

impl NewFile {
    /// Makes a file with a secret in it. `option` is how messages name it.
    ///
    /// # Errors
    /// Also if a link, a folder or a device is there: a link may lead elsewhere, and a device
    /// must not be replaced.
    pub(crate) fn with_secret(path: &Path, option: &str) -> Outcome<Self> {
        if path.symlink_metadata().is_ok_and(|about| !about.is_file()) {
            let what = "it is a link, a folder or a device, and is left as it is";
            return Err(format!("{option}: {what}").into());
        }
        // Two processes may write a file of the same name.
        let suffix = format!(".{}.new", std::process::id());
        Self::beside(path, &suffix).map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("{option}: there is no such folder").into(),
            _ => cannot(option, &error).into(),
        })
    }

    /// Makes a file whose name has this suffix. No other process may use that name at the same
    /// time. It removes a file that a killed process has left, so that it never writes into an
    /// existing file and never follows a link.
    pub(crate) fn beside(path: &Path, suffix: &str) -> io::Result<Self> {
        let new = beside(path, suffix);
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = options().create_new(true).open(&new)?;
        Ok(Self { path: path.to_owned(), new, file, is_put: false })
    }

    /// Gives the file its name. If the process ends at any moment, the old file or the new one
    /// is there as a whole.
    pub(crate) fn put(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.new, &self.path)?;
        self.is_put = true;
        sync_folder(&self.path)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_put {
            // If it cannot be removed, nothing more can be done.
            let _ = fs::remove_file(&self.new);
        }
    }
}

/// Opens a file to lock it, and makes it if it is not there. A link that leads nowhere is an error.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let path = beside(path, ".lock");
    match options().create_new(true).open(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options().open(&path),
        made => made,
    }
}

/// Makes a folder for its owner only, if it is not there. `option` is how messages name it.
pub(crate) fn make_folder(folder: &Path, option: &str) -> Outcome<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => format!("{option}: it is not a folder").into(),
        _ => cannot(option, &error).into(),
    })
}

/// Says what is wrong with the file of an option. The path is not repeated: it may be a secret
/// in the wrong place.
pub(crate) fn cannot(option: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("{option}: there is no such file"),
        ErrorKind::IsADirectory => format!("{option}: it is a folder"),
        _ => format!("{option}: {error}"),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// To be written, and for its owner only.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes the new name outlast a loss of power, if folders can be synchronised.
fn sync_folder(path: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
