//! Turns numbers into codes, and codes into numbers.

use crate::ct::{Mask, Modulus, rank};
use crate::digits::Digits;
use crate::typed::Typed;

/// The format of codes: decimal digits, or Steam symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "each format shows other codes, so code that shows them must know every one"
)]
pub enum CodeFormat {
    /// Decimal digits, first digit first, with leading zeros (RFC 4226 section 5.3).
    Decimal(Digits),
    /// Five symbols of `23456789BCDFGHJKMNPQRTVWXY`, as Steam shows them.
    Steam,
}

/// The largest number of symbols in a code.
pub(crate) const MAX_LEN: usize = Digits::MAX;

const STEAM_LEN: u8 = 5;
const STEAM_SYMBOLS: [u8; 26] = *b"23456789BCDFGHJKMNPQRTVWXY";

impl CodeFormat {
    /// Returns the number of symbols in a code: 5 to 10.
    #[must_use]
    pub const fn width(self) -> u8 {
        match self {
            Self::Decimal(digits) => digits.get(),
            Self::Steam => STEAM_LEN,
        }
    }

    /// Returns the number of different codes that a 31-bit number can produce.
    pub(crate) const fn modulus(self) -> Modulus {
        match self {
            Self::Decimal(Digits::Six) => const { Modulus::new(1_000_000) },
            Self::Decimal(Digits::Seven) => const { Modulus::new(10_000_000) },
            Self::Decimal(Digits::Eight) => const { Modulus::new(100_000_000) },
            Self::Decimal(Digits::Nine) => const { Modulus::new(1_000_000_000) },
            // 10^10 and 2^31 exceed every 31-bit number.
            Self::Decimal(Digits::Ten) => const { Modulus::new(1 << 31) },
            Self::Steam => const { Modulus::new(26_u32.pow(STEAM_LEN as u32)) },
        }
    }

    /// Returns the probability of the likeliest code, if all 31-bit numbers are equally likely.
    pub(crate) fn likeliest(self) -> f64 {
        const NUMBERS: u32 = 1 << 31;
        f64::from(NUMBERS.div_ceil(self.modulus().get())) / f64::from(NUMBERS)
    }

    /// Returns the symbols of a code in ASCII, as many as its width, followed by zero bytes.
    pub(crate) fn symbols(self, number: u32) -> [u8; MAX_LEN] {
        let mut symbols = [0; MAX_LEN];
        let mut rest = self.modulus().reduce(number);
        let shown = symbols.get_mut(..self.width().into()).unwrap_or_default();
        match self {
            Self::Decimal(_) => {
                for symbol in shown.iter_mut().rev() {
                    let digit;
                    (rest, digit) = const { Modulus::new(10) }.divide(rest);
                    *symbol = b'0' | low_byte(digit);
                }
            }
            // The lowest place comes first.
            Self::Steam => {
                for symbol in shown {
                    let place;
                    (rest, place) = const { Modulus::new(26) }.divide(rest);
                    *symbol = steam_symbol(place);
                }
            }
        }
        symbols
    }

    /// Returns the number that the symbols stand for. Each symbol is given as its value.
    pub(crate) fn number(self, values: &[u8]) -> u64 {
        let place = |radix: u64| {
            move |number: u64, value: &u8| number.wrapping_mul(radix).wrapping_add((*value).into())
        };
        match self {
            Self::Decimal(_) => values.iter().fold(0, place(10)),
            Self::Steam => values.iter().rev().fold(0, place(26)),
        }
    }

    /// Returns whether a character is a symbol, and its value if it is. It accepts Steam symbols in
    /// any case, or decimal digits of most scripts. It does not branch on the symbol.
    pub(crate) fn value(self, typed: Typed) -> (Mask, u8) {
        match self {
            Self::Decimal(_) => {
                let (is_digit, value) = typed.decimal();
                (is_digit, low_byte(value))
            }
            Self::Steam => steam_value(typed.ascii()),
        }
    }
}

impl From<Digits> for CodeFormat {
    fn from(digits: Digits) -> Self {
        Self::Decimal(digits)
    }
}

/// Compares with every symbol. The symbols are sorted, so the value of one is the number of symbols
/// before it.
fn steam_value(ascii: u32) -> (Mask, u8) {
    let is_lower = Mask::is_between(ascii, u32::from(b'a'), u32::from(b'z'));
    let upper = is_lower.select(ascii, ascii ^ 0x20);
    let before = rank(&STEAM_SYMBOLS, upper.wrapping_sub(1));
    let up_to = rank(&STEAM_SYMBOLS, upper);
    (Mask::lowest_bit(up_to ^ before), low_byte(before))
}

/// Compares with every place, so that no address depends on the code.
fn steam_symbol(place: u32) -> u8 {
    let pick = |found, (at, symbol): (u32, &u8)| {
        Mask::is_zero(u64::from(at ^ place)).select(found, u32::from(*symbol))
    };
    low_byte((0..).zip(&STEAM_SYMBOLS).fold(0, pick))
}

fn low_byte(word: u32) -> u8 {
    let [low, ..] = word.to_le_bytes();
    low
}
