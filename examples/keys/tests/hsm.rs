//! A login with a key in SoftHSM2, compared with the same key in software.

use std::cell::Cell;
use std::env::current_exe;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::Arc;

use otp_core::verifier::{State, Swap, Verdict, Verifier};
use otp_core::{Secret, Totp};
use otp_keys::hsm::Hsm;
use otp_keys::login::{Error, log_in};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq};
use proptest::strategy::{Just, Strategy};
use proptest::test_runner::TestRunner;
use proptest::{option, prop_oneof};
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "1234";
const SECRET: &[u8] = b"12345678901234567890";

/// SoftHSM2 reads the place of its tokens from the environment, so the test with that
/// environment runs in a process of its own.
#[test]
fn a_new_token() {
    let folder = tempfile::tempdir().unwrap();
    let (tokens, config) = (folder.path().join("tokens"), folder.path().join("softhsm2.conf"));
    fs::create_dir(&tokens).unwrap();
    fs::write(&config, format!("directories.tokendir = {}\n", tokens.display())).unwrap();
    let init = ["--init-token", "--free", "--label", "otp", "--pin", PIN, "--so-pin", "4321"];
    let mut command = Command::new("softhsm2-util");
    let status = command.args(init).env("SOFTHSM2_CONF", &config).stdout(Stdio::null()).status();
    assert!(status.expect("softhsm2 is installed").success());
    let mut itself = Command::new(current_exe().unwrap());
    itself.args(["--ignored", "--nocapture", "--test-threads=1"]).env("SOFTHSM2_CONF", &config);
    assert!(itself.status().unwrap().success());
}

/// A state, and the code and the time of an attempt.
#[derive(Clone, Debug)]
struct Case {
    state: State,
    code: String,
    now: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let totp = Totp::new(&Secret::from_bytes(SECRET).unwrap());
    let code = prop_oneof![
        4 => (-8_i64..=8).prop_map(|steps| (steps, None)),
        1 => any::<u32>().prop_map(|guess| (0, Some(format!("{:06}", guess % 1_000_000)))),
        1 => Just((0, Some("12 34".to_owned()))),
    ];
    let state = (
        any::<bool>(),
        option::of(-8_i64..=8),
        -3_i16..=3,
        prop_oneof![3 => Just(0), 1 => 0..110_u32],
    );
    (1_000_000_000_u64..4_000_000_000, code, state).prop_map(move |(now, (steps, guess), parts)| {
        let (confirmed, last, drift, failures) = parts;
        let step = totp.step_at(now).unwrap();
        let mut state = if confirmed { State::confirmed() } else { State::enrolment() };
        if let Some(last) = last {
            state = state.with_last_used(step.saturating_add_signed(last));
        }
        let state = state.with_drift(drift).unwrap().with_failures(failures);
        let at = totp.period().seconds() * step.saturating_add_signed(steps);
        let code = guess.unwrap_or_else(|| totp.code_at(at).unwrap().to_string());
        Case { state, code, now }
    })
}

#[test]
#[ignore = "a_new_token runs it"]
fn verdicts_are_those_of_software() {
    let hsm = Arc::new(Hsm::open(MODULE, PIN).unwrap());
    let secret = Secret::from_bytes(SECRET).unwrap();
    hsm.store("alice", &secret).unwrap();
    // A second key, with another secret.
    hsm.store("bob", &Secret::from_bytes(b"another secret of 20").unwrap()).unwrap();
    let (software, held) = (Totp::new(&secret), Totp::from_key("alice"));
    let runtime = Runtime::new().unwrap();

    let config = ProptestConfig { cases: 256, failure_persistence: None, ..Default::default() };
    let outcome = TestRunner::new(config).run(&cases(), |Case { state, code, now }| {
        let (calls, stored) = (Cell::new(0), Cell::new(state));
        let hmacs = |factors: Vec<u64>| {
            calls.set(calls.get() + 1);
            let hsm = Arc::clone(&hsm);
            async move {
                Ok::<_, Error>(spawn_blocking(move || hsm.hmac_sha1("alice", &factors)).await??)
            }
        };
        let load = async || Ok::<_, Error>(stored.get());
        let swap = async |old, new| {
            assert_eq!(stored.replace(new), old);
            Ok::<_, Error>(Swap::Stored)
        };
        let verdict = runtime.block_on(log_in(&held, &code, now, load, hmacs, swap)).unwrap();

        let attempt = Verifier::DEFAULT.attempt(&software, state, &code, now).unwrap();
        let mut next = state;
        let settled = attempt.commit(|_, new| {
            next = new;
            Ok::<_, Error>(Swap::Stored)
        });
        let expected = settled.unwrap().verdict;
        prop_assert_eq!(stored.get(), next);
        // One batch for each checked code. Without a check, no batch.
        let judged =
            !matches!(expected, Verdict::Malformed(_) | Verdict::Disabled | Verdict::Locked { .. });
        prop_assert_eq!(calls.get(), u32::from(judged));
        prop_assert!(verdict == expected, "{verdict:?}, and in software {expected:?}");
        Ok(())
    });
    outcome.unwrap();

    // With two keys of one name, neither would answer.
    assert!(hsm.store("alice", &Secret::from_bytes(b"another secret of 20").unwrap()).is_err());
    assert!(hsm.hmac_sha1("alice", &[1]).is_ok());
    let unknown = hsm.hmac_sha1("carol", &[1]);
    assert!(unknown.is_err());
}
