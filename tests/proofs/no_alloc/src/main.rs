//! A program without std and without an allocator that does everything the crate does. If any of
//! its parts allocated it would not build; if an answer were wrong it would fail.

#![no_std]
#![no_main]

mod codes;
mod enrolment;
mod recovery;
mod sink;

use core::ffi::{CStr, c_char, c_int};
use core::panic::PanicInfo;

#[cfg(feature = "control-vec")]
extern crate alloc;
#[cfg(feature = "control-std")]
extern crate std;

#[link(name = "c")]
unsafe extern "C" {
    fn puts(text: *const c_char) -> c_int;
    fn abort() -> !;
}

/// A part of the work: `None` where an answer is wrong.
type Part = fn() -> Option<()>;

const PARTS: [(&CStr, Part); 9] = [
    (c"codes", codes::codes),
    (c"verifier", codes::verifier),
    (c"key URI", enrolment::key_uri),
    (c"export", enrolment::export),
    (c"QR code", enrolment::qr_code),
    (c"new secret", enrolment::new_secret),
    (c"recovery, keyed", recovery::keyed),
    (c"recovery, Argon2id", recovery::argon2id),
    (c"recovery, PBKDF2", recovery::pbkdf2),
];

/// The C library starts a program here.
#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    #[cfg(feature = "control-vec")]
    core::hint::black_box(alloc::vec![1_u8]);

    let mut status = 0;
    for (name, part) in PARTS {
        if part().is_none() {
            status = 1;
            // SAFETY: a C string, and the C library is there.
            unsafe {
                puts(c"wrong answer:".as_ptr());
                puts(name.as_ptr());
            }
        }
    }
    status
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: never returns.
    unsafe { abort() }
}

/// Named by the unwinding tables of `core`, and never called, as a panic aborts.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
