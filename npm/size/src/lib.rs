//! otp-core as WebAssembly without JavaScript around it, to be weighed by `size.sh`: each feature is a
//! part of the API. What comes in and goes out lies in the memory of the module, where a host without glue
//! puts it.
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
