//! The arguments of the host: addresses in the memory of the module, each with a length.

/// The bytes of a verifier's state, as this version writes it.
#[cfg(any(feature = "verifier", feature = "recovery"))]
pub(crate) const STATE_LEN: usize = 38;

/// The bytes at a place.
pub(crate) fn input<'a>(at: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: the host wrote `len` bytes there, which nothing changes while the module runs.
    unsafe { core::slice::from_raw_parts(at, len) }
}

/// The place for an answer of `len` bytes.
pub(crate) fn output<'a>(at: *mut u8, len: usize) -> &'a mut [u8] {
    // SAFETY: the host set these bytes apart, and the module has one thread.
    unsafe { core::slice::from_raw_parts_mut(at, len) }
}

/// Copies without a length that could differ, and so without a panic.
pub(crate) fn put(at: *mut u8, bytes: &[u8]) {
    for (to, from) in output(at, bytes.len()).iter_mut().zip(bytes) {
        *to = *from;
    }
}

/// Writes a text to an address, as far as it fits.
#[cfg(any(feature = "key-uri", feature = "qr"))]
pub(crate) struct Out<'a> {
    rest: &'a mut [u8],
    pub(crate) len: usize,
}

#[cfg(any(feature = "key-uri", feature = "qr"))]
impl Out<'_> {
    pub(crate) fn new(at: *mut u8, room: usize) -> Self {
        Self { rest: output(at, room), len: 0 }
    }
}

#[cfg(any(feature = "key-uri", feature = "qr"))]
impl core::fmt::Write for Out<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let place = self.rest.get_mut(self.len..).ok_or(core::fmt::Error)?;
        if place.len() < text.len() {
            return Err(core::fmt::Error);
        }
        for (to, from) in place.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        self.len += text.len();
        Ok(())
    }
}
