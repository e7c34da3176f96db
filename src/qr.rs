//! The QR code of a text (ISO/IEC 18004), without an allocator.
//!
//! [`Qr::encode`] makes one in a [`Buffer`] of the caller. It is displayed as [`Text`] or [`Svg`]:
//!
//! ```
//! use otp_core::qr::{Buffer, Qr};
//!
//! let mut buffer = Buffer::new();
//! let qr = Qr::encode("HELLO WORLD", &mut buffer)?;
//! assert_eq!(qr.size(), 21);
//! assert_eq!(qr.on_dark().to_string().lines().count(), 15);
//! # Ok::<(), otp_core::qr::Error>(())
//! ```

// The `qrcodegen-no-heap` crate turns bytes into modules, the squares of a QR code. It asserts
// three conditions: a version is 1 to 40, buffers have the length of that version, and the bytes
// fit into them. The type of `Buffer` ensures the first two. The third holds because the text is
// written into the buffer. A text that is too long for a version is an error in that crate, and
// here.
mod buffer;
mod code;
mod draw;
mod error;

pub use self::{
    buffer::Buffer,
    code::Qr,
    draw::{Svg, Text},
    error::Error,
};
