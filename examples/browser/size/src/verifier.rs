//! An attempt, from state to state.

use otp_core::{Policy, Verdict, VerifierState};

use crate::codes::totp;
use crate::io::{input, put};

/// Judges a code under a state, which it replaces; gives a number for the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn attempt(
    key: *const u8,
    len: usize,
    algorithm: u32,
    now: u64,
    code: *const u8,
    code_len: usize,
    state: *mut u8,
) -> u32 {
    let Some(totp) = totp(key, len, algorithm) else { return 8 };
    let Ok(code) = str::from_utf8(input(code, code_len)) else { return 8 };
    let Ok(loaded) = VerifierState::from_bytes(input(state, VerifierState::LEN)) else { return 8 };
    let Ok(attempt) = Policy::DEFAULT.attempt(&totp, loaded, code, now) else { return 8 };
    put(state, &attempt.next_state().to_bytes());
    match attempt.settle(true) {
        Verdict::Accepted(_) => 0,
        Verdict::Replayed => 1,
        Verdict::Rejected { .. } => 2,
        Verdict::Locked { .. } => 3,
        Verdict::Disabled => 4,
        Verdict::Malformed(_) => 5,
        _ => 6,
    }
}
