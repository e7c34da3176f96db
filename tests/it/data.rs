//! Reads the vectors in `tests/data`: lines of words, with comments.

use otp_core::{Algorithm, KeySchedule, Totp};

/// Returns the rows of a data file, with `N` words each. A row of another length fails, so no row
/// is skipped.
pub(crate) fn rows<const N: usize>(text: &str) -> Vec<[&str; N]> {
    let rows: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().try_into().expect(line))
        .collect();
    assert!(!rows.is_empty());
    rows
}

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    assert!(text.is_ascii() && text.len().is_multiple_of(2), "{text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the algorithms that this build has.
pub(crate) fn algorithms() -> impl Iterator<Item = Algorithm> + Clone {
    [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]
        .into_iter()
        .filter(|algorithm| algorithm.is_built_in())
}

/// Returns the seed of RFC 6238 appendix B for an algorithm. For SHA-1 it is also that of RFC 4226
/// appendix D.
pub(crate) fn rfc_seed(algorithm: Algorithm) -> Vec<u8> {
    b"1234567890".iter().copied().cycle().take(algorithm.output_len()).collect()
}

pub(crate) fn totp(algorithm: Algorithm, key: &[u8]) -> Totp {
    Totp::from_key(KeySchedule::from_raw_key(algorithm, key).unwrap())
}
