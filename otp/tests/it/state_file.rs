//! `otp state` from the outside.

use std::fs;
use std::path::Path;

use otp_core::verifier::State;

use crate::state::{Folder, STATE_LEN, version_1};
use crate::tool::{SECRET, answers, otp};

fn state(command: &str, file: &Path) -> String {
    format!("state {command} {}", file.display())
}

fn verify(file: &Path, at: u64, code: &str) -> String {
    format!("verify --state {} --at {at} {SECRET} {code}", file.display())
}

#[test]
fn shows_what_the_file_says() {
    let folder = Folder::new("state-show");
    let file = folder.state();
    answers(&verify(&file, 59, "287082"), "accepted step=1 drift=0\n", 0);
    answers(&verify(&file, 59, "000000"), "rejected\n", 1);
    let shown = otp(&state("show --at 59", &file));
    assert_eq!((shown.status, shown.err.as_str()), (0, ""));
    let expected = "lifecycle=confirmed\nnext=2\ndrift=0\nfailures=1\nlocked_until=none\n";
    assert!(shown.out.starts_with(expected), "{}", shown.out);
    // Nothing is written: it has no lock of its own either.
    fs::remove_file(folder.0.join("state.lock")).unwrap();
    assert_eq!(otp(&state("show --at 59", &file)).out, shown.out);
    assert_eq!(folder.names(), ["state"]);
}

#[test]
fn unlocks_and_keeps_used_codes_used() {
    let folder = Folder::new("state-unlock");
    let file = folder.state();
    answers(&verify(&file, 59, "287082"), "accepted step=1 drift=0\n", 0);
    for _ in 0..5 {
        answers(&verify(&file, 59, "000000"), "rejected\n", 1);
    }
    let locked = otp(&state("show --at 59", &file)).out;
    assert!(locked.contains("failures=5\n") && !locked.contains("locked_until=none"), "{locked}");
    assert!(otp(&verify(&file, 59, "287082")).out.starts_with("locked until="));
    answers(&state("unlock", &file), "unlocked\n", 0);
    let shown = otp(&state("show --at 59", &file)).out;
    assert!(shown.contains("failures=0\nlocked_until=none\n"), "{shown}");
    answers(&verify(&file, 59, "287082"), "replayed\n", 1);
}

#[test]
fn a_disabled_one_needs_more_than_unlocking() {
    let folder = Folder::new("state-disabled");
    let file = folder.state();
    fs::write(&file, State::confirmed().with_last_used(1).disabled().to_bytes().as_ref()).unwrap();
    assert!(otp(&state("show", &file)).out.starts_with("lifecycle=disabled-by-host\n"));
    let answer = otp(&state("unlock", &file));
    assert_eq!((answer.out.as_str(), answer.status), ("disabled\n", 1));
    assert!(answer.err.contains("--enable"), "{}", answer.err);
    answers(&state("unlock --enable", &file), "unlocked\n", 0);
    answers(&verify(&file, 59, "287082"), "replayed\n", 1);
}

#[test]
fn migrates_the_form_of_earlier_versions() {
    let folder = Folder::new("state-migrate");
    let file = folder.state();
    // Confirmed; confirmed with failures and a wait; disabled by the host and by failures; not
    // confirmed.
    for old in [
        version_1(0b101, 0, 1, 0),
        version_1(0b101, 7, 41_152_263, 99),
        version_1(0b111, 3, 1, 0),
        version_1(0b111, 100, 1, 0),
        version_1(0, 2, 0, 5),
    ] {
        fs::write(&file, &old).unwrap();
        let before = otp(&state("show --at 0", &file)).out;
        answers(&state("migrate", &file), &format!("migrated from=24 to={STATE_LEN}\n"), 0);
        let new = fs::read(&file).unwrap();
        assert_eq!(new.len(), STATE_LEN);
        assert_eq!(State::from_bytes(&new), State::from_bytes(&old));
        assert_eq!(otp(&state("show --at 0", &file)).out, before);
        answers(&state("migrate", &file), "unchanged\n", 0);
        assert_eq!(fs::read(&file).unwrap(), new);
    }
}

