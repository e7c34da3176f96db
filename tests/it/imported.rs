//! Imports rows that other systems have stored themselves, by the code of `docs/migrate`.
//!
//! A script beside each file of `tests/data/elsewhere` runs the other system and writes its rows,
//! its codes around [`NOW`], and the codes that it accepts at [`NOW`].

use std::collections::BTreeMap;

use otp_core::otpauth::Uri;
use otp_core::verifier::{DriftLearning, State, Verdict, Verifier};
use otp_core::{Digits, Engine, Hotp, LookAhead, Period, Secret, Totp};
use serde_json::Value;

use crate::data::from_hex;
use crate::verifier::Account;

const NOW: u64 = 1_790_000_000;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let found = value[name].as_array().unwrap();
    assert!(!found.is_empty(), "{name}");
    found
}

/// The row with this name.
fn named<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    let is_it = |row: &&Value| row["name"] == name || row["row"]["name"] == name;
    rows.iter().find(is_it).unwrap_or_else(|| panic!("{name}"))
}

fn number(row: &Value, name: &str) -> u64 {
    row[name].as_u64().unwrap_or_else(|| panic!("{name}"))
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_else(|| panic!("{name}"))
}

/// SQLite stores a boolean as 0 or 1.
fn flag(row: &Value, name: &str) -> bool {
    row[name].as_bool().unwrap_or_else(|| number(row, name) == 1)
}

/// The codes by their distance from the current step.
fn codes(user: &Value) -> BTreeMap<i64, &str> {
    let codes = user["codes"].as_object().unwrap();
    assert_eq!(codes.len(), 9);
    codes.iter().map(|(offset, code)| (offset.parse().unwrap(), code.as_str().unwrap())).collect()
}

fn offsets(user: &Value) -> Vec<i64> {
    list(user, "accepted").iter().map(|offset| offset.as_i64().unwrap()).collect()
}

fn account(engine: Totp, state: State) -> Account<Totp> {
    Account { engine, verifier: Verifier::DEFAULT, state }
}

fn is_accepted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Accepted(_))
}

/// Returns which of the codes are accepted at [`NOW`], each by a fresh copy of the state. A code
/// that was accepted is then refused.
fn accepted(engine: impl Fn() -> Totp, state: State, codes: &BTreeMap<i64, &str>) -> Vec<i64> {
    let takes = |code| {
        let mut fresh = account(engine(), state);
        let taken = is_accepted(&fresh.submit(code, NOW));
        assert!(!taken || matches!(fresh.submit(code, NOW), Verdict::Replayed));
        taken
    };
    codes.iter().filter(|(_, code)| takes(code)).map(|(offset, _)| *offset).collect()
}

fn django_engine(row: &Value) -> Totp {
    let secret = Secret::from_bytes_allow_short(&from_hex(text(row, "key"))).unwrap();
    Totp::new(&secret)
        .with_digits(Digits::new(number(row, "digits").try_into().unwrap()).unwrap())
        .with_period(Period::new(number(row, "step")).unwrap())
        .with_t0(number(row, "t0"))
}

fn django_state(row: &Value) -> State {
    let state = if flag(row, "confirmed") { State::confirmed() } else { State::enrolment() };
    let drift = row["drift"].as_i64().unwrap().try_into().unwrap();
    let failures = number(row, "throttling_failure_count").try_into().unwrap();
    let state = state.with_drift(drift).unwrap().with_failures(failures);
    let last = row["last_t"].as_i64().unwrap();
    u64::try_from(last).map_or(state, |step| state.with_last_used(step))
}

/// The same codes are accepted as there, for clocks that are ahead, behind and right.
#[test]
fn django_otp_and_the_import_accept_the_same_codes() {
    let made = parsed(include_str!("../data/elsewhere/django_otp.json"));
    let users = list(&made, "totp");
    assert_eq!(users.len(), 8);
    for user in users {
        let row = &user["row"];
        assert_eq!(row["tolerance"], 1);
        let state = django_state(row);
        let found = accepted(|| django_engine(row), state, &codes(user));
        assert_eq!(found, offsets(user), "{}", row["name"]);
        assert_eq!(state.requires_code(), row["name"] != "not confirmed");
    }
    let failed = django_state(&named(users, "three failures")["row"]);
    assert_eq!(failed.failures(), 3);

    let (row, hotp) = (&made["hotp"]["row"], &made["hotp"]);
    assert_eq!(row["tolerance"], 5);
    let secret = Secret::from_bytes(&from_hex(text(row, "key"))).unwrap();
    let verifier = Verifier::DEFAULT.with_look_ahead(LookAhead::of::<5>());
    let state = State::confirmed().with_next_counter(number(row, "counter"));
    let takes = |code: &Value| {
        let mut fresh = Account { engine: Hotp::new(&secret), verifier, state };
        is_accepted(&fresh.submit(code.as_str().unwrap(), NOW))
    };
    let counters = (0..).zip(list(hotp, "codes")).filter(|(_, code)| takes(code));
    assert_eq!(counters.map(|(counter, _)| counter).collect::<Vec<_>>(), offsets(hotp));
}

