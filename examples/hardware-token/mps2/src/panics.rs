//! Restarts the processor after a panic, and tells the next start about it.
//!
//! A panic that comes from the contents of the flash would come again at every start. So the
//! firmware does not read the flash after a panic. It waits for a reset by its user, or for the
//! power to be switched off and on.

use core::mem::MaybeUninit;
use core::ptr::{read_volatile, write_volatile};

use cortex_m::peripheral::SCB;

const PANICKED: u32 = 0x5041_4e21;

/// A start leaves this word as it is. It holds any value after the power was off.
#[unsafe(link_section = ".uninit.panicked")]
static mut NOTE: MaybeUninit<u32> = MaybeUninit::uninit();

fn note() -> *mut u32 {
    (&raw mut NOTE).cast()
}

/// Notes the panic and starts the processor again.
pub fn restart() -> ! {
    // SAFETY: one word of RAM that only this file uses, and no interrupt runs here.
    unsafe { write_volatile(note(), PANICKED) };
    SCB::sys_reset()
}

/// Returns whether the last run ended in a panic. A second call returns `false`.
pub fn take() -> bool {
    // SAFETY: as above. The word may hold any value, and every value is a `u32`.
    unsafe {
        let panicked = read_volatile(note()) == PANICKED;
        write_volatile(note(), 0);
        panicked
    }
}
