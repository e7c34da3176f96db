//! A code, and its stateless verification. Without `sha2` it is SHA-1 alone.

use otp_core::{Secret, Totp, Window};

use crate::io::{put, take};

/// TOTP of the key at 0.
pub(crate) fn totp(len: usize, algorithm: u32) -> Option<Totp> {
    let key: [u8; 64] = take(0);
    let secret = Secret::from_bytes(key.get(..len)?).ok()?;
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

/// Writes the code to 64; gives its length, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn code(len: usize, algorithm: u32, now: u64) -> usize {
    let Some(Ok(code)) = totp(len, algorithm).map(|totp| totp.code_at(now)) else { return 0 };
    put(64, code.as_bytes());
    code.as_bytes().len()
}

/// Checks the code at 64; gives the drift, or 1000 where it is not accepted.
#[unsafe(no_mangle)]
pub extern "C" fn verify(len: usize, algorithm: u32, code_len: usize, now: u64) -> i64 {
    let code: [u8; 64] = take(64);
    let Some(totp) = totp(len, algorithm) else { return 1000 };
    let Some(Ok(code)) = code.get(..code_len).map(str::from_utf8) else { return 1000 };
    totp.verify_at(code, now, Window::DEFAULT).map_or(1000, |hit| hit.drift())
}
