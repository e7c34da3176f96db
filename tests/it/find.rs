//! Finds which of many authenticators shows a code.

use std::cell::Cell;
use std::collections::BTreeMap;

use otp_core::verifier::{self, AttemptError, State, Verifiable};
use otp_core::{
    CodeFormat, Digits, Engine, HmacKey, Hotp, MalformedCode, Period, Totp, Truncated, Window,
};
use proptest::prelude::*;

use crate::verifier::Injected;

const NOW: u64 = 1000 * 30;

/// The result: the moving factor at each position, or the error.
type Found<E> = BTreeMap<usize, Result<u64, AttemptError<E>>>;

fn find<M: HmacKey, V: Verifiable<Key = M>>(
    rows: impl IntoIterator<Item = (V, State)>,
    code: &str,
    window: Window,
) -> Result<Found<M::Error>, MalformedCode> {
    let mut found = BTreeMap::new();
    verifier::find(rows, code, NOW, window, |place, told| {
        assert!(found.insert(place, told).is_none(), "{place} is told twice");
    })?;
    Ok(found)
}

fn numbered(code: fn(u64) -> u32) -> Totp<Injected> {
    Totp::from_key(Injected::new(code))
}

fn five() -> Window {
    Window::new(5, 5).unwrap()
}

#[test]
fn every_match_is_told_whichever_it_is() {
    let of =
        [|step| 100_000 + step as u32, |step| 200_000 + step as u32, |step| 100_003 + step as u32];
    let tokens = of.map(numbered);
    let rows = || tokens.iter().map(|token| (token, State::confirmed()));
    let found = |code: &str| find(rows(), code, five()).unwrap();
    assert_eq!(found("201005"), Found::from([(1, Ok(1005))]));
    assert_eq!(found("200 995"), Found::from([(1, Ok(995))]));
    assert_eq!(found("201006"), Found::new());
    // Two tokens match, at different steps.
    assert_eq!(found("101004"), Found::from([(0, Ok(1004)), (2, Ok(1001))]));
    assert_eq!(find(rows().take(0), "no code", five()), Ok(Found::new()));
}

/// The help desk's clock differs from the token's, and the state knows the drift.
#[test]
fn drift_and_counters_are_those_of_the_state() {
    let by_clock = numbered(|step| step as u32);
    let late = State::confirmed().with_drift(-20).unwrap();
    let found = |state, code| find([(&by_clock, state)], code, five()).unwrap();
    assert_eq!(found(late, "000985"), Found::from([(0, Ok(985))]));
    assert_eq!(found(late, "000986"), Found::new());
    assert_eq!(found(State::confirmed(), "000985"), Found::new());

    // A used code still belongs to the token.
    let counted = Hotp::from_key(Injected::new(|counter| counter as u32));
    let state = State::confirmed().with_next_counter(40);
    let found = |code| find([(&counted, state)], code, five()).unwrap();
    for (code, expected) in
        [("000034", None), ("000035", Some(35)), ("000045", Some(45)), ("000046", None)]
    {
        let expected: Found<_> = expected.map(|counter| (0, Ok(counter))).into_iter().collect();
        assert_eq!(found(code), expected, "{code}");
    }
}

#[test]
fn formats_are_each_tokens_own() {
    let short = numbered(|step| step as u32);
    let long = numbered(|step| step as u32).with_digits(Digits::Eight);
    let steam = numbered(|step| step as u32).with_format(CodeFormat::Steam);
    let rows = [&short, &long, &steam].map(|token| (token, State::confirmed()));
    let found = |code| find(rows, code, five());
    assert_eq!(found("001000").unwrap(), Found::from([(0, Ok(1000))]));
    assert_eq!(found("00001000").unwrap(), Found::from([(1, Ok(1000))]));
    let shown = steam.code_at(NOW).unwrap().to_string();
    assert_eq!(found(&shown).unwrap(), Found::from([(2, Ok(1000))]));
    // No authenticator can have it: the error describes the first one.
    assert_eq!(found("0001000"), Err(MalformedCode::Width { expected: 6 }));
    assert_eq!(find([rows[1]], "001000", five()), Err(MalformedCode::Width { expected: 8 }));
    assert_eq!(found("00100x"), Err(MalformedCode::Character { offset: 5 }));
    // An engine that never shows the code does not use its key.
    assert_eq!(long.key().asked.get(), 11);
}

