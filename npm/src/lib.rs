//! The WebAssembly module of the npm package: otp-core behind functions that take numbers.
//!
//! Texts and bytes lie in two buffers of the module. JavaScript asks for room with [`memory::input`] and writes its
//! arguments there one behind the other. A function gets their lengths, reads them in this order and wipes them. Its
//! answer lies in the output. The JavaScript around it is in `js/`: it checks types, this checks values.
//!
//! A function returns -1 if it fails. The output then holds the offset, the kind and the message.
//! What JavaScript keeps, such as an engine, is a number for it here: a wrong number is an error, and reaches no memory.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(feature = "main")]
mod codes;
#[cfg(feature = "main")]
mod export;
mod fault;
mod json;
#[cfg(feature = "main")]
mod key_uri;
#[cfg(feature = "main")]
mod login;
mod memory;
#[cfg(feature = "main")]
mod policy;
#[cfg(feature = "main")]
mod recovery;
#[cfg(feature = "seeds")]
mod seeds;
mod state;
#[cfg(feature = "main")]
mod verdict;
mod written;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
