//! A network between the server and its database that fails on request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The fate of a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Nothing,
    /// The commit does not arrive.
    Commit,
    /// The commit arrives, and its answer does not.
    Answer,
}

pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    lost: Mutex<Lost>,
    /// The number of connections, from the first one, that pass no data on and stay open.
    frozen: AtomicU32,
    opened: AtomicU32,
}

impl Proxy {
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            lost: Mutex::new(Lost::Nothing),
            frozen: AtomicU32::new(0),
            opened: AtomicU32::new(0),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let number = shared.opened.fetch_add(1, SeqCst);
                let state = Arc::clone(&shared);
                thread::spawn(move || {
                    let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                    pass(client.unwrap(), server, number, &state);
                });
            }
        });
        Self { port: own, state }
    }

    /// Loses the next commit or its answer, and then the connection.
    pub fn lose(&self, lost: Lost) {
        *self.state.lost.lock().unwrap() = lost;
    }

    /// Passes no more data on open connections, and on new ones too if `new_ones_too` is set.
    pub fn freeze(&self, new_ones_too: bool) {
        let frozen = if new_ones_too { u32::MAX } else { self.state.opened.load(SeqCst) };
        self.state.frozen.store(frozen, SeqCst);
    }
}

fn pass(client: TcpStream, server: TcpStream, number: u32, state: &Arc<State>) {
    let deaf = Arc::new(AtomicBool::new(false));
    let (from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let (answers, ears) = (Arc::clone(state), Arc::clone(&deaf));
    let back = thread::spawn(move || {
        copy(from, to, number, &answers, |_| !ears.load(SeqCst));
    });
    copy(client, server, number, state, |bytes| {
        if !bytes.windows(6).any(|word| word == b"COMMIT") {
            return true;
        }
        let mut lost = state.lost.lock().unwrap();
        let now = std::mem::replace(&mut *lost, Lost::Nothing);
        deaf.store(now != Lost::Nothing, SeqCst);
        now != Lost::Commit
    });
    back.join().unwrap();
}

/// Copies until one side ends. If `keep` refuses the data, the copy ends too.
fn copy(
    mut from: TcpStream,
    mut to: TcpStream,
    number: u32,
    state: &State,
    keep: impl Fn(&[u8]) -> bool,
) {
    from.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut buffer = [0; 65_536];
    loop {
        let len = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(_) => break,
        };
        while number < state.frozen.load(SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
        if !keep(&buffer[..len]) || to.write_all(&buffer[..len]).is_err() {
            break;
        }
    }
    for end in [from, to] {
        let _gone = end.shutdown(Shutdown::Both);
    }
}
