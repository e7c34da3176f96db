//! An attempt, from state to state.

use core::convert::Infallible;

use otp_core::verifier::{State, Swap, Verdict, Verifier};

use crate::codes::totp;
use crate::io::{STATE_LEN, input, put};

/// Checks a code under a state, and replaces the state. Returns a number for the verdict.
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
    let Ok(loaded) = State::from_bytes(input(state, STATE_LEN)) else { return 8 };
    let Ok(attempt) = Verifier::DEFAULT.attempt(&totp, loaded, code, now) else { return 8 };
    let Ok(settled) = attempt.commit(|_, next| {
        put(state, next.to_bytes().as_ref());
        Ok::<_, Infallible>(Swap::Stored)
    });
    match settled.verdict {
        Verdict::Accepted(_) => 0,
        Verdict::Replayed => 1,
        Verdict::Rejected(_) => 2,
        Verdict::Locked { .. } => 3,
        Verdict::Disabled => 4,
        Verdict::Malformed(_) => 5,
        _ => 6,
    }
}
