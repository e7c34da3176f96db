//! Stack and instructions of a call, under QEMU with `-icount shift=8`.

use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m::register::msp;
use cortex_m_semihosting::{debug, hprintln};

/// Bytes below the stack pointer that are painted before a call.
const PAINTED: usize = 32 * 1024;
const PAINT: u32 = 0xc0de_face;

/// Prints the stack and the instructions of a call, and ends the emulation.
pub fn report(call: &mut dyn FnMut()) {
    let stack = stack(call);
    if let Some(mut peripherals) = Peripherals::take() {
        start(&mut peripherals.SYST);
    }
    hprintln!("{} {}", stack, instructions(call));
    debug::exit(debug::EXIT_SUCCESS);
}

/// Starts the tick counter: 24 bits, downwards, at 25 MHz on QEMU's mps2 machines.
pub fn start(syst: &mut SYST) {
    syst.set_clock_source(SystClkSource::Core);
    syst.set_reload(0x00ff_ffff);
    syst.clear_current();
    syst.enable_counter();
}

/// Ticks that a call takes. With `shift=8` an instruction takes 256 ns, which are 6.4 ticks.
#[inline(never)]
pub fn ticks(call: &mut dyn FnMut()) -> u32 {
    let before = SYST::get_current();
    call();
    let after = SYST::get_current();
    before.wrapping_sub(after) & 0x00ff_ffff
}

/// Instructions that a call takes, this measuring among them. One tick more or less, which depends
/// on where between two ticks it begins, is rounded off.
pub fn instructions(call: &mut dyn FnMut()) -> u32 {
    (ticks(call) * 5 + 16) / 32
}

/// Bytes of stack that a call needs at most, by painting.
#[inline(never)]
pub fn stack(call: &mut dyn FnMut()) -> usize {
    let top = msp::read() as usize;
    let bottom = top - PAINTED;
    // Space for the frame of the function that paints.
    paint(bottom, top - 64);
    call();
    top - deepest(bottom, top)
}

#[inline(never)]
fn paint(bottom: usize, top: usize) {
    for address in (bottom..top).step_by(4) {
        // SAFETY: RAM below the stack pointer that nothing uses; there is far more of it.
        unsafe { (address as *mut u32).write_volatile(PAINT) };
    }
}

#[inline(never)]
fn deepest(bottom: usize, top: usize) -> usize {
    // SAFETY: as above, and reading only.
    let untouched = |address: &usize| unsafe { (*address as *const u32).read_volatile() } == PAINT;
    black_box((bottom..top).step_by(4).take_while(untouched).last().map_or(bottom, |last| last + 4))
}
