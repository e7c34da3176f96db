//! Compares with `oathtool` of the OATH Toolkit, which must compute the same codes.
//!
//! If `oathtool` is not installed, the test says so and checks nothing. With
//! `OTP_REQUIRE_OATHTOOL`, which CI sets, it fails instead.

use std::io::Write;
use std::process::Command;
use std::sync::OnceLock;

use otp_core::{Algorithm, Digits, Hotp, KeySchedule, LookAhead, Period, Window};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::data::{algorithms, to_hex, totp};

fn available() -> bool {
    static AVAILABLE: OnceLock<bool> = OnceLock::new();
    *AVAILABLE.get_or_init(|| {
        let there = Command::new("oathtool").arg("--version").output().is_ok();
        let required = std::env::var_os("OTP_REQUIRE_OATHTOOL").is_some();
        assert!(there || !required, "oathtool is not installed, and OTP_REQUIRE_OATHTOOL is set");
        if !there {
            // The test harness hides the output of eprintln! if a test passes.
            let mut loud = std::io::stderr();
            writeln!(loud, "SKIPPED: oathtool is not installed (Debian package `oathtool`)")
                .unwrap();
        }
        there
    })
}

fn oathtool(arguments: &[String]) -> String {
    let output = Command::new("oathtool").args(arguments).output().unwrap();
    assert!(output.status.success(), "oathtool {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// The numbers of digits that oathtool supports.
fn digits() -> impl Strategy<Value = Digits> {
    proptest::sample::select(&[Digits::Six, Digits::Seven, Digits::Eight][..])
}

fn keys() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 1..=200)
}

#[test]
fn hotp() {
    if !available() {
        return;
    }
    let counters = prop_oneof![0..1_000_u64, any::<u64>(), u64::MAX - 9..=u64::MAX];
    TestRunner::default()
        .run(&(keys(), counters, digits()), |(key, counter, digits)| {
            let arguments = ["-c", &counter.to_string(), "-d", &digits.to_string(), &to_hex(&key)]
                .map(Into::into);
            let code = oathtool(&arguments);
            let schedule = KeySchedule::from_raw_key(Algorithm::Sha1, &key).unwrap();
            let hotp = Hotp::from_key(schedule).with_digits(digits);
            prop_assert_eq!(hotp.code(counter).to_string(), code.clone());
            prop_assert!(hotp.verify(&code, counter, LookAhead::NONE).is_ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn totp_at_any_time() {
    if !available() {
        return;
    }
    // Up to the year with ten digits, the limit of oathtool.
    let times = prop_oneof![0..5_000_000_000_u64, 0..60_000_000_000_000_000_u64];
    let periods = prop_oneof![Just(30), Just(60), 1..100_000_u64];
    let algorithms = proptest::sample::select(algorithms().collect::<Vec<_>>());
    let strategy = (keys(), algorithms, times, any::<u64>(), periods, digits());
    TestRunner::default()
        .run(&strategy, |(key, algorithm, now, t0, period, digits)| {
            // T0 is 0 half of the time. Otherwise it is before now.
            let t0 = if t0 % 2 == 0 { 0 } else { t0 % (now + 1) };
            let arguments = [
                format!("--totp={}", algorithm.name().to_lowercase()),
                format!("--now=@{now}"),
                format!("--start-time=@{t0}"),
                format!("--time-step-size={period}s"),
                format!("--digits={digits}"),
                to_hex(&key),
            ];
            let code = oathtool(&arguments);
            let totp = totp(algorithm, &key)
                .with_digits(digits)
                .with_period(Period::new(period).unwrap())
                .with_t0(t0);
            prop_assert_eq!(totp.code_at(now).unwrap().to_string(), code.clone());
            prop_assert_eq!(totp.verify_at(&code, now, Window::EXACT).unwrap().drift(), 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn base32_secrets() {
    if !available() {
        return;
    }
    TestRunner::default()
        .run(&(keys(), 0..1_000_u64), |(key, counter)| {
            prop_assume!(key.len() <= otp_core::Secret::MAX_LEN);
            let secret = otp_core::Secret::from_bytes_allow_short(&key).unwrap();
            let base32 = secret.expose_base32().to_string();
            let code = oathtool(&["-b".into(), "-c".into(), counter.to_string(), base32]);
            prop_assert_eq!(Hotp::new(&secret).code(counter).to_string(), code);
            Ok(())
        })
        .unwrap();
}
