//! Percent-encoding (RFC 3986 section 2.1). Text is decoded while it is read, and encoded while it
//! is written.

use core::fmt::{self, Write};

/// A `%` that is not followed by two hexadecimal digits.
#[derive(Clone, Copy)]
pub(crate) struct MalformedEscape {
    /// The offset of the `%`, in bytes from the start of the text.
    pub(crate) offset: usize,
}

/// Bytes with their escapes decoded, each with its offset in the text.
///
/// `+` is a space if the text comes from a query that a form wrote (WHATWG URL section 5.1).
#[derive(Clone)]
pub(crate) struct Decoded<'a> {
    text: &'a str,
    at: usize,
    plus_is_space: bool,
}

impl<'a> Decoded<'a> {
    pub(crate) fn new(text: &'a str, plus_is_space: bool) -> Self {
        Self { text, at: 0, plus_is_space }
    }
}

impl Iterator for Decoded<'_> {
    type Item = Result<(usize, u8), MalformedEscape>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.at;
        let rest = self.text.as_bytes().get(offset..)?;
        let (byte, len) = match *rest.first()? {
            b'%' => match rest {
                [_, high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    (hex_value(*high) << 4 | hex_value(*low), 3)
                }
                _ => {
                    self.at = self.text.len();
                    return Some(Err(MalformedEscape { offset }));
                }
            },
            b'+' if self.plus_is_space => (b' ', 1),
            byte => (byte, 1),
        };
        self.at = offset.saturating_add(len);
        Some(Ok((offset, byte)))
    }
}

/// Returns the value of a hexadecimal digit.
fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// Writes plain text, and escapes every byte that is not unreserved (RFC 3986 section 2.3).
pub(crate) fn write_escaped(text: &str, out: &mut impl Write) -> fmt::Result {
    let mut rest = text;
    loop {
        // It splits only at ASCII characters, so that both halves are valid text.
        let plain = rest.bytes().position(|byte| !is_unreserved(byte)).unwrap_or(rest.len());
        let (before, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        out.write_str(before)?;
        let Some(escaped) = after.chars().next() else {
            return Ok(());
        };
        let mut bytes = [0; 4];
        for byte in escaped.encode_utf8(&mut bytes).bytes() {
            let digit = |nibble| char::from_digit(nibble, 16).unwrap_or_default();
            let byte = u32::from(byte);
            out.write_char('%')?;
            out.write_char(digit(byte >> 4).to_ascii_uppercase())?;
            out.write_char(digit(byte & 0xf).to_ascii_uppercase())?;
        }
        rest = after.get(escaped.len_utf8()..).unwrap_or_default();
    }
}

/// > unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
