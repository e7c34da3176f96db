//! Redemptions of recovery codes, tested from outside. Each mistake is named.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use otp_core::conformance::{Violation, check_recovery, check_store_failure};

const NOW: u64 = 1_800_000_000;
const CODES: [&str; 5] = ["ABCD-0001", "ABCD-0002", "ABCD-0003", "ABCD-0004", "ABCD-0005"];

/// A host without a verifier.
struct Simple(Mutex<(HashSet<String>, u32)>);

fn canonical(code: &str) -> String {
    code.trim().to_uppercase()
}

impl Simple {
    fn new() -> Self {
        Self(Mutex::new((CODES.map(str::to_owned).into(), 0)))
    }

    fn redeem(&self, code: &str) -> bool {
        let (unused, failures) = &mut *self.0.lock().unwrap();
        let accepted = *failures < 100 && unused.remove(&canonical(code));
        *failures = if accepted { 0 } else { *failures + 1 };
        accepted
    }

    /// Returns whether the code is unused.
    fn holds(&self, code: &str) -> bool {
        self.0.lock().unwrap().0.contains(&canonical(code))
    }
}

fn check(redeem: impl Fn(&str) -> bool + Sync) -> Result<(), Violation> {
    check_recovery(CODES, NOW, |code, _| redeem(code))
}

#[test]
fn a_host_that_uses_each_code_up_passes() {
    let host = Simple::new();
    assert_eq!(check(|code| host.redeem(code)), Ok(()));
}

#[test]
fn a_host_that_accepts_nothing_is_found() {
    assert_eq!(check(|_| false), Err(Violation::NotAccepted));
}

#[test]
fn a_code_that_stays_is_found() {
    let host = Simple::new();
    assert_eq!(check(|code| host.holds(code)), Err(Violation::Replayed));
    // It marks the text as it was typed.
    let used = Mutex::new(HashSet::new());
    let as_typed = |code: &str| host.holds(code) && used.lock().unwrap().insert(code.to_owned());
    assert_eq!(check(as_typed), Err(Violation::Replayed));
    // It remembers only the last one.
    let last = Mutex::new(String::new());
    let only_last = |code: &str| {
        let code = canonical(code);
        let accepted = host.holds(&code) && *last.lock().unwrap() != code;
        if accepted {
            *last.lock().unwrap() = code;
        }
        accepted
    };
    assert_eq!(check(only_last), Err(Violation::Replayed));
}

#[test]
fn a_store_whose_error_lets_somebody_in_is_found() {
    let host = Simple::new();
    let failure = |failing: &dyn Fn(&str) -> bool| {
        check_store_failure(CODES[0], NOW, |code, _| host.redeem(code), |code, _| failing(code))
    };
    assert_eq!(failure(&|code| host.holds(code)), Err(Violation::AcceptedUnstored));
    assert_eq!(failure(&|_| false), Ok(()));
    // The code is used now.
    assert_eq!(failure(&|_| false), Err(Violation::UsedUnstored));
}

/// It reads the set, waits, and writes it.
#[test]
fn a_set_that_is_read_and_then_written_is_found() {
    let host = Simple::new();
    let redeem = |code: &str| {
        let (mut unused, _) = host.0.lock().unwrap().clone();
        std::thread::sleep(Duration::from_millis(1));
        let accepted = unused.remove(&canonical(code));
        if accepted {
            host.0.lock().unwrap().0 = unused;
        }
        accepted
    };
    assert_eq!(check(redeem), Err(Violation::AcceptedTwice));
}

/// A set that each code is marked in by itself, but that the other code's request overwrites: the
/// lost mark is found a day later.
#[test]
fn a_mark_that_another_code_overwrites_is_found() {
    let host = Simple::new();
    let days = Mutex::new(HashSet::new());
    let redeem = |code: &str, now| {
        // After the race, the third code is in the set again.
        if days.lock().unwrap().insert(now) && now == NOW + 3 * 86_400 {
            host.0.lock().unwrap().0.extend([CODES[2].to_owned(), CODES[3].to_owned()]);
        }
        host.redeem(code)
    };
    let found = check_recovery(CODES, NOW, redeem);
    assert_eq!(found, Err(Violation::Replayed));
}

