//! The tool writes files with secrets for their owner only, as a whole, and never through a
//! link.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::import::data;
use crate::state::Folder;
use crate::tool::{Answer, SECRET, TOOL, otp, otp_reading};

/// The start of a file, and the arguments that write it, up to its name.
fn writers() -> [(&'static str, Vec<String>); 3] {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect();
    let keys = data("ente.txt");
    [
        ("<svg", words("enroll --issuer ACME --account alice --svg")),
        ("<svg", words(&format!("export {keys} --svg"))),
        ("otpauth://", words(&format!("import {keys} --output"))),
    ]
}

/// Runs a writer. `export` gets the folder, and writes `001.svg` into it.
fn write(arguments: &[String], folder: &Path) -> (Answer, std::path::PathBuf) {
    let is_export = arguments[0] == "export";
    let name = if arguments[0] == "import" { "keys.txt" } else { "001.svg" };
    let file = folder.join(name);
    let target = if is_export { folder } else { &file };
    let mut arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    arguments.push(target.to_str().unwrap());
    (otp_reading("", &arguments), file)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A file that everybody may read is replaced by one that only its owner may read. A process
/// that has the old one open does not see the new secret.
#[test]
fn a_file_that_everybody_may_read_is_replaced() {
    for (at, (start, arguments)) in writers().into_iter().enumerate() {
        let folder = Folder::new(&format!("written-{at}"));
        let (_, file) = write(&arguments, &folder.0);
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let open = folder.0.join("open");
        fs::hard_link(&file, &open).unwrap();
        let (answer, file) = write(&arguments, &folder.0);
        assert_eq!(answer.status, 0, "{}", answer.err);
        assert!(fs::read_to_string(&file).unwrap().starts_with(start), "{arguments:?}");
        assert_eq!(mode(&file), 0o600, "{arguments:?}");
        assert_eq!(fs::read_to_string(&open).unwrap(), "old");
        assert!(!folder.names().iter().any(|name| name.contains(".new")), "{:?}", folder.names());
    }
}

/// A link that somebody has put there does not lead a secret to another place.
#[test]
fn no_link_is_followed_and_nothing_but_a_file_is_replaced() {
    for (at, (_, arguments)) in writers().into_iter().enumerate() {
        let folder = Folder::new(&format!("written-link-{at}"));
        let elsewhere = folder.0.join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let (_, file) = write(&arguments, &folder.0);
        let target = elsewhere.join("target");
        for there in [true, false] {
            let _ = fs::remove_file(&file);
            symlink(&target, &file).unwrap();
            if there {
                fs::write(&target, "theirs").unwrap();
            } else {
                fs::remove_file(&target).unwrap();
            }
            let (answer, file) = write(&arguments, &folder.0);
            assert_eq!((answer.out.contains(SECRET), answer.status), (false, 2), "{arguments:?}");
            assert!(answer.err.contains("it is a link, a folder or a device"), "{}", answer.err);
            assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
            assert_eq!(fs::read(&target).ok(), there.then(|| b"theirs".to_vec()));
        }
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert_eq!(write(&arguments, &folder.0).0.status, 2);
    }
}

/// The tool does not write into a file that a killed process has left, or that somebody has put
/// there.
#[test]
fn the_new_file_of_a_state_is_always_made_anew() {
    let folder = Folder::new("written-new");
    let target = folder.0.join("target");
    fs::write(&target, "theirs").unwrap();
    let state = folder.state();
    let line = format!("verify --state {} --at 59 {SECRET} 287082", state.display());
    symlink(&target, folder.0.join("state.new")).unwrap();
    assert_eq!(otp(&line).out, "accepted step=1 drift=0\n");
    assert_eq!(fs::read_to_string(&target).unwrap(), "theirs");
    assert_eq!((mode(&state), state.is_symlink()), (0o600, false));
    assert_eq!(folder.names(), ["state", "state.lock", "target"]);
    // If others may read the file, neither its rights nor its content stay.
    fs::write(folder.0.join("state.new"), "left by a process that was killed").unwrap();
    fs::set_permissions(folder.0.join("state.new"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(otp(&line).out, "replayed\n");
    assert_eq!((mode(&state), fs::metadata(&state).unwrap().len()), (0o600, 38));
    // A link in the place of the lock makes no file elsewhere.
    fs::remove_file(folder.0.join("state.lock")).unwrap();
    symlink(folder.0.join("made"), folder.0.join("state.lock")).unwrap();
    assert_eq!(otp(&line).status, 2);
    assert!(!folder.0.join("made").exists());
}

/// With any mask, and also while it is being written.
#[test]
fn an_import_writes_a_file_of_its_own_or_nothing() {
    let folder = Folder::new("written-output");
    let keys = folder.0.join("keys.txt");
    let shell = |file: &str| {
        let line = format!("umask 000; {TOOL} import {file} --output {}", keys.display());
        Command::new("sh").args(["-c", &line]).status().unwrap().code()
    };
    assert_eq!(shell(&data("ente.txt")), Some(0));
    assert_eq!(mode(&keys), 0o600);
    let before = fs::read_to_string(&keys).unwrap();
    assert_eq!(before, otp_reading("", &["import", &data("ente.txt")]).out);
    // A file that gives nothing does not empty the one that is there.
    assert_eq!(shell(&data("aegis_encrypted.json")), Some(2));
    assert_eq!(fs::read_to_string(&keys).unwrap(), before);
    assert_eq!(folder.names(), ["keys.txt"]);
    // `-` is standard output, as it is standard input.
    let list = data("ente.txt");
    let mut command = Command::new(TOOL);
    let output = command.args(["import", "--output", "-", &list]).current_dir(&folder.0).output();
    assert_eq!(String::from_utf8(output.unwrap().stdout).unwrap(), before);
    assert_eq!(folder.names(), ["keys.txt"]);
}
