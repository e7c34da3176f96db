//! `otp recovery` from the outside.

use std::fs;
use std::process::{Command, Stdio};

use crate::state::Folder;
use crate::tool::{SECRET, TOOL, answers, otp};

const PEPPER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/// The command's common part, and new codes of a set in the folder.
fn set(folder: &Folder, more: &str) -> Vec<String> {
    fs::write(folder.0.join("pepper"), PEPPER).unwrap();
    let answer = otp(&format!("recovery new {} {more}", place(folder)));
    let replaces = answer.err.starts_with("warning: the codes that this set had before");
    assert!(answer.status == 0 && (answer.err.is_empty() || replaces), "{}", answer.err);
    answer.out.lines().map(str::to_owned).collect()
}

fn place(folder: &Folder) -> String {
    let path = |name| folder.0.join(name).display().to_string();
    format!("--pepper-file {} --set {}", path("pepper"), path("set"))
}

fn redeem(folder: &Folder, rest: &str) -> String {
    format!("recovery redeem {} {rest}", place(folder))
}

#[test]
fn codes_are_shown_once_and_redeemed_once() {
    let folder = Folder::new("recovery");
    let codes = set(&folder, "--user alice");
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 24));
    let stored = fs::read(folder.0.join("set")).unwrap();
    let shown = String::from_utf8_lossy(&stored).into_owned();
    assert!(codes.iter().all(|code| !shown.contains(code.as_str())));

    let redeem = |user: &str, code: &str| redeem(&folder, &format!("--user {user} {code}"));
    // The set of another user is an error, and no guess.
    let of_another = otp(&redeem("bob", &codes[3]));
    assert_eq!((of_another.out.as_str(), of_another.status), ("", 2));
    assert!(of_another.err.contains("for another user"), "{}", of_another.err);
    answers(&redeem("alice", &codes[3].to_lowercase()), "redeemed slot=3 remaining=9\n", 0);
    // A used code and one that never was are not told apart.
    let (used, unknown) =
        (otp(&redeem("alice", &codes[3])), otp(&redeem("alice", &"0".repeat(24))));
    assert_eq!((used.out, used.err, used.status), (unknown.out, unknown.err, unknown.status));
    answers(&redeem("alice", &codes[9]), "redeemed slot=9 remaining=8\n", 0);

    let malformed = otp(&redeem("alice", "ABC"));
    assert_eq!((malformed.out.as_str(), malformed.status), ("", 2));
    assert!(malformed.err.starts_with("error: malformed code: "), "{}", malformed.err);

    // New codes are the end of the old ones, and that is said.
    let again = otp(&format!("recovery new {} --user alice", place(&folder)));
    assert!(again.err.starts_with("warning: the codes that this set had before"), "{}", again.err);
    let fresh: Vec<&str> = again.out.lines().collect();
    answers(&redeem("alice", &codes[0]), "rejected\n", 1);
    answers(&redeem("alice", fresh[0]), "redeemed slot=0 remaining=9\n", 0);
}

#[test]
fn any_number_of_codes_up_to_32() {
    for count in [1, 2, 31, 32] {
        let folder = Folder::new(&format!("count-{count}"));
        let codes = set(&folder, &format!("--count {count}"));
        assert_eq!(codes.len(), count);
        let last = format!("redeemed slot={} remaining={}\n", count - 1, count - 1);
        answers(&redeem(&folder, &codes[count - 1]), &last, 0);
    }
    let folder = Folder::new("count");
    for count in ["0", "33", "x"] {
        fs::write(folder.0.join("pepper"), PEPPER).unwrap();
        let answer = otp(&format!("recovery new {} --count {count}", place(&folder)));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    }
}

/// A keypad has no letters.
#[test]
fn codes_of_digits_are_made_and_redeemed() {
    let folder = Folder::new("recovery-digits");
    let codes = set(&folder, "--digits");
    assert_eq!(codes.len(), 10);
    for code in &codes {
        assert!(code.len() == 36 && code.bytes().all(|symbol| symbol.is_ascii_digit()), "{code}");
    }
    let groups: Vec<&str> = (0..6).map(|at| &codes[3][at * 6..][..6]).collect();
    answers(&redeem(&folder, &groups.join("-")), "redeemed slot=3 remaining=9\n", 0);
    answers(&redeem(&folder, &codes[3]), "rejected\n", 1);
    let letters = otp(&redeem(&folder, &"A".repeat(36)));
    assert_eq!((letters.out.as_str(), letters.status), ("", 2));
    assert!(letters.err.starts_with("error: malformed code: "), "{}", letters.err);

    // The next set has the codes that its own command asks for.
    assert!(set(&folder, "").iter().all(|code| code.len() == 24));
    assert!(set(&folder, "--digits").iter().all(|code| code.len() == 36));
}

