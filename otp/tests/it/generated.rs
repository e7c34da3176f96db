//! `otp completions` and `otp man` from the outside.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::tool::otp;

#[test]
fn every_shell_has_completions() {
    for (shell, word) in [
        ("bash", "complete -F _otp"),
        ("zsh", "#compdef otp"),
        ("fish", "complete -c otp"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[otp]"),
    ] {
        let answer = otp(&format!("completions {shell}"));
        assert_eq!((answer.status, answer.err.as_str()), (0, ""));
        assert!(answer.out.contains(word), "{shell}: {}", answer.out);
        assert!(
            answer.out.contains("passphrase-file") && answer.out.contains("migrate"),
            "{shell}"
        );
    }
    let wrong = otp("completions tcsh");
    assert_eq!((wrong.status, wrong.out.as_str()), (2, ""));
    assert!(wrong.err.contains("one of bash, zsh, fish, powershell, elvish"), "{}", wrong.err);
}

/// Words that bash completes with the script.
#[test]
fn bash_completes_commands_and_values() {
    let script = otp("completions bash").out;
    for (words, expected) in
        [("otp sta", "state"), ("otp state unl", "unlock"), ("otp import --from andot", "andotp")]
    {
        let last = words.split(' ').count() - 1;
        let line = format!(
            "{script}\nCOMP_WORDS=({words}) COMP_CWORD={last}\n\
             _otp otp \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$COMP_CWORD-1]}}\"\n\
             echo \"${{COMPREPLY[@]}}\"\n"
        );
        let child = Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            println!("skipped: there is no bash");
            return;
        };
        child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), expected, "{words}");
    }
}

#[test]
fn man_pages_tell_options_and_statuses() {
    let page = otp("man");
    assert_eq!((page.status, page.err.as_str()), (0, ""));
    for word in [".TH OTP 1", "otp\\-import(1)", "Exit status"] {
        assert!(page.out.contains(word), "{word}: {}", page.out);
    }
    let page = otp("man import").out;
    for word in [".TH OTP-IMPORT 1", "passphrase", "Exit status: 0 if every entry was read"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(otp("man state unlock").out.contains("enable"));
    let wrong = otp("man secret");
    assert_eq!((wrong.status, wrong.out.as_str()), (2, ""));
    assert_eq!(wrong.err, "error: there is no such command: `otp --help` lists them\n");
}

/// `otp completions bash | head -1` ends without a message. So does every other command if the
/// reader of its pipe has gone.
#[cfg(unix)]
#[test]
fn a_reader_that_goes_is_no_error_to_tell() {
    let keys = crate::import::data("python_pskc_plain.xml");
    for line in ["completions bash", "man", "--help", &format!("import --json {keys}")] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(crate::tool::TOOL);
        let output = command.args(line.split(' ')).stdin(Stdio::null()).stdout(writer).output();
        let output = output.unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{line}");
    }
}
