//! Sessions with the firmwares in QEMU: the terminal of the token, and the keypad of the door lock.
//!
//! `TOKEN_MACHINE` is QEMU's name of the board. `TOKEN_ELF` and `LOCK_ELF` are the firmwares. A
//! session always ends: every answer has a time limit, and QEMU is killed with the session.

mod door;
mod machine;

use std::process::Command;
use std::thread;
use std::time::Duration;

pub use door::Door;
use machine::Machine;

const PROMPT: &str = "> ";
/// Far more than any answer takes, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A token that was just switched on.
pub struct Session {
    machine: Machine,
    dialogue: String,
}

impl Session {
    /// Switches a token on and waits for its prompt.
    pub fn start() -> Self {
        let mut session = Self::start_with(&[], PATIENCE);
        session.wait_for_prompt();
        session
    }

    /// Starts QEMU with more arguments.
    pub fn start_with(arguments: &[&str], patience: Duration) -> Self {
        let machine = Machine::start("TOKEN_ELF", arguments, patience);
        Self { machine, dialogue: String::new() }
    }

    /// Types a line and returns the lines of the answer.
    pub fn ask(&mut self, line: &str) -> Vec<String> {
        self.ask_bytes(format!("{line}\n").as_bytes())
    }

    /// Types a line whose answer is one line, and returns that.
    #[track_caller]
    pub fn ask_one(&mut self, line: &str) -> String {
        let mut answer = self.ask(line);
        assert_eq!(answer.len(), 1, "{line:?} has one line of answer: {answer:?}");
        answer.remove(0)
    }

    /// Types bytes, the end of the line among them, and returns the lines of the answer.
    pub fn ask_bytes(&mut self, bytes: &[u8]) -> Vec<String> {
        self.type_bytes(bytes);
        self.wait_for_prompt()
    }

    /// Types bytes and waits for nothing.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.dialogue.push_str(&String::from_utf8_lossy(bytes));
        self.machine.send(bytes);
    }

    /// The lines up to the next prompt.
    pub fn wait_for_prompt(&mut self) -> Vec<String> {
        let answer = self.machine.wait_for("prompt", |pending| {
            let text = String::from_utf8_lossy(pending).replace("\r\n", "\n");
            let (answer, rest) = prompt_at(&text)?;
            *pending = rest.as_bytes().to_vec();
            Some(answer.to_owned())
        });
        self.dialogue.push_str(&format!("{answer}{PROMPT}"));
        answer.lines().map(str::to_owned).collect()
    }

    /// All of the RAM: stack and variables.
    pub fn memory(&mut self) -> Vec<u8> {
        self.machine.memory()
    }

    /// Everything that was typed and answered.
    pub fn dialogue(&self) -> &str {
        &self.dialogue
    }
}

/// The text before the first prompt at the start of a line, and the text behind it.
fn prompt_at(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix(PROMPT) {
        return Some(("", rest));
    }
    let at = text.find("\n> ")? + 1;
    Some((&text[..at], &text[at + PROMPT.len()..]))
}

/// Shows the dialogue if a test fails.
impl Drop for Session {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("--- the dialogue\n{}\n---", self.dialogue);
        }
    }
}

/// Returns the code that `oathtool` computes. The key is in hexadecimal.
pub fn oathtool(arguments: &[&str]) -> String {
    let output = Command::new("oathtool").args(arguments).output().expect("oathtool");
    assert!(output.status.success(), "oathtool {arguments:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Unpadded Base32 of bytes (RFC 4648 section 6), by bits, so that no code is shared with the
/// token.
pub fn base32(bytes: &[u8]) -> String {
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let symbol = |five: &[u8]| {
        let value = (0..5).fold(0, |value, at| value << 1 | five.get(at).copied().unwrap_or(0));
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(value)])
    };
    bits.chunks(5).map(symbol).collect()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
