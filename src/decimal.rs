//! Writes numbers as decimal digits, for everything that this crate writes.
//!
//! `Display` of core's own numbers keeps a bounds check when it is optimised for size, and the
//! check contains a panic. A firmware that must link without a panic could not print an error. This
//! implementation is also cheaper.

use core::fmt;
use core::num::NonZeroU64;

use crate::division::divide;

/// 2^64 − 1 has twenty digits.
const MAX_LEN: usize = 20;
const TEN: NonZeroU64 = NonZeroU64::new(10).unwrap();

/// A number to write. `Display` is for the middle of a sentence, and ignores width and fill.
/// [`Decimal::pad`] is for a value on its own.
pub(crate) struct Decimal(u64);

impl Decimal {
    /// Writes the number without a formatter. A formatter costs more than writing a whole URI.
    pub(crate) fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str(self.text(&mut [0; MAX_LEN]))
    }

    /// Writes the number like core's numbers, with the width and fill of the formatter.
    pub(crate) fn pad(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad_integral(true, "", self.text(&mut [0; MAX_LEN]))
    }

    fn text<'b>(&self, buffer: &'b mut [u8; MAX_LEN]) -> &'b str {
        let mut start = MAX_LEN;
        let mut rest = self.0;
        for digit in buffer.iter_mut().rev() {
            let (tens, ones) = divide(rest, TEN);
            let [low, ..] = ones.to_le_bytes();
            *digit = low.wrapping_add(b'0');
            start = start.saturating_sub(1);
            rest = tens;
            if rest == 0 {
                break;
            }
        }
        let shown = buffer.get(start..).unwrap_or_default();
        // It is ASCII.
        str::from_utf8(shown).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl From<u8> for Decimal {
    fn from(number: u8) -> Self {
        Self(number.into())
    }
}

impl From<u32> for Decimal {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<usize> for Decimal {
    fn from(number: usize) -> Self {
        // No target has more than 64 bits.
        Self(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString};

    proptest! {
        #[test]
        fn writes_what_core_writes(number: u64, shift in 0_u32..64) {
            for number in [number >> shift, number, 0, 9, 10, u64::MAX] {
                prop_assert_eq!(Decimal(number).to_string(), number.to_string());
            }
        }
    }

    #[test]
    fn pads_as_core_does() {
        struct Padded(u64);
        impl fmt::Display for Padded {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Decimal(self.0).pad(f)
            }
        }
        for number in [0, 7, 30, u64::MAX] {
            let ours = format!("{0}|{0:>4}|{0:<4}|{0:04}|{0:+}|{0:*^9}", Padded(number));
            assert_eq!(ours, format!("{0}|{0:>4}|{0:<4}|{0:04}|{0:+}|{0:*^9}", number));
        }
    }
}
