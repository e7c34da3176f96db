//! Key URIs, read and written.

use core::fmt::Write as _;

use otp_core::{KeyUri, KeyUriWriter};

use crate::io::{Out, take};

/// Reads the URI at 0 and gives its code at a time as a number, or −1.
#[unsafe(no_mangle)]
pub extern "C" fn read_uri(len: usize, now: u64) -> i64 {
    let text: [u8; 1024] = take(0);
    let Some(Ok(text)) = text.get(..len).map(str::from_utf8) else { return -1 };
    let Some(Ok(otp_core::Engine::Totp(totp))) = KeyUri::parse(text).map(|uri| uri.engine()).ok()
    else {
        return -1;
    };
    totp.code_at(now).ok().and_then(|code| code.as_str().parse().ok()).unwrap_or(-1)
}

/// Reads the URI at 0 and writes it anew; gives its length, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn write_uri(len: usize) -> usize {
    let text: [u8; 1024] = take(0);
    let Some(Ok(text)) = text.get(..len).map(str::from_utf8) else { return 0 };
    let Ok(uri) = KeyUri::parse(text) else { return 0 };
    let Ok(secret) = uri.secret() else { return 0 };
    let mut out = Out::default();
    let written = KeyUriWriter::new(&secret, uri.kind())
        .with_algorithm(uri.algorithm())
        .with_issuer("ACME")
        .and_then(|uri| uri.with_account("alice"))
        .map(|uri| write!(out, "{uri}"));
    if matches!(written, Ok(Ok(()))) { out.0 } else { 0 }
}
