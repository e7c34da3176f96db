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
    // Confirmed; confirmed with failures and a wait; disabled by the host and by failures; not confirmed.
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

#[test]
fn what_is_not_a_state_is_left_as_it_is() {
    let folder = Folder::new("state-broken");
    let file = folder.state();
    for command in ["show", "unlock", "migrate"] {
        let answer = otp(&state(command, &file));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{command}");
        assert_eq!(answer.err, "error: FILE: there is no such file\n");
        assert!(folder.names().is_empty(), "{command}");
    }
    fs::write(&file, "not a state").unwrap();
    for command in ["show", "unlock", "migrate"] {
        let answer = otp(&state(command, &file));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{command}");
        assert!(answer.err.contains("not a state: "), "{}", answer.err);
        assert_eq!(fs::read(&file).unwrap(), b"not a state");
    }
}
