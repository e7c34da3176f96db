//! `readExport`, for JavaScript: the accounts of a Google Authenticator export.

use js_sys::Array;
use otp_core::migration::{Entry, EntryError, Export};
use otp_core::otpauth::Kind;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::args::text;
use crate::error::Fault;
use crate::key_uri::KeyUri;
use crate::object::Answer;

/// Reads one QR code of an export of Google Authenticator, `otpauth-migration://offline?data=…`. Each entry is
/// read by itself: one that cannot be read hides no other. If `parts` is over 1, there are more QR codes.
#[wasm_bindgen(js_name = readExport, unchecked_return_type = "AccountExport")]
pub fn read_export(
    #[wasm_bindgen(unchecked_param_type = "string")] uri: &JsValue,
) -> Result<JsValue, Fault> {
    let uri = text(uri, "uri")?;
    // Base64 makes four symbols of three bytes.
    let mut buffer = Zeroizing::new(vec![0; uri.len()]);
    let export = Export::parse(&uri, &mut buffer)?;
    let entries = Array::new();
    for (number, entry) in (1..).zip(export.entries()) {
        let (issuer, account) = export.label(number).unwrap_or_default();
        let answer = match entry.map_err(Fault::from).and_then(|entry| key(&entry)) {
            Ok(uri) => Answer::of("read").with("uri", uri),
            Err(fault) => Answer::of("refused").with("error", JsValue::from(fault)),
        };
        let answer = answer.with("issuer", issuer.unwrap_or_default()).with("account", account);
        entries.push(&answer.done());
    }
    // An export that does not say has one part.
    let parts = export.batch_size().max(1);
    let part = export.batch_index().saturating_add(1);
    Ok(Answer::new().with("part", part).with("parts", parts).with("entries", entries).done())
}

fn key(entry: &Entry<'_>) -> Result<KeyUri, Fault> {
    let digits = entry.digits();
    let kind = match (entry.counter(), entry.period()) {
        (Some(counter), _) => Kind::Hotp { digits, counter },
        (None, period) => Kind::Totp { digits, period: period.unwrap_or_default() },
    };
    KeyUri::new(
        // `secretBits` tells the length.
        entry.secret_allow_short()?,
        kind,
        entry.algorithm(),
        entry.issuer().unwrap_or_default(),
        entry.account(),
    )
}

impl From<EntryError> for Fault {
    fn from(error: EntryError) -> Self {
        error.error().into()
    }
}
