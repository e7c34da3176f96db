//! Each commit has an asynchronous twin. Both call `swap` for the same verdicts, and give the same
//! answer.

use std::cell::Cell;
use std::convert::Infallible;

use otp_core::verifier::{Authenticator, State, Swap};

use crate::verifier::{VERIFIER, next_state, totp, totp_code};
use crate::verifier_login::wait;

const NOW: u64 = 1000 * 30;

/// Commits two equal attempts, one of them asynchronously. Returns whether `swap` was called.
macro_rules! called_by_both {
    ($attempt:expr, ($($argument:pat),+), $swapped:expr) => {{
        let (calls, twins) = (Cell::new(0), Cell::new(0));
        let one = $attempt.commit(|$($argument),+| {
            calls.set(calls.get() + 1);
            Ok::<_, Infallible>($swapped)
        });
        let one = format!("{:?}", one.unwrap());
        let twin = $attempt.commit_async(async |$($argument),+| {
            twins.set(twins.get() + 1);
            Ok::<_, Infallible>($swapped)
        });
        assert_eq!(one, format!("{:?}", wait(twin).unwrap()));
        assert_eq!(calls, twins, "{one}");
        calls.get() == 1
    }};
}

/// A state of each kind, with a code, and whether there is something to store.
fn cases() -> Vec<(State, String, bool)> {
    let (open, right) = (State::confirmed(), totp_code(1000));
    let mut locked = open;
    while locked.locked_until(NOW).is_none() {
        locked = next_state(VERIFIER.attempt(&totp(), locked, "000000", NOW).unwrap(), locked);
    }
    vec![
        (open, right.clone(), true),
        (open, "000000".into(), true),
        (open, "x".into(), false),
        (open.with_last_used(1001), right.clone(), false),
        (locked, right.clone(), false),
        (open.disabled(), right, false),
    ]
}

#[test]
fn of_a_code() {
    let totp = totp();
    for (state, code, stores) in cases() {
        for swapped in [Swap::Stored, Swap::Lost] {
            let called = called_by_both!(
                VERIFIER.attempt(&totp, state, &code, NOW).unwrap(),
                (_, _),
                swapped
            );
            assert_eq!(called, stores, "{code}");
        }
    }
}

#[test]
fn of_a_code_of_several() {
    for (state, code, stores) in cases() {
        for swapped in [Swap::Stored, Swap::Lost] {
            let mut rows = [Authenticator::new(17, totp(), state)];
            let called =
                called_by_both!(VERIFIER.attempt_any(&mut rows, &code, NOW).unwrap(), (_), swapped);
            assert_eq!(called, stores, "{code}");
        }
    }
}

#[test]
fn of_a_resynchronisation() {
    let (totp, next) = (totp(), totp_code(1001));
    for (state, code, stores) in cases() {
        for swapped in [Swap::Stored, Swap::Lost] {
            let called = called_by_both!(
                VERIFIER.resynchronise(&totp, state, &[&code, &next], NOW).unwrap(),
                (_, _),
                swapped
            );
            assert_eq!(called, stores, "{code}");
        }
    }
}

/// The same, and a lost race leaves the failures in its record as they were loaded.
#[cfg(feature = "recovery")]
#[test]
fn of_a_recovery_code() {
    use otp_core::recovery::{Keyed, Length, Pepper, Set};

    let pepper = Pepper::new(1, &[0x5a; 32]).unwrap();
    let (mut next, mut codes) = (0_u8, Vec::new());
    let fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            next = next.wrapping_mul(5).wrapping_add(113);
            next >> 3
        });
        next = next.wrapping_add(1);
        Ok::<_, Infallible>(())
    };
    let show = |_, code: &otp_core::recovery::Code| codes.push(code.expose().to_owned());
    let set: Set<2> = Set::generate(fill, Keyed, Length::DEFAULT, &pepper, b"user", show).unwrap();
    let open = State::for_recovery().with_failures(3);
    let wrong = "0".repeat(24);
    let redeem = |state, code| VERIFIER.redeem(&set, &pepper, b"user", state, code, NOW).unwrap();
    for (state, code, stores) in [
        (open, &*codes[0], true),
        (open, &wrong, true),
        (open, "?", false),
        (open.disabled(), &codes[0], false),
    ] {
        for swapped in [Swap::Stored, Swap::Lost] {
            let called = called_by_both!(redeem(state, code), (_, _, _), swapped);
            assert_eq!(called, stores, "{code}");
        }
    }
    for code in [&codes[0], &wrong] {
        let lost = redeem(open, code).commit(|_, _, _| Ok::<_, Infallible>(Swap::Lost)).unwrap();
        let line = "kind=recovery verdict=conflict failures=3 failures_before=3";
        assert_eq!(lost.record.to_string(), line);
    }
}
