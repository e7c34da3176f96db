//! Characters that a person typed, read without a branch on which they are.
//!
//! The form of a submitted code is public: the places of separators and the script of its symbols.
//! The symbols themselves are secret.

use crate::ct::{Mask, reveal};

/// A character: the block that it belongs to, which is form and public, and its secret place
/// there.
///
/// A block is what has all UTF-8 bytes but the last in common (RFC 3629 section 3): the 128
/// characters of ASCII, or 64 others.
#[derive(Clone, Copy)]
pub(crate) struct Typed {
    block: u32,
    place: u32,
}

impl Typed {
    /// Takes the first character off a text, and leaves the bytes after it.
    pub(crate) fn take(text: &mut &[u8]) -> Option<Self> {
        let (first, mut rest) = text.split_first()?;
        let first = u32::from(*first);
        // Of an ASCII byte nothing.
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

    /// How far after `first` it comes, if both are of one block. The number wraps, so that it is
    /// large if it comes before.
    #[inline(always)] // All but the place is then known when compiling.
    pub(crate) fn since(self, first: char) -> Option<u32> {
        let first = Self::of(first);
        (self.block == first.block).then(|| self.place.wrapping_sub(first.place))
    }

    /// Whether it is this character.
    #[inline(always)]
    pub(crate) fn is(self, character: char) -> Mask {
        self.since(character).map_or(Mask::NO, |distance| Mask::is_zero(distance.into()))
    }

    #[inline(always)]
    fn of(character: char) -> Self {
        let point = u32::from(character);
        let in_block = if point < 0x80 { 0x7f } else { 0x3f };
        Self { block: point & !in_block, place: point & in_block }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Every character there is, behind another one.
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
            let is = |typed: Typed, character| typed.is(character).select(0, 1) == 1;
            assert_eq!((is(head, '7'), is(head, '8'), head.since('0')), (true, false, Some(7)));
            assert!(is(tail, character), "{character:?}");
            for other in ['0', '\u{660}', '\u{ff10}', ' ', '\u{a0}', '\u{1d7d0}'] {
                assert_eq!(is(tail, other), character == other, "{character:?}");
            }
        }
    }
}
