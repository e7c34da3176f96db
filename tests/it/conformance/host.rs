//! Hosts with mistakes that others made, tested from outside.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Mutex;
use std::thread;

use otp_core::conformance::{Violation, check_login};
use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Digits, HmacKey, Period, Secret, Totp, Truncated, Window};

const NOW: u64 = 1_800_000_000;

fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap())
}

/// A login with the verifier, on a row of a table.
fn log_in(row: &Mutex<State>, code: &str, now: u64) -> bool {
    let load = || Ok::<_, ()>(*row.lock().unwrap());
    let swap = |old, new| {
        let mut row = row.lock().unwrap();
        let rows = u64::from(*row == old);
        if rows == 1 {
            *row = new;
        }
        Ok(Swap::from_rows(rows))
    };
    let settled = Verifier::DEFAULT.log_in(&totp(), code, now, load, swap).unwrap();
    matches!(settled.verdict, Verdict::Accepted(_))
}

/// A table of used codes, as many hosts have one: each code with the time at which it is forgotten.
#[derive(Default)]
struct UsedCodes(Mutex<HashMap<String, u64>>);

impl UsedCodes {
    fn use_up(&self, code: &str, now: u64, seconds: u64) -> bool {
        let mut used = self.0.lock().unwrap();
        used.retain(|_, until| *until > now);
        used.insert(code.trim().to_owned(), now + seconds).is_none()
    }
}

fn is_right(code: &str, now: u64) -> bool {
    totp().verify_at(code, now, Window::new(1, 1).unwrap()).is_ok()
}

#[test]
fn a_host_on_the_verifier_passes_at_any_time() {
    for now in [0, 59, NOW, NOW + 29] {
        let row = Mutex::new(State::enrolment());
        let log_in = |code: &str, now| log_in(&row, code, now);
        assert_eq!(check_login(&totp(), now, log_in, log_in), Ok(()), "{now}");
    }
}

#[test]
fn an_enrolment_that_uses_nothing_up_is_found() {
    let row = Mutex::new(State::confirmed());
    let found = check_login(&totp(), NOW, is_right, |code, now| log_in(&row, code, now));
    assert_eq!(found, Err(Violation::EnrolmentReplayed));
}

/// The login is right. The enrolment only uses up its first code.
#[test]
fn an_enrolment_that_can_be_repeated_is_found() {
    let row = Mutex::new(State::enrolment());
    let confirmed = Cell::new(false);
    let confirm = |code: &str, now| {
        if confirmed.replace(true) { is_right(code, now) } else { log_in(&row, code, now) }
    };
    let found = check_login(&totp(), NOW, confirm, |code, now| log_in(&row, code, now));
    assert_eq!(found, Err(Violation::Replayed));

    // It remembers its own codes, and those of the login as well, but the login does not
    // remember its codes.
    let (row, confirmed) = (Mutex::new(State::enrolment()), Cell::new(false));
    let used = UsedCodes::default();
    let confirm = |code: &str, now| {
        let first = !confirmed.replace(true);
        if first {
            log_in(&row, code, now)
        } else {
            is_right(code, now) && used.use_up(code, now, 90)
        }
    };
    let log_in = |code: &str, now| {
        let enters = log_in(&row, code, now);
        if enters {
            used.use_up(code, now, 90);
        }
        enters
    };
    assert_eq!(check_login(&totp(), NOW, confirm, log_in), Err(Violation::EnrolmentReplayed));
}

/// The login is right, and its window has only the current step. The enrolment uses nothing up.
#[test]
fn an_enrolment_whose_code_logs_in_at_once_is_found() {
    let host = Simple::new(0, 0, by_step);
    let totp = totp();
    let confirm = |code: &str, now| totp.verify_at(code, now, Window::EXACT).is_ok();
    let log_in = |code: &str, now| host.log_in(&totp, code, now);
    assert_eq!(check_login(&totp, NOW, confirm, log_in), Err(Violation::EnrolmentReplayed));
}

/// The login knows every used code. The enrolment knows those of logins, and marks its own, but
/// does not look for them.
#[test]
fn an_enrolment_that_accepts_its_own_code_twice_is_found() {
    let (of_logins, of_enrolments) = (UsedCodes::default(), UsedCodes::default());
    let is_marked = |used: &UsedCodes, code: &str| used.0.lock().unwrap().contains_key(code.trim());
    let confirm = |code: &str, now| {
        let accepted = is_right(code, now) && !is_marked(&of_logins, code);
        if accepted {
            of_enrolments.use_up(code, now, 900);
        }
        accepted
    };
    let log_in = |code: &str, now| {
        is_right(code, now) && !is_marked(&of_enrolments, code) && of_logins.use_up(code, now, 900)
    };
    assert_eq!(check_login(&totp(), NOW, confirm, log_in), Err(Violation::EnrolmentReplayed));
}

