//! Checks a host's redemption of recovery codes from outside.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::record::together;
use super::violation::Violation;

/// NIST SP 800-63B-4 section 3.2.2 allows at most this many failures in a row.
const GUESSES: usize = 100;
/// It is longer than a host waits after a few failures, in seconds.
const DAY: u64 = 86_400;

/// Checks a host's redemption of recovery codes from outside: a code must be redeemed only once,
/// and guessing must be stopped.
///
/// `codes` are unused recovery codes of a user who exists only for the test. `redeem` submits a
/// code at a time in seconds of Unix time, and returns whether it was accepted. If the host reads a
/// clock itself, set that clock to this time first. The times begin at `now`, and only increase, by
/// less than ten days in total. **Each call is a new session** that does not know the calls before.
///
/// 1. A code must be accepted, and must not be accepted again with a space and in lower-case.
/// 2. It must not be accepted again after another code was used.
/// 3. If sixteen requests submit two codes at the same time, each code is accepted at most once,
///    and one of them is accepted. An accepted one must not be accepted again a day later.
/// 4. After 100 wrong codes, a right code must be refused while the clock has not moved.
///
/// Before the last rule, at most one failure comes in a row. At the end the user is locked out or
/// disabled.
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::Mutex;
/// use otp_core::conformance::{self, Violation};
///
/// let codes = ["AAAA01", "BBBB02", "CCCC03", "DDDD04", "EEEE05"];
/// let unused = Mutex::new(HashSet::from(codes));
/// // Uses a code up, but does not count wrong ones.
/// let redeem = |code: &str, _| unused.lock().unwrap().remove(code);
/// let found = conformance::check_recovery(codes, 1_800_000_000, redeem);
/// assert_eq!(found, Err(Violation::Unthrottled));
/// ```
///
/// # Errors
/// The [`Violation`] that was found.
pub fn check_recovery(
    codes: [&str; 5],
    now: u64,
    redeem: impl Fn(&str, u64) -> bool + Sync,
) -> Result<(), Violation> {
    let [first, second, third, fourth, last] = codes;
    let day = |days: u64| now.saturating_add(DAY.saturating_mul(days));
    let accepts = |code, days| {
        if redeem(code, day(days)) { Ok(()) } else { Err(Violation::NotAccepted) }
    };
    let refuses = |code: &str, days, violation| {
        if redeem(code, day(days)) { Err(violation) } else { Ok(()) }
    };
    accepts(first, 0)?;
    refuses(&format!(" {}", first.to_lowercase()), 0, Violation::Replayed)?;
    accepts(second, 1)?;
    refuses(first, 1, Violation::Replayed)?;
    let two = [third, fourth];
    let accepted = together(|thread| {
        let code = if thread.is_multiple_of(2) { third } else { fourth };
        redeem(code, day(2)).then_some(code)
    });
    let counts = two.map(|code| accepted.iter().filter(|one| **one == Some(code)).count());
    match counts {
        [0, 0] => return Err(Violation::NotAccepted),
        [0 | 1, 0 | 1] => {}
        _ => return Err(Violation::AcceptedTwice),
    }
    for (code, days) in two.into_iter().zip(3..) {
        if accepted.contains(&Some(code)) {
            refuses(code, days, Violation::Replayed)?;
        }
    }
    for guess in guesses(codes) {
        redeem(&guess, day(5));
    }
    refuses(last, 5, Violation::Unthrottled)
}

/// Wrong codes of the same form: a right one whose symbols have moved round, and another symbol of
/// the codes in front.
fn guesses(codes: [&str; 5]) -> Vec<String> {
    let symbols =
        |code: &str| -> Vec<char> { code.chars().filter(|c| c.is_alphanumeric()).collect() };
    let all = codes.map(symbols);
    let fronts = all.concat();
    let turned = (0_usize..).flat_map(|turn| all.iter().map(move |code| (turn, code)));
    let guesses = turned.zip(fronts.iter().cycle()).map(|((turn, code), front)| {
        let mut guess = code.clone();
        guess.rotate_left(turn.checked_rem(code.len()).unwrap_or_default());
        guess.iter_mut().take(1).for_each(|place| *place = *front);
        guess
    });
    let wrong = guesses.take(GUESSES.saturating_mul(100)).filter(|guess| !all.contains(guess));
    wrong.take(GUESSES).map(|guess| guess.into_iter().collect()).collect()
}
