//! SQLite, when the system refuses to write.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::program::{Program, number};

const SPENT: &str = "SELECT count(*) FROM mfa_tokens WHERE spent = 1";

/// Runs a command, and returns whether it succeeded.
fn run(command: &str, arguments: &[&str]) -> bool {
    Command::new(command).args(arguments).status().is_ok_and(|status| status.success())
}

/// Limits the size of the files that the process may write.
pub fn limit(program: &Program, fsize: &str) {
    let pid = program.pid().to_string();
    assert!(run("prlimit", &["--pid", &pid, &format!("--fsize={fsize}:")]));
}

/// F47: SQLite undoes a transaction by itself. The next one on that connection must not
/// continue the old one. The server may only issue tokens if another connection can see the
/// spent mfa_token.
fn nothing_leaves(folder: &Path, reason: &str, fail: impl Fn(&Program), mend: impl Fn(&Program)) {
    let url = format!("sqlite://{}", folder.join("db").display());
    let spent = || number(&url, SPENT);
    let mut server = Program::start(folder, &url);
    let user = server.enrolled("a@example.com");
    let tokens: Vec<_> = (0..10).map(|_| server.log_in(&user.email).unwrap()).collect();
    let code = user.code(0);
    assert_eq!(spent(), 1);

    fail(&server);
    // One request after the other, so that each gets the connection on which the previous one
    // failed.
    let mut handed_out = 0;
    for token in &tokens {
        for answer in [server.otp(token, &code), server.recover(token, &user.recovery_code)] {
            let answer = answer.unwrap();
            handed_out += i64::from(answer.status == 200);
            assert_eq!(spent(), 1 + handed_out, "{answer:?}");
            answer.is_unavailable();
        }
    }
    assert_eq!(server.get("/healthz").status, 200);
    let ready = server.get("/readyz");
    assert_eq!((ready.status, ready.field("reason").as_str()), (503, reason));

    // The server recovers by itself, and both codes still work, once.
    mend(&server);
    server.heals();
    assert_eq!(server.otp(&tokens[0], &code).unwrap().status, 200);
    assert_eq!(server.recover(&tokens[1], &user.recovery_code).unwrap().status, 200);
    assert_eq!(spent(), 3);
    server.kill();
    let server = Program::start(folder, &url);
    assert_eq!(server.otp(&tokens[2], &code).unwrap().status, 403);
    assert_eq!(server.recover(&tokens[2], &user.recovery_code).unwrap().status, 403);
}

/// The system refuses each write.
#[test]
fn f47_nothing_is_handed_out_while_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    nothing_leaves(folder.path(), "io", |it| limit(it, "0"), |it| limit(it, "unlimited"));
}

/// A file system that is unmounted at the end of the test.
struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let folder = self.0.to_str().unwrap();
        assert!(run("umount", &["--lazy", folder]));
    }
}

impl Mounted {
    /// Mounts a file system in memory, if the system allows it.
    fn memory(folder: &TempDir) -> Option<Self> {
        let path = folder.path().to_str().unwrap();
        if !run("mount", &["-t", "tmpfs", "-o", "size=4m", "tmpfs", path]) {
            eprintln!("not tested: this machine does not allow mounts");
            return None;
        }
        Some(Self(folder.path().to_owned()))
    }
}

/// A read-only disk is reported at the start.
#[test]
fn a_read_only_disk_is_told() {
    let folder = TempDir::new().unwrap();
    let Some(mounted) = Mounted::memory(&folder) else { return };
    let url = format!("sqlite://{}", mounted.0.join("db").display());
    Program::start(&mounted.0, &url).kill();
    assert!(run("mount", &["-o", "remount,ro", mounted.0.to_str().unwrap()]));
    let said = Program::refusal(&mounted.0, &url);
    assert!(said.contains("Read-only file system") && said.contains("/db"), "{said}");
}

/// The disk is full.
#[test]
fn f47_nothing_is_handed_out_while_the_disk_is_full() {
    let folder = TempDir::new().unwrap();
    let Some(mounted) = Mounted::memory(&folder) else { return };
    let ballast = mounted.0.join("ballast");
    let fill = |_: &Program| {
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
    };
    nothing_leaves(&mounted.0, "full", fill, |_| fs::remove_file(&ballast).unwrap());
}