#[test]
fn guesses_that_nobody_counts_are_found() {
    let host = Simple::new();
    let redeem = |code: &str| host.0.lock().unwrap().0.remove(&canonical(code));
    assert_eq!(check(redeem), Err(Violation::Unthrottled));
}

/// NIST SP 800-63B-4 allows at most a hundred failures in a row. Up to sixteen requests of the
/// check before this one have failed too.
#[test]
fn a_host_that_stops_guessing_too_late_is_found() {
    let host = Simple::new();
    let late = Mutex::new(0);
    let redeem = |code: &str| {
        let accepted =
            *late.lock().unwrap() < 120 && host.0.lock().unwrap().0.remove(&canonical(code));
        let mut late = late.lock().unwrap();
        *late = if accepted { 0 } else { *late + 1 };
        accepted
    };
    assert_eq!(check(redeem), Err(Violation::Unthrottled));
}

/// A code of equal symbols is its own rotation. A right code is not a guess: it would be used up,
/// and the host would seem to refuse it.
#[test]
fn a_guess_that_is_right_is_no_guess() {
    let codes = ["AAAA", "BBBB", "CCCC", "DDDD", "EEEE"];
    let unused = Mutex::new(HashSet::from(codes.map(str::to_owned)));
    let redeem = |code: &str, _| unused.lock().unwrap().remove(&canonical(code));
    let found = check_recovery(codes, NOW, redeem);
    assert_eq!(found, Err(Violation::Unthrottled));
}

#[test]
fn codes_that_do_not_work_are_found() {
    for broken in [&CODES[..1], &CODES[1..2], &CODES[2..4]] {
        let host = Simple::new();
        let redeem = |code: &str| !broken.contains(&&*canonical(code)) && host.redeem(code);
        assert_eq!(check(redeem), Err(Violation::NotAccepted), "{broken:?}");
    }
}

#[cfg(feature = "recovery")]
#[test]
fn a_host_on_the_verifier_passes() {
    use core::convert::Infallible;
    use otp_core::recovery::{Keyed, Length, Pepper, Set, Verdict};
    use otp_core::verifier::{State, Swap, Verifier};

    let pepper = Pepper::new(1, &[7; 32]).unwrap();
    for length in [Length::DEFAULT, Length::DIGITS] {
        let mut codes = Vec::new();
        let mut next = 1_u32;
        let fill = |bytes: &mut [u8]| {
            bytes.fill_with(|| {
                next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                next.to_be_bytes()[0]
            });
            Ok::<_, Infallible>(())
        };
        let show = |_, code: &otp_core::recovery::Code| {
            codes.push(code.expose_grouped().to_string());
        };
        let set: Set<6> = Set::generate(fill, Keyed, length, &pepper, b"user", show).unwrap();
        let row = Mutex::new((set, State::for_recovery()));
        let redeem = |code: &str, now| {
            loop {
                let (set, state) = row.lock().unwrap().clone();
                let judged = Verifier::DEFAULT.redeem(&set, &pepper, b"user", state, code, now);
                let settled = judged.unwrap().commit(|next, _, new| {
                    let mut row = row.lock().unwrap();
                    let found = u64::from(*row == (set.clone(), state));
                    if found == 1 {
                        *row = (next.clone(), new);
                    }
                    Ok::<_, Infallible>(Swap::from_rows(found))
                });
                match settled.unwrap().verdict {
                    Verdict::Conflict => {}
                    verdict => return matches!(verdict, Verdict::Redeemed(_)),
                }
            }
        };
        let failing = |code: &str, now| {
            let (set, state) = row.lock().unwrap().clone();
            let judged = Verifier::DEFAULT.redeem(&set, &pepper, b"user", state, code, now);
            judged.unwrap().commit(|_, _, _| Err("down")).is_ok()
        };
        let [first, codes @ ..] = &codes[..] else { panic!("six codes") };
        assert_eq!(check_store_failure(first, NOW, redeem, failing), Ok(()));
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        assert_eq!(check_recovery(codes.try_into().unwrap(), NOW + 1, redeem), Ok(()));
    }
}
