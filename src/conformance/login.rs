//! Concurrent logins on the host's store.

use core::convert::Infallible;
use std::format;

use super::record::{Record, together};
use super::violation::Violation;
use crate::hmac_key::{HmacKey, Truncated};
use crate::totp::Totp;
use crate::verifier::{State, Swap, Verdict, Verifier};

const ROUNDS: u64 = 8;
/// The number of guesses of one thread in a round.
const GUESSES: u64 = 2;

/// The code of a step is its number plus an offset. Nothing here is secret, and no hash is needed.
pub(super) struct StepIsCode {
    pub(super) offset: u64,
}

impl HmacKey for StepIsCode {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(
            u32::try_from(moving_factor.saturating_add(self.offset)).unwrap_or_default(),
        ))
    }
}

pub(super) fn check(record: Record<'_, State>) -> Result<(), Violation> {
    record.put(&State::enrolment())?;
    // The step is beyond the window of the round before.
    for step in (1..=ROUNDS).map(|round| round.saturating_mul(1000)) {
        accepts_once(record, step)?;
    }
    for _ in 0..ROUNDS {
        record.put(&State::enrolment())?;
        counts_what_it_answers(record)?;
    }
    Ok(())
}

fn accepts_once(record: Record<'_, State>, step: u64) -> Result<(), Violation> {
    let code = format!("{step:06}");
    let verdicts = together(|_| submit(record, &code, step));
    let mut accepted = 0;
    let mut stuck = false;
    for verdict in verdicts {
        match verdict {
            Verdict::Accepted(_) => accepted = 1_u32.saturating_add(accepted),
            Verdict::Conflict => stuck = true,
            _ => {}
        }
    }
    match accepted {
        1 if stuck => Err(Violation::Refused),
        1 => Ok(()),
        0 => Err(Violation::NotAccepted),
        _ => Err(Violation::AcceptedTwice),
    }
}

fn counts_what_it_answers(record: Record<'_, State>) -> Result<(), Violation> {
    let guess = |_| {
        let verdicts = (0..GUESSES).map(|_| submit(record, "999999", 1));
        verdicts.filter(|verdict| matches!(verdict, Verdict::Rejected(_))).count()
    };
    let answered: usize = together(guess).into_iter().sum();
    let counted = usize::try_from(record.load().failures()).unwrap_or(usize::MAX);
    let allowed = usize::try_from(Verifier::DEFAULT.throttle().free_tries()).unwrap_or(usize::MAX);
    if answered > counted.min(allowed) {
        Err(Violation::Uncounted)
    } else if counted > answered {
        // A guess was stored but not answered.
        Err(Violation::RefusedButWritten)
    } else if answered < allowed {
        Err(Violation::Refused)
    } else {
        Ok(())
    }
}

/// Logs in, and tries again while other threads commit first. Each round changes the state at most
/// as often as there are free tries.
fn submit(record: Record<'_, State>, code: &str, step: u64) -> Verdict {
    let totp = Totp::from_key(StepIsCode { offset: 0 });
    let now = step.saturating_mul(totp.period().seconds());
    let load = || Ok::<_, Infallible>(record.load());
    let swap = |old, new| Ok(if record.swap(&old, &new) { Swap::Stored } else { Swap::Lost });
    // The time is not before T0 and not too far, and the period is not too long.
    let settled = Verifier::DEFAULT.log_in(&totp, code, now, load, swap);
    settled.map_or(Verdict::Conflict, |settled| settled.verdict)
}
