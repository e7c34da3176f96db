//! One symbol for each function that is proven. Nothing runs this program.

#![no_std]
#![no_main]

use core::hint::black_box;

use otp_core::Truncated;
use otp_core::verifier::{State, Throttle};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// RFC 4226 section 5.3, before the reduction to digits.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha1(hmac: &[u8; 20]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha256(hmac: &[u8; 32]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha512(hmac: &[u8; 64]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

/// The seconds to wait after so many failures.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn wait_after(failures: u32) -> u64 {
    Throttle::DEFAULT.wait_after(failures)
}

/// Reads a state and writes it again. 0 if it is refused, otherwise the length of what is written.
fn round_trip(bytes: &[u8], out: &mut [u8]) -> u32 {
    let Ok(state) = State::from_bytes(bytes) else { return 0 };
    let written = state.to_bytes();
    let written = written.as_ref();
    for (place, byte) in out.iter_mut().zip(written) {
        *place = *byte;
    }
    u32::try_from(written.len()).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn round_trip_1(bytes: &[u8; 24], out: &mut [u8; 64]) -> u32 {
    round_trip(bytes, out)
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn round_trip_2(bytes: &[u8; 38], out: &mut [u8; 64]) -> u32 {
    round_trip(bytes, out)
}

/// Keeps them all. Nothing here is known to the optimiser.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut out = black_box([0; 64]);
    black_box(truncate_sha1(&black_box([1; 20])));
    black_box(truncate_sha256(&black_box([1; 32])));
    black_box(truncate_sha512(&black_box([1; 64])));
    black_box(wait_after(black_box(3)));
    black_box(round_trip_1(&black_box([1; 24]), &mut out));
    black_box(round_trip_2(&black_box([1; 38]), &mut out));
    black_box(out);
    loop {}
}
