//! The place of the flash: QEMU's mps2 machines have none, but memory that survives a reset.

use core::ptr::{read_volatile, write_volatile};

/// Eight pages of 4 KB.
pub(crate) const LEN: usize = 32 * 1024;

/// PSRAM of the board.
const START: *mut [u8; LEN] = 0x2100_0000 as *mut [u8; LEN];
/// A word behind it, which says that it was erased once, as flash is when it leaves its factory.
const ERASED: *mut u32 = 0x2100_8000 as *mut u32;
const MARK: u32 = 0x4f54_5021;

/// The memory.
///
/// # Safety
/// The machine has it, and nothing else uses it.
pub(crate) unsafe fn take() -> &'static mut [u8; LEN] {
    // SAFETY: memory of the board, which is the caller's alone.
    unsafe {
        let memory = &mut *START;
        if read_volatile(ERASED) != MARK {
            memory.fill(0xff);
            write_volatile(ERASED, MARK);
        }
        memory
    }
}
