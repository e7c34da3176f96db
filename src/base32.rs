//! Base32 for shared secrets: RFC 4648 section 6, with the leniency that typed input needs.
//!
//! This crate has its own decoder because the symbols belong to secrets. The decoder never uses a
//! symbol as a table index, and leaves no group of symbols on the stack.

mod error;

use core::fmt;

use zeroize::{Zeroize, Zeroizing};

pub use self::error::{Base32Error, Encoding};
use crate::ct::wipe;
use crate::typed::Separator;

/// The number of symbols in a group, and the number of bytes they stand for (RFC 4648 section 6).
const SYMBOLS: usize = 8;
const BYTES: usize = 5;

/// Decodes a shared secret of any length from Base32 into `buffer`, and returns the part that was
/// written.
///
/// Letters may be in either case, and padding at the end may be missing. The decoder drops white
/// space, invisible characters and dashes of any script, wherever they are. A clipboard adds such
/// characters, and a secret may be shown in groups or on two lines.
///
/// A last group of 1, 3 or 6 symbols has one symbol more than its bytes need. The decoder drops
/// that symbol, and drops bits that do not fill a byte (RFC 4648 section 3.5 leaves this to the
/// decoder). Everything else is an error. In particular, the digits `0`, `1`, `8` and `9` are never
/// read as letters that look similar.
///
/// Upper and lower case may be mixed here. Base64 mixes them too, and some Base64 texts are also
/// valid Base32: [`Secret::from_base32`](crate::Secret::from_base32) refuses such a text.
///
/// The time depends on the text. See "Side channels" in the crate's documentation.
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
/// [`Base32Error`], with the offset of the wrong byte. `buffer` is then wiped.
pub fn decode_base32<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Base32Error> {
    let shape = decode(bytes(text), buffer).map_err(|error| error.with_hint(text))?.shape;
    Ok(buffer.get(..shape.bytes).unwrap_or_default())
}

/// Returns the bytes of a text, each with its offset.
fn bytes(text: &str) -> impl Iterator<Item = (usize, u8)> {
    text.bytes().enumerate()
}

/// Decodes like [`decode_base32`], but refuses a text in mixed case.
pub(crate) fn decode_one_case(text: &str, buffer: &mut [u8]) -> Result<usize, Base32Error> {
    let walked = decode(bytes(text), buffer).map_err(|error| error.with_hint(text))?;
    if let Some(offset) = walked.mixed_case {
        buffer.zeroize();
        return Err(Base32Error::MixedCase { offset });
    }
    Ok(walked.shape.bytes)
}

/// Decodes bytes of a text, each with its offset, like [`decode_base32`].
pub(crate) fn decode(
    text: impl Iterator<Item = (usize, u8)>,
    buffer: &mut [u8],
) -> Result<Walked, Base32Error> {
    let mut written = 0_usize;
    let outcome = walk(text, |group| {
        written = written.saturating_add(decode_group(group, buffer, written)?);
        Ok(())
    });
    outcome.inspect_err(|_| buffer.zeroize())
}

/// The properties of a Base32 text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The number of whole bytes in it.
    pub(crate) bytes: usize,
    /// It has padding.
    pub(crate) padded: bool,
    /// The last group has one symbol more than its bytes need.
    pub(crate) left_over: bool,
    /// Bits that do not fill a byte are not all zero.
    pub(crate) trailing_bits: bool,
}

/// The result of reading a text. Some readers refuse a part of it.
pub(crate) struct Walked {
    pub(crate) shape: Shape,
    /// The offset at which the case changes. A change after the first letter is not counted,
    /// because a phone's keyboard capitalises only that letter.
    pub(crate) mixed_case: Option<usize>,
}

/// Returns the shape of a text that consists only of symbols, as almost every text does. Returns
/// `None` for other texts.
pub(crate) fn plain_shape(text: &str) -> Option<Shape> {
    // The loop does not stop at the first other byte, so that it vectorises.
    let plain = text.bytes().fold(true, |plain, byte| plain & is_symbol(byte));
    // If both cases occur, the slow path finds the offset.
    let has = |case: u8| text.bytes().fold(false, |has, byte| has | (byte & 0x60 == case));
    let plain = plain & !(has(0x40) & has(0x60));
    let last = text.len() % SYMBOLS;
    let whole = text.len().saturating_sub(last);
    let bytes = whole.saturating_div(SYMBOLS).saturating_mul(BYTES);
    plain.then(|| {
        Shape { bytes, ..Shape::default() }
            .ending_in(text.as_bytes().get(whole..).unwrap_or_default())
    })
}