#[test]
fn an_enrolment_that_never_confirms_is_found() {
    let row = Mutex::new(State::confirmed());
    let found = check_login(&totp(), NOW, |_, _| false, |code, now| log_in(&row, code, now));
    assert_eq!(found, Err(Violation::NotAccepted));
}

/// An enrolment is over once it is confirmed.
#[test]
fn an_enrolment_that_refuses_later_codes_passes() {
    let (row, confirmed) = (Mutex::new(State::enrolment()), Cell::new(false));
    let confirm = |code: &str, now| !confirmed.replace(true) && log_in(&row, code, now);
    let passes = check_login(&totp(), NOW, confirm, |code, now| log_in(&row, code, now));
    assert_eq!(passes, Ok(()));
}

#[test]
fn a_mark_that_is_shorter_than_the_window_is_found() {
    for (seconds, found) in [
        (30, Violation::EnrolmentReplayed),
        // It ends within the next step.
        (45, Violation::EnrolmentReplayed),
        // As long as the window, counted from the time of use. A code that is used a step early
        // outlives its mark.
        (60, Violation::Replayed),
        (75, Violation::Replayed),
    ] {
        let used = UsedCodes::default();
        let log_in = |code: &str, now| is_right(code, now) && used.use_up(code, now, seconds);
        assert_eq!(check_login(&totp(), NOW, log_in, log_in), Err(found), "{seconds}");
    }
}

#[test]
fn a_host_that_lets_everybody_guess_is_found() {
    let used = UsedCodes::default();
    let log_in = |code: &str, now| is_right(code, now) && used.use_up(code, now, 90);
    assert_eq!(check_login(&totp(), NOW, log_in, log_in), Err(Violation::Unthrottled));
}

/// NIST SP 800-63B-4 allows at most a hundred failures in a row. Up to fifteen requests of the
/// check before this one have failed too.
#[test]
fn a_host_that_stops_guessing_too_late_is_found() {
    let host = Simple { failures: 120, ..Simple::new(1, 1, by_step) };
    assert_eq!(host.check(&totp()), Err(Violation::Unthrottled));
}

/// A key with few codes: guesses that happen to be right are not guesses. Otherwise one of them
/// would use the right code up, and the host would seem to refuse it.
#[test]
fn a_guess_that_is_right_is_no_guess() {
    struct Few;
    impl HmacKey for Few {
        type Error = Infallible;
        fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
            Ok(Truncated::from_bits((moving_factor % 211) as u32))
        }
    }
    let used = Mutex::new(HashSet::new());
    let totp = Totp::from_key(Few);
    let log_in = |code: &str, now| {
        let hit = totp.verify_at(code, now, Window::DEFAULT);
        hit.is_ok_and(|hit| used.lock().unwrap().insert(hit.step()))
    };
    assert_eq!(check_login(&totp, NOW, log_in, log_in), Err(Violation::Unthrottled));
}

/// All requests but those of the first thread fail.
#[test]
fn a_host_that_lets_none_of_many_in_is_found() {
    let (row, first) = (Mutex::new(State::enrolment()), thread::current().id());
    let log_in = |code: &str, now| thread::current().id() == first && log_in(&row, code, now);
    assert_eq!(check_login(&totp(), NOW, log_in, log_in), Err(Violation::NotAccepted));
}

#[test]
fn a_mark_that_is_read_and_then_written_is_found() {
    let used = Mutex::new(HashMap::new());
    let log_in = |code: &str, now: u64| {
        let seen = used.lock().unwrap().contains_key(code.trim());
        thread::sleep(std::time::Duration::from_millis(1));
        let right = !seen && is_right(code, now);
        if right {
            used.lock().unwrap().insert(code.trim().to_owned(), now);
        }
        right
    };
    assert_eq!(check_login(&totp(), NOW, log_in, log_in), Err(Violation::AcceptedTwice));
}

#[test]
fn a_host_that_lets_nobody_in_is_found() {
    assert_eq!(check_login(&totp(), NOW, |_, _| false, |_, _| false), Err(Violation::NotAccepted));
    let found = check_login(&totp(), NOW, |_, _| true, |_, _| false);
    assert_eq!(found, Err(Violation::NotAccepted));
}