/// A code was accepted while the clock of the machine was a year ahead. Until that time all
/// other codes would be replays.
#[test]
fn a_clock_that_was_ahead_is_repaired() {
    let folder = Folder::new("state-repair");
    let file = folder.state();
    let now = 1_234_567_890;
    let ahead = now + 365 * 86_400;
    let code = |at: u64| otp(&format!("code --at {at} {SECRET}")).out.trim().to_owned();
    assert_eq!(otp(&verify(&file, ahead, &code(ahead))).status, 0);
    answers(&verify(&file, now, &code(now)), "replayed\n", 1);
    let repair = state(&format!("repair --at {now}"), &file);
    answers(&repair, &format!("repaired next={}\n", now / 30 + 2), 0);
    answers(&repair, "unchanged\n", 0);
    // The codes that may have been accepted just now stay used. The next one is accepted.
    answers(&verify(&file, now, &code(now)), "replayed\n", 1);
    answers(&verify(&file, now + 30, &code(now + 30)), "replayed\n", 1);
    assert_eq!(otp(&verify(&file, now + 60, &code(now + 60))).status, 0);
    // At the right time nothing is taken back.
    answers(&state(&format!("repair --at {}", now + 60), &file), "unchanged\n", 0);
    let early = otp(&state("repair --at 59 --t0 60", &file));
    assert_eq!((early.status, early.err.as_str()), (2, "error: the time is before --t0\n"));

    // Without a clock there is nothing to repair.
    let before = State::confirmed().with_next_counter(9);
    for other in [before, State::confirmed().with_last_used(99)] {
        fs::write(&file, other.to_bytes().as_ref()).unwrap();
        let answer = otp(&repair);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert!(answer.err.contains("not time-based"), "{}", answer.err);
        assert_eq!(fs::read(&file).unwrap(), other.to_bytes().as_ref());
    }
}

/// With T0 the steps are counted from there.
#[test]
fn a_repair_counts_from_t0() {
    let folder = Folder::new("state-repair-t0");
    let file = folder.state();
    let verify = |at: u64, code: &str| {
        format!("verify --period 60 --t0 600 --state {} --at {at} {SECRET} {code}", file.display())
    };
    let code = otp(&format!("code --period 60 --t0 600 --at 60000 {SECRET}")).out;
    assert_eq!(otp(&verify(60_000, code.trim())).out, "accepted step=990 drift=0\n");
    answers(&state("repair --at 1200 --t0 600", &file), "repaired next=12\n", 0);
}

#[test]
fn what_is_not_a_state_is_left_as_it_is() {
    let folder = Folder::new("state-broken");
    let file = folder.state();
    for command in ["show", "unlock", "repair", "migrate"] {
        let answer = otp(&state(command, &file));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{command}");
        assert_eq!(answer.err, "error: FILE: there is no such file\n");
        assert!(folder.names().is_empty(), "{command}");
    }
    fs::write(&file, "not a state").unwrap();
    for command in ["show", "unlock", "repair", "migrate"] {
        let answer = otp(&state(command, &file));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{command}");
        assert!(answer.err.contains("not a state: "), "{}", answer.err);
        assert_eq!(fs::read(&file).unwrap(), b"not a state");
    }
}

/// A pipe without a writer made each of these wait for ever, `verify` with the lock held.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_of_a_state() {
    use std::process::Command;

    let folder = Folder::new("state-pipe");
    let file = folder.state();
    assert!(Command::new("mkfifo").arg(&file).status().unwrap().success());
    let acts = ["show", "unlock", "repair", "migrate"].map(|act| (state(act, &file), "FILE: it"));
    let login = (verify(&file, 59, "287082"), "the file of the state or set");
    for (arguments, what) in [login].iter().chain(&acts) {
        let mut bounded = Command::new("timeout");
        bounded.arg("10").arg(env!("CARGO_BIN_EXE_otp")).args(arguments.split(' '));
        let output = bounded.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(told, format!("error: {what} is a device or a pipe\n"), "{arguments}");
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert_eq!(folder.names(), ["state"]);
    }
}
