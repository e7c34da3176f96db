//! The QR code of a text, as SVG.

use core::fmt::Write as _;

use otp_core::qr;

use crate::io::{Out, input};

/// Writes the SVG of a text; gives its length, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn svg(text: *const u8, len: usize, to: *mut u8, room: usize) -> usize {
    let Ok(text) = str::from_utf8(input(text, len)) else { return 0 };
    let mut buffer = qr::Buffer::new();
    let Ok(qr) = qr::Qr::encode(text, &mut buffer) else { return 0 };
    let mut out = Out::new(to, room);
    if write!(out, "{}", qr.svg()).is_ok() { out.len } else { 0 }
}