#[test]
fn guesses_are_throttled_together_with_codes() {
    let folder = Folder::new("recovery-state");
    let codes = set(&folder, "");
    let state = folder.state();
    let with_state =
        |code: &str| redeem(&folder, &format!("--at 59 --state {} {code}", state.display()));
    let verify = |code: &str| format!("verify --at 59 --state {} {SECRET} {code}", state.display());
    for _ in 0..3 {
        answers(&with_state(&"0".repeat(24)), "rejected\n", 1);
    }
    for _ in 0..2 {
        answers(&verify("000000"), "rejected\n", 1);
    }
    answers(&with_state(&codes[0]), "locked until=89\n", 1);
    answers(&verify("287082"), "locked until=89\n", 1);
    // It was not used up by that.
    let later = with_state(&codes[0]).replace("--at 59", "--at 89");
    answers(&later, "redeemed slot=0 remaining=9\n", 0);
    answers(&verify("287082"), "accepted step=1 drift=0\n", 0);
}

#[test]
fn what_is_no_set_or_no_pepper_is_refused_and_left() {
    let folder = Folder::new("recovery-damaged");
    let codes = set(&folder, "");
    let line = redeem(&folder, &codes[0]);
    let good = fs::read(folder.0.join("set")).unwrap();
    let mut later = good.clone();
    later[0] = 99;
    for bytes in [&b""[..], &good[..good.len() - 1], &later, &[0xff; 384]] {
        fs::write(folder.0.join("set"), bytes).unwrap();
        let answer = otp(&line);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert!(answer.err.contains("left as it is"), "{}", answer.err);
        assert_eq!(fs::read(folder.0.join("set")).unwrap(), bytes);
    }
    fs::write(folder.0.join("set"), &good).unwrap();
    for (pepper, sentence) in [
        ("", "less than 32 hexadecimal digits"),
        ("00112233445566778899aabbccddee", "less than 32 hexadecimal digits"),
        ("zz112233445566778899aabbccddeeff", "not hexadecimal"),
    ] {
        fs::write(folder.0.join("pepper"), pepper).unwrap();
        let answer = otp(&line);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert!(answer.err.contains(sentence), "{}", answer.err);
    }
    // Another pepper is recognised, and no guess.
    fs::write(folder.0.join("pepper"), "ff".repeat(32)).unwrap();
    let answer = otp(&line);
    assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    assert!(answer.err.contains("another pepper or for another user"), "{}", answer.err);
    fs::write(folder.0.join("pepper"), PEPPER).unwrap();
    answers(&line, "redeemed slot=0 remaining=9\n", 0);
}

#[test]
fn what_is_missing_is_said() {
    let answer = otp("recovery");
    assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    assert!(answer.err.contains("redeem"), "{}", answer.err);
    let folder = Folder::new("recovery-missing");
    fs::write(folder.0.join("pepper"), PEPPER).unwrap();
    let answer = otp(&redeem(&folder, &"0".repeat(24)));
    assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    assert!(answer.err.contains("`otp recovery new` makes one"), "{}", answer.err);
}

#[test]
fn f11_of_many_processes_with_one_code_one_redeems_it() {
    let folder = Folder::new("recovery-processes");
    let codes = set(&folder, "");
    let line = redeem(&folder, &codes[5]);
    let children: Vec<_> = (0..30)
        .map(|_| {
            let mut command = Command::new(TOOL);
            command.args(line.split_whitespace()).stdin(Stdio::null());
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let outputs = children.into_iter().map(|child| child.wait_with_output().unwrap().stdout);
    let redeemed = outputs.filter(|output| output == b"redeemed slot=5 remaining=9\n").count();
    assert_eq!(redeemed, 1);
}
