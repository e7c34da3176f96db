//! No message repeats an argument that may be a secret or a code.

use std::fs;
use std::process::Command;

use crate::import::data;
use crate::state::Folder;
use crate::tool::{HEX, SECRET, TOOL, otp_reading};

/// A value in the place of another one: swapped arguments, the key instead of its file.
#[test]
fn no_message_repeats_an_argument_that_is_not_a_file() {
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    let google = "otpauth-migration://offline?data=CigKFDEyMzQ1Njc4OTAxMjM0NTY3ODkw";
    let folder = Folder::new("untold");
    let (keys, state) = (data("ente.txt"), folder.state());
    let (keys, state) = (keys.as_str(), state.to_str().unwrap());
    let pepper = folder.0.join("pepper");
    fs::write(&pepper, HEX).unwrap();
    let pepper = pepper.to_str().unwrap();
    let figure = data("rfc6030_figure6.xml");
    for secret in [uri.as_str(), google, SECRET, HEX, "qwerty", "287082", "a/b/qwerty", "/qwerty"] {
        for line in [
            &["import", secret][..],
            &["export", secret],
            &["inspect", keys, secret],
            &["find", keys, secret],
            &["find", "287082", secret],
            &["find", "--past", secret, "0", keys],
            &["import", "--key", secret, &figure],
            &["import", "--passphrase-file", secret, &figure],
            &["import", "--from", secret, keys],
            &["export", "--google", secret],
            &["export", keys, secret],
            &["export", "--svg", "/dev/null/x", secret],
            &["state", "show", secret],
            &["state", "unlock", secret],
            &["state", "migrate", secret],
            &["state", secret],
            &["man", secret],
            &["completions", secret],
            &["recovery", "new", "--pepper-file", secret, "--set", state],
            &["recovery", "redeem", "--pepper-file", pepper, "--set", state, secret],
            &["verify", "--state", state, "0", secret],
            &["resync", "--state", state, "0", secret, secret],
            &["code", "--at", secret, SECRET],
            &["code", "--digits", secret, SECRET],
            &["verify", "--past", secret, SECRET, "287082"],
            &["enroll", "--issuer", "a", "--account", "b", "--algorithm", secret],
            &[secret],
        ] {
            let answer = otp_reading("", line);
            let told = format!("{}{}", answer.err, answer.out);
            assert!(!told.contains(secret) && !told.contains("GEZD"), "{line:?}: {told}");
            assert!(!told.contains("qwerty"), "{line:?}: {told}");
        }
    }
}

/// Paths below a folder that is not there, in which a secret was taken for a name.
#[test]
fn no_message_repeats_a_place_that_cannot_be_written() {
    for name in [SECRET, "qwerty"] {
        let place = format!("/dev/null/{name}");
        let keys = data("ente.txt");
        for line in [
            &["export", "--svg", &place, &keys][..],
            &["import", "--states", &place, &keys],
            &["import", "--output", &place, &keys],
            &["enroll", "--issuer", "a", "--account", "b", "--svg", &place],
        ] {
            let answer = otp_reading("", line);
            assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{line:?}");
            assert!(!answer.err.contains(name), "{line:?}: {}", answer.err);
        }
    }
}

/// A message says which argument is meant, and names a file that is there.
#[test]
fn a_message_says_which_argument_is_meant() {
    let folder = Folder::new("untold-named");
    let folder = folder.0.to_str().unwrap();
    let keys = data("ente.txt");
    let figure = data("rfc6030_figure6.xml");
    let uri = format!("otpauth://totp/a?secret={SECRET}");
    for (line, sentence) in [
        (&["import", "nowhere"][..], "error: FILE: there is no such file\n"),
        (
            &["export", &uri],
            "error: FILE: a key URI instead of a file: `-` reads it from standard input\n",
        ),
        (&["find", &keys, "287082"], "error: FILE: there is no such file\n"),
        (&["import", folder], "error: FILE: it is a folder\n"),
        (&["import", "--key", HEX, &figure], "error: --key: there is no such file\n"),
        (
            &["import", "--passphrase-file", "qwerty", &figure],
            "error: --passphrase-file: there is no such file\n",
        ),
        (&["state", "show", "nowhere"], "error: FILE: there is no such file\n"),
        (
            &["recovery", "new", "--pepper-file", "nowhere", "--set", "x"],
            "error: --pepper-file: there is no such file\n",
        ),
        (&["import", "--states", &keys, &keys], "error: --states: "),
        (
            &["import", "--output", folder, &keys],
            "error: --output: it is a link, a folder or a device",
        ),
    ] {
        let answer = otp_reading("", line);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{line:?}");
        assert!(answer.err.starts_with(sentence), "{line:?}: {}", answer.err);
    }
}

#[cfg(unix)]
#[test]
fn an_argument_that_is_not_text_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let argument = std::ffi::OsStr::from_bytes(b"qwerty\xff");
    for command in ["code", "inspect"] {
        let output = Command::new(TOOL).arg(command).arg(argument).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(err.starts_with("error: an argument is not text in UTF-8\n"), "{err}");
    }
}
