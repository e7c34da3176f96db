//! Imports users of other systems, from rows as these systems store them: `docs/migrate`.
//!
//! Each user has one authenticator, with the secret of RFC 4226 appendix D if the system allows it.
//! The current step is 59,666,666, and the last login was one step before.

use otp_core::verifier::{DisabledBy, Lifecycle, State, Verdict, Verifier};
use otp_core::{Algorithm, Digits, Hotp, KeySchedule, Period, Secret, Totp};
use serde_json::{Value, json};

use crate::data::from_hex;
use crate::verifier::Account;

const NOW: u64 = 1_790_000_000;
const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// The codes of steps 59,666,664 to 59,666,668, computed with Python's HMAC.
const CODES: [&str; 5] = ["682098", "508016", "144003", "186791", "116566"];

fn number(row: &Value, name: &str) -> u64 {
    row[name].as_u64().unwrap_or_else(|| panic!("{name}"))
}

fn account<V: otp_core::verifier::Verifiable<Key = KeySchedule>>(
    engine: V,
    state: State,
) -> Account<V> {
    Account { engine, verifier: Verifier::DEFAULT, state }
}

fn is_accepted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Accepted(_))
}

/// The code of the last login is refused, and the next code is accepted once.
fn goes_on(engine: Totp, state: State) {
    assert!(state.requires_code());
    let mut account = account(engine, state);
    assert!(matches!(account.submit(CODES[1], NOW), Verdict::Replayed));
    assert!(is_accepted(&account.submit(CODES[2], NOW)));
    assert!(matches!(account.submit(CODES[2], NOW), Verdict::Replayed));
}

/// The last step is unknown, so every code of the window is accepted once.
fn goes_on_without_a_step(engine: Totp, state: State) {
    assert!(state.requires_code());
    let mut account = account(engine, state);
    assert!(is_accepted(&account.submit(CODES[1], NOW)));
    assert!(is_accepted(&account.submit(CODES[2], NOW)));
    assert!(matches!(account.submit(CODES[1], NOW), Verdict::Replayed));
}

fn totp() -> Totp {
    Totp::new(&Secret::from_base32(BASE32).unwrap())
}

#[test]
fn from_django_otp() {
    let state = |row: &Value| {
        let state = if row["confirmed"] == true { State::confirmed() } else { State::enrolment() };
        let drift = i16::try_from(row["drift"].as_i64().unwrap()).unwrap();
        let failures = u32::try_from(number(row, "throttling_failure_count")).unwrap();
        let state = state.with_drift(drift).unwrap().with_failures(failures);
        u64::try_from(row["last_t"].as_i64().unwrap())
            .map_or(state, |step| state.with_last_used(step))
    };
    let mut row = json!({
        "key": HEX, "step": 30, "t0": 0, "digits": 6, "tolerance": 1, "drift": 0, "last_t": 59_666_665,
        "confirmed": true, "throttling_failure_count": 0,
    });
    let engine = || {
        let secret = Secret::from_bytes(&from_hex(HEX)).unwrap();
        Totp::new(&secret).with_digits(Digits::new(6).unwrap())
    };
    goes_on(engine(), state(&row));
    row["last_t"] = json!(-1);
    goes_on_without_a_step(engine(), state(&row));
    // A user whose phone is two steps behind, and who has not logged in since.
    row["drift"] = json!(-2);
    assert!(is_accepted(&account(engine(), state(&row)).submit(CODES[0], NOW)));
    // Step 0 is a valid step.
    row["last_t"] = json!(0);
    assert_eq!(state(&row).next_factor(), Some(1));
    // One of a hundred tries is left.
    row["throttling_failure_count"] = json!(99);
    let mut last = account(engine(), state(&row));
    assert!(matches!(last.submit("000000", NOW), Verdict::Rejected(_)));
    assert_eq!(last.state.lifecycle(), Lifecycle::Disabled(DisabledBy::Failures));
    row["confirmed"] = json!(false);
    assert!(!state(&row).requires_code());

    let row = json!({ "key": HEX, "digits": 6, "tolerance": 5, "counter": 3 });
    let hotp = Hotp::new(&Secret::from_bytes(&from_hex(HEX)).unwrap());
    let state = State::confirmed().with_next_counter(number(&row, "counter"));
    let mut by_counter = account(hotp, state);
    assert!(matches!(by_counter.submit("359152", NOW), Verdict::Replayed));
    assert!(is_accepted(&by_counter.submit("969429", NOW)));
}

