//! A session with the token: its firmware in QEMU, driven over the serial line.
//!
//! `TOKEN_ELF` is the firmware and `TOKEN_MACHINE` QEMU's name of the board. Whatever happens, a
//! session ends: every answer has a time limit, and QEMU is killed with the session.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

const PROMPT: &str = "> ";
/// As layout/memory.x has it.
const RAM_START: u32 = 0x2000_0000;
const RAM_LEN: usize = 8 * 1024;
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
    /// QEMU's own console, a Unix socket.
    monitor: PathBuf,
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
        let monitor = scratch("monitor");
        let mut qemu = Command::new("qemu-system-arm")
            .args(["-M", &required("TOKEN_MACHINE"), "-kernel", &required("TOKEN_ELF")])
            .args(["-display", "none", "-serial", "stdio"])
            .args(["-monitor", &format!("unix:{},server=on,wait=off", monitor.display())])
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
        Self { qemu, keys, answers, pending, dialogue, patience, monitor }
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

    /// All of the RAM: stack and variables.
    pub fn memory(&mut self) -> Vec<u8> {
        let copy = scratch("memory");
        let mut monitor = UnixStream::connect(&self.monitor).expect("QEMU's monitor");
        monitor.set_read_timeout(Some(self.patience)).expect("a time limit");
        let save = format!("pmemsave {RAM_START} {RAM_LEN} \"{}\"\n", copy.display());
        monitor.write_all(save.as_bytes()).expect("QEMU's monitor listens");
        // It prompts when it begins to listen, and again when it is done.
        let mut said = Vec::new();
        let mut buffer = [0; 512];
        while String::from_utf8_lossy(&said).matches("(qemu)").count() < 2 {
            let len = monitor.read(&mut buffer).expect("QEMU's monitor answers");
            assert_ne!(len, 0, "QEMU's monitor is gone");
            said.extend_from_slice(&buffer[..len]);
        }
        let memory = fs::read(&copy).expect("what QEMU saved");
        let _ = fs::remove_file(copy);
        assert_eq!(memory.len(), RAM_LEN);
        memory
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
        let _ = fs::remove_file(&self.monitor);
        if thread::panicking() {
            eprintln!("--- the dialogue\n{}\n---", self.dialogue);
        }
    }
}

/// A name in the temporary folder that nobody else has.
fn scratch(what: &str) -> PathBuf {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    let name = NAMES.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("token-{}-{name}-{what}", process::id()))
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
