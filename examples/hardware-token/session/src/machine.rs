//! A board in QEMU: its two serial lines, its memory and its reset.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// As the layouts have it.
const RAM_START: u32 = 0x2000_0000;
const RAM_LEN: usize = 8 * 1024;

/// A board that was just switched on. QEMU ends with it.
pub struct Machine {
    qemu: Child,
    keys: ChildStdin,
    answers: Receiver<Vec<u8>>,
    /// Bytes of the first line that nobody has asked for yet.
    pub pending: Vec<u8>,
    pub patience: Duration,
    /// The sockets of QEMU's console and of the second line.
    monitor: PathBuf,
    second: PathBuf,
}

impl Machine {
    /// Starts QEMU with the firmware that an environment variable names, and with more arguments.
    pub fn start(firmware: &str, arguments: &[&str], patience: Duration) -> Self {
        let required = |name| env::var(name).unwrap_or_else(|_| panic!("{name}: see test.sh"));
        let (monitor, second) = (scratch("monitor"), scratch("second"));
        let socket = |path: &PathBuf| format!("unix:{},server=on,wait=off", path.display());
        let mut qemu = Command::new("qemu-system-arm")
            .args(["-M", &required("TOKEN_MACHINE"), "-kernel", &required(firmware)])
            .args(["-display", "none", "-serial", "stdio", "-serial", &socket(&second)])
            .args(["-monitor", &socket(&monitor), "-icount", "shift=8,sleep=off"])
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
        Self { qemu, keys, answers, pending: Vec::new(), patience, monitor, second }
    }

    /// Sends bytes on the first line.
    pub fn send(&mut self, bytes: &[u8]) {
        self.keys.write_all(bytes).expect("the firmware listens");
    }

    /// Waits until `find` finds something in the bytes of the first line. `find` takes them out.
    #[track_caller]
    pub fn wait_for<T>(
        &mut self,
        what: &str,
        mut find: impl FnMut(&mut Vec<u8>) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + self.patience;
        loop {
            if let Some(found) = find(&mut self.pending) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.answers.recv_timeout(left) else {
                let text = String::from_utf8_lossy(&self.pending);
                panic!("no {what} within {:?}, but {text:?}", self.patience);
            };
            self.pending.extend(bytes);
        }
    }

    /// The other end of the second line.
    pub fn second_line(&self) -> UnixStream {
        self.connect(&self.second)
    }

    /// All of the RAM: stack and variables.
    pub fn memory(&self) -> Vec<u8> {
        let copy = scratch("memory");
        self.command(&format!("pmemsave {RAM_START} {RAM_LEN} \"{}\"", copy.display()));
        let memory = fs::read(&copy).expect("what QEMU saved");
        let _ = fs::remove_file(copy);
        assert_eq!(memory.len(), RAM_LEN);
        memory
    }

    /// Restarts the processor at any instruction. RAM and flash stay.
    pub fn reset(&self) {
        self.command("system_reset");
    }

    /// Waits until the firmware has switched its lines on. QEMU looks only once a second whether a
    /// line takes bytes, unless something else happens.
    pub fn look_again(&self) {
        thread::sleep(Duration::from_millis(10));
        self.command("info status");
    }

    /// Has QEMU's console carry out a command.
    fn command(&self, command: &str) {
        let mut monitor = self.connect(&self.monitor);
        monitor.write_all(format!("{command}\n").as_bytes()).expect("QEMU's monitor listens");
        // It prompts when it begins to listen, and again when it is done.
        let mut said = Vec::new();
        let mut buffer = [0; 512];
        while String::from_utf8_lossy(&said).matches("(qemu)").count() < 2 {
            let len = monitor.read(&mut buffer).expect("QEMU's monitor answers");
            assert_ne!(len, 0, "QEMU's monitor is gone");
            said.extend_from_slice(&buffer[..len]);
        }
    }

    /// QEMU makes its sockets some time after it starts.
    fn connect(&self, path: &PathBuf) -> UnixStream {
        let deadline = Instant::now() + self.patience;
        loop {
            match UnixStream::connect(path) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(self.patience)).expect("a time limit");
                    return stream;
                }
                Err(error)
                    if Instant::now() < deadline
                        && matches!(
                            error.kind(),
                            ErrorKind::NotFound | ErrorKind::ConnectionRefused
                        ) =>
                {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
        let _ = fs::remove_file(&self.monitor);
        let _ = fs::remove_file(&self.second);
    }
}

/// A name in the temporary folder that nobody else has.
fn scratch(what: &str) -> PathBuf {
    static NAMES: AtomicU32 = AtomicU32::new(0);
    let name = NAMES.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("token-{}-{name}-{what}", process::id()))
}
