//! Negative controls: what must not be done with a secret, each seen to be reported.

/// `==` on codes: ends at the first symbol that differs.
#[cfg(feature = "control-equality")]
pub fn run() {
    use crate::codes::{NOW, totp};
    use crate::memory::Typed;
    use otp_core::{Algorithm, Code};

    #[inline(never)]
    fn code_by_equality(expected: &Code, submitted: &Typed) -> bool {
        expected.as_bytes() == submitted.text().as_bytes()
    }

    let expected = totp(Algorithm::Sha1).code_at(NOW).unwrap();
    println!("{}", code_by_equality(&expected, &Typed::new("005924")));
}

/// A window that is left at the match: its time tells the position.
#[cfg(feature = "control-early-exit")]
pub fn run() {
    use crate::codes::hotp;
    use otp_core::{Algorithm, HmacKey, Hotp};

    #[inline(never)]
    fn window_with_early_exit(hotp: &Hotp, wanted: u32) -> Option<u64> {
        (1_000..1_010).find(|counter| {
            let Ok(truncated) = hotp.key().truncated(*counter);
            truncated.expose_bits() == wanted
        })
    }

    println!("{:?}", window_with_early_exit(&hotp(Algorithm::Sha1), 0));
}

/// Truncation as RFC 4226 section 5.4 shows it, with the secret offset as an index.
#[cfg(feature = "control-index")]
pub fn run() {
    use crate::memory::secret;
    use std::hint::black_box;

    #[inline(never)]
    fn truncation_by_index(hmac: &[u8; 20]) -> u8 {
        hmac[usize::from(hmac[19] & 15)]
    }

    black_box(truncation_by_index(black_box(&secret([0x5a; 20]))));
}

#[cfg(not(any(
    feature = "control-equality",
    feature = "control-early-exit",
    feature = "control-index"
)))]
pub fn run() {}
