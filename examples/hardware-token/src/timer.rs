//! Instructions, by the tick counter of the core.

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use hardware_token::Timer;

/// 24 bits, downwards, at 25 MHz on QEMU's mps2 machines.
const LONGEST: u32 = 0x00ff_ffff;

/// With QEMU's `-icount shift=8`, an instruction takes 256 ns, which is 6.4 ticks. On a board, the
/// ticks do not count instructions.
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
        // Starts at the top, so that the counter wraps only if there are too many instructions.
        self.0.clear_current();
        let before = SYST::get_current();
        work();
        let after = SYST::get_current();
        let ticks = before.wrapping_sub(after) & LONGEST;
        // The count is rounded: a tick more or less depends on the start between two ticks.
        (!self.0.has_wrapped()).then(|| ticks.wrapping_mul(5).wrapping_add(16) >> 5)
    }
}
