//! The OATH applet of a hardware token, as Yubico's clients speak to it (YKOATH): command APDUs in,
//! response APDUs out. No operating system, no allocator, no clock, no transport.
//!
//! A transport (CCID, HID, NFC, a serial line) hands each command to [`Applet::respond`] and sends
//! the answer back. Accounts live in a [`Store`], and the [`Board`] has randomness and a button.
//!
//! ```
//! use ykoath::{Applet, Board, MemoryStore, Response};
//!
//! struct Desk;
//! impl Board for Desk {
//!     fn random(&mut self) -> [u8; 8] {
//!         [7; 8] // a product asks its random number generator
//!     }
//!     fn wait_for_touch(&mut self) -> bool {
//!         true
//!     }
//! }
//!
//! let mut applet = Applet::new(MemoryStore::<8>::new([7; 8]), Desk);
//! let mut response = Response::new();
//! applet.respond(b"\x00\xa4\x04\x00\x07\xa0\x00\x00\x05\x27\x21\x01", &mut response);
//! assert_eq!(response, b"\x79\x03\x05\x04\x03\x71\x08\x07\x07\x07\x07\x07\x07\x07\x07\x90\x00");
//! ```
//!
//! # What it speaks
//! Protocol: <https://developers.yubico.com/OATH/YKOATH_Protocol.html>. Every instruction there,
//! and RENAME, which clients use from version 5.3 on. TOTP and HOTP, SHA-1, SHA-256 and SHA-512, 6
//! to 8 digits, touch, the access key. Three limits, each answered by a status word:
//!
//! - A challenge has eight bytes, as all clients send it. Others are wrong data.
//! - The property "only increasing" is refused.
//! - There is no secure channel (SCP). The version that SELECT tells is one without it.
#![no_std]
#![forbid(unsafe_code)]
// Indices and sums here come from commands of anybody: none may panic.
#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod account;
mod answer;
mod apdu;
mod applet;
mod fields;
mod frame;
mod key;
mod memory;
mod protocol;
mod store;

pub use crate::{
    account::{Account, AccountError, Kind, MAX_NAME},
    answer::Response,
    applet::{Applet, Board},
    frame::{Frames, MAX_COMMAND},
    key::{Key, KeyError, MAX_KEY},
    memory::MemoryStore,
    protocol::Status,
    store::{Store, StoreError},
};
