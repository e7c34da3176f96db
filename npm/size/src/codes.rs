//! A code, and its stateless verification. Without `sha2` it knows only SHA-1.

use otp_core::{Secret, Totp, Window};

use crate::io::{input, put};

/// TOTP of the key at a place.
pub(crate) fn totp(key: *const u8, len: usize, algorithm: u32) -> Option<Totp> {
    let secret = Secret::from_bytes(input(key, len)).ok()?;
    #[cfg(feature = "sha2")]
    let totp = Totp::for_algorithm(
        match algorithm {
            0 => otp_core::Algorithm::Sha1,
            1 => otp_core::Algorithm::Sha256,
            _ => otp_core::Algorithm::Sha512,
        },
        &secret,
    )
    .ok()?;
    #[cfg(not(feature = "sha2"))]
    let totp = {
        let _ = algorithm;
        Totp::new(&secret)
    };
    Some(totp)
}

/// Writes the six digits of a code where `code` is; gives 1, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn code(key: *const u8, len: usize, algorithm: u32, now: u64, code: *mut u8) -> u32 {
    let Some(Ok(made)) = totp(key, len, algorithm).map(|totp| totp.code_at(now)) else { return 0 };
    put(code, made.as_bytes());
    1
}

/// Checks a code with a step each way; gives the drift, or 1000 where it is not accepted.
#[unsafe(no_mangle)]
pub extern "C" fn verify(
    key: *const u8,
    len: usize,
    algorithm: u32,
    now: u64,
    code: *const u8,
    code_len: usize,
) -> i64 {
    let Some(totp) = totp(key, len, algorithm) else { return 1000 };
    let Ok(code) = str::from_utf8(input(code, code_len)) else { return 1000 };
    totp.verify_at(code, now, Window::DEFAULT).map_or(1000, |hit| hit.drift())
}
