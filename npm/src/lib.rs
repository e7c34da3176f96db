//! The WebAssembly module of the npm package: otp-core behind functions that take numbers.
//!
//! The module has two buffers for texts and bytes, the input and the output. JavaScript reserves
//! memory with [`memory::input`] and writes its arguments there, one after the other. A function
//! gets their lengths, reads them in this order and wipes them. It writes its answer into the
//! output. The JavaScript around the module is in `js/`: it checks types, and the module checks
//! values.
//!
//! A function returns -1 if it fails. The output then holds the kind, the message and the offset.
//! JavaScript holds an object of the module, such as an engine, by its number. A wrong number is an
//! error, and does not reach other memory.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(feature = "main")]
mod codes;
#[cfg(feature = "main")]
mod export;
mod fault;
#[cfg(feature = "main")]
mod find;
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
