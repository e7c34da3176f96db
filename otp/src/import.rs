//! `otp import`: a file of keys in any format, as key URIs or as lines of JSON.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::entry::Entry;
use crate::reading::Reading;
use crate::source::Source;
use crate::store::{self, StoredFile};
use crate::{Outcome, say};

#[derive(Args)]
#[command(after_help = "\
Formats: lists of key URIs, exports of Google Authenticator (several QR codes in one file), PSKC (RFC 6030), CSV of \
hardware tokens, and the plain exports of Aegis, 2FAS, Proton Authenticator, Proton Pass, Bitwarden, Ente and andOTP.

Exit status: 0 if every entry was read, 1 if some were not, 2 if nothing was.")]
pub(crate) struct Import {
    /// One JSON object a line, with the secret in hexadecimal, and serial, drift and last step of hardware tokens
    #[arg(long)]
    json: bool,
    /// Also write the state that `verify --state` starts from, of each token with a serial number, to FOLDER/SERIAL.state. One
    /// that is there stays as it is
    #[arg(long, value_name = "FOLDER")]
    states: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

impl Import {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let mut reading = self.source.read()?;
        let entries = std::mem::take(&mut reading.entries);
        if let Some(folder) = &self.states {
            write_states(folder, &entries, &mut reading)?;
        }
        let mut out = BufWriter::new(io::stdout().lock());
        let (mut written, mut lost) = (0, 0);
        for (at, entry) in entries.iter().enumerate() {
            let line = if self.json { Ok(entry.json()) } else { entry.uri() };
            match line {
                Ok(line) => {
                    writeln!(out, "{}", line.as_str())?;
                    written += 1;
                    let is_told = self.json || self.states.is_some();
                    lost += usize::from(!is_told && entry.has_more_than_a_uri());
                }
                Err(reason) => {
                    let place = format!("key {} of those that were read", at + 1);
                    reading.refuse(&place, &entry.name(), &reason);
                }
            }
        }
        out.flush()?;
        if lost > 0 {
            say(format_args!(
                "note: tokens with a known drift or last step: {lost}. A key URI has no place for these: use --states or --json"
            ));
        }
        Ok(match (written, reading.refused()) {
            (0, _) => ExitCode::from(2),
            (_, 0) => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        })
    }
}

/// Writes the state of each token that has a serial number. A state that is there is never replaced: codes that were used
/// would be accepted again.
fn write_states(folder: &Path, entries: &[Entry], reading: &mut Reading) -> Outcome<()> {
    store::make_folder(folder)?;
    for (at, entry) in entries.iter().enumerate() {
        let place = format!("key {}", at + 1);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let serial = entry.serial.as_deref().unwrap_or_default();
        if serial.is_empty() || serial.starts_with('.') || !serial.chars().all(is_plain) {
            let reason = "no state: the serial number does not make a file name";
            reading.warn(&place, &entry.name(), reason);
            continue;
        }
        let file = StoredFile::open(&folder.join(format!("{serial}.state")))?;
        if file.load()?.is_some() {
            reading.warn(&place, &entry.name(), "its state is there already, and stays as it is");
        } else {
            file.commit(entry.state().to_bytes().as_ref())?;
        }
    }
    Ok(())
}
