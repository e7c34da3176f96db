//! A host's whole login, seen from outside.

use super::record::together;
use super::violation::Violation;
use crate::code::Code;
use crate::hmac_key::HmacKey;
use crate::totp::Totp;

/// NIST SP 800-63B-4 section 3.2.2: no more failures in a row are answered.
const GUESSES: u64 = 100;
/// Further away than any window of a login.
const FAR: u64 = 1000;

/// Checks a host's login from outside: whether one code opens one door, and whether somebody who guesses is stopped. It
/// also finds what no check of the store can: a used code that is forgotten too early, or that only logins remember.
///
/// `totp` is the engine of a user of the test alone, who has just begun to enrol. `confirm` submits a code to the
/// enrolment, and `log_in` to the login, at a time in seconds of Unix time; both return whether the code was accepted.
/// A host that reads a clock itself sets that clock to the time first. The times begin at `now`, which is at least T0,
/// and only go up, by less than 30 periods in all.
///
/// 1. The code that confirmed the enrolment opens no login, to the end of the step after its own.
/// 2. Nor does the code of a login open another one, also if it was typed a step early.
/// 3. Of sixteen logins at once with one code, one is accepted.
/// 4. After 100 wrong codes the right one is not accepted at the same time.
///
/// The user is locked or disabled in the end.
///
/// ```
/// use std::sync::Mutex;
/// use otp_core::conformance::{self, Violation};
/// use otp_core::verifier::{State, Swap, Verdict, Verifier};
/// use otp_core::{Secret, Totp, Window};
///
/// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let row = Mutex::new(State::enrolment());
/// let log_in = |code: &str, now| {
///     let load = || Ok::<_, std::io::Error>(*row.lock().unwrap());
///     let swap = |old, new| {
///         let mut row = row.lock().unwrap();
///         let rows = u64::from(*row == old);
///         if rows == 1 { *row = new }
///         Ok(Swap::from_rows(rows))
///     };
///     let settled = Verifier::DEFAULT.log_in(&totp, code, now, load, swap).unwrap();
///     matches!(settled.verdict, Verdict::Accepted(_))
/// };
/// conformance::check_login(&totp, 1_800_000_000, log_in, log_in)?;
///
/// // Compares, and remembers nothing.
/// let compare = |code: &str, now| totp.verify_at(code, now, Window::default()).is_ok();
/// let forgets = conformance::check_login(&totp, 1_800_000_000, compare, compare);
/// assert_eq!(forgets, Err(Violation::EnrolmentReplayed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The [`Violation`] that was found. [`Violation::KeyUnanswered`] also if `now` is before T0.
pub fn check_login<M: HmacKey>(
    totp: &Totp<M>,
    now: u64,
    confirm: impl FnOnce(&str, u64) -> bool,
    log_in: impl Fn(&str, u64) -> bool + Sync,
) -> Result<(), Violation> {
    let host = Host { totp, log_in: &log_in, first: totp.step_at(now).map_err(unanswered)? };
    if !confirm(host.code(1)?.as_str(), host.time(1, 0)) {
        return Err(Violation::NotAccepted);
    }
    host.refuses_again(1, 1, Violation::EnrolmentReplayed)?;

    if !host.enters(4, 4, 0)? {
        return Err(Violation::NotAccepted);
    }
    host.refuses_again(4, 4, Violation::Replayed)?;

    // A step early. A host may refuse that.
    if host.enters(8, 7, 0)? {
        host.refuses_again(8, 7, Violation::Replayed)?;
    }
    host.lets_one_in(12)?;
    host.stops_a_guesser(16)
}

struct Host<'a, M> {
    totp: &'a Totp<M>,
    log_in: &'a (dyn Fn(&str, u64) -> bool + Sync),
    /// The step from which the others are counted.
    first: u64,
}

impl<M: HmacKey> Host<'_, M> {
    /// So many seconds after the beginning of a step.
    fn time(&self, step: u64, seconds: u64) -> u64 {
        let steps = self.first.saturating_add(step);
        let seconds = seconds.saturating_add(steps.saturating_mul(self.totp.period().seconds()));
        self.totp.t0().saturating_add(seconds)
    }

    fn code(&self, step: u64) -> Result<Code, Violation> {
        self.totp.code_at(self.time(step, 0)).map_err(unanswered)
    }

    /// Whether the code of one step opens the login in another one.
    fn enters(&self, step: u64, now: u64, seconds: u64) -> Result<bool, Violation> {
        Ok((self.log_in)(self.code(step)?.as_str(), self.time(now, seconds)))
    }

    /// The code of a step that was used is refused in the step of its use, and to the end of the step after its own. Few
    /// tries, as a host may count them as failures.
    fn refuses_again(&self, step: u64, used: u64, violation: Violation) -> Result<(), Violation> {
        let last_second = self.totp.period().seconds().saturating_sub(1);
        let next = step.saturating_add(1);
        // One time in 10^6 both steps have the same code, and this says nothing.
        if self.code(next)? == self.code(step)? {
            return Ok(());
        }
        for (now, seconds) in [(used, 0), (next, 0), (next, last_second)] {
            if self.enters(step, now, seconds)? {
                return Err(violation);
            }
        }
        Ok(())
    }

    fn lets_one_in(&self, step: u64) -> Result<(), Violation> {
        let (code, now) = (self.code(step)?, self.time(step, 0));
        let entered = together(|_| (self.log_in)(code.as_str(), now));
        match entered.into_iter().filter(|entered| *entered).count() {
            0 => Err(Violation::NotAccepted),
            1 => Ok(()),
            _ => Err(Violation::AcceptedTwice),
        }
    }

    fn stops_a_guesser(&self, step: u64) -> Result<(), Violation> {
        let now = self.time(step, 0);
        let mut guesses = 0;
        for other in FAR.. {
            let guess = self.code(other)?;
            // Wrong in any window that a login may have.
            let mut near = 0..step.saturating_mul(2);
            if near.any(|near| self.code(near).is_ok_and(|code| code == guess)) {
                continue;
            }
            (self.log_in)(guess.as_str(), now);
            guesses = 1_u64.saturating_add(guesses);
            if guesses == GUESSES {
                break;
            }
        }
        if self.enters(step, step, 0)? { Err(Violation::Unthrottled) } else { Ok(()) }
    }
}

fn unanswered<E>(_: E) -> Violation {
    Violation::KeyUnanswered
}
