//! Instructions, by the tick counter of the core.

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use hardware_token::Timer;

/// 24 bits, downwards, at 25 MHz on QEMU's mps2 machines.
const LONGEST: u32 = 0x00ff_ffff;

/// With QEMU's `-icount shift=8` an instruction takes 256 ns, which are 6.4 ticks. Otherwise, and on a
/// board, what it counts are ticks of something else.
pub(crate) struct Ticks(SYST);

impl Ticks {
    pub(crate) fn start(mut syst: SYST) -> Self {
        syst.set_clock_source(SystClkSource::Core);
        syst.set_reload(LONGEST);
        syst.clear_current();
        syst.enable_counter();
        Self(syst)
    }
}

impl Timer for Ticks {
    fn instructions(&mut self, work: &mut dyn FnMut()) -> Option<u32> {
        // From the top, so that it wraps only where there are too many.
        self.0.clear_current();
        let before = SYST::get_current();
        work();
        let after = SYST::get_current();
        let ticks = before.wrapping_sub(after) & LONGEST;
        // Rounded: a tick more or less depends on where between two ticks it begins.
        (!self.0.has_wrapped()).then(|| ticks.wrapping_mul(5).wrapping_add(16) >> 5)
    }
}
