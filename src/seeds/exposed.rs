//! Detects texts that are the secret: swapped columns, or a row without its first cell.

use super::buffer::Bytes;
use super::error::{Error, Part, Problem};
use super::options::SecretEncoding;
use super::text::Text;
use super::token::About;
use super::value;
use crate::ct::equal_bytes;

/// The smallest number of symbols of a secret in CSV: 80 bits in Base32.
const FEWEST_SYMBOLS: usize = 16;
/// The smallest number of bytes of a secret (RFC 4226 section 4, R6). Shorter ones look like serial
/// numbers.
const FEWEST_BYTES: usize = 16;
/// This is more than the longest secret has in any encoding.
const MOST: usize = 400;

/// Reads a text in one encoding, and returns whether it succeeded.
type Form = fn(Text<'_>, &mut Bytes) -> bool;

/// Checks that no text of a token is its secret.
pub(super) fn check(about: &About<'_>, secret: &[u8]) -> Result<(), Error> {
    match about.texts().find(|(_, text)| is_secret(*text, secret)) {
        Some((part, text)) => Err(Error::new(part, Problem::LikeSecret, text.offset())),
        None => Ok(()),
    }
}

/// Checks that a serial number of CSV does not look like a secret.
pub(super) fn check_serial(about: &About<'_>) -> Result<(), Error> {
    match about.serial.filter(|serial| is_like_secret(*serial)) {
        Some(serial) => Err(Error::new(Part::Serial, Problem::LikeSecret, serial.offset())),
        None => Ok(()),
    }
}

/// Returns whether a text is too short to be a CSV secret.
pub(super) fn is_short(text: Text<'_>) -> bool {
    text.chars().take(FEWEST_SYMBOLS).count() < FEWEST_SYMBOLS
}

/// Returns whether a text is this secret: as its bytes, or in hexadecimal, Base32 or Base64.
pub(super) fn is_secret(text: Text<'_>, secret: &[u8]) -> bool {
    let len = text.chars().take(MOST).count();
    if secret.is_empty() || len < secret.len() || len == MOST {
        return false;
    }
    let forms: [Form; 4] = [
        |text, bytes| bytes.fill(|place| text.copy_to(place).map(str::len)).is_ok(),
        |text, bytes| decodes(text, SecretEncoding::Hex, bytes),
        |text, bytes| decodes(text, SecretEncoding::Base32, bytes),
        |text, bytes| value::base64(Part::Secret, text, bytes).is_ok(),
    ];
    let mut bytes = Bytes::new();
    forms.iter().any(|form| form(text, &mut bytes) && equal_bytes(bytes.get(), secret))
}

fn is_like_secret(text: Text<'_>) -> bool {
    let mut bytes = Bytes::new();
    // Some manufacturers use a UUID, which has dashes, as the serial number.
    let has_dash = text.chars().any(|character| character == '-');
    let encoding = if has_dash { SecretEncoding::Base32 } else { SecretEncoding::Either };
    decodes(text, encoding, &mut bytes) && bytes.get().len() >= FEWEST_BYTES
}

fn decodes(text: Text<'_>, encoding: SecretEncoding, bytes: &mut Bytes) -> bool {
    value::secret(text, encoding, bytes).is_ok()
}
