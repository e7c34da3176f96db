//! The firmware: a token on a UART. It links only if it does not contain a path to a panic.

#![no_std]
#![no_main]

mod provisioned;
mod timer;

use core::panic::PanicInfo;

use cortex_m::{Peripherals, asm::wfi};
use cortex_m_rt::entry;
use hardware_token::Terminal;
use mps2::{FIRST, Uart};

use crate::timer::Ticks;

#[entry]
fn main() -> ! {
    // The terminal is not on the stack: `cortex-m-rt` hands it out once.
    static mut TERMINAL: Terminal = Terminal::new();

    // SAFETY: only `main` takes the UART, and it runs once.
    let mut uart = unsafe { Uart::<FIRST>::take() };
    provisioned::provision(TERMINAL.token());
    TERMINAL.greet(&mut uart);
    if let Some(peripherals) = Peripherals::take() {
        let mut ticks = Ticks::start(peripherals.SYST);
        loop {
            let byte = uart.read();
            #[cfg(feature = "control-index")]
            let byte = provisioned::SET[usize::from(byte) * 2];
            TERMINAL.receive(byte, &mut uart, &mut ticks);
        }
    }
    // The core peripherals are always there the first time.
    loop {
        wfi();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn this_core_must_not_panic() -> !;
    }
    // SAFETY: never reached: the symbol does not exist, so that nothing which calls it links.
    unsafe { this_core_must_not_panic() }
}
