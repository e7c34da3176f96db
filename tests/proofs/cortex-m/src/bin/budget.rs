//! What a token holds, by feature: built for its size, or with `measure` run for its stack and its
//! instructions.

#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_proofs as _;
use cortex_m_rt::entry;
use otp_core::{Algorithm, KeySchedule, Totp, Window};

const KEY: [u8; 20] = *b"12345678901234567890";
const NOW: u64 = 1_234_567_890;

/// What is measured; an empty firmware has an empty one.
#[inline(never)]
fn run() {
    #[cfg(feature = "codes")]
    {
        let (algorithm, key): (_, &[u8]) = black_box((Algorithm::Sha1, &KEY));
        let Ok(schedule) = KeySchedule::from_raw_key(algorithm, key) else { return };
        let totp = Totp::from_mac(schedule);
        let now = black_box(NOW);
        if let Ok(code) = totp.code_at(now) {
            black_box(code.as_bytes());
        }
        let _ = black_box(totp.verify_at(black_box("005924"), now, Window::DEFAULT));
    }
}

#[entry]
fn main() -> ! {
    #[cfg(not(feature = "measure"))]
    run();
    #[cfg(feature = "measure")]
    cortex_m_proofs::measure::report(&mut run);
    loop {}
}
