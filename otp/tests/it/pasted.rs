//! Texts that people type and paste, by the table that the core is tested with.

use crate::tool::{SECRET, otp_reading};

use self::rows::rows;

#[path = "../../../tests/it/pasted/rows.rs"]
mod rows;

#[test]
fn codes_as_arguments() {
    for (outcome, text) in rows("code") {
        let answer = otp_reading("", &["verify", "--at", "59", SECRET, "--", &text]);
        match outcome {
            "read" => assert_eq!(answer.status, 0, "{text:?}: {}", answer.err),
            _ => {
                // A code of the wrong form is an error, and no wrong code.
                assert_eq!((answer.status, answer.out.as_str()), (2, ""), "{text:?}");
                assert!(answer.err.contains("code"), "{text:?}: {}", answer.err);
            }
        }
    }
}

#[test]
fn secrets_on_standard_input() {
    for (outcome, text) in rows("secret") {
        let answer = otp_reading(&text, &["code", "--at", "59", "-"]);
        let told = |words: &str| assert!(answer.err.contains(words), "{text:?}: {}", answer.err);
        match outcome {
            "read" => assert_eq!((answer.out.as_str(), answer.err.as_str()), ("287082\n", "")),
            "mixed-case" => {
                // Read all the same, with a warning.
                assert_eq!(answer.status, 0);
                told("it may be Base64");
            }
            "other-encoding" => {
                assert_eq!(answer.status, 2);
                told("it looks like");
            }
            _ => {
                assert_eq!(answer.status, 2);
                told("not Base32");
            }
        }
    }
}
