//! A session with the token: its firmware in QEMU, driven over the serial line.
//!
//! `TOKEN_ELF` is the firmware and `TOKEN_MACHINE` QEMU's name of the board. Whatever happens, a
//! session ends: every answer has a time limit, and QEMU is killed with the session.

use std::env;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

const PROMPT: &str = "> ";
/// Far more than any answer takes, also on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A token that was just switched on.
pub struct Session {
    qemu: Child,
    keys: ChildStdin,
    answers: Receiver<Vec<u8>>,
    /// What came after the last prompt that was waited for.
    pending: Vec<u8>,
    dialogue: String,
    patience: Duration,
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
        let required = |name| env::var(name).unwrap_or_else(|_| panic!("{name}: see test.sh"));
        let mut qemu = Command::new("qemu-system-arm")
            .args(["-M", &required("TOKEN_MACHINE"), "-kernel", &required("TOKEN_ELF")])
            .args(["-display", "none", "-monitor", "none", "-serial", "stdio"])
            .args(["-icount", "shift=8,sleep=off"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("qemu-system-arm");
        let keys = qemu.stdin.take().expect("a pipe");
        let mut serial = qemu.stdout.take().expect("a pipe");
        let (send, answers) = channel();
        // Ends with QEMU.
        thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok(len @ 1..) = serial.read(&mut buffer) {
                if send.send(buffer[..len].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (pending, dialogue) = (Vec::new(), String::new());
        Self { qemu, keys, answers, pending, dialogue, patience }
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
        self.keys.write_all(bytes).expect("the token listens");
    }

    /// The lines up to the next prompt.
    pub fn wait_for_prompt(&mut self) -> Vec<String> {
        let deadline = Instant::now() + self.patience;
        loop {
            let text = String::from_utf8_lossy(&self.pending).replace("\r\n", "\n");
            if let Some((answer, rest)) = prompt_at(&text) {
                self.dialogue.push_str(&format!("{answer}{PROMPT}"));
                let lines = answer.lines().map(str::to_owned).collect();
                self.pending = rest.as_bytes().to_vec();
                return lines;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left) {
                Ok(bytes) => self.pending.extend(bytes),
                Err(_) => panic!("no prompt within {:?}, but {text:?}", self.patience),
            }
        }
    }

    /// Everything that was typed and answered.
    pub fn dialogue(&self) -> &str {
        &self.dialogue
    }
}

/// What stands before the first prompt at the start of a line, and what behind it.
fn prompt_at(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix(PROMPT) {
        return Some(("", rest));
    }
    let at = text.find("\n> ")? + 1;
    Some((&text[..at], &text[at + PROMPT.len()..]))
}

/// Ends QEMU; shows the dialogue where a test fails.
impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
        if thread::panicking() {
            eprintln!("--- the dialogue\n{}\n---", self.dialogue);
        }
    }
}

/// What `oathtool` says of a key in hexadecimal.
pub fn oathtool(arguments: &[&str]) -> String {
    let output = Command::new("oathtool").args(arguments).output().expect("oathtool");
    assert!(output.status.success(), "oathtool {arguments:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Unpadded Base32 of bytes (RFC 4648 section 6), by bits, so that no code is shared with the token.
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
