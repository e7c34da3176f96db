//! The QR code of a text, as SVG.

use core::fmt::Write as _;

use otp_core::{Qr, QrBuffer};

use crate::io::{Out, take};

/// Writes the SVG of the text at 0; gives its length, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn svg(len: usize) -> usize {
    let text: [u8; 331] = take(0);
    let Some(Ok(text)) = text.get(..len).map(str::from_utf8) else { return 0 };
    let mut buffer = QrBuffer::new();
    let Ok(qr) = Qr::encode(text, &mut buffer) else { return 0 };
    let mut out = Out::default();
    if write!(out, "{}", qr.svg()).is_ok() { out.0 } else { 0 }
}
