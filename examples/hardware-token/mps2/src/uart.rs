//! The serial lines of the board: UARTs of Arm's CMSDK, which the firmware polls.

use core::fmt;
use core::ptr::{read_volatile, write_volatile};

/// The address of the first UART's registers. Each register is a word.
pub const FIRST: usize = 0x4000_4000;
/// The address of the second UART's registers.
pub const SECOND: usize = 0x4000_5000;

const DATA: usize = 0;
const STATE: usize = 4;
const CTRL: usize = 8;
const BAUDDIV: usize = 16;

const TRANSMIT_FULL: u32 = 1;
const RECEIVE_FULL: u32 = 1 << 1;
const ENABLE_BOTH: u32 = 0b11;
/// 115,200 baud at 25 MHz. QEMU takes every divisor from 16 on.
const DIVISOR: u32 = 217;

/// Polls of a line without a byte, after which it counts as silent: some milliseconds in QEMU.
const SILENT: u32 = 10_000;

/// The serial line whose registers are at `BASE`.
#[derive(Debug)]
pub struct Uart<const BASE: usize>(());

impl<const BASE: usize> Uart<BASE> {
    /// Switches the UART on.
    ///
    /// # Safety
    /// The machine has this UART, and nothing else uses it.
    #[must_use]
    pub unsafe fn take() -> Self {
        // SAFETY: registers of the UART, which belongs to the caller.
        unsafe {
            write_volatile(Self::register(BAUDDIV), DIVISOR);
            write_volatile(Self::register(CTRL), ENABLE_BOTH);
        }
        Self(())
    }

    /// Waits for a byte.
    pub fn read(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.read_if_there() {
                return byte;
            }
        }
    }

    /// Returns a byte, if one has come.
    pub fn read_if_there(&mut self) -> Option<u8> {
        if Self::state() & RECEIVE_FULL == 0 {
            return None;
        }
        // SAFETY: a register of the UART, which belongs to this value.
        let [byte, ..] = unsafe { read_volatile(Self::register(DATA)) }.to_le_bytes();
        Some(byte)
    }

    /// Drops every byte that has come, until the line is silent.
    pub fn drain(&mut self) {
        while (0..SILENT).any(|_| self.read_if_there().is_some()) {}
    }

    /// Sends a byte, and waits until the line takes it.
    pub fn write(&mut self, byte: u8) {
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

/// Lines end with `\r\n`, as terminals expect.
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
