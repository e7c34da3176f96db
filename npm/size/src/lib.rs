//! otp-core as WebAssembly without JavaScript, for `size.sh` to measure. Each feature is a part
//! of the API. The host writes the arguments into the memory of the module, and reads the answers
//! there.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(feature = "codes")]
mod codes;
#[cfg(any(feature = "codes", feature = "recovery"))]
mod io;
#[cfg(feature = "key-uri")]
mod key_uri;
#[cfg(feature = "qr")]
mod qr;
#[cfg(feature = "recovery")]
mod recovery;
#[cfg(feature = "verifier")]
mod verifier;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
