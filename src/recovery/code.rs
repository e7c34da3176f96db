//! A single recovery code: its alphabet, its typed form, and its canonical form.

use core::fmt::{self, Write};

use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::error::{IssueError, MalformedCode};
use super::length::Length;
use crate::ct::{Mask, reveal, wipe};
use crate::typed::Typed;

/// The largest number of symbols.
pub(super) const MAX_SYMBOLS: usize = Length::DIGITS.symbols() as usize;

/// The number of random bytes for one decimal digit. The likeliest digit is then likelier than the
/// others by less than 1 in 2^20.
const DIGIT_DRAW: usize = 3;

/// The number of symbols in a group, if a code is shown grouped.
const GROUP: usize = 6;

/// A recovery code: 16 to 32 symbols of Crockford's Base32, which omits `I`, `L`, `O` and `U`, or
/// 36 decimal digits.
///
/// It is stored inline in its canonical form, and wiped when it is dropped. A move may leave a copy
/// behind that is not wiped. `Debug` shows only the length. There is no `Display`, `Clone` or
/// `PartialEq`. The methods that reveal the code have `expose` in their names.
///
/// ```
/// use otp_core::recovery::{Code, Length, MalformedCode};
///
/// let code = Code::parse("o12il6-789abc defghj kmnpqr", Length::DEFAULT)?;
/// assert_eq!(code.expose(), "012116789ABCDEFGHJKMNPQR");
/// assert_eq!(code.expose_grouped().to_string(), "012116-789ABC-DEFGHJ-KMNPQR");
/// assert_eq!(format!("{code:?}"), "Code { symbols: 24, .. }");
/// # Ok::<(), MalformedCode>(())
/// ```
pub struct Code {
    /// INVARIANT: symbols of the alphabet, as many as `length`, then zeros.
    symbols: [u8; MAX_SYMBOLS],
    length: Length,
}

impl Code {
    /// The longest text that is read, a limit of this crate: 256 bytes. It is enough for 36 symbols
    /// of three bytes each, with separators between them.
    pub const MAX_TEXT_LEN: usize = 256;

    /// Reads a text that a person typed or pasted, and converts it to its canonical form.
    ///
    /// Letters become upper-case, `O` becomes `0`, and `I` and `L` become `1`. Full-width letters
    /// and digits are read too. These are dropped:
    ///
    /// - anywhere: white space, invisible characters and dashes of any script, as
    ///   [`SubmittedCode`](crate::SubmittedCode) lists them;
    /// - before the code: the number of a list, `1.` or `12)`;
    /// - after the code: one full stop.
    ///
    /// The rest must be symbols of the alphabet `0123456789ABCDEFGHJKMNPQRSTVWXYZ`, exactly as many
    /// as `length`. If the code has only digits ([`Length::is_digits`]), the symbols must be
    /// digits. Every other character is malformed.
    ///
    /// The time depends on the positions of the separators and of the first invalid character, but
    /// not on the symbols of the code.
    ///
    /// # Errors
    /// [`MalformedCode`] for any other character, another number of symbols, or a text over
    /// [`Code::MAX_TEXT_LEN`] bytes.
    pub fn parse(text: &str, length: Length) -> Result<Self, MalformedCode> {
        if text.len() > Self::MAX_TEXT_LEN {
            return Err(MalformedCode::TooLong);
        }
        let mut code = Self { symbols: [0; MAX_SYMBOLS], length };
        let mut count = 0_usize;
        // The position of the first full stop or bracket after a symbol.
        let mut stop = None;
        let mut rest = text.as_bytes();
        let mut offset = 0;
        while let Some(character) = Typed::take(&mut rest) {
            let symbol = canonical(low_byte(character.ascii()));
            // In a code of digits, a letter is not a symbol. The symbol itself stays secret.
            let symbol =
                if length.is_digits() { symbol & between(symbol, b'0', b'9') } else { symbol };
            // The format is public: whether a character is a symbol, and every character that is
            // not one.
            if reveal(is_symbol(symbol).bit()) == 1 {
                if let Some(stop) = stop.take() {
                    // The number of a list came before the stop. No code is that short.
                    if count > LIST_NUMBER {
                        return Err(MalformedCode::Character { offset: stop });
                    }
                    count = 0;
                }
                // Excess symbols are counted; the length check below rejects them.
                if let Some(place) = code.symbols.get_mut(count) {
                    *place = symbol;
                }
                count = count.saturating_add(1);
            } else if character.separator().is_none() {
                let is_stop = matches!(character.revealed(), FULL_STOP | BRACKET);
                if !is_stop || count == 0 || stop.is_some() {
                    return Err(MalformedCode::Character { offset });
                }
                stop = Some(offset);
            }
            offset = text.len().saturating_sub(rest.len());
        }
        if count == usize::from(length.symbols()) {
            Ok(code)
        } else {
            Err(MalformedCode::Length { expected: length.symbols() })
        }
    }

