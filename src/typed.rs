//! Typed characters, read without a branch on the symbol of a code.
//!
//! The format of a submitted code is public: the positions and kinds of separators, and the script
//! of its symbols. The symbols themselves are secret.

use crate::ct::{Mask, reveal};

/// The zero of each script's decimal digits below U+10000 (Unicode 17.0, general category Nd),
/// except ASCII's. The nine other digits follow in order, and all ten are in one block of
/// [`Typed`].
///
/// The other 40 scripts, most of them historical, would cost a token 128 bytes of flash.
const ZEROS: [u16; 36] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66,
    0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];
/// A character that carries no information of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// White space, and invisible characters that a clipboard adds: Unicode's properties
    /// `White_Space`, `Default_Ignorable_Code_Point` and `Bidi_Control`.
    Space,
    /// A dash of any script (general category Pd). The minus sign is not a dash.
    Dash,
}

/// The ranges of separators below U+10000: spaces, then dashes. The tables hold the first character
/// of each range, and how many characters follow it.
const FIRST: [u16; 38] = [
    0x0009, 0x0020, 0x0085, 0x00a0, 0x00ad, 0x034f, 0x061c, 0x115f, 0x1680, 0x17b4, 0x180b, 0x2000,
    0x2028, 0x205f, 0x3000, 0x3164, 0xfe00, 0xfeff, 0xffa0, 0xfff0, 0x002d, 0x058a, 0x05be, 0x1400,
    0x1806, 0x2010, 0x2e17, 0x2e1a, 0x2e3a, 0x2e40, 0x2e5d, 0x301c, 0x3030, 0x30a0, 0xfe31, 0xfe58,
    0xfe63, 0xff0d,
];
const MORE: [u8; 38] = [
    4, 0, 0, 0, 0, 0, 0, 1, 0, 1, 4, 15, 7, 16, 0, 0, 15, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0, 0, 1, 0, 0,
    0, 0, 0, 1, 0, 0, 0,
];
const SPACES: usize = 20;

impl Separator {
    /// Returns the kind of a separator (Unicode 17.0), or `None` for other characters.
    pub(crate) fn of(character: u32) -> Option<Self> {
        let is_in = |(first, more): (&u16, &u8)| {
            character.wrapping_sub(u32::from(*first)) <= u32::from(*more)
        };
        match FIRST.iter().zip(&MORE).position(is_in) {
            Some(..SPACES) => Some(Self::Space),
            Some(_) => Some(Self::Dash),
            None => match character {
                0x1_bca0..=0x1_bca3 | 0x1_d173..=0x1_d17a | 0xe_0000..=0xe_0fff => {
                    Some(Self::Space)
                }
                0x1_0d6e | 0x1_0ead => Some(Self::Dash),
                _ => None,
            },
        }
    }
}

/// A character: its block, which is public, and its secret place in the block.
///
/// The characters of a block share all UTF-8 bytes except the last (RFC 3629 section 3). ASCII is a
/// block of 128 characters, and every other block has 64.
#[derive(Clone, Copy)]
pub(crate) struct Typed {
    block: u32,
    place: u32,
}

impl Typed {
    /// Takes the first character of a text, and leaves the bytes after it.
    pub(crate) fn take(text: &mut &[u8]) -> Option<Self> {
        let (first, mut rest) = text.split_first()?;
        let first = u32::from(*first);
        // Nothing of an ASCII byte is revealed.
        let lead = reveal(first & first.wrapping_shr(7).wrapping_neg());
        if lead == 0 {
            *text = rest;
            return Some(Self { block: 0, place: first });
        }
        let (mut block, more) = match lead {
            0xc0..=0xdf => (lead & 0x1f, 1),
            0xe0..=0xef => (lead & 0x0f, 2),
            _ => (lead & 0x07, 3),
        };
        let mut place = first;
        for nth in 1..=more {
            let (byte, behind) = rest.split_first()?;
            rest = behind;
            place = u32::from(*byte) & 0x3f;
            block = block.wrapping_shl(6) | if nth < more { reveal(place) } else { 0 };
        }
        *text = rest;
        Some(Self { block, place })
    }

    /// Returns whether it is a decimal digit of a script below U+10000, and its value.
    pub(crate) fn decimal(self) -> (Mask, u32) {
        if self.block == 0 {
            let value = self.place.wrapping_sub(u32::from(b'0'));
            return (Mask::is_between(value, 0, 9), value);
        }
        let none = (Mask::NO, 0);
        ZEROS.iter().fold(none, |(is_digit, value), zero| {
            let zero = u32::from(*zero);
            // Some blocks have the digits of more than one script.
            if zero & !IN_BLOCK != self.block {
                return (is_digit, value);
            }
            let distance = self.place.wrapping_sub(zero & IN_BLOCK);
            let is_here = Mask::is_between(distance, 0, 9);
            (is_digit.or(is_here), is_here.select(value, distance))
        })
    }

    /// Returns the ASCII character, also if it is in full width (U+FF01 to U+FF5E). For other
    /// characters it returns a number that is not a digit or letter.
    pub(crate) fn ascii(self) -> u32 {
        match self.block {
            0 => self.place,
            // U+FF00 takes the place of the space.
            0xff00 => self.place.wrapping_add(0x20),
            0xff40 => self.place.wrapping_add(0x60),
            _ => 0,
        }
    }

    /// Returns the kind of a separator, or `None`. The character becomes public, so call this only
    /// for a character that is not a symbol of a code.
    pub(crate) fn separator(self) -> Option<Separator> {
        Separator::of(self.revealed())
    }

    /// Returns the character as a number, which becomes public: see [`separator`](Self::separator).
    pub(crate) fn revealed(self) -> u32 {
        self.block | reveal(self.place)
    }
}

/// The bits of a character's place in its block, outside ASCII.
const IN_BLOCK: u32 = 0x3f;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Every character, after another one.
    #[test]
    fn characters_are_told_apart() {
        for character in '\0'..=char::MAX {
            let mut space = [0; 5];
            let len = 1 + character.len_utf8();
            let (head, tail) = space.split_at_mut(1);
            head.copy_from_slice(b"7");
            character.encode_utf8(tail);
            let mut text = space.get(..len).unwrap_or_default();
            let read: Vec<_> = core::iter::from_fn(|| Typed::take(&mut text)).collect();
            assert_eq!(read.len(), 2, "{character:?}");
            let [head, tail] = [0, 1].map(|nth| read.get(nth).copied().unwrap());
            let value = |typed: Typed| {
                let (is_digit, value) = typed.decimal();
                is_digit.select(10, value)
            };
            assert_eq!((value(head), head.ascii()), (7, u32::from('7')));
            let point = u32::from(character);
            let as_ascii = match point {
                0xff01..=0xff5e => point - 0xfee0,
                0..0x80 => point,
                _ => 0,
            };
            let is_plain =
                |ascii: u32| u8::try_from(ascii).is_ok_and(|b| b.is_ascii_alphanumeric());
            if is_plain(as_ascii) || is_plain(tail.ascii()) {
                assert_eq!(tail.ascii(), as_ascii, "{character:?}");
            }
            assert_eq!(tail.block | tail.place, point, "{character:?}");
        }
    }
}
