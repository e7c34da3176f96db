//! Tells a proof what is revealed, so that Valgrind may see it branched on and nothing else.
//!
//! Only with `--cfg otp_core_valgrind`, which `tests/proofs/valgrind.sh` sets: no release has it.

use core::hint::black_box;

use std::sync::OnceLock;

static HOOK: OnceLock<fn(*mut u8, usize)> = OnceLock::new();

/// Has `hook` called with the place and the length of everything that is revealed from here on.
pub fn on_reveal(hook: fn(*mut u8, usize)) {
    let _ = HOOK.set(hook);
}

/// The hook may mark the place as it likes: it is a copy, and what was copied stays a secret.
pub(super) fn tell<T: Copy>(mut revealed: T) -> T {
    if let Some(hook) = HOOK.get() {
        hook((&raw mut revealed).cast(), size_of::<T>());
    }
    black_box(revealed)
}
