//! Base64 in the query of a URI: RFC 4648 section 4, with percent-escapes.
//!
//! The `base64ct` crate maps symbols to bits without a table or a branch. This file handles
//! escapes, padding, and the offset of an error.

use base64ct::{Base64Unpadded, Encoding};
use zeroize::Zeroizing;

use super::error::{Error, Part, Problem};
use crate::percent::Decoded;
use crate::uri::Span;

/// The number of symbols in a group, which stands for three bytes (RFC 4648 section 4).
const SYMBOLS: usize = 4;

/// Decodes `text` into the start of `buffer`, and returns how many bytes were written.
///
/// Escapes are decoded once, and a raw `+` is a symbol. Padding at the end is optional, and may
/// have any length. A last group is refused if it has only one symbol, or if bits that do not fill
/// a byte are set.
pub(super) fn decode(text: Span<'_>, buffer: &mut [u8]) -> Result<usize, Error> {
    let mut group = Zeroizing::new([0; SYMBOLS]);
    // The offsets of the group's symbols in the URI.
    let mut offsets = [text.start; SYMBOLS];
    let mut filled = 0;
    let mut written = 0_usize;
    let mut padded = false;

    for byte in Decoded::new(text.text, false) {
        let (offset, byte) =
            byte.map_err(|error| Error::new(Part::Data, Problem::Escape, text.at(error.offset)))?;
        let offset = text.at(offset);
        if byte == b'=' {
            padded = true;
            continue;
        }
        if padded {
            return Err(Error::new(Part::Data, Problem::AfterPadding, offset));
        }
        if let (Some(symbol), Some(place)) = (group.get_mut(filled), offsets.get_mut(filled)) {
            (*symbol, *place) = (byte, offset);
            filled = filled.saturating_add(1);
        }
        if filled == SYMBOLS {
            written = written.saturating_add(decode_group(&*group, &offsets, buffer, written)?);
            filled = 0;
        }
    }

    let last = group.get(..filled).unwrap_or_default();
    Ok(written.saturating_add(decode_group(last, &offsets, buffer, written)?))
}

/// Writes the bytes of one group, starting at `at`, and returns how many there are.
fn decode_group(
    group: &[u8],
    offsets: &[usize; SYMBOLS],
    buffer: &mut [u8],
    at: usize,
) -> Result<usize, Error> {
    let space = buffer.get_mut(at..).unwrap_or_default();
    Base64Unpadded::decode(group, space).map(<[u8]>::len).map_err(|error| {
        let [first, ..] = *offsets;
        let mut symbols = group.iter().zip(offsets);
        let (problem, offset) = match error {
            base64ct::Error::InvalidLength => (Problem::BufferTooSmall, first),
            base64ct::Error::InvalidEncoding => symbols
                .find(|(symbol, _)| !is_symbol(**symbol))
                .map_or((Problem::LastGroup, first), |(_, offset)| (Problem::Character, *offset)),
        };
        Error::new(Part::Data, problem, offset)
    })
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}