/// Checks a text without decoding it.
pub(crate) fn shape(text: impl Iterator<Item = (usize, u8)>) -> Result<Walked, Base32Error> {
    walk(text, |_| Ok(()))
}

/// Reads a text once and passes its symbols on in groups of eight. At the end it passes on those
/// symbols of the last group that count.
fn walk(
    mut text: impl Iterator<Item = (usize, u8)>,
    mut hand_out: impl FnMut(&[u8]) -> Result<(), Base32Error>,
) -> Result<Walked, Base32Error> {
    let mut group = Zeroizing::new([0; SYMBOLS]);
    let mut filled = 0;
    let mut shape = Shape::default();
    let mut cases = Cases::default();
    let mut mixed_case = None;

    while let Some((offset, byte)) = text.next() {
        match byte {
            b' ' | b'-' => continue,
            b'=' => {
                shape.padded = true;
                continue;
            }
            _ if !is_symbol(byte) => {
                let more = text.by_ref().map(|(_, byte)| byte);
                match character(byte, more).and_then(Separator::of) {
                    Some(_) => continue,
                    None => return Err(Base32Error::Symbol { offset }),
                }
            }
            _ if shape.padded => return Err(Base32Error::AfterPadding { offset }),
            _ => {}
        }
        if cases.change_at(byte) {
            mixed_case = mixed_case.or(Some(offset));
        }
        if let Some(slot) = group.get_mut(filled) {
            *slot = byte;
            filled = filled.saturating_add(1);
        }
        if filled == SYMBOLS {
            hand_out(&*group)?;
            shape.bytes = shape.bytes.saturating_add(BYTES);
            filled = 0;
        }
    }

    let last = group.get(..filled).unwrap_or_default();
    hand_out(last.get(..used_of(last.len()).0).unwrap_or_default())?;
    Ok(Walked { shape: shape.ending_in(last), mixed_case })
}

/// Returns three properties of a last group: how many of its symbols count, how many bytes they
/// stand for, and which bits of the last symbol are left over.
///
/// RFC 4648 section 6 allows 2, 4, 5 or 7 symbols at the end, for 1, 2, 3 or 4 bytes. With 1, 3 or
/// 6 symbols, a whole symbol is left over.
const fn used_of(symbols: usize) -> (usize, usize, u8) {
    match symbols {
        2 | 3 => (2, 1, 0b11),
        4 => (4, 2, 0b1111),
        5 | 6 => (5, 3, 0b1),
        7 => (7, 4, 0b111),
        _ => (0, 0, 0),
    }
}

impl Shape {
    /// Adds a last group of fewer than eight symbols.
    fn ending_in(mut self, last: &[u8]) -> Self {
        let (used, bytes, bits_over) = used_of(last.len());
        let end = last.get(..used).unwrap_or_default().last();
        self.left_over = used < last.len();
        self.trailing_bits = end.is_some_and(|symbol| symbol_value(*symbol) & bits_over != 0);
        self.bytes = self.bytes.saturating_add(bytes);
        self
    }
}

/// The cases of the letters read so far.
#[derive(Default)]
struct Cases {
    first: Option<bool>,
    others: Option<bool>,
}

impl Cases {
    /// Returns whether a symbol has another case than the symbol before it. The change from an
    /// upper-case first letter to lower case is not counted.
    fn change_at(&mut self, symbol: u8) -> bool {
        if !symbol.is_ascii_alphabetic() {
            return false;
        }
        let is_upper = symbol.is_ascii_uppercase();
        let Some(first) = self.first else {
            self.first = Some(is_upper);
            return false;
        };
        let others = *self.others.get_or_insert(is_upper);
        is_upper != others || (is_upper && !first)
    }
}

/// Returns the character that begins with a byte that is not Base32, with the UTF-8 bytes after it
/// (RFC 3629 section 3). It consumes only these bytes.
fn character(first: u8, mut more: impl Iterator<Item = u8>) -> Option<u32> {
    let (bits, len, least) = match first {
        0..0x80 => return Some(first.into()),
        0xc0..=0xdf => (first & 0x1f, 1, 0x80),
        0xe0..=0xef => (first & 0x0f, 2, 0x800),
        0xf0..=0xf7 => (first & 0x07, 3, 0x1_0000),
        _ => return None,
    };
    let mut point = u32::from(bits);
    for _ in 0..len {
        let byte = more.next().filter(|byte| byte & 0xc0 == 0x80)?;
        point = point << 6 | u32::from(byte & 0x3f);
    }
    (point >= least).then_some(point)
}

fn is_symbol(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'2'..=b'7')
}

