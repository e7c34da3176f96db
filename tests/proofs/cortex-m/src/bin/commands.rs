//! The cost of each command of the OATH applet: its name, then bytes of stack and instructions, by
//! tabs.

#![no_std]
#![no_main]

use cortex_m::Peripherals;
use cortex_m_proofs::{measure, oath};
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

#[entry]
fn main() -> ! {
    if let Some(mut peripherals) = Peripherals::take() {
        measure::start(&mut peripherals.SYST);
    }
    // Each command once for its stack, and once for its instructions, on applets that had the same
    // before.
    let (mut one, mut other) = (oath::applet(), oath::applet());
    let mut is_done = true;
    for (name, command) in oath::COMMANDS {
        let stack = measure::stack(&mut || is_done &= oath::carry_out(&mut one, command));
        let count = measure::instructions(&mut || is_done &= oath::carry_out(&mut other, command));
        hprintln!("{}\t{}\t{}", name, stack, count);
    }
    debug::exit(if is_done { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}
