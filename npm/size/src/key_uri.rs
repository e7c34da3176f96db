//! Key URIs, read and written.

use core::fmt::Write as _;

use otp_core::{Engine, otpauth};

use crate::io::{Out, input, put};

/// Reads a URI and writes its code at a time; gives the number of digits, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn read_uri(uri: *const u8, len: usize, now: u64, code: *mut u8) -> usize {
    let Ok(text) = str::from_utf8(input(uri, len)) else { return 0 };
    let Some(Ok(Engine::Totp(totp))) = otpauth::Uri::parse(text).map(|uri| uri.engine()).ok()
    else {
        return 0;
    };
    let Ok(made) = totp.code_at(now) else { return 0 };
    put(code, made.as_bytes());
    made.as_bytes().len()
}

/// Reads a URI and writes it with another label. Returns its length, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn write_uri(uri: *const u8, len: usize, to: *mut u8, room: usize) -> usize {
    let Ok(text) = str::from_utf8(input(uri, len)) else { return 0 };
    let Ok(uri) = otpauth::Uri::parse(text) else { return 0 };
    let Ok(secret) = uri.secret() else { return 0 };
    let mut out = Out::new(to, room);
    let written = otpauth::UriBuilder::new(&secret, uri.kind())
        .with_algorithm(uri.algorithm())
        .with_issuer("ACME")
        .and_then(|uri| uri.with_account("alice"))
        .map(|uri| write!(out, "{uri}"));
    if matches!(written, Ok(Ok(()))) { out.len } else { 0 }
}
