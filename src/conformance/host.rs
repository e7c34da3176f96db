//! Checks a host's whole login from outside.

use std::format;

use super::record::together;
use super::violation::Violation;
use crate::code::Code;
use crate::hmac_key::HmacKey;
use crate::totp::Totp;

/// NIST SP 800-63B-4 section 3.2.2 allows at most this many failures in a row.
const GUESSES: u64 = 100;
/// The distance is larger than any window of a login, and longer than a host waits after a failure.
const FAR: u64 = 1000;
/// The code of a step this near might be valid, so it does not serve as a guess.
const NEAR: u64 = 20;
/// The checks test windows that reach back at most this many steps.
const REACH: u64 = 10;

/// Checks a host's login from outside: a code must log in only once, and guessing must be stopped.
/// It also finds mistakes that no check of the store can find. Two examples: a used code that is
/// forgotten too early, and a code that the enrolment accepted and did not mark as used.
///
/// `totp` is the engine of a user who exists only for the test and has just begun to enrol.
/// `confirm` submits a code to the enrolment, and `log_in` submits one to the login. Both take a
/// time in seconds of Unix time, and return whether the code was accepted. If the host reads a
/// clock itself, set that clock to this time first. The times begin at `now`, which must be at
/// least T0. They only increase, by less than 20,000 periods in total.
///
/// **Each call of `log_in` is a new session** that does not know the calls before. A host that
/// counts failures for each session then lets an attacker start again, and the check finds that.
///
/// 1. The code that confirmed the enrolment must not log in, until the end of the step after its
///    own.
/// 2. The code of a login must not log in again, even if it was typed a step early, or with a space
///    the second time. The check covers windows of up to 10 steps back.
/// 3. It must not log in again after another code was used.
/// 4. The enrolment must not accept the code of a login, or a code of its own twice. After the
///    first confirmation it may refuse every code.
/// 5. If sixteen logins submit one code at the same time, one must be accepted.
/// 6. After 100 wrong codes, the right code must be refused while the clock has not moved.
///
/// Before the last check, at most two failures come in a row, and the next attempt follows 900
/// periods later. So a host may lock out after three failures, and may make the user wait after
/// one. At the end the user is locked out or disabled.
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
/// // Compares, but stores nothing.
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
    confirm: impl Fn(&str, u64) -> bool,
    log_in: impl Fn(&str, u64) -> bool + Sync,
) -> Result<(), Violation> {
    let host = Host { totp, log_in: &log_in, first: totp.step_at(now).map_err(unanswered)? };
    if !confirm(host.code(1)?.as_str(), host.time(1, 0)) {
        return Err(Violation::NotAccepted);
    }
    host.refuses_enrolment(1)?;

    host.refuses_again(FAR, 0, 0)?;
    let mut step = FAR.saturating_mul(2);
    // A host may refuse a code that comes a step early.
    let early = host.enters(step, step.saturating_sub(1), 0)?;
    for steps in 0..=REACH {
        step = FAR.saturating_add(step);
        host.refuses_again(step, u64::from(early), steps)?;
    }
    step = FAR.saturating_add(step);
    host.remembers_two(step)?;
    step = FAR.saturating_add(step);
    host.enrols_once(step, &confirm)?;
    step = FAR.saturating_mul(2).saturating_add(step);
    host.lets_one_in(step)?;
    host.stops_a_guesser(FAR.saturating_add(step))
}

struct Host<'a, M> {
    totp: &'a Totp<M>,
    log_in: &'a (dyn Fn(&str, u64) -> bool + Sync),
    /// The step from which the other steps are counted.
    first: u64,
}

