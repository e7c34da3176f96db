//! One line, collected byte by byte.

use heapless::Vec;
use zeroize::Zeroize;

/// The longest line in bytes: room for a key URI of 128 bytes of secret, with labels.
pub const MAX_LINE: usize = 512;

const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;

/// Whether a byte completed a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Not yet.
    Pending,
    /// [`LineBuffer::bytes`] is one.
    Line,
    /// It had more than [`MAX_LINE`] bytes: none of it is there.
    TooLong,
}

/// The line that is being typed. `\r`, `\n` and `\r\n` end one, backspace takes a character back.
///
/// Of a line that does not fit nothing is kept, so that half of it is never taken for a command.
#[derive(Default)]
pub struct LineBuffer {
    bytes: Vec<u8, MAX_LINE>,
    too_long: bool,
    /// The last byte was `\r`: a `\n` now belongs to it.
    after_return: bool,
}

impl LineBuffer {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), too_long: false, after_return: false }
    }

    /// Takes a byte. After [`Input::Line`] or [`Input::TooLong`], [`clear`](Self::clear) comes before
    /// the next one.
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

    /// The line, without what ended it.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Begins the next line. This one is wiped: it may have been a key URI.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.too_long = false;
    }

    /// A character of UTF-8: its first byte, and those behind that continue it.
    fn take_back(&mut self) {
        while let Some(0x80..=0xbf) = self.bytes.pop() {}
    }
}
