//! The `otp` command from the outside: what it prints, and with which status it ends.

use std::io::Write;
use std::process::{Command, Stdio};

pub(crate) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const HEX: &str = "3132333435363738393031323334353637383930";

/// The path of the program that cargo built for this test.
pub(crate) const TOOL: &str = env!("CARGO_BIN_EXE_otp");

pub(crate) struct Answer {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn otp_reading(input: &str, arguments: &[&str]) -> Answer {
    otp_reading_bytes(input.as_bytes(), arguments)
}

pub(crate) fn otp_reading_bytes(input: &[u8], arguments: &[&str]) -> Answer {
    let mut child = Command::new(TOOL)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The tool may end without reading what it was given.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Answer {
        status: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn otp(line: &str) -> Answer {
    otp_reading("", &line.split_whitespace().collect::<Vec<_>>())
}

#[track_caller]
pub(crate) fn answers(line: &str, out: &str, status: i32) {
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

/// A device that takes the local time for Unix time: T0 is as far before 1970 as the zone is ahead.
#[test]
fn a_negative_t0_is_for_devices_on_local_time() {
    let local = 9 * 3600;
    answers(
        &format!("code --at 59 --t0 -{local} {SECRET}"),
        &otp(&format!("code --at {} {SECRET}", 59 + local)).out,
        0,
    );
    answers(&format!("code --at 29 --t0 -30 {SECRET}"), "287082\n", 0);
    answers(&format!("code --at 59 --t0 -0 {SECRET}"), "287082\n", 0);
    answers(&format!("verify --at 29 --t0=-30 {SECRET} 287082"), "accepted step=1 drift=0\n", 0);
    answers(&format!("verify --at 59 --t0 -61 {SECRET} 287082"), "rejected\n", 1);
    refuses(&["code", "--at", &u64::MAX.to_string(), "--t0", "-1", SECRET], "too far apart");
    refuses(&["code", "--t0=--1", SECRET], "'--t0 <UNIX>': not a number of 64 bits");
    refuses(&["code", "--t0", "-x", SECRET], "error: ");
    let folder = crate::state::Folder::new("negative-t0");
    let state = folder.state();
    let state = state.to_str().unwrap();
    let line = ["verify", "--state", state, "--at", "29", "--t0", "-30", SECRET, "287082"];
    refuses(&line, "a negative --t0 is not for --state: `otp resync --hours 14");
    assert!(folder.names().is_empty());
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
fn exactly_128_bits_are_enough() {
    let answer = otp(&format!("code --hex --at 59 {}", &HEX[..32]));
    assert_eq!((answer.out.len(), answer.status, answer.err.as_str()), (7, 0, ""));
    let answer = otp(&format!("code --hex --at 59 {}", &HEX[..30]));
    assert_eq!((answer.out.len(), answer.status), (7, 0));
    assert_eq!(answer.err, "warning: the secret has 120 bits, RFC 4226 asks for at least 128\n");
}

/// The default that `--help` says, without `--look-ahead`.
#[test]
fn looks_ten_counters_ahead_by_default() {
    answers(&format!("verify --counter 0 {SECRET} 403154"), "accepted counter=10 next=11\n", 0);
    answers(&format!("verify --counter 0 {SECRET} 481090"), "rejected\n", 1);
    answers(&format!("verify --counter 1 {SECRET} 481090"), "accepted counter=11 next=12\n", 0);
    let uri = format!("otpauth://hotp/a?secret={SECRET}&counter=0");
    answers(&format!("verify {uri} 403154"), "accepted counter=10 next=11\n", 0);
    answers(&format!("verify {uri} 481090"), "rejected\n", 1);
}

/// White space and invisible characters do not count in Base32. Everything else from standard
/// input is kept, except line ends.
#[test]
fn reads_base32_as_a_clipboard_has_it() {
    for text in [
        format!("{SECRET}\n"),
        format!("{SECRET}\r\n"),
        format!("{SECRET}\n\n"),
        format!("{SECRET}\r"),
        format!("{SECRET}\t\n"),
        format!("{SECRET}\u{a0}\n"),
        format!("{SECRET}\u{b}"),
        format!("\t{SECRET}\n"),
        format!("\n{SECRET}\n"),
        format!("\u{feff}{SECRET}\n"),
        format!("{}\n{}\n", &SECRET[..16], &SECRET[16..]),
    ] {
        let answer = otp_reading(&text, &["code", "--at", "59", "-"]);
        assert_eq!((answer.out.as_str(), answer.status), ("287082\n", 0), "{}", answer.err);
    }
    for (text, offset) in [(format!("{SECRET}.\n"), 32), (format!("\u{e9}{SECRET}"), 0)] {
        let answer = otp_reading(&text, &["code", "--at", "59", "-"]);
        let expected =
            format!("error: the secret is not Base32: not a Base32 symbol at byte {offset}\n");
        assert_eq!(
            (answer.status, answer.err, answer.out),
            (2, expected, String::new()),
            "{text:?}"
        );
    }
    let answer = otp_reading(&format!("{HEX}. \n"), &["code", "--hex", "--at", "59", "-"]);
    assert_eq!(answer.err, "error: the secret is not hexadecimal at byte 40\n");
}

#[test]
fn reads_the_secret_from_standard_input() {
    for input in [SECRET.to_owned(), format!("{SECRET}\n"), format!("{SECRET}\r\n")] {
        let answer = otp_reading(&input, &["code", "--at", "59", "-"]);
        assert_eq!((answer.out.as_str(), answer.status), ("287082\n", 0), "{}", answer.err);
        let answer = otp_reading(&input, &["verify", "--at", "59", "-", "287082"]);
        assert_eq!(answer.status, 0, "{}", answer.err);
    }
    let answer = otp_reading(&format!("{HEX}\n"), &["code", "--hex", "--at", "59", "-"]);
    assert_eq!(answer.out, "287082\n");
    let answer = otp_reading("", &["code", "-"]);
    assert_eq!((answer.status, answer.err.as_str()), (2, "error: the secret is empty\n"));
    let answer = otp_reading("GEZ1\n", &["code", "-"]);
    assert_eq!(answer.err, "error: the secret is not Base32: not a Base32 symbol at byte 3\n");
}

#[test]
fn every_bad_input_gets_a_sentence_and_status_2() {
    refuses(&["code"], "required");
    refuses(&["verify", SECRET], "required");
    refuses(&["code", ""], "the secret is empty");
    refuses(&["code", "===="], "the secret is empty");
    refuses(&["code", "GEZ0"], "not a Base32 symbol at byte 3");
    refuses(&["code", "GEZ=D"], "after padding at byte 4");
    refuses(&["code", "--hex", "3"], "odd number");
    refuses(&["code", "--hex", "3g"], "not hexadecimal at byte 1");
    refuses(&["code", "--hex", "+1"], "not hexadecimal at byte 0");
    refuses(&["code", "--digits", "5", SECRET], "6 to 10 digits");
    refuses(&["code", "--digits", "11", SECRET], "6 to 10 digits");
    refuses(&["code", "--digits", "six", SECRET], "not a number from 6 to 10");
    refuses(&["code", "--period", "0", SECRET], "at least 1 second");
    refuses(&["code", "--period", "-30", SECRET], "not a number of seconds");
    refuses(&["code", "--algorithm", "MD5", SECRET], "unknown algorithm");
    refuses(&["code", "--at", "-1", SECRET], "for '--at <UNIX>': not a number of 64 bits");
    refuses(&["code", "--at", "18446744073709551616", SECRET], "not a number of 64 bits");
    refuses(&["code", "--at", "+59", SECRET], "not a number of 64 bits");
    refuses(&["code", "--counter", "-1", SECRET], "'--counter <N>': not a number of 64 bits");
    refuses(&["code", "--counter", "1", "--at", "5", SECRET], "cannot be used with");
    refuses(&["code", "--counter", "1", "--period", "5", SECRET], "cannot be used with");
    refuses(&["code", "--at", "9", "--t0", "10", SECRET], "before T0");
    refuses(&["verify", "--at", "9", "--t0", "10", SECRET, "123456"], "before T0");
    refuses(
        &["verify", "--past", "101", SECRET, "123456"],
        "'--past <N>': not a number from 0 to 100",
    );
    refuses(&["verify", "--future", "65535", SECRET, "123456"], "not a number from 0 to 100");
    refuses(&["verify", "--look-ahead", "2", SECRET, "123456"], "needs --counter");
    refuses(&["verify", "--counter", "1", "--past", "2", SECRET, "123456"], "cannot be used with");
    refuses(
        &["verify", "--counter", "1", "--look-ahead", "101", SECRET, "123456"],
        "not a number from 0 to 100",
    );
    for code in ["", "12345", "1234567", "+287082", "-287082", "2_87082", "28708²", "0x287082"] {
        refuses(&["verify", "--at", "59", SECRET, code], "malformed code");
    }
}

/// An argument in the place of an option or a command may be a secret.
#[test]
fn no_message_repeats_a_secret_or_a_code() {
    for arguments in [
        &["code", SECRET, SECRET][..],
        &["code", "--at", "59", SECRET, "287082"],
        &["verify", SECRET, "287082", SECRET],
        &[SECRET],
        &["code", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ!"],
        &["code", "--hex", SECRET],
        &["verify", "--at", "59", SECRET, "287082x"],
        &["code", "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=5"],
        &["inspect", "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=5"],
        &["inspect", SECRET],
        // A value was forgotten, and what comes next is taken for it.
        &["code", "--at", SECRET],
        &["code", "--counter", SECRET],
        &["code", "--period", SECRET],
        &["code", "--digits", SECRET],
        &["code", "--algorithm", SECRET],
        &["code", "--hex=GEZDGNBVGY3TQOJQ"],
        &["verify", "--past", "287082", SECRET],
        &["verify", "--look-ahead", "287082", "--counter", "1", SECRET],
    ] {
        let answer = otp_reading("", arguments);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{arguments:?}");
        assert!(answer.err.starts_with("error: "), "{}", answer.err);
        for known in [SECRET, "GEZD", "287082"] {
            assert!(!answer.err.contains(known), "{arguments:?}: {}", answer.err);
        }
    }
}

#[test]
fn the_tour_tells_of_a_code_that_is_accepted_and_of_those_that_are_not() {
    let answer = otp("");
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    for word in ["shared secret", "oathtool", "accepted, time step", "not accepted", "malformed"] {
        assert!(answer.out.contains(word), "{word} in {}", answer.out);
    }
}

#[test]
fn help_is_no_error() {
    for arguments in [&["--help"][..], &["code", "--help"], &["verify", "--help"]] {
        let answer = otp_reading("", arguments);
        assert_eq!((answer.status, answer.err.as_str()), (0, ""));
        assert!(answer.out.contains("Usage"), "{}", answer.out);
    }
    for arguments in [
        &["--help"][..],
        &["import", "--help"],
        &["find", "--help"],
        &["export", "--help"],
        &["resync", "--help"],
        &["verify", "--help"],
        &["recovery", "redeem", "--help"],
        &["state", "unlock", "--help"],
    ] {
        let answer = otp_reading("", arguments);
        assert!(answer.out.contains("status"), "{arguments:?}: {}", answer.out);
    }
}

/// If nothing can be written, that is an error, and never a panic.
#[test]
fn a_full_device_is_no_reason_to_panic() {
    let run = |arguments: &[&str], out: bool| {
        let full = || Stdio::from(std::fs::File::create("/dev/full").unwrap());
        let mut command = Command::new(TOOL);
        command.args(arguments).stdin(Stdio::null());
        let pipes = if out { (full(), Stdio::piped()) } else { (Stdio::piped(), full()) };
        let output = command.stdout(pipes.0).stderr(pipes.1).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run(&["code", "--at", "59", SECRET], true).0, Some(2));
    assert_eq!(run(&[], true).0, Some(2));
    // The warning is lost, the answer is not.
    let short = run(&["code", "--at", "59", "JBSWY3DPEHPK3PXP"], false);
    assert_eq!(short, (Some(0), "996554\n".into()));
    for arguments in [&["code", "GEZ0"][..], &["bogus"], &["code", "--bogus"], &["code"]] {
        assert_eq!(run(arguments, false).0, Some(2), "{arguments:?}");
    }
}

#[test]
fn takes_key_uris() {
    let hotp = format!("otpauth://hotp/a?secret={SECRET}&counter=3");
    let totp = format!("OTPAUTH://totp/A:a?secret={SECRET}&digits=8&period=60");
    answers(&format!("code --at 119 {totp}"), "94287082\n", 0);
    answers(&format!("code --at 119 --digits 6 {totp}"), "287082\n", 0);
    answers(&format!("code --at 59 --period 30 {totp}"), "94287082\n", 0);
    answers(&format!("code {hotp}"), "969429\n", 0);
    answers(&format!("code --counter 0 {hotp}"), "755224\n", 0);
    answers(&format!("verify {hotp} 969429"), "accepted counter=3 next=4\n", 0);
    answers(&format!("verify --look-ahead 0 {hotp} 338314"), "rejected\n", 1);
    answers(&format!("verify --look-ahead 1 {hotp} 338314"), "accepted counter=4 next=5\n", 0);
    answers(&format!("verify --at 179 {totp} 94287082"), "accepted step=1 drift=-1\n", 0);
    let steam = format!("otpauth://steam/a?secret={SECRET}");
    answers(&format!("code --at 59 {steam}"), "PV9M4\n", 0);
    answers(&format!("verify --at 59 {steam} pv9m4"), "accepted step=1 drift=0\n", 0);
    let answer = otp_reading(&format!("{totp}\n"), &["code", "--at", "119", "-"]);
    assert_eq!(answer.out, "94287082\n");
    refuses(&["code", "--counter", "1", &totp], "not for a URI of time-based codes");
    refuses(&["code", "--at", "1", &hotp], "not for a hotp URI");
    refuses(&["verify", "--past", "1", &hotp, "969429"], "not for a hotp URI");
    refuses(&["code", "--hex", &totp], "not for a key URI");
    refuses(&["code", "otpauth://totp/a"], "secret: missing");
}

#[test]
fn inspects_for_people() {
    let uri = format!("otpauth://totp/ACME%20Co:j%C3%BCrgen?secret={SECRET}&digits=8");
    let answer = otp_reading("", &["inspect", &uri]);
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    for line in [
        "type       totp",
        "issuer     ACME Co",
        "account    jürgen",
        "digits     8",
        "period     30 s",
    ] {
        assert!(answer.out.lines().any(|known| known == line), "{line} in {}", answer.out);
    }
    assert!(!answer.out.contains(HEX) && !answer.out.contains("GEZD"), "{}", answer.out);
    assert!(answer.out.contains("160 bits"));
    assert!(otp_reading("", &["inspect", "--show-secret", &uri]).out.contains(HEX));
    // Direction marks are shown as escapes. F55: what reorders the text is refused.
    let uri = format!("otpauth://totp/%E2%80%8Fgnp?secret={SECRET}");
    assert!(otp_reading("", &["inspect", &uri]).out.contains("\\u{200f}gnp"));
    let uri = format!("otpauth://totp/%E2%80%AEgnp?secret={SECRET}");
    let answer = otp_reading("", &["inspect", &uri]);
    assert_eq!((answer.status, answer.out.as_str()), (2, ""));
    assert!(answer.err.contains("text-direction override (at byte 15)"), "{}", answer.err);
}

#[test]
fn inspects_for_programs() {
    let json = |uri: &str| otp_reading("", &["inspect", "--json", uri]);
    let answer = json(&format!("otpauth://totp/A%22B:a%5Cb?secret={SECRET}"));
    let expected = format!(
        r#"{{"ok":true,"type":"totp","issuer":"A\"B","account":"a\\b","secret_hex":"{HEX}","algorithm":"SHA1","digits":6,"period":30,"counter":null}}"#
    );
    assert_eq!((answer.out.trim_end(), answer.status), (expected.as_str(), 0));
    let answer = json(&format!("otpauth://hotp/a?secret={SECRET}&counter=18446744073709551615"));
    let expected = format!(
        r#"{{"ok":true,"type":"hotp","issuer":null,"account":"a","secret_hex":"{HEX}","algorithm":"SHA1","digits":6,"period":null,"counter":18446744073709551615}}"#
    );
    assert_eq!((answer.out.trim_end(), answer.status), (expected.as_str(), 0));
    let answer = json(&format!("otpauth://steam/a?secret={SECRET}"));
    let expected = format!(
        r#"{{"ok":true,"type":"steam","issuer":null,"account":"a","secret_hex":"{HEX}","algorithm":"SHA1","digits":5,"period":30,"counter":null}}"#
    );
    assert_eq!(answer.out.trim_end(), expected);
    let answer = json("otpauth://totp/a");
    let expected =
        r#"{"ok":false,"error":"secret-missing","message":"secret: missing (at byte 16)"}"#;
    assert_eq!((answer.out.trim_end(), answer.status), (expected, 2));
    let padded = format!("otpauth://totp/a?secret={SECRET}%3D");
    assert!(json(&padded).out.starts_with(r#"{"ok":true"#));
    let strict = otp_reading("", &["inspect", "--json", "--strict", &padded]);
    assert!(strict.out.contains("secret-refused"), "{}", strict.out);
}

/// Google's own example of an export, and what is none.
#[test]
fn inspects_exports() {
    let uri = "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
    let entry = r#"{"ok":true,"type":"totp","issuer":"Example","account":"alice@google.com","secret_hex":"48656c6c6f21deadbeef","algorithm":"SHA1","digits":6,"period":30,"counter":null}"#;
    let expected = format!(r#"{{"ok":true,"type":"migration","entries":[{entry}]}}"#);
    let answer = otp_reading("", &["inspect", "--json", uri]);
    assert_eq!((answer.out.trim_end(), answer.status), (expected.as_str(), 0));
    let answer = otp_reading("", &["inspect", uri]);
    assert!(answer.out.contains("account    alice@google.com"), "{}", answer.out);
    assert!(!answer.out.contains("48656c"), "{}", answer.out);
    let answer = otp_reading("", &["inspect", "--json", &uri[..uri.len() - 8]]);
    assert_eq!(answer.status, 2);
    assert!(
        answer.out.starts_with(r#"{"ok":false,"error":"migration-truncated""#),
        "{}",
        answer.out
    );
    let strict = otp_reading("", &["inspect", "--json", "--strict", uri]);
    assert!(strict.out.contains("secret-refused"), "{}", strict.out);
}

/// Hundreds of URIs on standard input have an answer each, in order, also after a wrong one.
#[test]
fn inspects_many() {
    let table = include_str!("../../../tests/data/key_uris.txt");
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<_> = lines.map(|line| line.splitn(3, '\t').collect::<Vec<_>>()).collect();
    for (flags, separator) in [(&["--json"][..], "\n"), (&["--json", "--null"], "\0")] {
        let uris: Vec<_> = rows.iter().map(|row| row[2].replace("\\n", "\u{1}")).collect();
        let input = uris.join(separator) + separator;
        let answer = otp_reading(&input, &[&["inspect", "-"], flags].concat());
        assert_eq!((answer.status, answer.err.as_str()), (0, ""));
        assert_eq!(answer.out.lines().count(), rows.len());
        for (line, row) in answer.out.lines().zip(&rows) {
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            let expected: Vec<_> = row[0].split('|').collect();
            // The export of an app is not a key URI, but this command knows it.
            let is_ok = expected.len() > 1;
            assert_eq!(object["ok"], is_ok, "{row:?}: {line}");
            if is_ok {
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
    // No line feed at the end, an empty line, a carriage return, bytes that are not text.
    let good = format!("otpauth://totp/a?secret={SECRET}");
    let answer = otp_reading(&format!("\n{good}\r\nx\n{good}"), &["inspect", "--json", "-"]);
    let oks: Vec<_> = answer.out.lines().map(|line| line.starts_with(r#"{"ok":true"#)).collect();
    assert_eq!(oks, [false, true, false, true]);
    let answer = otp_reading("x\n", &["inspect", "-"]);
    assert_eq!(answer.out, "refused: scheme: not supported, expected otpauth:// (at byte 0)\n");
}

/// A new key can be used at once: the URI, the symbols for typing and the picture are of the
/// same secret.
#[test]
fn enrolls() {
    let svg = std::env::temp_dir().join(format!("otp-enroll-{}.svg", std::process::id()));
    let arguments =
        ["enroll", "--issuer", "ACME Co", "--account", "a&b@c", "--svg", svg.to_str().unwrap()];
    let answer = otp_reading("", &arguments);
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    let mut lines = answer.out.lines();
    let uri = lines.next().unwrap();
    assert!(uri.starts_with("otpauth://totp/ACME%20Co:a%26b%40c?secret="), "{uri}");
    assert!(uri.ends_with("&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30"), "{uri}");
    let typed = lines.nth(2).unwrap();
    assert_eq!(typed.split(' ').map(str::len).collect::<Vec<_>>(), [4; 8], "{typed}");
    let codes = [uri, typed].map(|key| otp_reading("", &["code", "--at", "59", key]).out);
    assert_eq!(codes[0], codes[1]);
    assert!(answer.out.contains('▀'), "{}", answer.out);
    let text = std::fs::read_to_string(&svg).unwrap();
    assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "{text}");
    std::fs::remove_file(&svg).unwrap();
    refuses(
        &["enroll", "--issuer", "a", "--account", "b", "--svg", "/nowhere/at/all.svg"],
        "error: --svg: there is no such folder",
    );
    // Another time it is another secret.
    assert_ne!(otp_reading("", &arguments[..5]).out.lines().next().unwrap(), uri);
    let long =
        otp_reading("", &["enroll", "--issuer", "a", "--account", "b", "--algorithm", "SHA512"]);
    assert!(long.out.lines().next().unwrap().ends_with("&algorithm=SHA512&digits=6&period=30"));
    refuses(&["enroll", "--issuer", "a\n", "--account", "b"], "issuer: a control character");
    refuses(&["enroll", "--issuer", "a", "--account", "b\u{1b}"], "account: a control character");
    refuses(&["enroll", "--account", "b"], "required");
}
