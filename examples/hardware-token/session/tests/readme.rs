//! The session of README.md, line by line.

use session::Session;

const README: &str = include_str!("../../README.md");
const BLOCK: &str = "```text\notp-core token, `help` lists the commands\n";

/// The typed lines, with their answers.
fn transcript() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, rest) = README.split_once(BLOCK).expect("README.md has a session");
    let (block, _) = rest.split_once("```").expect("the session has an end");
    let mut asked = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("> ") {
            Some(typed) => asked.push((typed, Vec::new())),
            None => asked.last_mut().expect("a prompt comes first").1.push(line),
        }
    }
    asked
}

#[test]
fn is_what_happens() {
    let asked = transcript();
    assert!(asked.len() > 10);
    let mut token = Session::start();
    for (typed, answer) in asked {
        assert_eq!(token.ask(typed), answer, "{typed:?}: not as README.md says");
    }
}

/// Negative control, run by `test.sh`: an answer that changed has to be noticed.
#[test]
#[ignore = "has to fail"]
fn control_another_answer() {
    let (typed, answer) = transcript().pop().expect("a last line");
    let mut token = Session::start();
    token.ask("put otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ");
    token.ask("put otpauth://hotp/b?secret=GEZDGNBVGY3TQOJQ");
    token.ask("put otpauth://hotp/c?secret=GEZDGNBVGY3TQOJQ");
    assert_eq!(token.ask(typed), answer, "{typed:?}: not as README.md says");
}
