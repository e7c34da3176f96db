//! The applet on this machine: frames on standard input and output. A frame of one byte is not
//! an APDU here but the button: 1 is held, 0 is let go. It has no answer.

use std::cell::Cell;
use std::io::{Read, Write, stdin, stdout};

use ykoath::{Applet, Board, Frames, MemoryStore, Response};

struct Desk<'a> {
    button: &'a Cell<bool>,
    counter: u64,
}

impl Board for Desk<'_> {
    /// Different each time, and predictable. A product asks its random number generator.
    fn random(&mut self) -> [u8; 8] {
        self.counter += 1;
        self.counter.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()
    }

    fn wait_for_touch(&mut self) -> bool {
        self.button.get()
    }
}

fn main() -> std::io::Result<()> {
    let button = Cell::new(false);
    let board = Desk { button: &button, counter: 0 };
    let mut applet = Applet::new(MemoryStore::<32>::new([7; 8]), board);
    let (mut frames, mut response) = (Frames::new(), Response::new());
    let mut out = stdout().lock();
    for byte in stdin().lock().bytes() {
        if let Some(command) = frames.push(byte?) {
            if let [held] = command {
                button.set(*held == 1);
                frames.clear();
                continue;
            }
            applet.respond(command, &mut response);
            frames.clear();
            let mut frame = Vec::new();
            Frames::send(&response, |byte| frame.push(byte));
            out.write_all(&frame)?;
            out.flush()?;
        }
    }
    Ok(())
}
