//! Reads the text of a file, and values from text: Base64, hexadecimal, Base32 and numbers. Each
//! error has its position.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::buffer::Bytes;
use super::error::{Error, Part, Problem};
use super::options::SecretEncoding;
use super::text::Text;
use crate::base32::{Base32Error, decode_base32};
use crate::digits::Digits;
use crate::secret::Secret;

/// The number of symbols in a Base64 group, which stands for three bytes (RFC 4648 section 4).
const SYMBOLS: usize = 4;

/// The largest number of symbols of a secret in a cell: Base32 of 128 bytes, with spaces or dashes
/// and padding.
const MAX_SYMBOLS: usize = 320;

const fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Returns the text of a file. UTF-16 is an error even without a byte order mark, because one of
/// its first two bytes is zero.
pub(super) fn utf8(file: &[u8]) -> Result<&str, Error> {
    let not_utf8 = |offset| Error::new(Part::File, Problem::NotUtf8, offset);
    if matches!(file, [0, ..] | [_, 0, ..]) {
        return Err(not_utf8(0));
    }
    str::from_utf8(file).map_err(|error| not_utf8(error.valid_up_to()))
}

/// Decodes Base64. White space may be anywhere, and padding may be missing. Set bits that do not
/// fill a byte are an error.
pub(super) fn base64(part: Part, text: Text<'_>, out: &mut Bytes) -> Result<(), Error> {
    out.clear();
    let mut group = Zeroizing::new([0; SYMBOLS]);
    let mut filled = 0_usize;
    let mut padding = 0_usize;
    let mut symbols = 0_usize;
    for (offset, character) in text.places().filter(|(_, character)| !is_blank(*character)) {
        let malformed = Error::new(part, Problem::Base64, offset);
        let symbol = u8::try_from(character).map_err(|_| malformed)?;
        if symbol == b'=' {
            padding = padding.saturating_add(1);
            if padding > 2 {
                return Err(malformed);
            }
            continue;
        }
        if padding > 0 || !(symbol.is_ascii_alphanumeric() || matches!(symbol, b'+' | b'/')) {
            return Err(malformed);
        }
        symbols = symbols.saturating_add(1);
        if let Some(place) = group.get_mut(filled) {
            *place = symbol;
            filled = filled.saturating_add(1);
        }
        if filled == SYMBOLS {
            decode_group(&*group, out).map_err(|problem| Error::new(part, problem, offset))?;
            filled = 0;
        }
    }
    let last = group.get(..filled).unwrap_or_default();
    decode_group(last, out)
        .and(if padding > 0 && !symbols.saturating_add(padding).is_multiple_of(SYMBOLS) {
            Err(Problem::Base64)
        } else {
            Ok(())
        })
        .map_err(|problem| Error::new(part, problem, text.offset()))
}

fn decode_group(group: &[u8], out: &mut Bytes) -> Result<(), Problem> {
    let mut bytes = Zeroizing::new([0; 3]);
    let decoded = Base64Unpadded::decode(group, &mut *bytes).map_err(|_| Problem::Base64)?;
    out.extend(decoded)
}

/// Checks that a secret has 1 to [`Secret::MAX_LEN`] bytes.
pub(super) fn check_len(secret: &Bytes, offset: usize) -> Result<(), Error> {
    let error = |problem| Err(Error::new(Part::Secret, problem, offset));
    match secret.get().len() {
        0 => error(Problem::Missing),
        len if len > Secret::MAX_LEN => error(Problem::TooLong),
        _ => Ok(()),
    }
}

/// The length of the shortest CSV secret in bytes: 80 bits, as in older tokens.
const LEAST: usize = 10;

