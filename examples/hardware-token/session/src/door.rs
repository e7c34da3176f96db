//! The door lock in QEMU: a keypad, a clock chip, and the power.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Duration;

use crate::PATIENCE;
use crate::machine::Machine;

/// A lock whose clock shows what the test says.
pub struct Door {
    machine: Machine,
    clock: UnixStream,
}

impl Door {
    /// Switches on a lock that has just left the factory.
    pub fn start() -> Self {
        let machine = Machine::start("LOCK_ELF", &[], PATIENCE);
        let clock = machine.second_line();
        machine.look_again();
        Self { machine, clock }
    }

    /// Types a code and a hash, at a time by the clock of the lock. Returns what the lock says.
    #[track_caller]
    pub fn enter(&mut self, code: &str, now: u64) -> String {
        self.type_until_asked(code);
        self.tell_time(now);
        self.answer()
    }

    /// Types a code and a hash. Cuts the power after the lock has had the time for `after`. Returns
    /// the line that the lock sent before, if it is whole.
    #[track_caller]
    pub fn enter_and_cut(&mut self, code: &str, now: u64, after: Duration) -> Option<String> {
        self.type_until_asked(code);
        self.tell_time(now);
        thread::sleep(after);
        self.cut_power()
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.machine.send(keys.as_bytes());
    }

    /// Restarts the processor at any instruction. Returns the line that came before, if it is
    /// whole.
    #[track_caller]
    pub fn cut_power(&mut self) -> Option<String> {
        self.machine.reset();
        // The rest of an answer of the clock is lost with the connection.
        self.clock.shutdown(Shutdown::Both).expect("a connection");
        self.machine.look_again();
        self.clock = self.machine.second_line();
        self.machine.look_again();
        // The clock never shows this time. The answer to it follows the rest of the answer before
        // the cut.
        self.type_until_asked("");
        self.tell_time(u64::MAX);
        let first = self.answer();
        if first.ends_with("fault: clock") {
            return None;
        }
        assert_eq!(self.answer(), "fault: clock");
        Some(first)
    }

    #[track_caller]
    fn type_until_asked(&mut self, code: &str) {
        self.press(&format!("{code}#"));
        let mut request = [0];
        self.clock.read_exact(&mut request).expect("the lock asks for the time");
        assert_eq!(request, *b"?");
    }

    fn tell_time(&mut self, now: u64) {
        self.clock.write_all(&now.to_be_bytes()).expect("the lock listens");
    }

    #[track_caller]
    fn answer(&mut self) -> String {
        self.machine.wait_for("answer", line)
    }
}

/// Takes a whole line out.
fn line(pending: &mut Vec<u8>) -> Option<String> {
    let end = pending.windows(2).position(|pair| pair == b"\r\n")?;
    let line = String::from_utf8_lossy(&pending[..end]).into_owned();
    pending.drain(..end + 2);
    Some(line)
}