/// Returns the bits of up to five bytes. The first byte is the highest of 40 bits.
fn bits_of(bytes: &[u8]) -> u64 {
    let places = [32, 24, 16, 8, 0];
    bytes.iter().zip(places).fold(0, |bits, (byte, place)| bits | u64::from(*byte) << place)
}

/// Returns the symbols for the 40 bits of a group, all eight at the same time in the bytes of a
/// word. The first symbol is the highest byte. A table look-up would reveal the secret through its
/// address, so there is none.
fn encode_group(bits: u64) -> u64 {
    const ONES: u64 = u64::from_be_bytes([1; SYMBOLS]);
    let values = (0..8).fold(0_u64, |values, nth: u32| {
        let value = bits >> 35_u32.saturating_sub(nth.saturating_mul(5)) & 31;
        values << 8 | value
    });
    // The highest bit of a byte is set from 26 on. There the letters end and the digits begin. No
    // sum or difference overflows its byte.
    let is_digit = values.wrapping_add(ONES.wrapping_mul(0x80 - 26)) >> 7 & ONES;
    let letters = values.wrapping_add(ONES.wrapping_mul(b'A'.into()));
    letters.wrapping_sub(is_digit.wrapping_mul((b'A' + 26 - b'2').into()))
}

/// Returns the five bits of a symbol.
fn symbol_value(symbol: u8) -> u8 {
    match symbol {
        b'2'..=b'7' => symbol.wrapping_sub(b'2').wrapping_add(26),
        _ => (symbol | 0x20).wrapping_sub(b'a'),
    }
}

/// Writes the bytes of one group, starting at `at`, and returns how many there are. The bits are
/// never in memory other than `buffer`.
fn decode_group(group: &[u8], buffer: &mut [u8], at: usize) -> Result<usize, Base32Error> {
    let len = group.len().saturating_mul(5) / 8;
    let place = buffer.get_mut(at..at.saturating_add(len)).ok_or(Base32Error::BufferTooSmall)?;
    // The first symbol holds the highest bits.
    let places = [35, 30, 25, 20, 15, 10, 5, 0];
    let bits = group
        .iter()
        .zip(places)
        .fold(0, |bits, (symbol, place)| bits | u64::from(symbol_value(*symbol)) << place);
    for (byte, shift) in place.iter_mut().zip([32, 24, 16, 8, 0]) {
        *byte = byte_at(bits, shift);
    }
    Ok(len)
}

#[expect(clippy::cast_possible_truncation, reason = "takes one byte")]
const fn byte_at(bits: u64, place: u32) -> u8 {
    bits.wrapping_shr(place) as u8
}

/// Bytes that `Display` writes as upper-case unpadded Base32 (RFC 4648 section 6), as key URIs need
/// it.
///
/// [`Secret::expose_base32`](crate::Secret::expose_base32) makes it. `Display` writes a few groups
/// at a time, so no copy of the whole text is made.
#[derive(Clone, Copy)]
pub struct Base32<'a>(pub(crate) &'a [u8]);

impl Base32<'_> {
    /// Writes the symbols at the start of `space`, and returns them.
    ///
    /// It is not inlined: in a larger function the compiler would run out of registers and put
    /// symbols on the stack.
    #[inline(never)]
    pub(crate) fn encode<'s>(&self, space: &'s mut [u8]) -> Option<&'s mut [u8]> {
        let len = self.0.len().saturating_mul(8).div_ceil(5);
        let symbols = space.get_mut(..len)?;
        // The bits are never in memory other than `symbols`.
        let (whole, rest) = symbols.as_chunks_mut();
        let (groups, last) = self.0.as_chunks::<BYTES>();
        for (symbols, group) in whole.iter_mut().zip(groups) {
            *symbols = encode_group(bits_of(group)).to_be_bytes();
        }
        let bits = encode_group(bits_of(last));
        for (symbol, place) in rest.iter_mut().zip([56, 48, 40, 32, 24, 16, 8]) {
            *symbol = byte_at(bits, place);
        }
        Some(symbols)
    }
}

impl fmt::Display for Base32<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It writes several groups at a time: a shared secret of 20 bytes takes one write.
        let mut groups = [0; 4 * SYMBOLS];
        let written = self.0.chunks(4 * BYTES).try_for_each(|bytes| {
            let symbols = Base32(bytes).encode(&mut groups).ok_or(fmt::Error)?;
            f.write_str(str::from_utf8(symbols).map_err(|_| fmt::Error)?)
        });
        wipe(&mut groups, [0; 4 * SYMBOLS]);
        written
    }
}

impl fmt::Debug for Base32<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Base32(elided)")
    }
}
