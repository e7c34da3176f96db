//! The accounts of a Google Authenticator export.

use alloc::vec;

use otp_core::migration::{Entry, EntryError, Export};
use otp_core::otpauth::Kind;
use zeroize::Zeroizing;

use crate::fault::Fault;
use crate::json::Json;
use crate::memory::call;
use crate::written::{Written, countable, told};

/// Reads one QR code of an export. An entry that cannot be read does not hide the others.
#[unsafe(no_mangle)]
pub extern "C" fn export_read(uri: u32) -> f64 {
    call(|arguments, output, _| {
        let uri = arguments.text(uri)?;
        // Base64 makes four symbols of three bytes.
        let mut buffer = Zeroizing::new(vec![0; uri.len()]);
        let export = Export::parse(uri, &mut buffer)?;
        Json::object(output, |json| {
            // An export that does not say has one part.
            json.number("part", export.batch_index().saturating_add(1))
                .number("parts", export.batch_size().max(1))
                .array("entries", |json| {
                    for (number, entry) in (1..).zip(export.entries()) {
                        let (issuer, account) = export.label(number).unwrap_or_default();
                        json.item(|json| {
                            json.text("issuer", &issuer.unwrap_or_default())
                                .text("account", &account);
                            told(json, entry.map_err(Fault::from).and_then(|entry| key(&entry)));
                        });
                    }
                });
        });
        Ok(output.len())
    })
}

fn key(entry: &Entry<'_>) -> Result<Written, Fault> {
    let digits = entry.digits();
    let kind = match (entry.counter(), entry.period()) {
        (Some(counter), _) => Kind::Hotp { digits, counter: countable(counter)? },
        (None, period) => Kind::Totp { digits, period: period.unwrap_or_default() },
    };
    Ok(Written {
        // `secretBits` of the key URI tells the length.
        secret: entry.secret_allow_short()?,
        kind,
        algorithm: entry.algorithm(),
        issuer: entry.issuer().unwrap_or_default().into(),
        account: entry.account().into(),
    })
}

impl From<EntryError> for Fault {
    fn from(error: EntryError) -> Self {
        error.error().into()
    }
}
