//! A host's whole login, seen from outside.

use std::format;

use super::record::together;
use super::violation::Violation;
use crate::code::Code;
use crate::hmac_key::HmacKey;
use crate::totp::Totp;

/// NIST SP 800-63B-4 section 3.2.2: no more failures in a row are answered.
const GUESSES: u64 = 100;
/// Further away than any window of a login, and longer than what a host waits for after a failure.
const FAR: u64 = 1000;
/// Steps on both sides whose codes are not wrong enough to be a guess.
const NEAR: u64 = 20;
/// How many steps back a window may reach for its marks to be tested to their end.
const REACH: u64 = 10;

/// Checks a host's login from outside: whether one code opens one door, and whether somebody who guesses is stopped. It
/// also finds what no check of the store can: a used code that is forgotten too early, or that only logins remember.
///
/// `totp` is the engine of a user of the test alone, who has just begun to enrol. `confirm` submits a code to the
/// enrolment, and `log_in` to the login, at a time in seconds of Unix time; both return whether the code was accepted.
/// A host that reads a clock itself sets that clock to the time first. The times begin at `now`, which is at least T0,
/// and only go up, by less than 20,000 periods in all. **Each call of `log_in` is a new session**, which knows
/// nothing of the calls before: a host that counts failures for each session then lets a guesser begin anew.
///
/// 1. The code that confirmed the enrolment opens no login, to the end of the step after its own.
/// 2. Nor does the code of a login open another one, also if it was typed a step early, or is typed with a space the
///    second time. Windows of up to 10 steps back are tested to their end.
/// 3. Nor does it if another code was used since.
/// 4. Of sixteen logins at once with one code, one is accepted.
/// 5. After 100 wrong codes the right one is not accepted at the same time.
///
/// At most two failures come in a row before the last check, and what follows them comes 900 periods later: a host may
/// lock after three failures, and may make the user wait after one. The user is locked or disabled in the end.
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
    host.lets_one_in(step)?;
    host.stops_a_guesser(FAR.saturating_add(step))
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

    /// The code that confirmed the enrolment is refused in its own step, and at the end of the next one.
    fn refuses_enrolment(&self, step: u64) -> Result<(), Violation> {
        let next = step.saturating_add(1);
        let opens = self.enters(step, step, 0)?
            || self.differs(step, next)? && self.enters(step, next, self.last_second())?;
        if opens { Err(Violation::EnrolmentReplayed) } else { Ok(()) }
    }

    /// The code of a step opens a login, a step early or not, and none at the end of the step that is so many steps
    /// after its own. One try, as a host may count it as a failure.
    fn refuses_again(&self, step: u64, early: u64, steps: u64) -> Result<(), Violation> {
        if !self.enters(step, step.saturating_sub(early), 0)? {
            return Err(Violation::NotAccepted);
        }
        let end = step.saturating_add(steps);
        // With a space in front in every second round: a mark belongs to the step, and not to what was typed.
        let space = if steps.is_multiple_of(2) { "" } else { " " };
        let again = format!("{space}{}", self.code(step)?.as_str());
        let opens = (self.log_in)(&again, self.time(end, self.last_second()));
        if opens && self.differs(step, end)? { Err(Violation::Replayed) } else { Ok(()) }
    }

    /// The code of a step stays used when that of the next one was used too.
    fn remembers_two(&self, step: u64) -> Result<(), Violation> {
        let next = step.saturating_add(1);
        if !self.enters(step, step, 0)? {
            return Err(Violation::NotAccepted);
        }
        // A host may let a user in less often than once in each step.
        if self.enters(next, next, 0)? && self.enters(step, next, 0)? && self.differs(step, next)? {
            return Err(Violation::Replayed);
        }
        Ok(())
    }

    /// Whether no other step up to the one after the last has the code of the first. One time in 10^6 one has, and an
    /// accepted code then says nothing.
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
            // Wrong in any window that a login may have.
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
