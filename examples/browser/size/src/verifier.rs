//! An attempt, from state to state.

use otp_core::{Policy, Verdict, VerifierState};

use crate::codes::totp;
use crate::io::{put, take};

/// Judges the code at 64 under the state at 128, which it replaces; gives a number for the verdict.
#[unsafe(no_mangle)]
pub extern "C" fn attempt(len: usize, algorithm: u32, code_len: usize, now: u64) -> u32 {
    let code: [u8; 64] = take(64);
    let state: [u8; VerifierState::LEN] = take(128);
    let Some(totp) = totp(len, algorithm) else { return 8 };
    let Some(Ok(code)) = code.get(..code_len).map(str::from_utf8) else { return 8 };
    let Ok(state) = VerifierState::from_bytes(&state) else { return 8 };
    let Ok(attempt) = Policy::DEFAULT.attempt(&totp, state, code, now) else { return 8 };
    put(128, &attempt.next_state().to_bytes());
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