impl<M: HmacKey> Host<'_, M> {
    /// Returns the time that is `seconds` after the start of a step.
    fn time(&self, step: u64, seconds: u64) -> u64 {
        let steps = self.first.saturating_add(step);
        let seconds = seconds.saturating_add(steps.saturating_mul(self.totp.period().seconds()));
        self.totp.t0().saturating_add(seconds)
    }

    fn code(&self, step: u64) -> Result<Code, Violation> {
        self.totp.code_at(self.time(step, 0)).map_err(unanswered)
    }

    /// Returns whether the code of one step logs in during another step.
    fn enters(&self, step: u64, now: u64, seconds: u64) -> Result<bool, Violation> {
        Ok((self.log_in)(self.code(step)?.as_str(), self.time(now, seconds)))
    }

    /// The code that confirmed the enrolment is refused in its own step, and at the end of the next
    /// one.
    fn refuses_enrolment(&self, step: u64) -> Result<(), Violation> {
        let next = step.saturating_add(1);
        let opens = self.enters(step, step, 0)?
            || self.differs(step, next)? && self.enters(step, next, self.last_second())?;
        if opens { Err(Violation::EnrolmentReplayed) } else { Ok(()) }
    }

    /// The code of a step logs in, possibly one step early. It does not log in again at the end of
    /// the step that is `steps` after its own. There is only one try, because a host may count it
    /// as a failure.
    fn refuses_again(&self, step: u64, early: u64, steps: u64) -> Result<(), Violation> {
        if !self.enters(step, step.saturating_sub(early), 0)? {
            return Err(Violation::NotAccepted);
        }
        let end = step.saturating_add(steps);
        // Every second round adds a space. The mark must belong to the step, and not to the typed
        // text.
        let space = if steps.is_multiple_of(2) { "" } else { " " };
        let again = format!("{space}{}", self.code(step)?.as_str());
        let opens = (self.log_in)(&again, self.time(end, self.last_second()));
        if opens && self.differs(step, end)? { Err(Violation::Replayed) } else { Ok(()) }
    }

    /// The code of a step stays used after the code of the next step was used too.
    fn remembers_two(&self, step: u64) -> Result<(), Violation> {
        let next = step.saturating_add(1);
        if !self.enters(step, step, 0)? {
            return Err(Violation::NotAccepted);
        }
        // A host may allow fewer than one login in each step.
        if self.enters(next, next, 0)? && self.enters(step, next, 0)? && self.differs(step, next)? {
            return Err(Violation::Replayed);
        }
        Ok(())
    }

    /// Returns an error if the enrolment accepts a code that a login has used up. If it accepts
    /// another code, that code must be used up for the enrolment and for the login. At most two
    /// failures come in a row.
    fn enrols_once(&self, step: u64, confirm: &dyn Fn(&str, u64) -> bool) -> Result<(), Violation> {
        let (code, now) = (self.code(step)?, self.time(step, 0));
        if !(self.log_in)(code.as_str(), now) {
            return Err(Violation::NotAccepted);
        }
        if confirm(code.as_str(), now) && self.differs(step, step)? {
            return Err(Violation::Replayed);
        }
        let step = FAR.saturating_add(step);
        let (code, now) = (self.code(step)?, self.time(step, 0));
        // A host may refuse to enrol a user who is enrolled.
        let again = confirm(code.as_str(), now)
            && (confirm(code.as_str(), now) || (self.log_in)(code.as_str(), now))
            && self.differs(step, step)?;
        if again { Err(Violation::EnrolmentReplayed) } else { Ok(()) }
    }

    /// Returns whether no other step, up to the one after the last, has the code of the first.
    /// About once in 10^6 a step has it, and then an accepted code proves nothing.
    fn differs(&self, first: u64, last: u64) -> Result<bool, Violation> {
        let code = self.code(first)?;
        for other in first.saturating_add(1)..=last.saturating_add(REACH) {
            if self.code(other)? == code {
                return Ok(false);
            }
        }
        Ok(true)
    }

    const fn last_second(&self) -> u64 {
        self.totp.period().seconds().saturating_sub(1)
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
        for other in FAR.saturating_add(step).. {
            let guess = self.code(other)?;
            // The code is wrong in any window that a login may have.
            let mut near = step.saturating_sub(NEAR)..step.saturating_add(NEAR);
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
