//! Codes and recovery codes that the token checks.

use session::{Session, base32, hex, oathtool};

const KEY: &[u8] = b"12345678901234567890";
const NOW: u64 = 1_234_567_890;
/// Codes of the set that the example is built with.
const RECOVERY_CODE: &str = "DETQFDTC4H0CZRYYN10V58B6";

fn code_at(time: u64) -> String {
    oathtool(&["--totp", &format!("--now=@{time}"), &hex(KEY)])
}

fn hotp_code(counter: u64) -> String {
    oathtool(&["-c", &counter.to_string(), &hex(KEY)])
}

/// A token with one TOTP account, at [`NOW`].
fn enrolled() -> Session {
    let mut token = Session::start();
    token.ask_one(&format!("put otpauth://totp/ACME:alice?secret={}", base32(KEY)));
    token.ask_one(&format!("time {NOW}"));
    token
}

#[test]
fn a_code_is_accepted_once() {
    let mut token = enrolled();
    let code = code_at(NOW);
    let verify = format!("verify 1 {} {}", &code[..3], &code[3..]);
    assert_eq!(token.ask_one(&verify), "the code is accepted and confirms the enrolment, drift 0");
    for _ in 0..2 {
        assert_eq!(token.ask_one(&verify), "the code was used before");
    }
    let earlier = format!("verify 1 {}", code_at(NOW - 30));
    assert_eq!(token.ask_one(&earlier), "the code was used before");
}

#[test]
fn a_step_each_way_and_no_more() {
    for (offset, answer) in [
        (-30, "the code is accepted and confirms the enrolment, drift -1"),
        (30, "the code is accepted and confirms the enrolment, drift +1"),
        (-60, "the code is not accepted, tries left: 4"),
        (60, "the code is not accepted, tries left: 4"),
    ] {
        let mut token = enrolled();
        let code = code_at(NOW.checked_add_signed(offset).unwrap());
        assert_eq!(token.ask_one(&format!("verify 1 {code}")), answer, "{offset}");
    }
}

#[test]
fn a_lock_out_ends_with_time() {
    let mut token = enrolled();
    let (right, wrong) = (code_at(NOW), "verify 1 000000");
    for left in [4, 3, 2, 1] {
        let answer = format!("the code is not accepted, tries left: {left}");
        assert_eq!(token.ask_one(wrong), answer);
    }
    let until = NOW + 30;
    assert_eq!(token.ask_one(wrong), format!("the code is not accepted, locked until {until}"));
    // The right code too, to the last second.
    let verify = format!("verify 1 {right}");
    for now in [NOW, until - 1] {
        token.ask_one(&format!("time {now}"));
        assert_eq!(token.ask_one(&verify), format!("locked until {until}"));
    }
    token.ask_one(&format!("time {until}"));
    let answer = "the code is accepted and confirms the enrolment, drift -1";
    assert_eq!(token.ask_one(&verify), answer);
    assert_eq!(token.ask_one(wrong), "the code is not accepted, tries left: 4");
}

#[test]
fn a_hundred_failures_disable() {
    let mut token = enrolled();
    let mut now = NOW;
    for failures in 1..=100 {
        let answer = token.ask_one("verify 1 000000");
        match answer.rsplit_once(' ') {
            Some((_, "now")) => {
                assert_eq!((failures, &*answer), (100, "the code is not accepted, disabled now"))
            }
            Some(("the code is not accepted, locked until", until)) => {
                assert!(failures >= 5, "{failures}: {answer}");
                now = until.parse().unwrap();
                token.ask_one(&format!("time {now}"));
            }
            _ => assert_eq!(
                answer,
                format!("the code is not accepted, tries left: {}", 5 - failures)
            ),
        }
    }
    assert_eq!(token.ask_one(&format!("verify 1 {}", code_at(now))), "disabled");
    // The other way in has a throttle of its own.
    let answer = token.ask_one(&format!("recover {RECOVERY_CODE}"));
    assert_eq!(answer, "the recovery code is accepted, codes left: 9");
}

#[test]
fn malformed_codes_are_not_counted() {
    let mut token = enrolled();
    for (code, what) in [
        ("12345", "a code here has 6 digits"),
        ("1234567", "a code here has 6 digits"),
        ("-12345", "not a digit of a code at byte 0"),
        ("12345x", "not a digit of a code at byte 5"),
        ("1234 56 789", "a code here has 6 digits"),
    ] {
        let answer = format!("malformed code: {what}");
        assert_eq!(token.ask_one(&format!("verify 1 {code}")), answer);
    }
    assert_eq!(token.ask_one("verify 1 000000"), "the code is not accepted, tries left: 4");
}

#[test]
fn hotp_goes_ahead_and_never_back() {
    let mut token = Session::start();
    token.ask_one(&format!("put otpauth://hotp/door?secret={}&counter=5", base32(KEY)));
    token.ask_one(&format!("time {NOW}"));
    // It accepts a code that it has shown, once.
    let shown = token.ask_one("code 1");
    let verify = format!("verify 1 {}", shown.split_once(',').unwrap().0);
    assert_eq!(token.ask_one(&verify), "the code is accepted and confirms the enrolment, drift 0");
    assert_eq!(token.ask_one(&verify), "the code was used before");
    let ahead = format!("verify 1 {}", hotp_code(8));
    assert_eq!(token.ask_one(&ahead), "the code is accepted, drift +2");
    let passed_over = format!("verify 1 {}", hotp_code(7));
    assert_eq!(token.ask_one(&passed_over), "the code was used before");
    let too_far = format!("verify 1 {}", hotp_code(20));
    assert_eq!(token.ask_one(&too_far), "the code is not accepted, tries left: 4");
}

#[test]
fn accounts_do_not_share_a_throttle() {
    let mut token = enrolled();
    token.ask_one(&format!("put otpauth://totp/bob?secret={}", base32(KEY)));
    for _ in 0..5 {
        token.ask_one("verify 1 000000");
    }
    let answer = token.ask_one(&format!("verify 2 {}", code_at(NOW)));
    assert_eq!(answer, "the code is accepted and confirms the enrolment, drift 0");
}

#[test]
fn a_recovery_code_is_redeemed_once() {
    let mut token = enrolled();
    let grouped = "recover detqfd-tc4h0c-zryyn1-0v58b6";
    let rejected = |left| format!("the recovery code is not accepted, tries left: {left}");
    assert_eq!(token.ask_one(&format!("recover {}", "0".repeat(24))), rejected(4));
    assert_eq!(
        token.ask_one("recover DETQFD"),
        "malformed recovery code: a recovery code here has 24 symbols"
    );
    assert_eq!(token.ask_one(grouped), "the recovery code is accepted, codes left: 9");
    // Used and wrong are not told apart.
    assert_eq!(token.ask_one(grouped), rejected(4));
    assert_eq!(token.ask_one(&format!("recover {RECOVERY_CODE}")), rejected(3));
    for _ in 0..3 {
        token.ask_one(grouped);
    }
    assert_eq!(token.ask_one(grouped), format!("locked until {}", NOW + 30));
}

/// Negative control, run by `test.sh`: a code that is fresh has to be told from a replay.
#[test]
#[ignore = "has to fail"]
fn control_a_fresh_code() {
    let mut token = enrolled();
    token.ask_one(&format!("verify 1 {}", code_at(NOW)));
    let fresh = format!("verify 1 {}", code_at(NOW + 30));
    assert_eq!(token.ask_one(&fresh), "the code was used before", "not a replay");
}
