//! A file of keys in any format: its options, and how it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use otp_core::seeds::{CsvOptions, PskcOptions};
use zeroize::Zeroizing;

use crate::Outcome;
use crate::formats::{self, Format, Opening};
use crate::key::from_hex;
use crate::private::cannot;
use crate::reading::Reading;

/// The options of `import`, `find` and `export`.
#[derive(Args)]
pub(crate) struct Source {
    /// The format of the file [default: what its content shows]
    #[arg(long, value_name = "NAME", value_enum)]
    from: Option<Format>,
    /// The key of an encrypted PSKC file: this file has it in hexadecimal
    #[arg(long, value_name = "HEX-FILE", conflicts_with = "passphrase_file")]
    key: Option<PathBuf>,
    /// The passphrase of an encrypted PSKC file: this file has it in its first line. Blanks at
    /// the end do not count
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Accept encrypted values of a PSKC file that do not have a MAC
    #[arg(long)]
    without_mac: bool,
    /// Tokens of a CSV file are time-based if the file does not say what they are
    #[arg(long)]
    totp: bool,
    /// The file of keys; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Source {
    /// Reads the file.
    ///
    /// # Errors
    /// If the file itself cannot be read, if nothing in it can be read, or if its format is not
    /// known.
    pub(crate) fn read(&self) -> Outcome<Reading> {
        let key = self.key.as_deref().map(read_key).transpose()?;
        let passphrase = self.passphrase_file.as_deref().map(read_passphrase).transpose()?;
        let opening = Opening {
            key: key.as_ref().map(|key| key.as_slice()),
            passphrase: passphrase.as_ref().map(|passphrase| passphrase.as_str()),
            pskc: if self.without_mac {
                PskcOptions::DEFAULT.with_values_without_mac()
            } else {
                PskcOptions::DEFAULT
            },
            csv: if self.totp { CsvOptions::DEFAULT.with_totp() } else { CsvOptions::DEFAULT },
        };
        let bytes = read_file(&self.file, "FILE")?;
        let mut reading = Reading::new();
        let outcome = formats::read(&bytes, self.from, &opening, &mut reading);
        reading.clear();
        outcome?;
        reading.finish()?;
        Ok(reading)
    }
}

/// Reads a file, or standard input, into memory that is wiped. `option` is how messages name it.
fn read_file(path: &Path, option: &str) -> Outcome<Zeroizing<Vec<u8>>> {
    if path == Path::new("-") {
        let bytes = read_all(io::stdin().lock(), 1 << 16);
        return Ok(bytes.map_err(|error| format!("standard input: {error}"))?);
    }
    let bytes = File::open(path).and_then(|file| {
        let len = file.metadata().map_or(0, |about| usize::try_from(about.len()).unwrap_or(0));
        read_all(file, len + 1)
    });
    Ok(bytes.map_err(|error| match path.to_str() {
        Some(text) if text.starts_with("otpauth") && text.contains(':') => {
            format!("{option}: a key URI instead of a file: `-` reads it from standard input")
        }
        _ => cannot(option, &error),
    })?)
}

fn read_all(mut input: impl Read, room: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; room.max(1 << 12)]);
    let mut len = 0;
    loop {
        if len == bytes.len() {
            // By hand, so that the old place is wiped when the text grows.
            let mut larger = Zeroizing::new(vec![0; 2 * len]);
            larger[..len].copy_from_slice(&bytes);
            bytes = larger;
        }
        match input.read(&mut bytes[len..]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(len);
    Ok(bytes)
}

/// Reads the text of a short file: without a byte order mark, and without white space at its end.
pub(crate) fn read_text(path: &Path, option: &str) -> Outcome<Zeroizing<String>> {
    let bytes = read_file(path, option)?;
    let text = formats::to_text(&bytes).map_err(|_| format!("{option}: the file is not text"))?;
    Ok(Zeroizing::new(text.trim_start_matches('\u{feff}').trim_end().to_owned()))
}

fn read_key(path: &Path) -> Outcome<Zeroizing<Vec<u8>>> {
    let text = read_text(path, "--key")?;
    Ok(from_hex(text.trim()).map_err(|_| "the file of the key is not hexadecimal")?)
}

fn read_passphrase(path: &Path) -> Outcome<Zeroizing<String>> {
    let text = read_text(path, "--passphrase-file")?;
    let line = text.lines().next().unwrap_or_default().trim_end();
    if line.is_empty() {
        return Err("the file of the passphrase is empty".into());
    }
    Ok(Zeroizing::new(line.to_owned()))
}
