//! `--color` from the outside.

use std::process::Command;

use crate::tool::{TOOL, otp};

const RED: &str = "\u{1b}[1;31merror\u{1b}[0m: the secret is empty\n";
const PLAIN: &str = "error: the secret is empty\n";

#[test]
fn messages_have_colours_if_they_are_wanted() {
    // Standard error is not a terminal here.
    for (line, expected) in [
        ("code ====", PLAIN),
        ("--color auto code ====", PLAIN),
        ("--color never code ====", PLAIN),
        ("--color always code ====", RED),
        ("code --color=always ====", RED),
    ] {
        let answer = otp(line);
        assert_eq!(
            (answer.err.as_str(), answer.out.as_str(), answer.status),
            (expected, "", 2),
            "{line}"
        );
    }
    let warning = otp("--color always code --at 59 JBSWY3DPEHPK3PXP");
    assert_eq!((warning.out.as_str(), warning.status), ("996554\n", 0));
    assert!(warning.err.starts_with("\u{1b}[1;33mwarning\u{1b}[0m: "), "{}", warning.err);
    let wrong = otp("--color sometimes code ====");
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("one of auto, always, never"), "{}", wrong.err);
}

#[test]
fn a_terminal_has_colours_unless_no_color_is_set() {
    let at_terminal = |no_color: &str| {
        let line = format!("{TOOL} code ====");
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env("NO_COLOR", no_color).env("TERM", "xterm");
        command.output().ok().map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let Some(shown) = at_terminal("") else {
        println!("skipped: there is no `script`");
        return;
    };
    assert_eq!(shown.replace('\r', ""), RED);
    assert_eq!(at_terminal("1").unwrap().replace('\r', ""), PLAIN);
}
