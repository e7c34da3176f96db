//! `otp find` from the outside.

use crate::import::data;
use crate::tool::{Answer, SECRET, otp_reading};

fn find(input: &str, arguments: &[&str]) -> Answer {
    otp_reading(input, &[&["find"], arguments].concat())
}

/// Three keys, of which the second is time-based and the third counts.
fn list() -> String {
    format!(
        "otpauth://totp/ACME:alice?secret={}\notpauth://totp/ACME:bob?secret={SECRET}\n\
         otpauth://hotp/Token:carol?secret={SECRET}&digits=8&counter=2\n",
        SECRET.replace("GEZ", "GEY")
    )
}

#[test]
fn tells_name_and_step_or_counter() {
    let answer = find(&list(), &["--at", "89", "287082", "-"]);
    assert_eq!((answer.out.as_str(), answer.status), ("found step=1 key=2 name=ACME: bob\n", 0));
    assert_eq!(answer.err, "");
    // Five steps back, by default, and no further.
    let answer = find(&list(), &["--at", "209", "287 082", "-"]);
    assert_eq!(answer.out, "found step=1 key=2 name=ACME: bob\n");
    let answer = find(&list(), &["--at", "210", "287082", "-"]);
    assert_eq!((answer.out.as_str(), answer.status), ("none\n", 1));
    let answer = find(&list(), &["--at", "210", "--past", "6", "287082", "-"]);
    assert_eq!(answer.status, 0);
    // The code of counter 3 (RFC 4226 appendix D, with eight digits).
    let answer = find(&list(), &["--at", "5000000", "26969429", "-"]);
    assert_eq!(answer.out, "found counter=3 key=3 name=Token: carol\n");
}

#[test]
fn tells_the_serial_number_of_a_token_in_any_format() {
    let answer = find("", &["--at", "0", "84755224", &data("rfc6030_figure10.xml")]);
    let lines: Vec<_> = answer.out.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], "found counter=0 key=1 serial=654321 name=Issuer: 654321");
    assert_eq!(answer.err, "note: 4 keys have this code: ask for the next one\n");
    let answer =
        find("", &["--at", "59", "--past", "0", "--future", "0", "287082", &data("entra.csv")]);
    assert_eq!(
        answer.out, "found step=1 key=2 serial=1000003 name=ACME: carol@example.com\n",
        "{}",
        answer.err
    );
    // That an entry cannot be read is told, and stops nothing.
    assert!(answer.err.starts_with("refused: token 2 (1000002)"), "{}", answer.err);
    // The learned drift of token B001, 4 steps of 60 seconds, moves what is looked at.
    let json = otp_reading("", &["import", "--json", &data("python_pskc_plain.xml")]).out;
    let token: serde_json::Value = serde_json::from_str(json.lines().nth(3).unwrap()).unwrap();
    let hex = token["secret_hex"].as_str().unwrap();
    let at = ["code", "--hex", "--period", "60", "--at", "6540", hex];
    let code = otp_reading("", &at).out;
    let exact = ["--at", "6300", "--past", "0", "--future", "0", code.trim()];
    let answer = find("", &[&exact[..], &[&data("python_pskc_plain.xml")]].concat());
    assert_eq!(answer.out, "found step=109 key=4 serial=B001 name=B001\n", "{}", answer.err);
}

#[test]
fn a_malformed_code_and_a_broken_file_are_errors() {
    for (code, input, sentence) in [
        ("12345", list(), "malformed code: "),
        ("287082x", list(), "malformed code: "),
        ("287082", String::new(), "the file is empty"),
    ] {
        let answer = find(&input, &[code, "-"]);
        assert_eq!((answer.out.as_str(), answer.status), ("", 2), "{code}");
        assert!(answer.err.contains(sentence), "{}", answer.err);
        assert!(!answer.err.contains("287082") && !answer.err.contains("GEZD"), "{}", answer.err);
    }
}
