//! The firmware of a token that Yubico's clients talk to: the OATH applet on a UART, with a second
//! UART as its button.

#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m::asm::wfi;
use cortex_m_rt::entry;
use heapless::Vec;
use mps2::{FIRST, SECOND, Uart, flash, panics};
use oath_token::{Button, OathToken};
use token_flash::{FlashStore, Nor};

/// A product has its own seed in each token, from the factory, in memory that only the firmware
/// reads.
static SEED: [u8; 20] = [7; 20];

/// About 15 seconds in QEMU: an instruction takes 256 ns there.
const POLLS: u32 = 5_000_000;

/// Any byte of the second line is a touch.
struct Touch(Uart<SECOND>);

impl Button for Touch {
    fn wait_for_touch(&mut self) -> bool {
        // A touch before the request does not count.
        self.0.drain();
        (0..POLLS).any(|_| self.0.read_if_there().is_some())
    }
}

type Token = OathToken<Nor<&'static mut [u8; flash::LEN]>, Touch>;

/// Leaves `token` empty if the flash cannot be read at all. Not inlined, so that its stack is free
/// afterwards.
#[inline(never)]
fn start(token: &mut Vec<Token, 1>) {
    // SAFETY: only this function takes the second UART and the flash, and it runs once.
    let (button, memory) = unsafe { (Uart::<SECOND>::take(), flash::take()) };
    // The factory hands the flash out as it is: erased.
    flash::finish();
    let Ok(mut store) = FlashStore::new(Nor::new(memory)) else { return };
    // The contents of the flash may have caused the panic of the last run.
    if panics::take() {
        store.close();
    }
    if let Ok(made) = OathToken::new(store, &SEED, Touch(button)) {
        let _ = token.push(made);
    }
}

#[entry]
fn main() -> ! {
    // A vector with at most one element: an empty vector is all zeros, and so is not in flash.
    static mut TOKEN: Vec<Token, 1> = Vec::new();

    // SAFETY: only `main` takes the first UART, and it runs once.
    let mut line = unsafe { Uart::<FIRST>::take() };
    start(TOKEN);
    if let Some(token) = TOKEN.first_mut() {
        loop {
            let byte = line.read();
            token.receive(byte, |byte| line.write(byte));
        }
    }
    // The driver of the flash does not work.
    loop {
        wfi();
    }
}

/// The log on the flash has paths to a panic that the compiler cannot rule out. One of them is
/// known: an item without a byte, which no write and no loss of power leaves.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    panics::restart()
}
