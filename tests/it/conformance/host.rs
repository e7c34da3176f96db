//! Hosts that are wrong as others were, seen from outside.

use std::collections::HashMap;
use std::sync::Mutex;

use otp_core::conformance::{Violation, check_login};
use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Secret, Totp, Window};

const NOW: u64 = 1_800_000_000;

fn totp() -> Totp {
    Totp::new(&Secret::from_bytes(b"12345678901234567890").unwrap())
}

/// A login by the verifier, on a row of a table.
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
        used.insert(code.to_owned(), now + seconds).is_none()
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

#[test]
fn a_mark_that_is_shorter_than_the_window_is_found() {
    for (seconds, found) in [
        (30, Violation::EnrolmentReplayed),
        // As long as the window, from the time of use: a code that is used a step early outlives its mark.
        (60, Violation::Replayed),
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

#[test]
fn a_mark_that_is_read_and_then_written_is_found() {
    let used = Mutex::new(HashMap::new());
    let log_in = |code: &str, now: u64| {
        let seen = used.lock().unwrap().contains_key(code);
        std::thread::sleep(std::time::Duration::from_millis(1));
        let right = !seen && is_right(code, now);
        if right {
            used.lock().unwrap().insert(code.to_owned(), now);
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
