//! The states of `import --states`: one file for each token, named after its serial number.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use otp_core::verifier::State;

use crate::entry::Entry;
use crate::store::StoredFile;
use crate::{Outcome, now, private};

/// The longest name in bytes, without `.state` and the suffixes behind it. Most file systems
/// have 255 bytes for all.
const MOST: usize = 200;

/// The folder of the states, and the name that each token has there.
pub(crate) struct States<'s> {
    folder: &'s Path,
    /// In seconds of Unix time.
    now: u64,
    names: Vec<Result<String, &'static str>>,
}

impl<'s> States<'s> {
    /// Makes the folder, and finds a name for each token.
    pub(crate) fn new(folder: &'s Path, entries: &[Entry]) -> Outcome<Self> {
        private::make_folder(folder, "--states")?;
        let name = |entry: &Entry| file_name(entry.device.serial.as_deref().unwrap_or_default());
        let mut names: Vec<_> = entries.iter().map(name).collect();
        // Some file systems take upper and lower case for the same.
        let mut count = HashMap::<_, u32>::new();
        for name in names.iter().flatten() {
            *count.entry(name.to_ascii_lowercase()).or_default() += 1;
        }
        for name in &mut names {
            let is_twin = |name: &String| count.get(&name.to_ascii_lowercase()) > Some(&1);
            if name.as_ref().is_ok_and(is_twin) {
                *name = Err("another token of the file has the same serial number");
            }
        }
        Ok(Self { folder, now: now()?, names })
    }

    /// Writes the state of a token. Returns a warning if a state is there. It is never
    /// replaced, because used codes would be accepted again.
    ///
    /// # Errors
    /// A sentence. The other tokens do not depend on it.
    pub(crate) fn write(&self, at: usize, entry: &Entry) -> Result<Option<&'static str>, String> {
        self.try_write(at, entry).map_err(|error| format!("no state: {error}"))
    }

    fn try_write(&self, at: usize, entry: &Entry) -> Outcome<Option<&'static str>> {
        let Some(name) = self.names.get(at) else { return Err("it does not have a name".into()) };
        let name = name.as_ref().map_err(|reason| *reason)?;
        if self.is_in_the_future(entry) {
            return Err("its last time step is in the future".into());
        }
        let file = StoredFile::open(&self.folder.join(format!("{name}.state")))?;
        if let Some(bytes) = file.load()? {
            let state = State::from_bytes(&bytes);
            state.map_err(|error| format!("what is there is not a state: {error}"))?;
            return Ok(Some("its state is there already, and stays as it is"));
        }
        file.commit(entry.state().to_bytes().as_ref())?;
        Ok(None)
    }

    /// Returns whether the last step of a token is in the future, also by its own clock. Until
    /// that time its state would refuse all codes.
    fn is_in_the_future(&self, entry: &Entry) -> bool {
        let drift = u64::from(entry.device.drift.unsigned_abs());
        let latest = self.now / entry.period().unwrap_or(1) + drift + 1;
        entry.device.last_step.is_some_and(|step| step > latest)
    }
}

/// Returns the file name of a serial number. No two serial numbers have the same name, because
/// each can be read back from its name.
fn file_name(serial: &str) -> Result<String, &'static str> {
    if serial.is_empty() {
        return Err("it does not have a serial number");
    }
    let mut name = String::with_capacity(serial.len());
    for (at, byte) in serial.bytes().enumerate() {
        let is_plain = match byte {
            // Not a hidden file, not a folder above, and not an option.
            b'-' | b'.' => at > 0,
            _ => byte.is_ascii_alphanumeric() || byte == b'_',
        };
        if is_plain && !(at == 0 && is_reserved(serial)) {
            name.push(char::from(byte));
        } else {
            // A String takes all that is written.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.len() > MOST { Err("the serial number is too long for a file name") } else { Ok(name) }
}

/// Returns whether Windows takes the name for a device, with any extension.
fn is_reserved(serial: &str) -> bool {
    let stem = serial.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_port = |name: &str| {
        stem.strip_prefix(name).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || is_port("COM") || is_port("LPT")
}
