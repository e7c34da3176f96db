//! Counts the instructions of each operation.

use core::fmt::{self, Write};
use core::hint::black_box;

use otp_core::verifier::{State, Verifier};
use otp_core::{Algorithm, Engine, KeySchedule, Totp, Window};

use crate::decimal::Decimal;
use crate::recovery::Recovery;

/// Counts instructions, in the way of the board.
pub trait Timer {
    /// Returns the instructions of `work`, or `None` if there were too many to count.
    fn instructions(&mut self, work: &mut dyn FnMut()) -> Option<u32>;
}

/// The example key and the time of RFC 6238 appendix B. The codes are wrong.
const KEY: &[u8] = b"12345678901234567890";
const NOW: u64 = 1_234_567_890;
const CODE: &str = "000000";
const RECOVERY_CODE: &str = "000000000000000000000000";

/// Measures and prints, and does not touch an account. Not inlined, so that only `bench` uses its
/// stack.
#[inline(never)]
pub(crate) fn run(
    recovery: Option<&Recovery>,
    out: &mut dyn Write,
    timer: &mut dyn Timer,
) -> fmt::Result {
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let schedule = || KeySchedule::from_raw_key(black_box(algorithm), black_box(KEY));
        let name = algorithm.name();
        report(out, timer, [name, " key schedule"], &mut || drop(black_box(schedule())))?;
        let Ok(mac) = schedule() else { continue };
        let engine = black_box(Engine::Totp(Totp::from_key(mac)));
        let Engine::Totp(totp) = &engine else { continue };
        let now = black_box(NOW);
        report(out, timer, [name, " code"], &mut || {
            black_box(totp.code_at(now).is_ok());
        })?;
        report(out, timer, [name, " verify, a step each way"], &mut || {
            black_box(totp.verify_at(black_box(CODE), now, Window::DEFAULT).is_ok());
        })?;
        report(out, timer, [name, " attempt"], &mut || {
            // The last login was an hour ago.
            let earlier = totp.step_at(now).unwrap_or_default().saturating_sub(120);
            let state = black_box(State::confirmed().with_last_used(earlier));
            black_box(Verifier::DEFAULT.attempt(&engine, state, black_box(CODE), now).is_ok());
        })?;
    }
    let Some(recovery) = recovery else { return Ok(()) };
    report(out, timer, ["recovery", " redeem"], &mut || {
        recovery.rehearse(black_box(RECOVERY_CODE), NOW);
    })
}

fn report(
    out: &mut dyn Write,
    timer: &mut dyn Timer,
    [of, what]: [&str; 2],
    work: &mut dyn FnMut(),
) -> fmt::Result {
    match timer.instructions(work) {
        Some(count) => writeln!(out, "{of}{what}: {} instructions", Decimal(count.into())),
        None => writeln!(out, "{of}{what}: too many instructions to count"),
    }
}
