//! What was read from a file of keys: the entries, and what is wrong with the others.

use std::io::{self, IsTerminal, Write};

use crate::entry::Entry;
use crate::{Outcome, say};

/// After so many entries a person at a terminal is told how far it is.
const STRIDE: usize = 500;

/// The entries of a file. What cannot be read is told on standard error at once, and hides no other.
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

    pub(crate) fn accept(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.draw();
    }

    /// Tells of an entry that cannot be read: where it is, whose it is if that is known, and why.
    pub(crate) fn refuse(&mut self, place: &str, name: &str, reason: &str) {
        self.refused += 1;
        self.tell("refused", place, name, reason);
    }

    /// Tells of an entry that was read, and may be wrong.
    pub(crate) fn warn(&mut self, place: &str, name: &str, reason: &str) {
        self.tell("warning", place, name, reason);
    }

    /// Either of the two, or the entry.
    pub(crate) fn take(&mut self, place: &str, name: &str, entry: Result<Entry, String>) {
        match entry {
            Ok(entry) => self.accept(entry),
            Err(reason) => self.refuse(place, name, &reason),
        }
    }

    /// How many could not be read.
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
            (0, 0) => Err("the file has no keys".into()),
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
