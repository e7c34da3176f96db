//! `otp import --states` from the outside.

use std::fs;
use std::path::Path;

use otp_core::verifier::State;

use crate::import::data;
use crate::state::Folder;
use crate::tool::{HEX, answers, otp, otp_reading};

/// The counter, the drift and the last step in the maker's file count from the first login on.
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

/// A list of tokens with these serial numbers, all with the same secret.
fn list(serials: &[&str]) -> String {
    let rows = serials.iter().map(|serial| format!("\"{serial}\",{HEX}\n"));
    "serial,seed\n".to_owned() + &rows.collect::<String>()
}

/// Every serial number has a file name that no other one has. The message has its escapes.
#[test]
fn each_serial_number_has_a_file_of_its_own() {
    let folder = Folder::new("import-states-names");
    let states = folder.0.join("states");
    let pairs = [
        ("FT 001/7", "FT%20001%2F7"),
        ("FT%20001%2F7", "FT%2520001%252F7"),
        ("..", "%2E."),
        (".", "%2E"),
        ("../x", "%2E.%2Fx"),
        (".hidden", "%2Ehidden"),
        ("-rf", "%2Drf"),
        ("a\\b:c*?", "a%5Cb%3Ac%2A%3F"),
        ("CON", "%43ON"),
        ("nul.1", "%6Eul.1"),
        ("com1", "%63om1"),
        ("COM10", "COM10"),
        ("Zürich", "Z%C3%BCrich"),
        ("FTB-2034_1.7", "FTB-2034_1.7"),
    ];
    let serials = pairs.map(|(serial, _)| serial);
    let arguments = ["import", "--states", states.to_str().unwrap(), "-"];
    let answer = otp_reading(&list(&serials), &arguments);
    assert_eq!((answer.out.lines().count(), answer.err.as_str(), answer.status), (14, "", 0));
    assert_eq!(folder.names(), ["states"]);
    let mut expected: Vec<_> = pairs.iter().map(|(_, name)| format!("{name}.state")).collect();
    expected.sort();
    assert_eq!(state_files(&states), expected);
    // The second time each is found again, under the same name.
    let again = otp_reading(&list(&serials), &arguments);
    assert_eq!(again.err.matches("its state is there already").count(), 14, "{}", again.err);
    assert_eq!((state_files(&states), again.status), (expected, 0));
}

/// A token whose state cannot be written is named, and left out as a whole. It stops no other.
#[test]
fn one_bad_token_stops_no_other() {
    let folder = Folder::new("import-states-bad");
    let states = folder.0.join("states");
    fs::create_dir_all(states.join("B.state")).unwrap();
    fs::write(states.join("C.state"), "not a state").unwrap();
    fs::create_dir_all(states.join("E.state.lock")).unwrap();
    let long = "9".repeat(300);
    let umlauts = "ü".repeat(60);
    let serials = ["A", "B", "C", &long, "", "D", "E", "F", &umlauts];
    let answer = otp_reading(
        &("serial,user,seed\n".to_owned()
            + &serials.map(|serial| format!("{serial},user,{HEX}\n")).concat()),
        &["import", "--states", states.to_str().unwrap(), "-"],
    );
    assert_eq!((answer.out.lines().count(), answer.status), (3, 1), "{}", answer.err);
    let told: Vec<_> = answer.err.lines().collect();
    assert_eq!(told.len(), 6, "{told:?}");
    for (line, (place, reason)) in told.iter().zip([
        ("key 2 (user)", "the file of the state or set is a folder"),
        ("key 3 (user)", "what is there is not a state"),
        ("key 4 (user)", "the serial number is too long for a file name"),
        ("key 5 (user)", "it does not have a serial number"),
        ("key 7 (user)", "cannot lock the file of the state or set"),
        ("key 9 (user)", "the serial number is too long for a file name"),
    ]) {
        let start = format!("refused: {place}: no state: {reason}");
        assert!(line.starts_with(&start), "{start}: {line}");
    }
    assert_eq!(state_files(&states), ["A.state", "B.state", "C.state", "D.state", "F.state"]);
    assert_eq!(fs::read(states.join("C.state")).unwrap(), b"not a state");
}

/// Two tokens of one serial number would share one state, and one of them would lose its own.
#[test]
fn a_serial_number_that_comes_twice_is_an_error() {
    let folder = Folder::new("import-states-twice");
    let states = folder.0.join("states");
    // Some file systems take upper and lower case for the same.
    for twins in [["7", "7"], ["ab7", "AB7"]] {
        let [one, two] = twins;
        let answer = otp_reading(
            &list(&[one, "8", two]),
            &["import", "--states", states.to_str().unwrap(), "-"],
        );
        assert_eq!((answer.out.lines().count(), answer.status), (1, 1), "{}", answer.err);
        let twice = "no state: another token of the file has the same serial number";
        for (key, serial) in [(1, one), (3, two)] {
            let line = format!("refused: key {key} ({serial}): {twice}\n");
            assert!(answer.err.contains(&line), "{line}{}", answer.err);
        }
        assert_eq!(state_files(&states), ["8.state"]);
    }
}

/// Its state would refuse all codes until then.
#[test]
fn a_last_step_in_the_future_gives_no_state() {
    let folder = Folder::new("import-states-future");
    let states = folder.0.join("states");
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let token = |serial: &str, time: u64, drift: i16| {
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo></DeviceInfo><Key Algorithm=\"totp\"><Data><Secret>\
             <PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret><Time><PlainValue>{time}</PlainValue></Time>\
             <TimeDrift><PlainValue>{drift}</PlainValue></TimeDrift></Data></Key></KeyPackage>"
        )
    };
    let file = format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{}{}{}{}</KeyContainer>",
        token("1", now / 30, 0),
        token("2", now / 30 + 20, 20),
        token("3", now / 30 + 10, 0),
        token("4", u64::from(u32::MAX) / 30, 0),
    );
    let answer = otp_reading(&file, &["import", "--states", states.to_str().unwrap(), "-"]);
    assert_eq!((answer.out.lines().count(), answer.status), (2, 1), "{}", answer.err);
    for key in ["key 3 (3)", "key 4 (4)"] {
        let line = format!("refused: {key}: no state: its last time step is in the future\n");
        assert!(answer.err.contains(&line), "{}", answer.err);
    }
    assert_eq!(state_files(&states), ["1.state", "2.state"]);
}

/// The names of the states in a folder, without those of locks.
fn state_files(states: &Path) -> Vec<String> {
    let names = fs::read_dir(states).unwrap();
    let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".state")).collect();
    names.sort();
    names
}
