//! A login with a key in a TPM. `swtpm` stands in for the TPM.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use otp_core::verifier::{State, Swap, Verdict};
use otp_core::{Algorithm, HmacKey, KeySchedule, Secret, Totp};
use otp_keys::login::{Error, log_in};
use otp_keys::tpm::Tpm;
use tokio::task::spawn_blocking;

const SECRET: &[u8] = b"12345678901234567890";
const NOW: u64 = 59;

struct Chip(Child);

impl Chip {
    /// Starts a new TPM. Returns it and its address. It listens on a port and on the next one.
    fn start(folder: &std::path::Path) -> (Self, String) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let start = Instant::now();
        let mut command = Command::new("swtpm");
        command.args(["socket", "--tpm2", "--flags", "not-need-init,startup-clear", "--tpmstate"]);
        command.arg(format!("dir={}", folder.display()));
        command.args(["--server", &format!("type=tcp,port={port}")]);
        command.args(["--ctrl", &format!("type=tcp,port={}", port + 1)]);
        let mut chip = Self(command.spawn().expect("swtpm is installed"));
        // Each command of tpm2-tools opens a connection and closes it, so this connection does
        // no harm.
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "swtpm does not listen");
            sleep(Duration::from_millis(20));
            if chip.0.try_wait().unwrap().is_some() {
                // Another program uses one of the two ports.
                return Self::start(folder);
            }
        }
        (chip, format!("swtpm:host=127.0.0.1,port={port}"))
    }
}

impl Drop for Chip {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_tpm_gives_the_codes_of_software() {
    let (state, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_chip, address) = Chip::start(state.path());
    let tpm = Arc::new(Tpm::new(keys.path().to_owned(), &address));
    tpm.make_parent().unwrap();
    let secret = Secret::from_bytes(SECRET).unwrap();
    tpm.store("alice", &secret).unwrap();

    let software = KeySchedule::new(Algorithm::Sha1, &secret).unwrap();
    let factors = [0, 1, 0xffff_ffff, u64::MAX];
    let answers = tpm.hmac_sha1("alice", &factors).unwrap();
    for (factor, answer) in factors.into_iter().zip(answers) {
        let Ok(expected) = software.truncated(factor);
        assert_eq!(answer.expose_bits(), expected.expose_bits(), "{factor}");
    }

    let mut stored = State::confirmed();
    let totp = Totp::from_key("alice");
    for accepted in [true, false] {
        let before = stored;
        let hmacs = |factors: Vec<u64>| {
            let tpm = Arc::clone(&tpm);
            async move { spawn_blocking(move || tpm.hmac_sha1("alice", &factors)).await? }
        };
        let row = std::cell::Cell::new(before);
        let load = async || Ok::<_, Error>(row.get());
        let swap = async |_, new| {
            row.set(new);
            Ok::<_, Error>(Swap::Stored)
        };
        let verdict = log_in(&totp, "287082", NOW, load, hmacs, swap).await.unwrap();
        assert_eq!(matches!(verdict, Verdict::Accepted(_)), accepted, "{verdict:?}");
        stored = row.get();
    }

    // No file contains the secret in plain text, and an existing key is not replaced.
    for file in std::fs::read_dir(keys.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| SECRET.windows(8).any(|part| part == window)));
    }
    assert!(tpm.store("alice", &secret).is_err());
    for name in ["bob", "", "../alice", "a/b"] {
        assert!(tpm.hmac_sha1(name, &[1]).is_err(), "{name}");
    }
}

/// The power was cut while a secret was being stored. Each case is a set of files that are left.
#[test]
fn a_name_can_be_used_again_after_a_power_cut() {
    let (state, keys) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_chip, address) = Chip::start(state.path());
    let tpm = Tpm::new(keys.path().to_owned(), &address);
    tpm.make_parent().unwrap();
    let secret = Secret::from_bytes(SECRET).unwrap();
    let Ok(expected) = KeySchedule::new(Algorithm::Sha1, &secret).unwrap().truncated(1);
    let file = |name: &str| keys.path().join(name);
    for (name, ends) in [("a", &["plain"][..]), ("b", &["pub"]), ("c", &["priv"])] {
        for end in ends {
            std::fs::write(file(&format!("{name}.{end}")), SECRET).unwrap();
        }
        tpm.store(name, &secret).unwrap();
        let answers = tpm.hmac_sha1(name, &[1]).unwrap();
        assert_eq!(answers[0].expose_bits(), expected.expose_bits(), "{name}");
        assert!(tpm.store(name, &secret).is_err(), "{name} has a key");
    }
    // These names are never used again, so only `recover` can remove their secrets.
    for left in ["d.plain", "e.plain"] {
        std::fs::write(file(left), SECRET).unwrap();
    }
    tpm.recover().unwrap();
    for entry in std::fs::read_dir(keys.path()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read(&path).unwrap();
        assert!(!text.windows(SECRET.len()).any(|part| part == SECRET), "{path:?} has the secret");
    }
    assert!(tpm.hmac_sha1("a", &[1]).is_ok(), "a complete key stays");
}
