//! The OATH applet of examples/hardware-token, with accounts in RAM: each command once.

use core::hint::black_box;

use ykoath::{Applet, Board, MemoryStore, Response};

/// A board whose bytes are not known when compiling.
pub struct Desk;

impl Board for Desk {
    fn random(&mut self) -> [u8; 8] {
        black_box([7; 8])
    }

    fn wait_for_touch(&mut self) -> bool {
        black_box(true)
    }
}

/// Its name, and the command. In this order each is carried out: four accounts are there from PUT
/// on.
pub const COMMANDS: [(&str, &[u8]); 13] = [
    ("SELECT", b"\x00\xa4\x04\x00\x07\xa0\x00\x00\x05\x27\x21\x01"),
    ("PUT", b"\x00\x01\x00\x00\x1b\x71\x01a\x73\x16\x21\x0612345678901234567890"),
    ("PUT, HOTP", b"\x00\x01\x00\x00\x1b\x71\x01b\x73\x16\x11\x0612345678901234567890"),
    ("PUT, SHA-256", b"\x00\x01\x00\x00\x1b\x71\x01c\x73\x16\x22\x0612345678901234567890"),
    ("PUT, SHA-512", b"\x00\x01\x00\x00\x1b\x71\x01d\x73\x16\x23\x0612345678901234567890"),
    ("CALCULATE", b"\x00\xa2\x00\x01\x0d\x71\x01a\x74\x08\0\0\0\0\0\0\0\x01"),
    ("CALCULATE, HOTP", b"\x00\xa2\x00\x01\x05\x71\x01b\x74\x00"),
    ("CALCULATE, SHA-512", b"\x00\xa2\x00\x01\x0d\x71\x01d\x74\x08\0\0\0\0\0\0\0\x01"),
    ("CALCULATE ALL", b"\x00\xa4\x00\x01\x0a\x74\x08\0\0\0\0\0\0\0\x01"),
    ("LIST", b"\x00\xa1\x00\x00"),
    ("RENAME", b"\x00\x05\x00\x00\x06\x71\x01a\x71\x01e"),
    ("DELETE", b"\x00\x02\x00\x00\x03\x71\x01e"),
    ("RESET", b"\x00\x04\xde\xad"),
];

/// An applet for four accounts.
pub type Small = Applet<MemoryStore<4>, Desk>;

/// A new one.
pub fn applet() -> Small {
    Applet::new(MemoryStore::new(black_box([7; 8])), Desk)
}

/// Returns whether the command was carried out.
#[inline(never)]
pub fn carry_out(applet: &mut Small, command: &[u8]) -> bool {
    let mut response = Response::new();
    applet.respond(black_box(command), &mut response);
    black_box(response).ends_with(b"\x90\x00")
}

/// All of them.
pub fn all() {
    let mut applet = applet();
    for (_, command) in COMMANDS {
        black_box(carry_out(&mut applet, command));
    }
}
