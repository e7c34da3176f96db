//! The serial line of QEMU's mps2 machines: the first UART of Arm's CMSDK, polled.

use core::fmt;
use core::ptr::{read_volatile, write_volatile};

/// Its registers, each a word.
const DATA: *mut u32 = 0x4000_4000 as *mut u32;
const STATE: *mut u32 = 0x4000_4004 as *mut u32;
const CTRL: *mut u32 = 0x4000_4008 as *mut u32;
const BAUDDIV: *mut u32 = 0x4000_4010 as *mut u32;

const TRANSMIT_FULL: u32 = 1;
const RECEIVE_FULL: u32 = 1 << 1;
const ENABLE_BOTH: u32 = 0b11;
/// 115,200 baud at 25 MHz. Anything from 16 on serves under QEMU.
const DIVISOR: u32 = 217;

/// The serial line.
pub(crate) struct Uart(());

impl Uart {
    /// Switches it on.
    ///
    /// # Safety
    /// The machine has this UART, and nothing else uses it.
    pub(crate) unsafe fn take() -> Self {
        // SAFETY: registers of the UART, which is the caller's alone.
        unsafe {
            write_volatile(BAUDDIV, DIVISOR);
            write_volatile(CTRL, ENABLE_BOTH);
        }
        Self(())
    }

    /// Waits for a byte.
    pub(crate) fn read(&mut self) -> u8 {
        while Self::state() & RECEIVE_FULL == 0 {}
        // SAFETY: a register of the UART, which is this value's alone.
        let [byte, ..] = unsafe { read_volatile(DATA) }.to_le_bytes();
        byte
    }

    fn write(&mut self, byte: u8) {
        while Self::state() & TRANSMIT_FULL != 0 {}
        // SAFETY: as above.
        unsafe { write_volatile(DATA, byte.into()) };
    }

    fn state() -> u32 {
        // SAFETY: as above, and reading it changes nothing.
        unsafe { read_volatile(STATE) }
    }
}

/// A line ends with `\r\n`, as a terminal wants it.
impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                self.write(b'\r');
            }
            self.write(byte);
        }
        Ok(())
    }
}
