//! The formats of files with keys: which one it is, and its reader.

mod apps;
mod json;
mod lines;
mod records;
mod secret;
mod seeds;
mod vaults;

use clap::ValueEnum;
use otp_core::seeds::{CsvOptions, PskcOptions};
use zeroize::Zeroizing;

use self::json::Json;
use crate::Outcome;
use crate::reading::Reading;

/// The format of a file of keys.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Key URIs, one a line
    Uris,
    /// `otpauth-migration://` of Google Authenticator, one a line
    Google,
    /// PSKC (RFC 6030)
    Pskc,
    /// CSV of hardware tokens
    Csv,
    /// Aegis, plain JSON
    Aegis,
    /// 2FAS, a backup without a password
    #[value(name = "2fas")]
    TwoFas,
    /// Proton Authenticator or Proton Pass, plain JSON or CSV
    Proton,
    /// Bitwarden or Bitwarden Authenticator, plain JSON or CSV
    Bitwarden,
    /// Ente Auth, plain text
    Ente,
    /// andOTP, plain JSON
    Andotp,
}

/// The key of a seed file, and how it is read.
pub(crate) struct Opening<'o> {
    pub(crate) key: Option<&'o [u8]>,
    pub(crate) passphrase: Option<&'o str>,
    pub(crate) pskc: PskcOptions,
    pub(crate) csv: CsvOptions<'static>,
}

/// Reads all entries of a file into `reading`.
///
/// # Errors
/// If the format is not known, or if the file is damaged or encrypted.
pub(crate) fn read(
    bytes: &[u8],
    format: Option<Format>,
    opening: &Opening<'_>,
    reading: &mut Reading,
) -> Outcome<()> {
    let text = to_text(bytes)?;
    let text = text.trim_start_matches('\u{feff}');
    let format = match format {
        Some(format) => format,
        None => recognise(text)?,
    };
    if format != Format::Pskc && (opening.key.is_some() || opening.passphrase.is_some()) {
        return Err("--key and --passphrase-file are for PSKC files".into());
    }
    let is_json = text.trim_start().starts_with(['{', '[']);
    match format {
        // An export of Ente is a list of key URIs, if it is not encrypted.
        Format::Ente if is_json => apps::ente(&Json::read(text)?),
        Format::Uris | Format::Google | Format::Ente => {
            lines::read(text, reading);
            Ok(())
        }
        Format::Pskc => seeds::pskc(text, opening, reading),
        Format::Csv => seeds::csv(text, opening, reading),
        Format::Aegis => apps::aegis(&Json::read(text)?, reading),
        Format::TwoFas => apps::two_fas(&Json::read(text)?, reading),
        Format::Andotp => apps::andotp(&Json::read(text)?, reading),
        Format::Bitwarden if is_json => vaults::bitwarden(&Json::read(text)?, reading),
        Format::Proton if is_json => vaults::proton(&Json::read(text)?, reading),
        Format::Bitwarden => records::read(text, &records::BITWARDEN, reading),
        Format::Proton => records::read(text, &records::PROTON, reading),
    }
}

/// Returns the text of a file: UTF-8, or UTF-16 as PowerShell and editors write it, also
/// without a byte order mark.
pub(crate) fn to_text(bytes: &[u8]) -> Outcome<Zeroizing<String>> {
    match bytes {
        [0xfe, 0xff, rest @ ..] => return from_utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => return from_utf16(rest, u16::from_le_bytes),
        // All formats start with an ASCII character.
        [0, low, 0, ..] if is_text(*low) => return from_utf16(bytes, u16::from_be_bytes),
        [low, 0, _, 0, ..] if is_text(*low) => return from_utf16(bytes, u16::from_le_bytes),
        _ => {}
    }
    if let Some(what) = name_binary(bytes) {
        return Err(what.into());
    }
    match str::from_utf8(bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(error) => {
            let at = error.valid_up_to();
            let remedy = if bytes.iter().all(|byte| !byte.is_ascii() || is_text(*byte)) {
                "If it is text, save it as UTF-8"
            } else {
                "An encrypted backup, of andOTP for example, looks like this: export it as plain text"
            };
            Err(format!("the file is not text in UTF-8 (at byte {at}). {remedy}").into())
        }
    }
}

/// Names a file that is not text, with what to do.
fn name_binary(bytes: &[u8]) -> Option<&'static str> {
    const WORKBOOK: &str = "a workbook of Excel: save it as CSV in UTF-8";
    const IMAGE: &str = "an image: `zbarimg --raw` reads its QR codes, and `otp import -` the text";
    let first = bytes.get(..100).unwrap_or(bytes);
    let is_workbook = || first.windows(15).any(|name| name == b"[Content_Types]");
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] if is_workbook() => WORKBOOK,
        [b'P', b'K', 3, 4, ..] => "a ZIP archive: unpack it, and import the file in it",
        [0xd0, 0xcf, 0x11, 0xe0, ..] => WORKBOOK,
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => IMAGE,
        _ if bytes.starts_with(b"SQLite format 3\0") => {
            "a database of an app: import what the app exports as plain text"
        }
        _ => return None,
    })
}

const fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Outcome<Zeroizing<String>> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(character.map_err(|_| "the file is not text: damaged UTF-16")?);
    }
    if !rest.is_empty() {
        return Err("the file is not text: damaged UTF-16".into());
    }
    Ok(text)
}

/// Tells what a file is by its content.
fn recognise(text: &str) -> Outcome<Format> {
    match text.trim_start().chars().next() {
        None => return Err("the file is empty".into()),
        Some('<') if is_web_page(text.trim_start()) => {
            return Err("a web page: export the keys as plain text or JSON".into());
        }
        Some('<') => return Ok(Format::Pskc),
        Some('{' | '[') => {
            let json = Json::read(text)?;
            return apps::recognise(&json).ok_or_else(|| unknown("JSON of an unknown app"));
        }
        Some(_) => {}
    }
    if text.trim_start().starts_with("-----BEGIN PGP") {
        return Err(
            "an encrypted export, of Proton Pass for example: export it without encryption".into(),
        );
    }
    if text.lines().any(lines::is_uri) {
        return Ok(Format::Uris);
    }
    let is_passed_over = |line: &str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || records::tells_separator(line)
    };
    let first = text.lines().find(|line| !is_passed_over(line));
    let first = first.ok_or("the file does not have any keys")?;
    if records::BITWARDEN.has_header(first) {
        Ok(Format::Bitwarden)
    } else if records::PROTON.has_header(first) {
        Ok(Format::Proton)
    } else if first.contains([',', ';', '\t']) {
        Ok(Format::Csv)
    } else {
        Err(unknown("the format is not recognised"))
    }
}

fn is_web_page(text: &str) -> bool {
    ["<!doctype html", "<html"].iter().any(|start| secret::starts_with(text, start))
}

fn unknown(what: &str) -> Box<dyn std::error::Error> {
    format!("{what}: --from NAME says what the file is, `otp import --help` lists the formats")
        .into()
}
