//! `otp import`: a file of keys in any format, as key URIs or as lines of JSON.

use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::entry::Entry;
use crate::private::{self, NewFile};
use crate::reading::Reading;
use crate::source::Source;
use crate::states::States;
use crate::{Outcome, say};

#[derive(Args)]
#[command(after_help = "\
Formats: lists of key URIs, exports of Google Authenticator (several QR codes in one file), PSKC (RFC 6030), and CSV of \
hardware tokens. It also reads the plain exports of Aegis, 2FAS, Proton Authenticator, Proton Pass, Bitwarden, Ente \
and andOTP.

Exit status: 0 if every entry was read, 1 if some were not, 2 if nothing was.")]
pub(crate) struct Import {
    /// One JSON object a line, with the secret in hexadecimal. The object of a hardware token
    /// also has the serial number, the drift, the last step and the policy: `start_date`,
    /// `expiry_date`, `number_of_transactions` and `pin_policy`
    #[arg(long)]
    json: bool,
    /// Also write the state of each token, from which `verify --state` starts, to
    /// FOLDER/SERIAL.state. A state that is there stays as it is. Letters and digits of ASCII,
    /// `-`, `_` and `.` stay as they are in the name, and every other byte becomes %XX. So does
    /// the first one if it is `-` or `.`, or begins a name that Windows reserves. A token is
    /// refused if it does not have a serial number, or if another token has the same one
    #[arg(long, value_name = "FOLDER")]
    states: Option<PathBuf>,
    /// Write the keys to this file, which only its owner can read. It is written as a whole;
    /// `-` is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

impl Import {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let mut reading = self.source.read()?;
        let entries = std::mem::take(&mut reading.entries);
        // The file is made before the first state is written, as it may fail.
        let file = self.output.as_deref().filter(|path| *path != Path::new("-"));
        let file = file.map(|path| NewFile::with_secret(path, "--output")).transpose()?;
        let states = self.states.as_deref();
        let states = states.map(|folder| States::new(folder, &entries)).transpose()?;
        let mut keys = Keys { json: self.json, states, entries: &entries, reading: &mut reading };
        let written = match file {
            None => {
                let mut out = BufWriter::new(io::stdout().lock());
                let written = keys.write(&mut out)?;
                out.flush()?;
                written
            }
            Some(file) => {
                let mut out = BufWriter::new(file);
                let cannot = |error| private::cannot("--output", &error);
                let written = keys.write(&mut out).map_err(cannot)?;
                let file = out.into_inner().map_err(IntoInnerError::into_error);
                if written > 0 {
                    file.and_then(NewFile::put).map_err(cannot)?;
                }
                written
            }
        };
        Ok(match (written, reading.refused()) {
            (0, _) => ExitCode::from(2),
            (_, 0) => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        })
    }
}

/// The keys that were read, and how they are written.
struct Keys<'k> {
    json: bool,
    states: Option<States<'k>>,
    entries: &'k [Entry],
    reading: &'k mut Reading,
}

impl Keys<'_> {
    /// Writes each key and its state, and returns how many were written. A key whose state
    /// cannot be written is left out.
    fn write(&mut self, out: &mut impl Write) -> io::Result<usize> {
        let (mut written, mut lost) = (0, 0);
        for (at, entry) in self.entries.iter().enumerate() {
            let place = format!("key {}", at + 1);
            let line = if self.json { Ok(entry.json()) } else { entry.uri() };
            let line = line.and_then(|line| {
                if let Some(states) = &self.states
                    && let Some(warning) = states.write(at, entry)?
                {
                    self.reading.warn(&place, &entry.name(), warning);
                }
                Ok(line)
            });
            match line {
                Ok(line) => {
                    writeln!(out, "{}", line.as_str())?;
                    written += 1;
                    if let Some(policy) = entry.device.policy().filter(|_| !self.json) {
                        self.reading.note(&place, &entry.name(), &policy);
                    }
                    let is_told = self.json || self.states.is_some();
                    lost += usize::from(!is_told && entry.device.has_state());
                }
                Err(reason) => self.reading.refuse(&place, &entry.name(), &reason),
            }
        }
        if lost > 0 {
            say(format_args!(
                "note: tokens with a known drift or last step: {lost}. A key URI has no place for these: use --states or --json"
            ));
        }
        Ok(written)
    }
}