    /// Makes a code from random bytes. The five lowest bits of each byte select a Base32 symbol, so
    /// all symbols are equally likely. For a digit, three bytes are a fraction of 2^24, and its
    /// first decimal place is the digit.
    pub(super) fn generate<E>(
        length: Length,
        fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, IssueError<E>> {
        let mut code = Self { symbols: [0; MAX_SYMBOLS], length };
        let symbols = code.symbols.get_mut(..usize::from(length.symbols())).unwrap_or_default();
        if length.is_digits() {
            let mut drawn = Zeroizing::new([0; DIGIT_DRAW * MAX_SYMBOLS]);
            draw(fill, drawn.as_mut_slice())?;
            for (place, bytes) in symbols.iter_mut().zip(drawn.as_chunks().0) {
                *place = digit(*bytes);
            }
            return Ok(code);
        }
        draw(fill, symbols)?;
        for place in symbols {
            *place = symbol(*place & 31);
        }
        Ok(code)
    }

    /// Returns a copy that is not secret any more, so that it can be shown.
    pub(super) fn revealed(&self) -> Self {
        Self { symbols: reveal(self.symbols), length: self.length }
    }

    /// Returns the number of symbols.
    #[must_use]
    pub const fn length(&self) -> Length {
        self.length
    }

    /// Returns the code itself, without separators.
    #[must_use]
    pub fn expose(&self) -> &str {
        // It is ASCII.
        str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// Returns the code itself, which `Display` writes in groups of six:
    /// `XXXXXX-XXXXXX-XXXXXX-XXXXXX`.
    #[must_use]
    pub fn expose_grouped(&self) -> GroupedCode<'_> {
        GroupedCode(self)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.symbols.get(..usize::from(self.length.symbols())).unwrap_or_default()
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        wipe(&mut self.symbols, [0; MAX_SYMBOLS]);
    }
}

impl ZeroizeOnDrop for Code {}

/// Shows only the length.
impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").field("symbols", &self.length.symbols()).finish_non_exhaustive()
    }
}

/// A recovery code in groups of six, joined by dashes: see
/// [`Code::expose_grouped`].
pub struct GroupedCode<'a>(&'a Code);

impl fmt::Display for GroupedCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, group) in self.0.bytes().chunks(GROUP).enumerate() {
            if index > 0 {
                f.write_char('-')?;
            }
            f.write_str(str::from_utf8(group).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Shows only the length.
impl fmt::Debug for GroupedCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GroupedCode").field(self.0).finish()
    }
}

/// Fills `bytes`, which must have at least 16. Refuses them if all are equal, which happens if
/// `fill` writes nothing. A CSPRNG produces such bytes at most once in 2^120 times.
pub(super) fn draw<E>(
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
    bytes: &mut [u8],
) -> Result<(), IssueError<E>> {
    fill(bytes).map_err(IssueError::Rng)?;
    let first = bytes.first().copied().unwrap_or_default();
    let difference = bytes.iter().fold(0, |difference, byte| difference | (byte ^ first));
    // If they are all equal, they are not used.
    if reveal(Mask::is_zero(difference.into()).bit()) == 1 {
        return Err(IssueError::Repeating);
    }
    Ok(())
}

