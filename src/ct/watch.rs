//! Tells a proof which values are revealed. Valgrind then accepts branches on these values only.
//!
//! It exists only with `--cfg otp_core_valgrind`, which `tests/proofs/valgrind.sh` sets. Releases
//! do not contain it.

use core::hint::black_box;

use std::sync::OnceLock;

static HOOK: OnceLock<fn(*mut u8, usize)> = OnceLock::new();

/// Calls `hook` from now on with the address and the length of everything that is revealed.
pub fn on_reveal(hook: fn(*mut u8, usize)) {
    let _ = HOOK.set(hook);
}

/// The hook may mark this memory as it likes, because it is a copy. The original stays secret.
pub(super) fn tell<T: Copy>(mut revealed: T) -> T {
    if let Some(hook) = HOOK.get() {
        hook((&raw mut revealed).cast(), size_of::<T>());
    }
    black_box(revealed)
}
