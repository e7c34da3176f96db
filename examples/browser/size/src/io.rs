//! The buffer that host and module share. Its bytes are atomic, which on WebAssembly costs nothing, so
//! that no `unsafe` is needed.

use core::fmt;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

const LEN: usize = 16_384;
static IO: [AtomicU8; LEN] = [const { AtomicU8::new(0) }; LEN];

/// Where the buffer is.
#[unsafe(no_mangle)]
pub extern "C" fn io() -> *const AtomicU8 {
    IO.as_ptr()
}

/// `N` bytes from a place of the buffer on; 0 beyond its end.
#[allow(dead_code, reason = "not every set of features reads")]
pub(crate) fn take<const N: usize>(from: usize) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, place) in bytes.iter_mut().zip(IO.iter().skip(from)) {
        *byte = place.load(Relaxed);
    }
    bytes
}

/// Writes from a place of the buffer on, up to its end.
#[allow(dead_code, reason = "not every set of features writes")]
pub(crate) fn put(from: usize, bytes: &[u8]) {
    for (byte, place) in bytes.iter().zip(IO.iter().skip(from)) {
        place.store(*byte, Relaxed);
    }
}

/// Takes a text, from the start of the buffer on.
#[allow(dead_code, reason = "not every set of features writes texts")]
#[derive(Default)]
pub(crate) struct Out(pub(crate) usize);

impl fmt::Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        put(self.0, text.as_bytes());
        self.0 += text.len();
        if self.0 <= LEN { Ok(()) } else { Err(fmt::Error) }
    }
}
