//! The settings of a verifier.

use otp_core::verifier::{
    Backoff, Budget, DriftLearning, Resynchronisation, Throttle, Verifier as Policy,
};
use otp_core::{LookAhead, Period, Window};

use crate::codes::narrow;
use crate::fault::Fault;
use crate::memory::{Arguments, Slot, call};
use crate::written::whole;

/// Reads a setting. JavaScript writes NaN for one that is left out.
#[inline(never)]
fn setting(arguments: &mut Arguments<'_>) -> Result<Option<u64>, Fault> {
    let number = arguments.float()?;
    Ok((!number.is_nan()).then(|| whole(number)))
}

fn u32_of(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn u8_of(number: u64) -> u8 {
    narrow(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Makes a policy from the seventeen settings in the input, in the order in which they are read
/// here. A number that does not fit becomes 0 or 255, which the core refuses with a message of
/// its own.
#[unsafe(no_mangle)]
pub extern "C" fn policy_new() -> f64 {
    call(|arguments, _, kept| {
        let mut next = || setting(arguments);
        let mut policy = Policy::DEFAULT;
        let [past, future] = [next()?, next()?];
        let window = Window::DEFAULT;
        policy = policy.with_window(Window::new(
            past.map_or(window.past(), u8_of),
            future.map_or(window.future(), u8_of),
        )?);
        if let Some(reach) = next()? {
            policy = policy.with_look_ahead(LookAhead::new(u8_of(reach))?);
        }
        if let Some(longest) = next()? {
            policy = policy.with_max_period(Period::new(longest)?);
        }
        let mut throttle = Throttle::DEFAULT;
        if let Some(tries) = next()? {
            throttle = throttle.with_free_tries(u32_of(tries))?;
        }
        let [first, longest] = [next()?, next()?];
        if first.is_some() || longest.is_some() {
            let (first, longest) = (first.unwrap_or(30), longest.unwrap_or(3600));
            throttle = throttle.with_waits(first, longest, Backoff::Exponential)?;
        }
        if let Some(failures) = next()? {
            throttle = throttle.with_max_failures(u32_of(failures))?;
        }
        let [guesses, refill] = [next()?, next()?];
        if guesses.is_some() || refill.is_some() {
            let default = Budget::DEFAULT;
            let guesses = guesses.map_or(default.guesses(), u32_of);
            throttle =
                throttle.with_budget(Budget::new(guesses, refill.unwrap_or(default.refill()))?);
        }
        policy = policy.with_throttle(throttle);
        let [max_drift, max_change, every, most] = [next()?, next()?, next()?, next()?];
        if let Some(max_drift) = max_drift {
            let max_drift = u16::try_from(max_drift).unwrap_or(u16::MAX);
            let mut learning = DriftLearning::new(max_drift, max_change.map_or(1, u8_of))?;
            if every.is_some() || most.is_some() {
                learning = learning.with_widening(every.unwrap_or(0), most.map_or(0, u8_of))?;
            }
            policy = policy.with_drift_learning(learning);
        }
        let mut resynchronisation = Resynchronisation::DEFAULT;
        if let Some(hours) = next()? {
            resynchronisation = resynchronisation.with_hours(u8_of(hours))?;
        }
        if let Some(counters) = next()? {
            let counters = u16::try_from(counters).unwrap_or(0);
            resynchronisation = resynchronisation.with_counters(counters)?;
        }
        if let Some(codes) = next()? {
            resynchronisation = resynchronisation.with_codes(u8_of(codes))?;
        }
        policy = policy.with_resynchronisation(resynchronisation);
        Ok(kept.add(Slot::Policy(policy)))
    })
}

/// Returns the highest chance that an attacker guesses a code of the engine within `seconds`.
#[unsafe(no_mangle)]
pub extern "C" fn policy_guess_bound(policy: u32, engine: u32, seconds: f64) -> f64 {
    call(|_, _, kept| Ok(kept.policy(policy)?.guess_bound(kept.engine(engine)?, whole(seconds), 1)))
}
