//! The keypad.

use heapless::String;
use zeroize::Zeroize;

/// The longest input: a recovery code.
const MAX_DIGITS: usize = 36;

/// A key of a keypad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a keypad has these keys")]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    /// Deletes the typed digits.
    Star,
    /// Enters the typed digits.
    Hash,
}

/// The digits since the last star or hash. The keypad wipes them when they are entered or deleted.
#[derive(Default)]
pub struct Keypad {
    typed: String<MAX_DIGITS>,
    is_too_long: bool,
}

impl Keypad {
    /// Makes an empty keypad.
    #[must_use]
    pub const fn new() -> Self {
        Self { typed: String::new(), is_too_long: false }
    }

    /// Takes a key. At a hash, `enter` gets the typed digits. They are empty if there were too many
    /// for any code.
    pub fn press<T>(&mut self, key: Key, enter: impl FnOnce(&str) -> T) -> Option<T> {
        match key {
            Key::Digit(digit @ 0..=9) => {
                let digit = char::from(b'0' | digit);
                self.is_too_long = self.is_too_long || self.typed.push(digit).is_err();
                None
            }
            Key::Digit(_) => None,
            Key::Star => {
                self.clear();
                None
            }
            Key::Hash => {
                let entered = enter(if self.is_too_long { "" } else { &self.typed });
                self.clear();
                Some(entered)
            }
        }
    }

    fn clear(&mut self) {
        self.typed.zeroize();
        self.is_too_long = false;
    }
}

/// Leaves the typed digits out.
impl core::fmt::Debug for Keypad {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Keypad").finish_non_exhaustive()
    }
}
