//! One line, collected byte by byte.

use heapless::Vec;
use zeroize::Zeroize;

/// The longest line in bytes. It holds a key URI with a secret of 128 bytes, and its labels.
pub const MAX_LINE: usize = 512;

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;

/// The effect of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The line goes on.
    Pending,
    /// [`LineBuffer::bytes`] is a whole line.
    Line,
    /// The line had more than [`MAX_LINE`] bytes. None of them is kept.
    TooLong,
}

/// The line that the user types. `\r`, `\n` and `\r\n` end it, and backspace deletes a character.
///
/// A line that is too long is dropped as a whole, so that half of it is never a command.
#[derive(Default)]
pub struct LineBuffer {
    bytes: Vec<u8, MAX_LINE>,
    too_long: bool,
    /// The last byte was `\r`: a `\n` now belongs to it.
    after_return: bool,
}

impl LineBuffer {
    /// Makes an empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), too_long: false, after_return: false }
    }

    /// Takes a byte. After [`Input::Line`] or [`Input::TooLong`], [`clear`](Self::clear) comes
    /// before the next one.
    pub fn push(&mut self, byte: u8) -> Input {
        let ends_return = byte == b'\n' && self.after_return;
        self.after_return = byte == b'\r';
        match byte {
            b'\n' if ends_return => {}
            b'\r' | b'\n' if self.too_long => return Input::TooLong,
            b'\r' | b'\n' => return Input::Line,
            _ if self.too_long => {}
            BACKSPACE | DELETE => self.take_back(),
            _ if self.bytes.push(byte).is_err() => {
                self.clear();
                self.too_long = true;
            }
            _ => {}
        }
        Input::Pending
    }

    /// Returns the line, without its end.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next line, and wipes this one, because it may hold a key URI.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.too_long = false;
    }

    /// Deletes a character of UTF-8: its first byte, and the bytes that continue it.
    fn take_back(&mut self) {
        while let Some(0x80..=0xbf) = self.bytes.pop() {}
    }
}