#[test]
fn from_privacyidea() {
    let state = |row: &Value| {
        let step = row["tokeninfo"]["timeStep"].as_str().unwrap().parse::<f64>().unwrap();
        let shift = row["tokeninfo"]["timeShift"].as_str().unwrap().parse::<f64>().unwrap();
        // Counted to the beginning of a step.
        let state = State::confirmed()
            .with_drift((shift / step).ceil() as i16)
            .unwrap()
            .with_failures(u32::try_from(number(row, "failcount")).unwrap());
        // For TOTP this is the last used step.
        match number(row, "count") {
            0 => state,
            step => state.with_last_used(step),
        }
    };
    let mut row = json!({
        "serial": "TOTP0000AFB9", "tokentype": "totp", "otplen": 6, "count": 59_666_665, "failcount": 2, "active": true,
        "tokeninfo": { "timeStep": "30", "timeShift": "0.0", "hashlib": "sha1" },
    });
    goes_on(totp(), state(&row));
    row["count"] = json!(0);
    goes_on_without_a_step(totp(), state(&row));
    // The last code was typed 20 seconds after its step began. The clock is a little fast now.
    row["tokeninfo"]["timeShift"] = json!("-20.0");
    assert_eq!(state(&row).drift(), 0);
    assert!(is_accepted(&account(totp(), state(&row)).submit(CODES[3], NOW)));
    row["tokeninfo"]["timeShift"] = json!("-58.5");
    assert_eq!(state(&row).drift(), -1);
    assert!(is_accepted(&account(totp(), state(&row)).submit(CODES[0], NOW)));
    // An inactive authenticator blocks the login, and does not skip the second factor.
    let mut switched_off = account(totp(), state(&row).disabled());
    assert!(switched_off.state.requires_code());
    assert!(!is_accepted(&switched_off.submit(CODES[2], NOW)));
}

#[test]
fn from_keycloak() {
    let engine = |row: &Value| {
        let [secret, data] = ["secret_data", "credential_data"]
            .map(|name| serde_json::from_str::<Value>(row[name].as_str().unwrap()).unwrap());
        let value = secret["value"].as_str().unwrap();
        let secret = match data["secretEncoding"].as_str() {
            None => Secret::from_bytes_allow_short(value.as_bytes()),
            Some(name) if name.eq_ignore_ascii_case("BASE32") => {
                Secret::from_base32_allow_short(value)
            }
            Some(name) => panic!("{name}"),
        };
        assert_eq!(data["algorithm"], "HmacSHA1");
        let digits = Digits::new(number(&data, "digits").try_into().unwrap()).unwrap();
        let period = Period::new(number(&data, "period")).unwrap();
        Totp::for_algorithm(Algorithm::Sha1, &secret.unwrap())
            .unwrap()
            .with_digits(digits)
            .with_period(period)
    };
    let text = json!({
        "type": "otp", "secret_data": r#"{"value":"12345678901234567890"}"#,
        "credential_data": r#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}"#,
    });
    let base32 = json!({
        "type": "otp", "secret_data": format!(r#"{{"value":"{BASE32}"}}"#),
        "credential_data":
            r#"{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1","secretEncoding":"BASE32"}"#,
    });
    for row in [text, base32] {
        goes_on_without_a_step(engine(&row), State::confirmed());
        // A host that wants no open window after the move marks the current step as used, plus the
        // steps of the clock's error.
        let step = engine(&row).step_at(NOW).unwrap();
        let mut careful = account(engine(&row), State::confirmed().with_last_used(step + 1));
        assert!(matches!(careful.submit(CODES[2], NOW), Verdict::Replayed));
        assert!(is_accepted(&careful.submit(CODES[4], NOW + 60)));
    }
}

#[test]
fn from_freeipa() {
    let state = |row: &Value| {
        let offset = row["ipatokenTOTPclockOffset"].as_i64().unwrap() as f64;
        let steps = (offset / number(row, "ipatokenTOTPtimeStep") as f64).round() as i16;
        // A synchronisation stores one step more than the drift.
        let drift = if offset == 0.0 { 0 } else { steps - 1 };
        let watermark = number(row, "ipatokenTOTPwatermark");
        State::confirmed().with_next_counter(watermark).with_drift(drift).unwrap()
    };
    let mut row = json!({
        "ipatokenOTPalgorithm": "sha1", "ipatokenOTPdigits": 6, "ipatokenTOTPtimeStep": 30,
        "ipatokenTOTPclockOffset": 0, "ipatokenTOTPwatermark": 59_666_666,
    });
    goes_on(totp(), state(&row));
    row["ipatokenTOTPwatermark"] = json!(0);
    goes_on_without_a_step(totp(), state(&row));
    row["ipatokenTOTPclockOffset"] = json!(-65);
    assert!(is_accepted(&account(totp(), state(&row)).submit(CODES[0], NOW)));
    // The clock is two steps slow, and the code is typed a step late.
    row["ipatokenTOTPclockOffset"] = json!(-30);
    assert!(is_accepted(&account(totp(), state(&row)).submit(CODES[0], NOW + 30)));
}

/// otplib issued 80 bits, and its hosts store nothing else.
#[test]
fn from_otplib() {
    let short = "JBSWY3DPEHPK3PXP";
    assert!(Secret::from_base32(short).is_err());
    let engine = || Totp::new(&Secret::from_base32_allow_short(short).unwrap());
    let shown = engine().code_at(NOW).unwrap().to_string();
    assert!(is_accepted(&account(engine(), State::confirmed()).submit(&shown, NOW)));
    goes_on_without_a_step(totp(), State::confirmed());
}

#[test]
fn from_totp_rs() {
    let uri =
        format!("otpauth://totp/Github:constantoine%40github.com?secret={BASE32}&issuer=Github");
    let otp_core::Engine::Totp(engine) =
        otp_core::otpauth::Uri::parse(&uri).unwrap().engine().unwrap()
    else {
        panic!("a totp URI")
    };
    goes_on(engine, State::confirmed().with_last_used(59_666_665));
}
