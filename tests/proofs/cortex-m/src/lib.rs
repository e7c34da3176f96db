//! The parts that the firmwares share.
//!
//! The panic handler names a symbol that does not exist, so a firmware links only if no path to a
//! panic is left in it. Peers get one that stops, and so does the log in flash, which is another
//! crate's.

#![no_std]

pub mod contents;
#[cfg(feature = "flash")]
pub mod flash;
#[cfg(any(feature = "lock", feature = "pin"))]
pub mod lock;
#[cfg(feature = "measure")]
pub mod measure;
#[cfg(feature = "oath")]
pub mod oath;
pub mod peers;
#[cfg(feature = "counts")]
pub mod random;
#[cfg(feature = "counts")]
pub mod tally;

use core::panic::PanicInfo;

#[cfg(any(
    feature = "flash",
    feature = "slices",
    feature = "peer-hmac",
    feature = "peer-totp-rs",
    feature = "peer-mbedtls"
))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

#[cfg(not(any(
    feature = "flash",
    feature = "slices",
    feature = "peer-hmac",
    feature = "peer-totp-rs",
    feature = "peer-mbedtls"
)))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn this_core_must_not_panic() -> !;
    }
    // SAFETY: never reached: the symbol does not exist, so that nothing which calls it links.
    unsafe { this_core_must_not_panic() }
}
