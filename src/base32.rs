//! Base32 of shared secrets: RFC 4648 section 6 with the rules that people's input needs.
//!
//! The `base32` crate maps symbols to bits. What is a text at all is decided here, since that
//! crate checks neither left-over symbols nor trailing bits and knows no separators.

use core::fmt;

use base32::Encoding;
use zeroize::{Zeroize, Zeroizing};

use crate::error::Base32Error;

/// Symbols of one group, and the bytes that they stand for (RFC 4648 section 6).
const SYMBOLS: usize = 8;
const BYTES: usize = 5;

/// ASCII only: `ı`, `ſ` and full-width letters are no symbols, whatever upper-casing makes of them.
const RFC4648: Encoding = Encoding::new(*b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").with_ignore_case();

/// Decodes a shared secret of any length from Base32 into `buffer`, and returns the part that was
/// written.
///
/// Read as authenticator apps do: any case, spaces and dashes anywhere, padding at the end or
/// none. A last group of 1, 3 or 6 symbols holds one symbol more than its bytes need: it is
/// dropped, as are bits that fill no byte (RFC 4648 section 3.5 leaves that to the decoder). All
/// else is an error: no digit `0`, `1`, `8`, `9` is taken for a letter that looks like it.
///
/// Takes a time that depends on the text: symbols are looked up in a table. See "Side channels" in
/// the crate's documentation.
///
/// ```
/// use otp_core::decode_base32;
///
/// let mut buffer = [0; 64];
/// assert_eq!(decode_base32("mzxw 6ytb-oi======", &mut buffer)?, b"foobar");
/// # Ok::<(), otp_core::Base32Error>(())
/// ```
///
/// # Errors
/// [`Base32Error`], with the offset of the byte that is at fault. `buffer` is then wiped.
pub fn decode_base32<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Base32Error> {
    match decode(text, buffer) {
        Ok(len) => Ok(buffer.get(..len).unwrap_or_default()),
        Err(error) => {
            buffer.zeroize();
            Err(error)
        }
    }
}

fn decode(text: &str, buffer: &mut [u8]) -> Result<usize, Base32Error> {
    let mut group = Zeroizing::new([0; SYMBOLS]);
    let mut filled = 0;
    let mut written = 0_usize;
    let mut padded = false;

    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b' ' | b'-' => continue,
            b'=' => {
                padded = true;
                continue;
            }
            _ if !is_symbol(byte) => return Err(Base32Error::Symbol { offset }),
            _ if padded => return Err(Base32Error::AfterPadding { offset }),
            _ => {}
        }
        if let Some(slot) = group.get_mut(filled) {
            *slot = byte;
            filled = filled.saturating_add(1);
        }
        if filled == SYMBOLS {
            written = written.saturating_add(decode_group(&*group, buffer, written)?);
            filled = 0;
        }
    }

    // RFC 4648 section 6 ends with 2, 4, 5 or 7 symbols, for 1, 2, 3 or 4 bytes.
    let used = match filled {
        1 | 3 | 6 => filled.saturating_sub(1),
        _ => filled,
    };
    let last = group.get(..used).unwrap_or_default();
    Ok(written.saturating_add(decode_group(last, buffer, written)?))
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7')
}

/// Writes the bytes of one group from `at` on, and returns how many there are.
fn decode_group(group: &[u8], buffer: &mut [u8], at: usize) -> Result<usize, Base32Error> {
    let symbols = str::from_utf8(group).map_err(|error| {
        // Cannot be: only ASCII gets into a group.
        Base32Error::Symbol { offset: error.valid_up_to() }
    })?;
    let space = buffer.get_mut(at..).unwrap_or_default();
    RFC4648.decode_buf(symbols, space).map(|bytes| bytes.len()).map_err(|_| Base32Error::DoesNotFit)
}

/// Bytes, displayed as upper-case unpadded Base32: the form of key URIs.
///
/// Made by [`Secret::expose_base32`](crate::Secret::expose_base32). The symbols are written one
/// group after the other, so that no copy of the whole text is made.
#[derive(Clone, Copy)]
pub struct Base32<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Base32<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut group = Zeroizing::new([0; SYMBOLS]);
        for bytes in self.0.chunks(BYTES) {
            let symbols = RFC4648.encode_buf(bytes, &mut *group).map_err(|_| fmt::Error)?;
            f.write_str(str::from_utf8(symbols).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Base32<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Base32(elided)")
    }
}
