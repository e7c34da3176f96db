//! `otp resync` from the outside.

use std::path::Path;

use crate::state::{Folder, code_at};
use crate::tool::{SECRET, answers, otp};

const NOW: u64 = 1_234_567_890;

fn resync(state: &Path, rest: &str) -> String {
    format!("resync --state {} {rest}", state.display())
}

/// A token is 20 steps behind. Its codes are wrong, its next two correct the drift, and the one
/// after these is a login.
#[test]
fn a_slow_clock_is_found_and_the_next_code_is_a_login() {
    let folder = Folder::new("resync");
    let state = folder.state();
    let theirs = NOW - 600;
    let [first, second, third] = [0, 30, 60].map(|later| code_at(theirs + later));
    let verify = format!("verify --state {} {SECRET} --at", state.display());
    answers(&format!("{verify} {NOW} {first}"), "rejected\n", 1);
    let line = resync(&state, &format!("--at {} {SECRET} {first} {second}", NOW + 30));
    let answer = otp(&line);
    assert_eq!((answer.out.as_str(), answer.status), ("resynchronised drift=-20\n", 0));
    assert_eq!(answer.err, "check the next code by `otp verify --state`\n");
    // The codes are used up.
    answers(&line, "replayed\n", 1);
    let step = (theirs + 60) / 30;
    answers(
        &format!("{verify} {} {third}", NOW + 60),
        &format!("accepted step={step} drift=-20\n"),
        0,
    );
}

#[test]
fn a_counter_that_ran_ahead_is_found() {
    let folder = Folder::new("resync-counter");
    let code = |counter: u64| otp(&format!("code --counter {counter} {SECRET}")).out;
    let codes = |counter: u64| format!("{} {}", code(counter).trim(), code(counter + 1).trim());
    let line = |counters: &str, from| {
        resync(&folder.state(), &format!("--counter 0 {counters} {SECRET} {}", codes(from)))
    };
    answers(&line("", 300), "rejected\n", 1);
    answers(&line("--counters 400", 300), "resynchronised drift=301\n", 0);
    let next =
        format!("verify --state {} --counter 0 {SECRET} {}", folder.state().display(), code(302));
    answers(&next, "accepted counter=302 next=303\n", 0);
}

/// A clock that is set to the local time of another place.
#[test]
fn hours_reach_further() {
    let folder = Folder::new("resync-hours");
    let theirs = NOW + 9 * 3600;
    let codes = format!("{} {}", code_at(theirs - 30), code_at(theirs));
    let line = |hours| resync(&folder.state(), &format!("--at {NOW} {hours} {SECRET} {codes}"));
    answers(&line(""), "rejected\n", 1);
    answers(&line("--hours 10"), "resynchronised drift=1080\n", 0);
}

#[test]
fn wrong_codes_count_and_bad_arguments_are_errors() {
    let folder = Folder::new("resync-wrong");
    let line = |rest: &str| otp(&resync(&folder.state(), rest));
    let wrong = line(&format!("--at {NOW} {SECRET} 000000 111111"));
    assert_eq!((wrong.out.as_str(), wrong.status), ("rejected\n", 1));
    assert_eq!(wrong.err, "4 tries left before a wait\n");
    for (rest, sentence) in [
        (format!("{SECRET} 000000"), "too few of '<CODE>"),
        (format!("{SECRET} 000000 11111"), "malformed code"),
        (format!("{SECRET} 111111 111111"), "two of the codes are the same"),
        (format!("--hours 25 {SECRET} 111111 222222"), "--hours: not a number from 1 to 24"),
        (format!("--counter 0 --counters 0 {SECRET} 111111 222222"), "--counters: not a number"),
        (format!("{SECRET} 111111 222222 333333 444444"), "error: "),
    ] {
        let answer = line(&rest);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{rest}");
        assert!(answer.err.contains(sentence), "{rest}: {}", answer.err);
        assert!(!answer.err.contains("GEZD") && !answer.err.contains("1111"), "{}", answer.err);
    }
}