/// A key that cannot be reached.
struct Broken;

impl HmacKey for Broken {
    type Error = &'static str;

    fn truncated(&self, _: u64) -> Result<Truncated, &'static str> {
        Err("no reader")
    }
}

#[test]
fn one_that_cannot_be_asked_hides_no_other() {
    let good = numbered(|step| step as u32);
    let slow = numbered(|step| step as u32).with_period(Period::new(60).unwrap());
    let future = numbered(|step| step as u32).with_t0(NOW + 1);
    let of_thirty = {
        let verifier = verifier::Verifier::DEFAULT;
        let mut account = crate::verifier::Account::new(numbered(|step| step as u32), verifier);
        let _ = account.submit("001000", NOW);
        account.state
    };
    let fresh = State::confirmed();
    let rows = [(&slow, of_thirty), (&future, fresh), (&good, fresh), (&good, of_thirty)];
    assert_eq!(
        find(rows, "001000", five()).unwrap(),
        Found::from([
            (0, Err(AttemptError::OtherEngine)),
            (1, Err(AttemptError::BeforeT0)),
            (2, Ok(1000)),
            (3, Ok(1000)),
        ])
    );
    let broken = Totp::from_key(Broken);
    let found = find([(&broken, fresh), (&broken, fresh)], "001000", five()).unwrap();
    let expected = Err(AttemptError::Key("no reader"));
    assert_eq!(found, Found::from([(0, expected), (1, expected)]));
}

#[test]
fn milliseconds_are_told_of() {
    let token = numbered(|step| step as u32);
    let mut told = vec![];
    let rows = [(&token, State::confirmed())];
    verifier::find(rows, "001000", NOW * 100_000_000, five(), |_, why| told.push(why)).unwrap();
    assert_eq!(told, [Err(AttemptError::TimeTooFar)]);
}

#[test]
fn engines_of_key_uris_are_found() {
    let engine = |kind: &str, last: &str| -> Engine {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let uri = format!("otpauth://{kind}/a?secret={secret}&{last}");
        otp_core::otpauth::Uri::parse(&uri).unwrap().engine().unwrap()
    };
    let engines = [engine("totp", "period=30"), engine("hotp", "counter=7")];
    let rows = || engines.iter().map(|engine| (engine, State::confirmed()));
    // RFC 4226 appendix D, counter 9.
    assert_eq!(find(rows(), "520489", five()).unwrap(), Found::from([(1, Ok(9))]));
}

proptest! {
    /// The number of HMACs does not depend on the matching tokens. The result is the same as that
    /// of a search one by one.
    #[test]
    fn the_work_is_the_same(code in 0_u32..40, starts in prop::collection::vec(0_u32..40, 1..20)) {
        struct Shifted(u32, Cell<usize>);
        impl HmacKey for Shifted {
            type Error = std::convert::Infallible;
            fn truncated(&self, step: u64) -> Result<Truncated, Self::Error> {
                self.1.set(self.1.get() + 1);
                Ok(Truncated::from_bits(self.0 + (step as u32 + 5) - 1000))
            }
        }
        let tokens: Vec<_> =
            starts.iter().map(|start| Totp::from_key(Shifted(*start, Cell::new(0)))).collect();
        let rows = tokens.iter().map(|token| (token, State::confirmed()));
        let code = format!("{code:06}");
        let found = find(rows, &code, five()).unwrap();
        for (place, token) in tokens.iter().enumerate() {
            assert_eq!(token.key().1.get(), 11);
            let one = token.verify_at(&code, NOW, five()).ok().map(|hit| Ok(hit.step()));
            assert_eq!(found.get(&place).copied(), one);
        }
    }
}
