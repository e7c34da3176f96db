//! `otp export`: the QR codes of keys, for an authenticator app.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use zeroize::Zeroizing;

use crate::payload::{self, Account};
use crate::source::Source;
use crate::{Outcome, picture, private};

#[derive(Args)]
#[command(after_help = "\
Exit status: 0 if every key was exported, 1 if some were not, 2 if nothing was.")]
pub(crate) struct Export {
    /// Exports for Google Authenticator, with up to ten accounts in each QR code
    #[arg(long)]
    google: bool,
    /// Write the QR codes into this folder, as 001.svg and so on. They show the secrets
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Print what the QR codes say, and no QR codes
    #[arg(long, conflicts_with = "svg")]
    text: bool,
    #[command(flatten)]
    source: Source,
}

/// The text of one QR code, and its title.
struct Page {
    title: String,
    text: Zeroizing<String>,
}

impl Export {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        let mut reading = self.source.read()?;
        let entries = std::mem::take(&mut reading.entries);
        let (mut pages, mut accounts) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            let done = if self.google {
                Account::new(entry).map(|account| accounts.push(account))
            } else {
                entry.uri().map(|text| pages.push(Page { title: entry.name(), text }))
            };
            let place = format!("key {}", at + 1);
            match (done, entry.device.policy()) {
                (Err(reason), _) => reading.refuse(&place, &entry.name(), &reason),
                (Ok(()), Some(policy)) => reading.note(&place, &entry.name(), &policy),
                (Ok(()), None) => {}
            }
        }
        if self.google {
            let parts = payload::write(&accounts)?;
            let size = parts.len();
            pages = (1..)
                .zip(parts)
                .map(|(part, text)| Page { title: format!("part {part} of {size}"), text })
                .collect();
        }
        if pages.is_empty() {
            return Err("nothing can be exported".into());
        }
        if let Some(folder) = &self.svg {
            private::make_folder(folder, "--svg")?;
        }
        let mut out = io::stdout().lock();
        let last = pages.len();
        for (number, page) in (1..).zip(&pages) {
            let text = page.text.as_str();
            if self.text {
                writeln!(out, "{text}")?;
            } else if let Some(folder) = &self.svg {
                let name = format!("{number:03}.svg");
                picture::draw(text, Some(&folder.join(&name)))?;
                writeln!(out, "{name} {}", page.title)?;
            } else {
                let gap = if number < last { "\n" } else { "" };
                writeln!(out, "{}\n{}{gap}", page.title, picture::draw(text, None)?.as_str())?;
            }
        }
        Ok(if reading.refused() == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}
