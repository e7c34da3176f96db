//! Codes and times that are small enough to walk all of them.

use std::convert::Infallible;

use otp_core::verifier::{Budget, Throttle, Verifier};
use otp_core::{HmacKey, LookAhead, Truncated};

/// The number of codes. So few that steps next to each other often have the same one.
pub(crate) const CODES: u8 = 4;
/// The time of the first tick: the beginning of step 100.
const START: u64 = 3000;

/// A key with few codes. Another number is another key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Few(pub(crate) u64);

impl HmacKey for Few {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        let code = (moving_factor * 7 + moving_factor / 3 + self.0) % u64::from(CODES);
        Ok(Truncated::from_bits(u32::try_from(code).unwrap_or_default()))
    }
}

/// Each tick is a step.
pub(crate) fn time(ticks: u8) -> u64 {
    START + 30 * u64::from(ticks)
}

pub(crate) fn text(code: u8) -> String {
    format!("{code:06}")
}

/// The most answers that a guesser may get: three at once, and one more for each two steps.
pub(crate) const GUESSES: u32 = 3;
const REFILL: u64 = 60;

pub(crate) fn guesses_by(ticks: u8) -> u32 {
    GUESSES + u32::try_from(30 * u64::from(ticks) / REFILL).unwrap_or(u32::MAX)
}

/// The most failures in a row.
pub(crate) const MAX_FAILURES: u32 = 3;

/// All limits so low that they are reached.
pub(crate) fn verifier() -> Verifier {
    let throttle = Throttle::DEFAULT
        .with_free_tries(2)
        .and_then(|throttle| throttle.with_max_failures(MAX_FAILURES))
        .and_then(|throttle| Ok(throttle.with_budget(Budget::new(GUESSES, REFILL)?)));
    let look_ahead = LookAhead::new(2).unwrap_or_default();
    Verifier::DEFAULT
        .with_throttle(throttle.expect("these limits are in range"))
        .with_look_ahead(look_ahead)
}
