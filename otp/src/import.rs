//! `otp import`: a file of keys in any format, as key URIs or as lines of JSON.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Args;

use crate::source::Source;
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
    #[command(flatten)]
    source: Source,
}

impl Import {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let mut reading = self.source.read()?;
        let entries = std::mem::take(&mut reading.entries);
        let mut out = BufWriter::new(io::stdout().lock());
        let (mut written, mut lost) = (0, 0);
        for (at, entry) in entries.iter().enumerate() {
            let line = if self.json { Ok(entry.json()) } else { entry.uri() };
            match line {
                Ok(line) => {
                    writeln!(out, "{}", line.as_str())?;
                    written += 1;
                    lost += usize::from(!self.json && entry.has_more_than_a_uri());
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
                "note: tokens with a known drift or last step: {lost}. A key URI has no place for these: use --json"
            ));
        }
        Ok(match (written, reading.refused()) {
            (0, _) => ExitCode::from(2),
            (_, 0) => ExitCode::SUCCESS,
            _ => ExitCode::from(1),
        })
    }
}
