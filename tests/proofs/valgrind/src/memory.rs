//! Secrets, as memory that Valgrind takes for undefined. Every value that is computed from it is
//! undefined too, and Valgrind reports a branch or an address that is.

use std::ffi::c_int;

use otp_core::{Code, SubmittedCode};

unsafe extern "C" {
    fn request_is_answered() -> c_int;
    fn request_secret(place: *mut u8, len: usize);
    fn request_public(place: *mut u8, len: usize);
    fn request_all_secret(place: *const u8, len: usize) -> c_int;
}

/// Returns whether this runs under Valgrind.
pub fn is_watched() -> bool {
    // SAFETY: reads nothing.
    unsafe { request_is_answered() != 0 }
}

/// The crate calls this with a copy of each value that it reveals.
pub fn make_public(place: *mut u8, len: usize) {
    // SAFETY: changes what Valgrind knows of the memory, and not the memory.
    unsafe { request_public(place, len) }
}

/// A secret with the value of `bytes`.
pub fn secret<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    make_secret(&mut bytes);
    bytes
}

pub fn make_secret(bytes: &mut [u8]) {
    // SAFETY: as above.
    unsafe { request_secret(bytes.as_mut_ptr(), bytes.len()) }
}

/// Returns whether every byte depends on a secret.
pub fn is_secret(bytes: &[u8]) -> bool {
    // SAFETY: the bytes are there, and what Valgrind knows of them is read.
    unsafe { request_all_secret(bytes.as_ptr(), bytes.len()) != 0 }
}

/// The text of an expected code. It is copied first, so that the code itself stays a secret.
pub fn shown(code: &Code) -> String {
    assert!(is_secret(code.as_bytes()), "a code that depends on no secret");
    let mut copy = [0; 10];
    let copy = &mut copy[..code.as_bytes().len()];
    copy.copy_from_slice(code.as_bytes());
    make_public(copy.as_mut_ptr(), copy.len());
    str::from_utf8(copy).unwrap().to_owned()
}

/// A text that a person types, as a secret.
pub struct Typed {
    bytes: [u8; SubmittedCode::MAX_TEXT_LEN],
    len: usize,
}

impl Typed {
    pub fn new(text: &str) -> Self {
        let mut bytes = [0; SubmittedCode::MAX_TEXT_LEN];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        make_secret(&mut bytes[..text.len()]);
        Self { bytes, len: text.len() }
    }

    pub fn text(&self) -> &str {
        // SAFETY: these were the bytes of a `str`. A check would branch on them.
        unsafe { str::from_utf8_unchecked(&self.bytes[..self.len]) }
    }
}
