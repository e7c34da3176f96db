//! The place of the flash. QEMU's mps2 machines do not have one, but they have memory that survives
//! a reset.

use core::ptr::{read_volatile, write_volatile};

/// Eight pages of 4 KB.
pub const LEN: usize = 32 * 1024;

/// PSRAM of the board.
const START: *mut [u8; LEN] = 0x2100_0000 as *mut [u8; LEN];
/// The word behind it. It says that the factory has finished its work on the flash.
const FINISHED: *mut u32 = 0x2100_8000 as *mut u32;
const MARK: u32 = 0x4f54_5021;

/// Returns the memory. It is erased as long as [`finish`] was never called.
///
/// # Safety
/// The machine has this memory, and nothing else uses it.
pub unsafe fn take() -> &'static mut [u8; LEN] {
    // SAFETY: memory of the board that belongs to the caller.
    let memory = unsafe { &mut *START };
    if !is_finished() {
        memory.fill(0xff);
    }
    memory
}

/// Returns whether the factory has finished its work on the flash.
pub fn is_finished() -> bool {
    // SAFETY: a word of the board's memory that only this file uses.
    unsafe { read_volatile(FINISHED) == MARK }
}

/// Says that the flash holds what a new device begins with. A loss of power before this call starts
/// the factory's work again.
pub fn finish() {
    // SAFETY: as above.
    unsafe { write_volatile(FINISHED, MARK) };
}
