//! The firmware of a door lock. Its keypad is a UART: `0` to `9`, `*` and `#`. Its clock is a chip
//! on the second UART.
//!
//! After each `#` it sends a line with its answer.

#![no_std]
#![no_main]

mod provisioned;

use core::fmt::Write;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use door_lock::{Fault, Key, Lock, Outcome};
use heapless::Vec;
use mps2::{FIRST, SECOND, Uart, flash, panics};
use otp_core::recovery::Pepper;
use token_flash::{FlashStore, Nor};

use crate::provisioned::{USER, codes, pepper, totp, verifier};

type Memory = Nor<&'static mut [u8; flash::LEN]>;

/// A clock chip with a battery. It answers a request with Unix time in seconds: eight bytes, the
/// highest first.
struct Clock(Uart<SECOND>);

impl Clock {
    const REQUEST: u8 = b'?';

    /// Waits for the chip. Without a clock the lock stays closed.
    fn now(&mut self) -> u64 {
        // An answer that the last run did not read is not the time.
        self.0.drain();
        self.0.write(Self::REQUEST);
        let mut time = [0; 8];
        time.fill_with(|| self.0.read());
        u64::from_be_bytes(time)
    }
}

/// Returns the flash, with the first state of a lock on it. Not inlined, so that its stack is free
/// afterwards.
#[inline(never)]
fn flash() -> Option<FlashStore<Memory>> {
    // SAFETY: only this function takes the flash, and it runs once.
    let mut store = FlashStore::new(Nor::new(unsafe { flash::take() })).ok()?;
    if !flash::is_finished() {
        Lock::enrol(&mut store, &codes()?).ok()?;
        flash::finish();
    }
    // The contents of the flash may have caused the panic of the last run.
    if panics::take() {
        store.close();
    }
    Some(store)
}

/// Not inlined, so that its stack is free afterwards.
#[inline(never)]
fn start(pepper: &'static Pepper, lock: &mut Vec<Lock<'static, Memory>, 1>) {
    if let (Some(totp), Some(verifier), Some(flash)) = (totp(), verifier(), flash()) {
        let _ = lock.push(Lock::new(totp, verifier, pepper, USER, flash));
    }
}

fn key(byte: u8) -> Option<Key> {
    match byte {
        b'0'..=b'9' => Some(Key::Digit(byte & 0xf)),
        b'*' => Some(Key::Star),
        b'#' => Some(Key::Hash),
        _ => None,
    }
}

/// Sends the answer. A product moves its motor and shows a light.
fn tell(line: &mut Uart<FIRST>, outcome: Result<Outcome, Fault>) {
    let text = match outcome {
        Ok(Outcome::Open) => "open",
        Ok(Outcome::Closed) => "closed",
        Ok(Outcome::Locked { .. }) => "locked",
        Ok(Outcome::Disabled) => "disabled",
        Ok(Outcome::Malformed) => "malformed",
        Err(Fault::Store) => "fault: flash",
        Err(Fault::Clock) => "fault: clock",
        _ => "fault",
    };
    let _ = line.write_str(text).and_then(|()| line.write_str("\n"));
}

#[entry]
fn main() -> ! {
    static mut PEPPER: Option<Pepper> = None;
    // A vector with at most one element: an empty vector is all zeros, and so is not in flash.
    static mut LOCK: Vec<Lock<'static, Memory>, 1> = Vec::new();

    // SAFETY: only `main` takes the two UARTs, and it runs once.
    let (mut line, mut clock) = unsafe { (Uart::<FIRST>::take(), Clock(Uart::take())) };
    *PEPPER = pepper();
    if let Some(pepper) = PEPPER {
        start(pepper, LOCK);
    }
    loop {
        let Some(key) = key(line.read()) else { continue };
        let Some(lock) = LOCK.first_mut() else {
            // The driver of the flash does not work, or the factory has not finished.
            tell(&mut line, Err(Fault::Store));
            continue;
        };
        let now = if key == Key::Hash { clock.now() } else { 0 };
        if let Some(outcome) = lock.press(key, now) {
            tell(&mut line, outcome);
        }
    }
}

/// The log on the flash has paths to a panic that the compiler cannot rule out.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    panics::restart()
}
