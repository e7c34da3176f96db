//! The work of `contents::codes`, a code made and one verified with a window of a step each way, by
//! others. Each makes the key schedule again for each code, as its API has it.

#[cfg(any(feature = "peer-hmac", feature = "peer-mbedtls"))]
mod by_hand {
    use core::hint::black_box;

    use crate::contents::{CODE, KEY, NOW};

    /// The digits of a code of six, from HMAC-SHA-1 of the step.
    fn digits(hmac: impl Fn(&[u8], &[u8; 8]) -> [u8; 20], step: u64) -> [u8; 6] {
        let hash = hmac(black_box(KEY), &step.to_be_bytes());
        let offset = usize::from(hash[19] & 15);
        let four = [hash[offset], hash[offset + 1], hash[offset + 2], hash[offset + 3]];
        let mut value = (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000;
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            *digit += (value % 10) as u8;
            value /= 10;
        }
        digits
    }

    /// Plain, as RFC 6238 has it, but for the comparison, which looks at all of the window.
    pub(super) fn codes(hmac: impl Fn(&[u8], &[u8; 8]) -> [u8; 20] + Copy) {
        let step = black_box(NOW) / 30;
        black_box(digits(hmac, step));
        let typed = black_box(CODE).as_bytes();
        let mut found = None;
        for candidate in step - 1..=step + 1 {
            let code = digits(hmac, candidate);
            let difference = code.iter().zip(typed).fold(0, |all, (a, b)| all | (a ^ b));
            if black_box(difference) == 0 && typed.len() == code.len() {
                found = Some(candidate);
            }
        }
        black_box(found);
    }
}

/// By `hmac` and `sha1`, and a page of one's own.
#[cfg(feature = "peer-hmac")]
pub fn by_hmac() {
    use hmac::{Hmac, KeyInit, Mac};

    by_hand::codes(|key, message| {
        let Ok(mut mac) = Hmac::<sha1::Sha1>::new_from_slice(key) else { return [0; 20] };
        mac.update(message);
        mac.finalize().into_bytes().into()
    });
}

/// By mbedTLS, and a page of one's own.
#[cfg(feature = "peer-mbedtls")]
pub fn by_mbedtls() {
    unsafe extern "C" {
        fn hmac_sha1(key: *const u8, key_len: usize, message: *const u8, len: usize, out: *mut u8);
    }
    by_hand::codes(|key, message| {
        let mut hash = [0; 20];
        // SAFETY: reads the two slices, writes 20 bytes.
        unsafe {
            hmac_sha1(key.as_ptr(), key.len(), message.as_ptr(), message.len(), hash.as_mut_ptr());
        }
        hash
    });
}

/// By totp-rs.
#[cfg(feature = "peer-totp-rs")]
pub fn by_totp_rs() {
    use core::hint::black_box;

    use crate::contents::{CODE, NOW};
    use totp_rs::{Algorithm, Builder};

    let totp = Builder::new()
        .with_algorithm(black_box(Algorithm::SHA1))
        .with_secret(black_box(*b"12345678901234567890"))
        .build_noncompliant();
    black_box(totp.generate(black_box(NOW)));
    black_box(totp.check(black_box(CODE), black_box(NOW)));
}
