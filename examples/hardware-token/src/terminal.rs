//! A terminal on the token: bytes in, prompts and answers out.

use core::fmt::Write;

use crate::bench::Timer;
use crate::fault::Fault;
use crate::line::{Input, LineBuffer};
use crate::scrub::scrub_stack;
use crate::token::{Token, complain};

const PROMPT: &str = "> ";

/// A token, and the line that the user types. It does not echo, because a line may be a key URI. A
/// terminal can echo by itself.
#[derive(Default)]
pub struct Terminal {
    line: LineBuffer,
    token: Token,
}

impl Terminal {
    /// Makes a terminal with an empty line and an empty token.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: LineBuffer::new(), token: Token::new() }
    }

    /// The token.
    pub fn token(&mut self) -> &mut Token {
        &mut self.token
    }

    /// Sends the first line and the prompt.
    pub fn greet(&self, out: &mut impl Write) {
        // If the terminal is gone, the token goes on.
        let _ = out.write_str("otp-core token, `help` lists the commands\n");
        let _ = out.write_str(PROMPT);
    }

    /// Takes a byte. If it ends a line, answers that line and prompts for the next.
    pub fn receive(&mut self, byte: u8, out: &mut impl Write, timer: &mut impl Timer) {
        match self.line.push(byte) {
            Input::Pending => return,
            Input::Line => self.token.line(self.line.bytes(), out, timer),
            Input::TooLong => complain(Fault::TooLong, out),
        }
        self.line.clear();
        scrub_stack();
        let _ = out.write_str(PROMPT);
    }
}