/// Decodes a secret of CSV.
pub(super) fn secret(
    text: Text<'_>,
    encoding: SecretEncoding,
    out: &mut Bytes,
) -> Result<(), Error> {
    let error = |problem| Error::new(Part::Secret, problem, text.offset());
    let mut symbols = Zeroizing::new([0; MAX_SYMBOLS]);
    let mut len = 0_usize;
    for (offset, character) in text.places() {
        let place = symbols.get_mut(len).ok_or(error(Problem::TooLong))?;
        // Neither encoding has non-ASCII symbols.
        let not_ascii = Error::new(Part::Secret, Problem::Encoding, offset);
        *place = Some(character)
            .filter(char::is_ascii)
            .and_then(|symbol| u8::try_from(symbol).ok())
            .ok_or(not_ascii)?;
        len = len.saturating_add(1);
    }
    let symbols = symbols.get(..len).unwrap_or_default();
    let is_hex = {
        let digits = symbols.iter().filter(|symbol| !matches!(symbol, b' ' | b'-'));
        let count = digits.clone().count();
        count > 0
            && count % 2 == 0
            && digits.fold(true, |hex, digit| hex & digit.is_ascii_hexdigit())
    };
    let problem = match encoding {
        SecretEncoding::Hex | SecretEncoding::Either if is_hex => hex(symbols, out),
        SecretEncoding::Hex => Err(Problem::Encoding),
        SecretEncoding::Base32 | SecretEncoding::Either => {
            let text = str::from_utf8(symbols).unwrap_or_default();
            out.fill(|bytes| decode_base32(text, bytes).map(<[u8]>::len)).map_err(|error| {
                match error {
                    Base32Error::BufferTooSmall => Problem::TooLong,
                    _ => Problem::Encoding,
                }
            })
        }
    };
    problem.map_err(error)?;
    check_len(out, text.offset())?;
    // Otherwise the title of a column or a serial number could be read as a secret.
    if out.get().len() < LEAST { Err(error(Problem::OutOfRange)) } else { Ok(()) }
}

/// Decodes hexadecimal digits in pairs, with spaces or dashes between them.
fn hex(symbols: &[u8], out: &mut Bytes) -> Result<(), Problem> {
    out.clear();
    let mut high = None;
    for symbol in symbols.iter().filter(|symbol| !matches!(symbol, b' ' | b'-')) {
        // A letter has bit 6 set, and its low bits count from 1.
        let nibble = (symbol & 0x0f).wrapping_add((symbol >> 6).wrapping_mul(9));
        high = match high {
            None => Some(nibble),
            Some(high) => {
                out.extend(&[high << 4 | nibble])?;
                None
            }
        };
    }
    Ok(())
}

/// Reads a number: decimal digits, with or without a sign.
pub(super) fn number(part: Part, text: Text<'_>) -> Result<i128, Error> {
    let error = |problem, offset| Error::new(part, problem, offset);
    let mut places = text.places().peekable();
    let first = places.peek().map(|(_, character)| *character);
    let negative = first == Some('-');
    if negative || first == Some('+') {
        places.next();
    }
    let mut value = None;
    for (offset, character) in places {
        let digit = character.to_digit(10).ok_or(error(Problem::NotANumber, offset))?;
        let next = value.unwrap_or(0_u64).checked_mul(10);
        let next = next.and_then(|value| value.checked_add(digit.into()));
        value = Some(next.ok_or(error(Problem::OutOfRange, text.offset()))?);
    }
    let value = value.ok_or(error(Problem::NotANumber, text.offset()))?;
    let value = i128::from(value);
    Ok(if negative { value.wrapping_neg() } else { value })
}

/// Reads an encrypted number. In RFC 6030 section 4.2 it has 4 or 8 bytes, highest byte first, and
/// only a drift is signed. `python-pskc` writes the fewest bytes that hold the number.
///
/// If these bytes are all decimal digits, another writer may have meant the digits. Such a number
/// is refused, because a counter that is read too low accepts used codes again.
pub(super) fn encrypted_number(bytes: &[u8], signed: bool) -> Result<i128, Problem> {
    match bytes {
        [] => return Err(Problem::Missing),
        [a, b, c, d] if signed => return Ok(i32::from_be_bytes([*a, *b, *c, *d]).into()),
        [a, b, c, d, e, f, g, h] if signed => {
            return Ok(i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]).into());
        }
        _ => {}
    }
    if !matches!(bytes.len(), 4 | 8) && bytes.iter().all(u8::is_ascii_digit) {
        return Err(Problem::NotANumber);
    }
    let value = bytes
        .iter()
        .try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add((*byte).into()));
    value.map(i128::from).ok_or(Problem::OutOfRange)
}

/// Reads a number of digits.
pub(super) fn digits(text: Text<'_>) -> Result<Digits, Error> {
    let number = number(Part::ResponseFormat, text)?;
    let digits = u8::try_from(number).ok().and_then(|digits| Digits::new(digits).ok());
    digits.ok_or(Error::new(Part::ResponseFormat, Problem::OutOfRange, text.offset()))
}
