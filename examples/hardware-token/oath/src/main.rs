//! The firmware of a token that Yubico's clients talk to: the OATH applet on a UART, with a second UART as its button.

#![no_std]
#![no_main]

mod memory;
#[path = "../../src/uart.rs"]
mod uart;

use core::panic::PanicInfo;

use cortex_m::asm::wfi;
use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use oath_token::{Button, OathToken};
use token_flash::Nor;

use crate::memory::{LEN, take};
use crate::uart::{FIRST, Uart};

/// The registers of the second UART.
const SECOND: usize = 0x4000_5000;

/// A product has its own in each token, from the factory, in memory that only the firmware reads.
static SEED: [u8; 20] = [7; 20];

/// About 15 seconds in QEMU, where an instruction takes 256 ns.
const POLLS: u32 = 5_000_000;

const SILENT: u32 = 10_000;

/// Any byte of the second line is a touch.
struct Touch(Uart<SECOND>);

impl Button for Touch {
    fn wait_for_touch(&mut self) -> bool {
        // What came before nobody had asked for: until the line is silent for some milliseconds.
        while (0..SILENT).any(|_| self.0.read_if_there().is_some()) {}
        (0..POLLS).any(|_| self.0.read_if_there().is_some())
    }
}

type Token = OathToken<Nor<&'static mut [u8; LEN]>, Touch>;

/// Leaves `token` empty if the flash is broken. Not inlined: its stack is given back.
#[inline(never)]
fn start(token: &mut Option<Token>) {
    // SAFETY: the second UART and the flash are taken here alone, and once.
    let (button, flash) = unsafe { (Uart::<SECOND>::take(), take()) };
    *token = OathToken::new(Nor::new(flash), &SEED, Touch(button)).ok();
}

#[entry]
fn main() -> ! {
    static mut TOKEN: Option<Token> = None;

    // SAFETY: the UART is taken here alone, and `main` runs once.
    let mut line = unsafe { Uart::<FIRST>::take() };
    start(TOKEN);
    if let Some(token) = TOKEN {
        loop {
            let byte = line.read();
            token.receive(byte, |byte| line.write(byte));
        }
    }
    // The flash is broken.
    loop {
        wfi();
    }
}

/// The log on the flash has paths to a panic that the compiler cannot rule out, and no test has found. One would be a loss
/// of power, which the flash survives.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
