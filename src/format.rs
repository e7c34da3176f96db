//! How a number becomes a code, and a code a number.

use crate::ct::{Mask, Modulus, rank};
use crate::digits::Digits;
use crate::typed::Typed;

/// How codes look: decimal digits, or the symbols of Steam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "each shows other codes: whoever shows them has to know every one"
)]
pub enum CodeFormat {
    /// Decimal digits, the first one first, leading zeros kept (RFC 4226 section 5.3).
    Decimal(Digits),
    /// Five symbols of `23456789BCDFGHJKMNPQRTVWXY`, as Steam shows them.
    Steam,
}

/// The most symbols of a code.
pub(crate) const MAX_LEN: usize = Digits::MAX;

const STEAM_LEN: u8 = 5;
const STEAM_SYMBOLS: [u8; 26] = *b"23456789BCDFGHJKMNPQRTVWXY";

impl CodeFormat {
    /// How many symbols a code has: 5 to 10.
    #[must_use]
    pub const fn width(self) -> u8 {
        match self {
            Self::Decimal(digits) => digits.get(),
            Self::Steam => STEAM_LEN,
        }
    }

    /// How many different codes there are, as far as 31 bits can tell.
    pub(crate) const fn modulus(self) -> Modulus {
        match self {
            Self::Decimal(Digits::Six) => const { Modulus::new(1_000_000) },
            Self::Decimal(Digits::Seven) => const { Modulus::new(10_000_000) },
            Self::Decimal(Digits::Eight) => const { Modulus::new(100_000_000) },
            Self::Decimal(Digits::Nine) => const { Modulus::new(1_000_000_000) },
            // 10^10 exceeds every 31-bit number, as does 2^31.
            Self::Decimal(Digits::Ten) => const { Modulus::new(1 << 31) },
            Self::Steam => const { Modulus::new(26_u32.pow(STEAM_LEN as u32)) },
        }
    }

    /// The chance of the likeliest code, when all 31-bit numbers are equally likely.
    pub(crate) fn likeliest(self) -> f64 {
        const NUMBERS: u32 = 1 << 31;
        f64::from(NUMBERS.div_ceil(self.modulus().get())) / f64::from(NUMBERS)
    }

    /// The symbols of a code in ASCII, as many as its width; zero bytes behind them.
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

    /// The number that symbols stand for, each given as its value.
    pub(crate) fn number(self, values: &[u8]) -> u64 {
        let place = |radix: u64| {
            move |number: u64, value: &u8| number.wrapping_mul(radix).wrapping_add((*value).into())
        };
        match self {
            Self::Decimal(_) => values.iter().fold(0, place(10)),
            Self::Steam => values.iter().rev().fold(0, place(26)),
        }
    }

    /// Whether a character is a symbol, and if so its value: of Steam's symbols in any case, or of
    /// a decimal digit of most scripts. Does not branch on which it is.
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

/// Compares with every symbol. They are in order, so the value of one is the number of those
/// before it.
fn steam_value(ascii: u32) -> (Mask, u8) {
    let is_lower = Mask::is_between(ascii, u32::from(b'a'), u32::from(b'z'));
    let upper = is_lower.select(ascii, ascii ^ 0x20);
    let before = rank(&STEAM_SYMBOLS, upper.wrapping_sub(1));
    let up_to = rank(&STEAM_SYMBOLS, upper);
    (Mask::lowest_bit(up_to ^ before), low_byte(before))
}

/// Looked up by comparing with every place, so that no address depends on the code.
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