/// Returns 255 if `byte` is between `first` and `last`, both included, and otherwise 0. It does not
/// branch.
const fn between(byte: u8, first: u8, last: u8) -> u8 {
    // The upper byte of each difference is set if the difference is negative.
    let below = (byte as u16).wrapping_sub(first as u16);
    let above = (last as u16).wrapping_sub(byte as u16);
    let [outside, _] = (below | above).to_be_bytes();
    !outside
}

/// These follow the number of a list. A full stop also ends a sentence.
const FULL_STOP: u32 = b'.' as u32;
const BRACKET: u32 = b')' as u32;
/// The largest number of digits in the number of a list.
const LIST_NUMBER: usize = 2;

const fn low_byte(word: u32) -> u8 {
    let [low, ..] = word.to_le_bytes();
    low
}

/// Returns whether `canonical` found a symbol.
fn is_symbol(canonical: u8) -> Mask {
    Mask::is_zero(canonical.into()).not()
}

/// Returns the symbol that a person means by `byte`, or 0 if it is not one. It uses neither a
/// branch nor a table.
const fn canonical(byte: u8) -> u8 {
    let upper = byte ^ (between(byte, b'a', b'z') & 0x20);
    let digit = between(upper, b'0', b'9');
    let letter = between(upper, b'A', b'Z');
    let zero = between(upper, b'O', b'O');
    let one = between(upper, b'I', b'I') | between(upper, b'L', b'L');
    let none = between(upper, b'U', b'U');
    (upper & (digit | letter) & !(zero | one | none)) | (zero & b'0') | (one & b'1')
}

/// Returns the symbol for `value`, 0 to 31. It uses neither a branch nor a table.
const fn symbol(value: u8) -> u8 {
    // From 10 on, symbols are letters. At 18, 20, 22 and 27 it skips one more letter: I, L, O and
    // U.
    (b'0'.wrapping_add(value))
        .wrapping_add(between(value, 10, 31) & (b'A' - b'9' - 1))
        .wrapping_add(between(value, 18, 31) & 1)
        .wrapping_add(between(value, 20, 31) & 1)
        .wrapping_add(between(value, 22, 31) & 1)
        .wrapping_add(between(value, 27, 31) & 1)
}

/// Returns the first decimal place of a fraction of 2^24. It uses neither a branch, a table nor a
/// division.
const fn digit([a, b, c]: [u8; DIGIT_DRAW]) -> u8 {
    // The product is less than 10 * 2^24, so its highest byte is less than 10.
    let [_, _, _, digit] = u32::from_le_bytes([a, b, c, 0]).wrapping_mul(10).to_le_bytes();
    b'0'.wrapping_add(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_equally_likely() {
        let mut counts = [0_u32; 10];
        for fraction in 0..1_u32 << 24 {
            let [a, b, c, _] = fraction.to_le_bytes();
            if let Some(count) = counts.get_mut(usize::from(digit([a, b, c]) ^ b'0')) {
                *count = count.saturating_add(1);
            }
        }
        // 2^24 is 10 * 1,677,721 + 6.
        assert_eq!(counts.iter().sum::<u32>(), 1 << 24);
        assert!(counts.iter().all(|count| (1_677_721..=1_677_722).contains(count)), "{counts:?}");
    }

    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    #[test]
    fn every_value_has_its_symbol() {
        for (value, expected) in (0..).zip(ALPHABET) {
            assert_eq!(symbol(value), *expected, "{value}");
        }
    }

    #[test]
    fn every_byte_has_its_canonical_symbol() {
        for byte in 0..=u8::MAX {
            let expected = match byte.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                upper if ALPHABET.contains(&upper) => upper,
                _ => 0,
            };
            assert_eq!(canonical(byte), expected, "{byte}");
        }
    }
}
