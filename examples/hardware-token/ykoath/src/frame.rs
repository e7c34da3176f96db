//! A transport for a serial line: APDUs in the frames of SLIP (RFC 1055), in both directions.
//!
//! An end byte begins and ends each frame, so both sides find the next frame after one of them was
//! switched off in the middle of a frame. CCID and HID have frames of their own. They replace only
//! this file.

use heapless::Vec;
use zeroize::Zeroize;

/// The longest command in bytes: a PUT with the longest name and key has 216.
pub const MAX_COMMAND: usize = 300;

const END: u8 = 0xc0;
const ESCAPE: u8 = 0xdb;
const ESCAPED_END: u8 = 0xdc;
const ESCAPED_ESCAPE: u8 = 0xdd;

/// Joins the bytes of a line to commands.
#[derive(Debug, Default)]
pub struct Frames {
    command: Vec<u8, MAX_COMMAND>,
    is_escaped: bool,
    is_too_long: bool,
}

impl Frames {
    /// Makes a reader that waits for the first byte of a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self { command: Vec::new(), is_escaped: false, is_too_long: false }
    }

    /// Takes a byte. If it ends a frame, the command is returned. A command that is longer than
    /// [`MAX_COMMAND`] is dropped, and an empty command is returned, to which the applet answers
    /// that its length is wrong. Empty frames are ignored. Call [`clear`](Self::clear) before the
    /// next frame.
    pub fn push(&mut self, byte: u8) -> Option<&[u8]> {
        let byte = match (core::mem::take(&mut self.is_escaped), byte) {
            (_, END) if self.is_too_long => return Some(&[]),
            (_, END) => return (!self.command.is_empty()).then_some(self.command.as_slice()),
            (false, ESCAPE) => {
                self.is_escaped = true;
                return None;
            }
            (true, ESCAPED_END) => END,
            (true, ESCAPED_ESCAPE) => ESCAPE,
            (_, byte) => byte,
        };
        self.is_too_long = self.is_too_long || self.command.push(byte).is_err();
        None
    }

    /// Hands the bytes of a response's frame to `send`, one after the other.
    pub fn send(response: &[u8], mut send: impl FnMut(u8)) {
        send(END);
        for byte in response {
            match *byte {
                END => [ESCAPE, ESCAPED_END].map(&mut send),
                ESCAPE => [ESCAPE, ESCAPED_ESCAPE].map(&mut send),
                byte => {
                    send(byte);
                    continue;
                }
            };
        }
        send(END);
    }

    /// Begins the next frame, and wipes this one, because it may hold a key.
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
        assert_eq!(commands(b"\xc0ab\xc0\xc0\xc0c\xc0left"), [&b"ab"[..], b"c"]);
    }

    #[test]
    fn what_is_sent_is_read_again() {
        let all: std::vec::Vec<u8> = (0..=255).collect();
        let mut line = b"the rest of a frame".to_vec();
        Frames::send(&all, |byte| line.push(byte));
        Frames::send(b"\xdb\xc0", |byte| line.push(byte));
        assert_eq!(commands(&line), [&b"the rest of a frame"[..], &all, b"\xdb\xc0"]);
    }

    #[test]
    fn one_that_is_too_long_is_swallowed_as_a_whole() {
        assert_eq!(commands(&[&[7; MAX_COMMAND][..], b"\xc0"].concat()), [[7; MAX_COMMAND]]);
        for len in [301, 600, 65_535] {
            let line = [&std::vec![7; len][..], b"\xc0\xc0c\xc0"].concat();
            assert_eq!(commands(&line), [&b""[..], b"c"], "{len}");
        }
    }
}
