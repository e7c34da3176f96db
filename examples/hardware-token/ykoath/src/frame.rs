//! A transport for a serial line: each APDU goes as a frame, two bytes of its length and then itself.
//!
//! CCID and HID have frames of their own. They take the place of this file, and of nothing else.

use heapless::Vec;
use zeroize::Zeroize;

use crate::answer::Response;

/// The longest command in bytes: a PUT with the longest name and key has 216.
pub const MAX_COMMAND: usize = 300;

/// Puts the bytes of a line together to commands.
#[derive(Debug, Default)]
pub struct Frames {
    /// How many bytes are still to come, once the length is there.
    left: Option<u16>,
    high: Option<u8>,
    command: Vec<u8, MAX_COMMAND>,
    too_long: bool,
}

impl Frames {
    /// Waits for the first byte of a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self { left: None, high: None, command: Vec::new(), too_long: false }
    }

    /// Takes a byte. Where it ends a frame, the command is returned. One that is longer than [`MAX_COMMAND`] is
    /// swallowed, and returned as one without a byte, to which the applet answers that its length is wrong.
    /// [`clear`](Self::clear) comes before the next frame.
    pub fn push(&mut self, byte: u8) -> Option<&[u8]> {
        let left = match (self.left, self.high.take()) {
            (Some(left), _) => {
                self.too_long = self.too_long || self.command.push(byte).is_err();
                left.saturating_sub(1)
            }
            (None, None) => {
                self.high = Some(byte);
                return None;
            }
            (None, Some(high)) => u16::from_be_bytes([high, byte]),
        };
        self.left = Some(left);
        let command = if self.too_long { &[] } else { self.command.as_slice() };
        (left == 0).then_some(command)
    }

    /// The two bytes that go before a response on the line.
    #[must_use]
    pub fn header(response: &Response) -> [u8; 2] {
        u16::try_from(response.len()).unwrap_or_default().to_be_bytes()
    }

    /// Begins the next frame. This one is wiped: it may have brought a key.
    pub fn clear(&mut self) {
        self.command.zeroize();
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    fn commands(line: &[u8]) -> std::vec::Vec<std::vec::Vec<u8>> {
        let mut frames = Frames::new();
        let mut commands = std::vec::Vec::new();
        for byte in line {
            if let Some(command) = frames.push(*byte).map(<[u8]>::to_vec) {
                commands.push(command);
                frames.clear();
            }
        }
        commands
    }

    #[test]
    fn frames_follow_each_other() {
        assert_eq!(commands(b"\0\x02ab\0\0\0\x01c\0\x05left"), [&b"ab"[..], b"", b"c"]);
    }

    #[test]
    fn one_that_is_too_long_is_swallowed_as_a_whole() {
        let longest = [&[1, 44][..], &[7; MAX_COMMAND]].concat();
        assert_eq!(commands(&longest), [[7; MAX_COMMAND]]);
        for len in [301_u16, 600, 65_535] {
            let long = std::vec![7; len.into()];
            let line = [&len.to_be_bytes()[..], &long, b"\0\x01c"].concat();
            let commands = commands(&line);
            assert_eq!(commands.len(), 2, "{len}");
            assert_eq!((&*commands[0], &*commands[1]), (&b""[..], &b"c"[..]), "{len}");
        }
    }
}
