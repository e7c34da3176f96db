//! Stores that are broken for concurrent logins and guesses.

use std::sync::Mutex;
use std::thread;

use otp_core::conformance::{Violation, check_store};
use otp_core::verifier::{Lifecycle, State};

use super::{expect, with};

/// Only a login writes such a state: confirmed, without failures.
fn is_of_a_login(state: State) -> bool {
    state.lifecycle() == Lifecycle::Confirmed && state.failures() == 0
}

#[test]
fn logins_that_do_not_compare_are_found() {
    expect(Violation::AcceptedTwice, |memory| {
        check_store(
            || {
                let loaded = memory.load();
                thread::yield_now();
                loaded
            },
            |expected, new| memory.swap_if(new, |stored| stored == expected || is_of_a_login(new)),
        )
    });
}

#[test]
fn logins_that_are_refused_are_found() {
    expect(Violation::NotAccepted, |memory| {
        check_store(
            || memory.load(),
            |expected, new| !is_of_a_login(new) && memory.swap(expected, new),
        )
    });
}

/// Failures are reset without the knowledge of the thread that counts them. The third failure never
/// stays for long.
#[test]
fn failures_that_are_forgotten_are_found() {
    expect(Violation::Uncounted, |memory| {
        let guessed = |state: State| {
            state.lifecycle() == Lifecycle::Unconfirmed && state.next_factor() == Some(0)
        };
        // One of the states that are stored one by one has one failure.
        let forget = |state: State| {
            if guessed(state) && state.failures() == 3 { state.enabled() } else { state }
        };
        check_store(
            || forget(memory.load()),
            |expected, new| memory.swap_if(new, |stored| forget(stored) == expected),
        )
    });
}

/// The failures are counted, and the wait that they cost is lost. So a sixth guess is answered.
#[test]
fn a_wait_that_is_forgotten_is_found() {
    expect(Violation::Uncounted, |memory| {
        let forget = |state: State| {
            let waits = is_of_guesses(state) && state.failures() == 5;
            if waits { with(state, |bytes| bytes[16..24].fill(0)) } else { state }
        };
        check_store(
            || forget(memory.load()),
            |expected, new| memory.swap_if(new, |stored| forget(stored) == expected),
        )
    });
}

/// Only guesses leave such a state, from the second guess on.
fn is_of_guesses(state: State) -> bool {
    state.lifecycle() == Lifecycle::Unconfirmed
        && state.next_factor() == Some(0)
        && state.failures() > 1
}

/// One login succeeds, and the others are told for ever that another request was faster.
#[test]
fn logins_that_stay_behind_are_found() {
    expect(Violation::Refused, |memory| {
        let before = Mutex::new(State::enrolment());
        check_store(
            || {
                let stored = memory.load();
                if is_of_a_login(stored) { *before.lock().unwrap() } else { stored }
            },
            |expected, new| {
                let mut before = before.lock().unwrap();
                let committed = memory.swap(expected, new);
                if committed {
                    *before = expected;
                }
                committed
            },
        )
    });
}

#[test]
fn guesses_that_are_refused_are_found() {
    expect(Violation::Refused, |memory| {
        check_store(
            || memory.load(),
            |expected, new| !is_of_guesses(new) && memory.swap(expected, new),
        )
    });
}

#[test]
fn guesses_that_are_refused_and_written_are_found() {
    expect(Violation::RefusedButWritten, |memory| {
        check_store(
            || memory.load(),
            |expected, new| memory.swap(expected, new) && !is_of_guesses(new),
        )
    });
}
