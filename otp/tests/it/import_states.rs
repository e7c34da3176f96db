//! `otp import --states` from the outside.

use std::fs;

use otp_core::verifier::State;

use crate::import::data;
use crate::state::Folder;
use crate::tool::{answers, otp, otp_reading};

/// What the maker's file says of a token counts from the first login on: its counter, its drift, its last step.
#[test]
fn a_token_starts_from_what_its_file_tells() {
    let folder = Folder::new("import-states");
    let states = folder.0.join("states");
    let states = states.to_str().unwrap();
    let file = data("python_pskc_plain.xml");
    let answer = otp_reading("", &["import", "--states", states, &file]);
    assert_eq!((answer.out.lines().count(), answer.err.as_str(), answer.status), (7, "", 0));
    let uri = |line: usize| answer.out.lines().nth(line).unwrap();
    let path = |serial: &str| format!("{states}/{serial}.state");
    let code = |at: u64, uri: &str| otp(&format!("code --at {at} {uri}")).out.trim().to_owned();

    // B002 was used at step 41152263, so that its code of that step is a replay.
    let at = 41_152_263 * 30;
    let used = code(at, uri(4));
    answers(&format!("verify --at {at} {} {used}", uri(4)), "accepted step=41152263 drift=0\n", 0);
    let verify = |serial: &str, at: u64, line: usize, code: &str| {
        format!(
            "verify --past 0 --future 0 --state {} --at {at} {} {code}",
            path(serial),
            uri(line)
        )
    };
    answers(&verify("B002", at, 4, &used), "replayed\n", 1);
    answers(
        &verify("B002", at + 30, 4, &code(at + 30, uri(4))),
        "accepted step=41152264 drift=0\n",
        0,
    );
    // B001 is 4 steps of 60 seconds ahead.
    answers(&verify("B001", 6300, 3, &code(6540, uri(3))), "accepted step=109 drift=4\n", 0);
    // A002 has a counter.
    let state = State::from_bytes(&fs::read(path("A002")).unwrap()).unwrap();
    assert_eq!(state.next_factor(), Some(305_419_896));

    // Another import does not make used codes good again.
    let before = fs::read(path("B002")).unwrap();
    let again = otp_reading("", &["import", "--states", states, &file]);
    assert_eq!((again.out, again.status), (answer.out.clone(), 0));
    assert_eq!(again.err.matches("its state is there already, and stays as it is").count(), 7);
    assert_eq!(fs::read(path("B002")).unwrap(), before);
}

#[test]
fn a_serial_number_is_not_a_path() {
    let folder = Folder::new("import-states-path");
    let states = folder.0.join("states");
    let list = "serial,seed\n../x,3132333435363738393031323334353637383930\n\
                .hidden,3132333435363738393031323334353637383930\n7,3132333435363738393031323334353637383930\n";
    let answer = otp_reading(list, &["import", "--states", states.to_str().unwrap(), "-"]);
    assert_eq!((answer.out.lines().count(), answer.status), (3, 0));
    assert_eq!(answer.err.matches("does not make a file name").count(), 2, "{}", answer.err);
    assert_eq!(folder.names(), ["states"]);
    let mut names: Vec<_> =
        fs::read_dir(&states).unwrap().map(|file| file.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["7.state", "7.state.lock"]);
}