/// A simple host: a window with a number of steps each way, marks of used codes, and a lock.
struct Simple {
    window: Window,
    /// The mark of a used code, and its life in seconds.
    mark: fn(&str, u64, Window) -> String,
    seconds: u64,
    /// This number of failures in a row locks the user permanently. A used code is also a failure.
    failures: u32,
    /// After a failure, nobody can log in for this number of seconds.
    wait: u64,
    row: Mutex<(HashMap<String, u64>, u32, u64)>,
}

impl Simple {
    fn new(past: u8, future: u8, mark: fn(&str, u64, Window) -> String) -> Self {
        let window = Window::new(past, future).unwrap();
        Self { window, mark, seconds: 10_000, failures: 100, wait: 0, row: Mutex::default() }
    }

    fn log_in(&self, totp: &Totp, code: &str, now: u64) -> bool {
        let (used, failures, until) = &mut *self.row.lock().unwrap();
        if *failures >= self.failures || now < *until {
            return false;
        }
        used.retain(|_, until| *until > now);
        if let Ok(hit) = totp.verify_at(code, now, self.window) {
            let mark = (self.mark)(code, hit.step(), self.window);
            if used.insert(mark, now + self.seconds).is_none() {
                *failures = 0;
                return true;
            }
        }
        *failures += 1;
        *until = now + self.wait;
        false
    }

    fn check(&self, totp: &Totp) -> Result<(), Violation> {
        let log_in = |code: &str, now| self.log_in(totp, code, now);
        check_login(totp, NOW, log_in, log_in)
    }
}

fn by_step(_: &str, step: u64, _: Window) -> String {
    step.to_string()
}

#[test]
fn hosts_that_are_right_pass_with_any_window_and_lock() {
    for (past, future) in [(0, 0), (1, 0), (0, 1), (1, 1), (2, 2), (10, 10)] {
        let strict = Simple::new(past, future, by_step);
        assert_eq!(strict.check(&totp()), Ok(()), "{past} {future}");
        let strict = Simple { failures: 3, ..Simple::new(past, future, by_step) };
        assert_eq!(strict.check(&totp()), Ok(()), "{past} {future}, locks after 3 failures");
        let strict = Simple { wait: 300, ..Simple::new(past, future, by_step) };
        assert_eq!(strict.check(&totp()), Ok(()), "{past} {future}, waits after a failure");
        let mut by_code = Simple::new(past, future, |code, _, _| code.replace(' ', ""));
        by_code.failures = u32::MAX;
        by_code.seconds = 30 * (u64::from(past) + u64::from(future) + 1);
        let found = by_code.check(&totp());
        assert_eq!(
            found,
            Err(Violation::Unthrottled),
            "{past} {future}, marks as long as a window"
        );
    }
}

#[test]
fn hosts_that_are_right_pass_with_any_engine() {
    let key = || Secret::from_bytes(b"12345678901234567890").unwrap();
    let engines = [
        Totp::new(&key()).with_digits(Digits::Eight),
        Totp::new(&key()).with_period(Period::new(60).unwrap()),
        Totp::new(&key()).with_period(Period::new(1).unwrap()),
        Totp::new(&key()).with_t0(NOW - 7),
        Totp::steam(&key()),
    ];
    for (number, totp) in engines.iter().enumerate() {
        let host = Simple { failures: 3, ..Simple::new(1, 1, by_step) };
        assert_eq!(host.check(totp), Ok(()), "{number}");
    }
}

#[test]
fn a_mark_that_is_shorter_than_a_wide_window_is_found() {
    for (past, future, seconds) in [(2, 2, 90), (10, 10, 300), (5, 0, 120)] {
        let host = Simple { seconds, failures: 3, ..Simple::new(past, future, by_step) };
        assert_eq!(host.check(&totp()), Err(Violation::Replayed), "{past} {future}");
    }
}

#[test]
fn a_host_that_remembers_only_the_last_code_is_found() {
    let last = Mutex::new(String::new());
    let log_in = |code: &str, now| {
        let mut last = last.lock().unwrap();
        let enters = is_right(code, now) && *last != code.trim();
        if enters {
            code.trim().clone_into(&mut last);
        }
        enters
    };
    assert_eq!(check_login(&totp(), NOW, log_in, log_in), Err(Violation::Replayed));
}

#[test]
fn a_host_that_remembers_a_code_as_it_was_typed_is_found() {
    let host = Simple::new(1, 1, |code, _, _| code.to_owned());
    assert_eq!(host.check(&totp()), Err(Violation::Replayed));
}
