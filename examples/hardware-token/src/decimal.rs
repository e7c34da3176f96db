//! Numbers as decimal digits.
//!
//! `Display` of core's own numbers keeps a bounds check if it is optimised for size, and with it a
//! path to a panic. It also divides numbers of 64 bits. A Cortex-M does not have an instruction for
//! that.

use core::fmt;

/// Each place of a number of 64 bits, the highest first.
const PLACES: [u64; 20] = places();

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "computed by the compiler, which stops where it goes wrong"
)]
const fn places() -> [u64; 20] {
    let mut places = [1; 20];
    let mut at = 19;
    while at > 0 {
        places[at - 1] = places[at] * 10;
        at -= 1;
    }
    places
}

/// A number to be written.
pub(crate) struct Decimal(pub(crate) u64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut begun = false;
        for place in PLACES {
            let mut digit = b'0';
            while let Some(less) = rest.checked_sub(place) {
                rest = less;
                digit = digit.wrapping_add(1);
            }
            begun |= digit != b'0' || place == 1;
            if begun {
                fmt::Write::write_char(f, digit.into())?;
            }
        }
        Ok(())
    }
}

/// Reads a plain decimal number: only digits, without a sign.
pub(crate) fn read(text: &str) -> Option<u64> {
    let mut number = (!text.is_empty()).then_some(0_u64);
    for byte in text.bytes() {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte & 0xf))?;
        number = number.and_then(|number| number.checked_mul(10)?.checked_add(digit));
    }
    number
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn writes_and_reads_what_core_does() {
        for number in [0, 1, 9, 10, 11, 99, 100, 1_234_567_890, u64::MAX - 1, u64::MAX] {
            assert_eq!(Decimal(number).to_string(), number.to_string());
            assert_eq!(read(&number.to_string()), Some(number));
        }
        for none in ["", "-1", "+1", "1 ", "0x1", "1.0", "18446744073709551616", "٣"] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }
}
