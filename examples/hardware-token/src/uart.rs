//! Serial lines of QEMU's mps2 machines: UARTs of Arm's CMSDK, polled.

use core::fmt;
use core::ptr::{read_volatile, write_volatile};

/// Where the registers of the first are. Each register is a word.
pub(crate) const FIRST: usize = 0x4000_4000;

const DATA: usize = 0;
const STATE: usize = 4;
const CTRL: usize = 8;
const BAUDDIV: usize = 16;

const TRANSMIT_FULL: u32 = 1;
const RECEIVE_FULL: u32 = 1 << 1;
const ENABLE_BOTH: u32 = 0b11;
/// 115,200 baud at 25 MHz. Anything from 16 on serves under QEMU.
const DIVISOR: u32 = 217;

/// The serial line whose registers are at `BASE`.
pub(crate) struct Uart<const BASE: usize>(());

impl<const BASE: usize> Uart<BASE> {
    /// Switches it on.
    ///
    /// # Safety
    /// The machine has this UART, and nothing else uses it.
    pub(crate) unsafe fn take() -> Self {
        // SAFETY: registers of the UART, which is the caller's alone.
        unsafe {
            write_volatile(Self::register(BAUDDIV), DIVISOR);
            write_volatile(Self::register(CTRL), ENABLE_BOTH);
        }
        Self(())
    }

    /// Waits for a byte.
    pub(crate) fn read(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.read_if_there() {
                return byte;
            }
        }
    }

    /// A byte, if one has come.
    pub(crate) fn read_if_there(&mut self) -> Option<u8> {
        if Self::state() & RECEIVE_FULL == 0 {
            return None;
        }
        // SAFETY: a register of the UART, which is this value's alone.
        let [byte, ..] = unsafe { read_volatile(Self::register(DATA)) }.to_le_bytes();
        Some(byte)
    }

    pub(crate) fn write(&mut self, byte: u8) {
        while Self::state() & TRANSMIT_FULL != 0 {}
        // SAFETY: as above.
        unsafe { write_volatile(Self::register(DATA), byte.into()) };
    }

    const fn register(offset: usize) -> *mut u32 {
        (BASE | offset) as *mut u32
    }

    fn state() -> u32 {
        // SAFETY: as above, and reading it changes nothing.
        unsafe { read_volatile(Self::register(STATE)) }
    }
}

/// A line ends with `\r\n`, as a terminal wants it.
impl<const BASE: usize> fmt::Write for Uart<BASE> {
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