/// django-otp sets the drift at each login. Without learning, one late code would move the window
/// for ever.
#[test]
fn the_drift_of_one_late_login_at_django_otp_does_not_stay() {
    let made = parsed(include_str!("../data/elsewhere/django_otp.json"));
    let late = named(list(&made, "totp"), "typed a step late");
    let codes = codes(late);
    let after_one_login = |verifier| {
        let state = django_state(&late["row"]);
        let mut account = Account { engine: django_engine(&late["row"]), verifier, state };
        assert!(is_accepted(&account.submit(codes[&0], NOW)));
        account
    };
    let mut fixed = after_one_login(Verifier::DEFAULT);
    assert_eq!(fixed.state.drift(), -1);
    assert!(!is_accepted(&fixed.submit(codes[&2], NOW + 30)));

    let learning = Verifier::DEFAULT.with_drift_learning(DriftLearning::of::<20, 1>());
    let mut follows = after_one_login(learning);
    assert_eq!(follows.state.drift(), 0);
    assert!(is_accepted(&follows.submit(codes[&2], NOW + 30)));
}

fn better_auth_engine(text: &str) -> Totp {
    let secret = match text.strip_prefix("base32:") {
        Some(base32) => Secret::from_base32_allow_short(base32),
        None => Secret::from_bytes(text.as_bytes()),
    };
    Totp::new(&secret.unwrap())
}

#[test]
fn better_auth_and_the_import_accept_the_same_codes() {
    let made = parsed(include_str!("../data/elsewhere/better_auth.json"));
    let users = list(&made, "rows");
    assert_eq!(users.len(), 5);
    for user in users {
        let name = text(user, "name");
        // It keeps no step, and accepts a code each way.
        let engine = || better_auth_engine(text(user, "text"));
        assert_eq!(accepted(engine, State::confirmed(), &codes(user)), [-1, 0, 1], "{name}");
        // The user scanned the same secret.
        let scanned = Uri::parse(text(user, "totpURI")).unwrap().engine_allow_short().unwrap();
        let Engine::Totp(scanned) = scanned else { panic!("{name}") };
        assert_eq!(scanned.code_at(NOW).unwrap().as_str(), codes(user)[&0], "{name}");
        // The codes by mail are a factor of another kind, and do not confirm this one.
        let is_confirmed = flag(user, "twoFactorEnabled") && flag(&user["row"], "verified");
        assert_eq!(is_confirmed, !name.starts_with("not confirmed"), "{name}");
        assert!(list(user, "backupCodes").iter().all(|code| code.as_str().unwrap().len() == 11));
    }
    assert_eq!(named(users, "not confirmed, but codes by mail are on")["twoFactorEnabled"], true);
    assert!(text(named(users, "imported from another system"), "text").starts_with("base32:"));
}

/// The row does not say which code was used, so the import refuses one step more.
#[test]
fn no_code_that_devise_two_factor_took_is_accepted_again() {
    let made = parsed(include_str!("../data/elsewhere/devise_two_factor.json"));
    let users = list(&made, "rows");
    assert_eq!(users.len(), 5);
    for user in users {
        let row = &user["row"];
        // 120 bits.
        let secret = text(user, "otp_secret");
        assert!(Secret::from_base32(secret).is_err());
        let engine = || Totp::new(&Secret::from_base32_allow_short(secret).unwrap());
        let state = match flag(row, "otp_required_for_login") {
            true => State::confirmed(),
            false => State::enrolment(),
        };
        let consumed = row["consumed_timestep"].as_u64();
        let state = consumed.map_or(state, |step| state.with_last_used(step + 1));
        let mut expected = offsets(user);
        if consumed.is_some() {
            assert_eq!(expected.remove(0), 0);
        }
        assert_eq!(accepted(engine, state, &codes(user)), expected, "{}", user["name"]);
        assert_eq!(state.requires_code(), user["name"] != "not required");
    }
    // That system takes the code of the next step twice.
    let early = named(users, "typed a step early");
    assert_eq!(early["row"]["consumed_timestep"], NOW / 30 - 1);
    assert_eq!(offsets(early), [0, 1]);
}

/// Auth0 does not document the form of its export of secrets. This is the form that the importer
/// `workos/migrate-auth0-users` reads.
#[test]
fn an_export_of_auth0_has_a_line_for_each_factor() {
    let export = r#"
{"user_id":"auth0|5dea9f9c82dd7c0e76e4ec93","tenant":"acme","type":"otp","otp_secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
{"user_id":"auth0|5dea9f9c82dd7c0e76e4ec93","tenant":"acme","type":"recovery-code","recovery_code":"$2b$10$abc"}
"#;
    let lines = export.lines().filter(|line| !line.is_empty()).map(parsed);
    let secrets: Vec<_> = lines
        .filter(|line| line["type"] == "otp")
        .map(|line| Secret::from_base32_allow_short(text(&line, "otp_secret")).unwrap())
        .collect();
    let [secret] = &secrets[..] else { panic!("one factor") };
    let mut account = account(Totp::new(secret), State::confirmed());
    assert!(is_accepted(&account.submit("144003", NOW)));
    assert!(matches!(account.submit("144003", NOW), Verdict::Replayed));
}
