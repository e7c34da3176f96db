//! Percent-encoding: RFC 3986 section 2.1, decoded while it is read and encoded while it is written.

use core::fmt::{self, Write};

use heapless::String;

use crate::error::DoesNotFit;
use crate::label::is_refused;

/// What is wrong with a text, and where, in bytes from its start.
#[derive(Clone, Copy)]
pub(crate) enum PercentError {
    /// No two hexadecimal digits follow a `%`.
    Escape { offset: usize },
    /// Bytes that are not UTF-8.
    NotUtf8 { offset: usize },
    /// A character that labels must not have ([`is_refused`]).
    Control { offset: usize },
}

impl PercentError {
    pub(crate) const fn offset(self) -> usize {
        match self {
            Self::Escape { offset } | Self::NotUtf8 { offset } | Self::Control { offset } => offset,
        }
    }
}

/// Bytes with their escapes decoded, and the offset of each in the text.
///
/// `+` is a space where the text comes from a query that a form wrote (WHATWG URL section 5.1).
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
    type Item = Result<(usize, u8), PercentError>;

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
                    return Some(Err(PercentError::Escape { offset }));
                }
            },
            b'+' if self.plus_is_space => (b' ', 1),
            byte => (byte, 1),
        };
        self.at = offset.saturating_add(len);
        Some(Ok((offset, byte)))
    }
}

/// The value of a hexadecimal digit.
fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit.wrapping_sub(b'0'),
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// Text out of a URI, percent-decoded while it is read: nothing is copied.
///
/// The text is valid Unicode. It has no control characters, no line and paragraph separators, and no
/// bidirectional embeddings, overrides or isolates: [`KeyUri::parse`](crate::KeyUri::parse) refuses
/// them. `==` compares with plain text, `Display` writes the text itself.
///
/// ```
/// use otp_core::KeyUri;
///
/// let uri = KeyUri::parse("otpauth://totp/ACME%20Co:J%C3%BCrgen?secret=JBSWY3DPEHPK3PXP")?;
/// assert_eq!(uri.account(), "Jürgen");
/// assert_eq!(uri.account().chars().count(), 6);
/// let mut buffer = [0; 16];
/// assert_eq!(uri.issuer().unwrap().copy_to(&mut buffer), Ok("ACME Co"));
/// # Ok::<(), otp_core::UriError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PercentText<'a> {
    /// INVARIANT: decodes to UTF-8 without characters that `is_refused`.
    raw: &'a str,
    plus_is_space: bool,
}

impl<'a> PercentText<'a> {
    /// Checks a text. Offsets in errors count from its start.
    pub(crate) fn check(raw: &'a str, plus_is_space: bool) -> Result<Self, PercentError> {
        // Nearly every text is plain: then there is nothing to decode.
        let is_plain = |byte| matches!(byte, b' '..=b'~') & (byte != b'%');
        if raw.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            return Ok(Self { raw, plus_is_space });
        }
        let mut decoded = Decoded::new(raw, plus_is_space);
        while let Some(character) = next_char(&mut decoded) {
            character?;
        }
        Ok(Self { raw, plus_is_space })
    }

    /// The characters of the decoded text.
    #[must_use]
    pub fn chars(&self) -> Chars<'a> {
        Chars(Decoded::new(self.raw, self.plus_is_space))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The length of the decoded text in bytes of UTF-8.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars().map(char::len_utf8).fold(0, usize::saturating_add)
    }

    /// Copies the decoded text into `buffer` and returns it.
    ///
    /// # Errors
    /// [`DoesNotFit`] where `buffer` has less than [`len`](Self::len) bytes.
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, DoesNotFit> {
        write_to(buffer, |out| write!(out, "{self}"))
    }

    /// Copies the decoded text into a string of up to `N` bytes.
    ///
    /// # Errors
    /// [`DoesNotFit`] where the text has more than `N` bytes.
    pub fn to_heapless<const N: usize>(&self) -> Result<String<N>, DoesNotFit> {
        let mut copy = String::new();
        write!(copy, "{self}").map_err(|_| DoesNotFit(()))?;
        Ok(copy)
    }
}

impl fmt::Display for PercentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|character| f.write_char(character))
    }
}

impl fmt::Debug for PercentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|symbol| f.write_char(symbol))?;
        f.write_char('"')
    }
}

impl PartialEq for PercentText<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for PercentText<'_> {}

impl PartialEq<str> for PercentText<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for PercentText<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

/// The characters of a [`PercentText`].
#[derive(Clone)]
pub struct Chars<'a>(Decoded<'a>);

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        // An error cannot be: the text was checked.
        next_char(&mut self.0).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

impl fmt::Debug for Chars<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chars").finish_non_exhaustive()
    }
}

/// Takes the bytes of one character (RFC 3629 section 3).
fn next_char(bytes: &mut Decoded<'_>) -> Option<Result<char, PercentError>> {
    let (offset, first) = match bytes.next()? {
        Ok(first) => first,
        Err(error) => return Some(Err(error)),
    };
    let len = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let mut sequence = [first, 0, 0, 0];
    for slot in sequence.iter_mut().take(len).skip(1) {
        match bytes.next() {
            Some(Ok((_, byte))) => *slot = byte,
            Some(Err(error)) => return Some(Err(error)),
            None => return Some(Err(PercentError::NotUtf8 { offset })),
        }
    }
    let sequence = sequence.get(..len).unwrap_or_default();
    let character = str::from_utf8(sequence).ok().and_then(|text| text.chars().next());
    Some(match character {
        None => Err(PercentError::NotUtf8 { offset }),
        Some(character) if is_refused(character) => Err(PercentError::Control { offset }),
        Some(character) => Ok(character),
    })
}

/// Writes plain text with every byte escaped that is not unreserved (RFC 3986 section 2.3).
pub(crate) fn write_escaped(text: &str, out: &mut impl Write) -> fmt::Result {
    let mut rest = text;
    loop {
        // Only at ASCII characters, so that both halves are text.
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

/// Lets `write` write into `buffer`, and returns the part that was written.
pub(crate) fn write_to(
    buffer: &mut [u8],
    write: impl FnOnce(&mut Cursor<'_>) -> fmt::Result,
) -> Result<&str, DoesNotFit> {
    let mut cursor = Cursor { buffer, len: 0 };
    write(&mut cursor).map_err(|_| DoesNotFit(()))?;
    let len = cursor.len;
    let written = buffer.get(..len).unwrap_or_default();
    str::from_utf8(written).map_err(|_| DoesNotFit(()))
}

/// A buffer that is filled from its beginning.
pub(crate) struct Cursor<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

impl Cursor<'_> {
    /// Lets `fill` write into what is left, and say how much that was.
    pub(crate) fn fill(
        &mut self,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, fmt::Error>,
    ) -> fmt::Result {
        let len = fill(self.buffer.get_mut(self.len..).unwrap_or_default())?;
        self.len = self.len.saturating_add(len);
        Ok(())
    }
}

impl Write for Cursor<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = self.buffer.get_mut(self.len..).unwrap_or_default();
        let (space, _) = rest.split_at_mut_checked(text.len()).ok_or(fmt::Error)?;
        space.copy_from_slice(text.as_bytes());
        self.len = self.len.saturating_add(text.len());
        Ok(())
    }
}
