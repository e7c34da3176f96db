//! The commands of the README, as they stand there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::state::Folder;
use crate::tool::TOOL;

/// A newcomer with a maker's PSKC file has a verifying token in three commands.
#[cfg(unix)]
#[test]
fn a_seed_file_becomes_a_verifying_token_in_three_commands() {
    let readme = include_str!("../../README.md");
    let section = readme.split("## From a maker's seed file").nth(1).unwrap();
    let block = section.split("```").nth(1).unwrap().strip_prefix("sh\n").unwrap();
    assert_eq!(block.lines().count(), 3);
    let folder = Folder::new("readme");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in ["otp", "tests"] {
        std::os::unix::fs::symlink(root.join(name), folder.0.join(name)).unwrap();
    }
    let tools = Path::new(TOOL).parent().unwrap().display();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap());
    for line in block.lines() {
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(&folder.0)
            .env("PATH", &path)
            .output();
        let output = output.unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{line}: {err}");
        assert_eq!(err, "", "{line}");
        let expected = line.split("# ").nth(1).unwrap_or_default();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), expected, "{line}");
    }
    let keys = fs::read_to_string(folder.0.join("keys.txt")).unwrap();
    assert!(keys.starts_with("otpauth://hotp/Example-Issuer:987654321?secret="), "{keys}");
}
