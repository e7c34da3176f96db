//! The entries of a file of keys that were read, and the reasons why others were not.

use std::io::{self, IsTerminal, Write};

use otp_core::Secret;

use crate::entry::Entry;
use crate::{Outcome, say};

/// The tool shows the count at a terminal each time it has read so many entries.
const STRIDE: usize = 500;

/// The entries of a file. An entry that cannot be read is named on standard error at once, and
/// does not hide the others.
pub(crate) struct Reading {
    pub(crate) entries: Vec<Entry>,
    refused: usize,
    has_progress: bool,
    is_drawn: bool,
}

impl Reading {
    pub(crate) fn new() -> Self {
        let has_progress = io::stderr().is_terminal();
        Self { entries: Vec::new(), refused: 0, has_progress, is_drawn: false }
    }

    /// Takes an entry. `place` is where it is in the file.
    pub(crate) fn accept(&mut self, place: &str, entry: Entry) {
        let bits = entry.secret.len() * 8;
        if bits < Secret::MIN_BITS {
            let least = Secret::MIN_BITS;
            let reason = format!("the secret has {bits} bits, RFC 4226 asks for at least {least}");
            self.warn(place, &entry.name(), &reason);
        }
        self.entries.push(entry);
        self.draw();
    }

    /// Names an entry that cannot be read: its place, its name if that is known, and the
    /// reason.
    pub(crate) fn refuse(&mut self, place: &str, name: &str, reason: &str) {
        self.refused += 1;
        self.tell("refused", place, name, reason);
    }

    /// Tells of an entry that was read, and may be wrong.
    pub(crate) fn warn(&mut self, place: &str, name: &str, reason: &str) {
        self.tell("warning", place, name, reason);
    }

    /// Tells a property of an entry that the output does not have.
    pub(crate) fn note(&mut self, place: &str, name: &str, what: &str) {
        self.tell("note", place, name, what);
    }

    /// Takes an entry, or tells why it cannot be read.
    pub(crate) fn take(&mut self, place: &str, name: &str, entry: Result<Entry, String>) {
        match entry {
            Ok(entry) => self.accept(place, entry),
            Err(reason) => self.refuse(place, name, &reason),
        }
    }

    /// Returns how many could not be read.
    pub(crate) const fn refused(&self) -> usize {
        self.refused
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A sentence, if nothing could be read.
    pub(crate) fn finish(&mut self) -> Outcome<()> {
        self.clear();
        match (self.entries.len(), self.refused) {
            (0, 0) => Err("the file does not have any keys".into()),
            (0, 1) => Err("the only entry of the file cannot be read".into()),
            (0, refused) => Err(format!("none of the {refused} entries can be read").into()),
            _ => Ok(()),
        }
    }

    fn tell(&mut self, what: &str, place: &str, name: &str, reason: &str) {
        self.clear();
        if name.is_empty() {
            say(format_args!("{what}: {place}: {reason}"));
        } else {
            say(format_args!("{what}: {place} ({name}): {reason}"));
        }
    }

    fn draw(&mut self) {
        let count = self.entries.len();
        if self.has_progress && count.is_multiple_of(STRIDE) {
            // If it cannot be shown, nobody misses it.
            let _ = write!(io::stderr(), "\r{count} entries read");
            self.is_drawn = true;
        }
    }

    /// Removes the line of the progress.
    pub(crate) fn clear(&mut self) {
        if self.is_drawn {
            let _ = write!(io::stderr(), "\r\x1b[K");
            self.is_drawn = false;
        }
    }
}
