//! Lists of key URIs and exports of Google Authenticator, one a line.

use otp_core::migration::Export;
use zeroize::Zeroizing;

use super::secret::{read_text, starts_with};
use crate::entry::{Entry, label};
use crate::reading::Reading;

const GOOGLE: &str = "otpauth-migration:";

/// Returns whether a line is a key URI or an export of Google Authenticator.
pub(super) fn is_uri(line: &str) -> bool {
    let line = line.trim();
    ["otpauth:", GOOGLE, "steam://", "motp://"].iter().any(|scheme| starts_with(line, scheme))
}

/// Reads each line. Blank lines and lines that start with `#` are passed over.
pub(super) fn read(text: &str, reading: &mut Reading) {
    let mut batches = Batches::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("line {}", at + 1);
        if starts_with(line, GOOGLE) {
            read_export(line, &place, &mut batches, reading);
            continue;
        }
        let read = if is_uri(line) {
            read_text(line, None, "")
        } else {
            Err("scheme: not supported, expected otpauth://".into())
        };
        match read {
            Ok((entry, warning)) => {
                if let Some(warning) = warning {
                    reading.warn(&place, &entry.name(), &warning);
                }
                reading.accept(&place, entry);
            }
            Err(reason) => reading.refuse(&place, "", &reason),
        }
    }
    batches.tell_missing(reading);
}

fn read_export(line: &str, place: &str, batches: &mut Batches, reading: &mut Reading) {
    // Base64 makes four symbols of three bytes.
    let mut buffer = Zeroizing::new(vec![0; line.len()]);
    let export = match Export::parse(line, &mut buffer) {
        Ok(export) => export,
        Err(error) => return reading.refuse(place, "", &error.to_string()),
    };
    batches.note(&export);
    for (at, entry) in export.entries().enumerate() {
        let place = format!("{place}, entry {}", at + 1);
        match entry {
            Ok(entry) => reading.accept(&place, Entry::of_export(&entry)),
            Err(error) => {
                let (issuer, account) = export.label(error.number()).unwrap_or_default();
                reading.refuse(&place, &label(issuer, account), &error.error().to_string());
            }
        }
    }
}

/// The QR codes of each export that were there.
#[derive(Default)]
struct Batches(Vec<(i32, u32, Vec<u32>)>);

impl Batches {
    fn note(&mut self, export: &Export<'_>) {
        let (id, size) = (export.batch_id(), export.batch_size());
        // A part that no QR code scans is not one.
        if !(2..=1000).contains(&size) {
            return;
        }
        let known = self.0.iter_mut().find(|batch| (batch.0, batch.1) == (id, size));
        match known {
            Some((_, _, parts)) => parts.push(export.batch_index()),
            None => self.0.push((id, size, vec![export.batch_index()])),
        }
    }

    fn tell_missing(&self, reading: &mut Reading) {
        for (_, size, parts) in &self.0 {
            for part in (0..*size).filter(|part| !parts.contains(part)) {
                let reason =
                    format!("part {} of {size} is missing: it has more accounts", part + 1);
                reading.warn("an export of Google Authenticator", "", &reason);
            }
        }
    }
}
