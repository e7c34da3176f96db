//! The `otp` example from the outside: what it prints, and with which status it ends.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HEX: &str = "3132333435363738393031323334353637383930";

/// Builds the example as this test was built, and returns where it lies.
fn tool() -> &'static PathBuf {
    static TOOL: OnceLock<PathBuf> = OnceLock::new();
    TOOL.get_or_init(|| {
        // target/PROFILE/deps/it-…
        let profile =
            std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "otp", "--target-dir"]);
        build.arg(profile.parent().unwrap());
        if profile.file_name().unwrap() == "release" {
            build.arg("--release");
        }
        if !cfg!(feature = "sha2") {
            build.arg("--no-default-features");
        }
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().unwrap().success());
        profile.join("examples").join(format!("otp{}", std::env::consts::EXE_SUFFIX))
    })
}

struct Answer {
    status: i32,
    out: String,
    err: String,
}

fn otp_reading(input: &str, arguments: &[&str]) -> Answer {
    let mut child = Command::new(tool())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The tool may end without reading what it was given.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Answer {
        status: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn otp(line: &str) -> Answer {
    otp_reading("", &line.split_whitespace().collect::<Vec<_>>())
}

#[track_caller]
fn answers(line: &str, out: &str, status: i32) {
    let answer = otp(line);
    assert_eq!((answer.out.as_str(), answer.status), (out, status), "{line}: {}", answer.err);
}

#[track_caller]
fn refuses(arguments: &[&str], sentence: &str) {
    let answer = otp_reading("", arguments);
    assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{arguments:?}");
    assert!(answer.err.contains(sentence), "{arguments:?}: {}", answer.err);
    assert!(!answer.err.contains("panicked"), "{}", answer.err);
}

#[test]
fn prints_the_code_and_nothing_else() {
    answers(&format!("code --at 59 {SECRET}"), "287082\n", 0);
    answers(&format!("code --at 59 --digits 8 {SECRET}"), "94287082\n", 0);
    answers(&format!("code {SECRET} --at 1111111109 --digits 8 --algorithm sha1"), "07081804\n", 0);
    answers(&format!("code --hex --at 59 {HEX}"), "287082\n", 0);
    answers(&format!("code --at 159 --t0 100 {SECRET}"), "287082\n", 0);
    answers(&format!("code --at 119 --period 60 {SECRET}"), "287082\n", 0);
    answers(&format!("code --counter 3 {SECRET}"), "969429\n", 0);
    answers(&format!("code --counter {} {SECRET}", u64::MAX), "094451\n", 0);
    answers(&format!("code --at {} --period 1 {SECRET}", u64::MAX), "094451\n", 0);
    let answer = otp(&format!("code --at 59 {SECRET}"));
    assert_eq!(answer.err, "");
}

#[test]
fn the_default_time_is_now() {
    let now = || std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let before = now();
    let code = otp(&format!("code {SECRET}")).out;
    // The clock may pass into the next step meanwhile.
    let possible = [before, now()].map(|at| otp(&format!("code --at {at} {SECRET}")).out);
    assert!(possible.contains(&code));
    let answer = otp(&format!("verify {SECRET} {}", code.trim()));
    assert_eq!(answer.status, 0, "{}{}", answer.out, answer.err);
}

#[cfg(feature = "sha2")]
#[test]
fn other_algorithms() {
    let seed = HEX.repeat(4);
    answers(
        &format!("code --hex --at 59 --digits 8 --algorithm SHA256 {}", &seed[..64]),
        "46119246\n",
        0,
    );
    answers(
        &format!("code --hex --at 59 --digits 8 --algorithm sha512 {}", &seed[..128]),
        "90693936\n",
        0,
    );
}

#[cfg(not(feature = "sha2"))]
#[test]
fn other_algorithms() {
    refuses(&["code", "--algorithm", "SHA256", SECRET], "needs the feature `sha2`");
}

#[test]
fn verifies() {
    answers(&format!("verify --at 59 {SECRET} 287082"), "accepted step=1 drift=0\n", 0);
    answers(&format!("verify --at 89 {SECRET} 287082"), "accepted step=1 drift=-1\n", 0);
    answers(&format!("verify --at 29 {SECRET} 287082"), "accepted step=1 drift=1\n", 0);
    answers(&format!("verify --at 90 {SECRET} 287082"), "rejected\n", 1);
    answers(&format!("verify --at 29 --future 0 {SECRET} 287082"), "rejected\n", 1);
    answers(&format!("verify --at 89 --past 0 {SECRET} 287082"), "rejected\n", 1);
    answers(
        &format!("verify --at 120 --past 3 --future 0 {SECRET} 287082"),
        "accepted step=1 drift=-3\n",
        0,
    );
    answers(
        &format!("verify --at 0 --past 100 --future 100 {SECRET} 755224"),
        "accepted step=0 drift=0\n",
        0,
    );
    answers(
        &format!("verify --counter 0 --look-ahead 3 {SECRET} 969429"),
        "accepted counter=3 next=4\n",
        0,
    );
    answers(&format!("verify --counter 0 --look-ahead 2 {SECRET} 969429"), "rejected\n", 1);
    answers(&format!("verify --counter 4 {SECRET} 969429"), "rejected\n", 1);
    answers(
        &format!("verify --counter {0} {SECRET} 094451", u64::MAX),
        &format!("accepted counter={} next=none\n", u64::MAX),
        0,
    );
    let spaced = otp_reading("", &["verify", "--at", "59", SECRET, " 287\u{a0}082 "]);
    assert_eq!((spaced.out.as_str(), spaced.status), ("accepted step=1 drift=0\n", 0));
}

#[test]
fn short_secrets_work_with_one_line_of_warning() {
    let answer = otp("code --at 59 JBSWY3DPEHPK3PXP");
    assert_eq!((answer.out.as_str(), answer.status), ("996554\n", 0));
    assert_eq!(answer.err.lines().count(), 1);
    assert!(answer.err.contains("80 bits"), "{}", answer.err);
    // Long ones too: a key of any length.
    let long = "A".repeat(480);
    let answer = otp(&format!("code --counter 0 {long}"));
    assert_eq!((answer.out.len(), answer.status, answer.err.as_str()), (7, 0, ""));
}

#[test]
fn reads_the_secret_from_standard_input() {
    for input in [SECRET.to_owned(), format!("{SECRET}\n"), format!("{SECRET}\r\n")] {
        let answer = otp_reading(&input, &[&["inspect", "-"], flags].concat());
        assert_eq!((answer.status, answer.err.as_str()), (0, ""));
        assert_eq!(answer.out.lines().count(), rows.len());
        for (line, row) in answer.out.lines().zip(&rows) {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            let is_ok = row[0].contains('|');
            assert_eq!(object["ok"], is_ok, "{row:?}: {line}");
            if is_ok {
                let expected: Vec<_> = row[0].split('|').collect();
                assert_eq!(object["type"], expected[0]);
                assert_eq!(object["issuer"].as_str().unwrap_or("-"), expected[1]);
                assert_eq!(object["account"], expected[2]);
                assert_eq!(object["algorithm"], expected[3]);
                assert_eq!(object["digits"].to_string(), expected[4]);
                let last = if expected[0] == "hotp" { "counter" } else { "period" };
                assert_eq!(object[last].to_string(), expected[5]);
                assert_eq!(object["secret_hex"], expected[6]);
            }
        }
    }
    // No line feed at the end, an empty line, a carriage return.
    let good = format!("otpauth://totp/a?secret={SECRET}");
    let answer = otp_reading(&format!("\n{good}\r\nx\n{good}"), &["inspect", "--json", "-"]);
    let oks: Vec<_> = answer.out.lines().map(|line| line.starts_with("{\"ok\":true")).collect();
    assert_eq!(oks, [false, true, false, true]);
    let answer = otp_reading("x\n", &["inspect", "-"]);
    assert_eq!(answer.out, "refused: scheme: not supported (at byte 0)\n");
}
