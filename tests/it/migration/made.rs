//! Exports that the tests make from any accounts.

use super::*;

/// An account, and its entry from the tests' encoder.
fn any_account() -> impl Strategy<Value = (Account, Vec<u8>)> {
    let text = "[^\\p{Cc}\u{2028}-\u{202e}\u{2066}-\u{2069}:]{0,12}";
    (
        proptest::collection::vec(any::<u8>(), 1..200),
        text,
        "([^\\p{Cc}\u{2028}-\u{202e}\u{2066}-\u{2069} :][^\\p{Cc}\u{2028}-\u{202e}\u{2066}-\u{2069}]{0,12})?",
        0..4_u64,
        0..3_u64,
        0..3_u64,
        0..=i64::MAX as u64,
        any::<bool>(),
    )
        .prop_map(|(secret, issuer, account, algorithm, digits, kind, counter, prefixed)| {
            let name = match (&issuer[..], prefixed) {
                (_, true) => format!("{issuer}:{account}"),
                // Otherwise the colon would separate an issuer.
                ("", false) => account.replace(':', ""),
                (_, false) => account.clone(),
            };
            let account = if prefixed { account } else { name.clone() };
            let mut fields = vec![];
            for (field, value) in [(6, kind), (5, digits), (4, algorithm), (7, counter)] {
                if value != 0 {
                    fields.extend(number(field, value));
                }
            }
            let in_name_alone = prefixed && counter % 2 == 0;
            if !(in_name_alone || issuer.is_empty()) {
                fields.extend(bytes(3, &issuer));
            }
            fields.extend([bytes(2, &name), bytes(1, &secret)].concat());
            let expected = Account {
                secret,
                issuer: Some(issuer).filter(|issuer| !issuer.is_empty()),
                account,
                algorithm: [Algorithm::Sha1, Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]
                    [algorithm as usize],
                digits: [Digits::Six, Digits::Six, Digits::Eight][digits as usize],
                counter: (kind == HOTP).then_some(counter),
            };
            (expected, entry(&[fields]))
        })
        .prop_filter("the issuer is no prefix of a name without one", |(account, _)| {
            let issuer = account.issuer.as_deref().unwrap_or("\0");
            !account.account.starts_with(issuer)
        })
}

/// Checks the properties of every answer.
fn sound<E>(answer: &Result<Vec<Account>, E>) {
    for account in answer.iter().flatten() {
        assert!(!account.secret.is_empty());
        assert_ne!(account.issuer.as_deref(), Some(""));
        assert!(!account.account.contains(labels::is_refused));
        assert!(!account.issuer.iter().any(|issuer| issuer.contains(labels::is_refused)));
        assert!(matches!(account.digits, Digits::Six | Digits::Eight));
        assert!(account.counter.is_none_or(|counter| counter <= i64::MAX as u64));
    }
}

proptest! {
    #[test]
    fn survives_a_round_trip(accounts in proptest::collection::vec(any_account(), 0..6), id: i32) {
        let mut payload = number(5, i64::from(id).cast_unsigned());
        payload.extend(accounts.iter().flat_map(|(_, entry)| entry));
        let expected: Vec<_> = accounts.into_iter().map(|(account, _)| account).collect();
        let uri = uri(&payload);
        prop_assert_eq!(read(&uri), Ok(expected));
        let mut buffer = vec![0; payload.len()];
        prop_assert_eq!(migration::Export::parse(&uri, &mut buffer).unwrap().batch_id(), id);
    }

    #[test]
    fn arbitrary_payloads(payload in proptest::collection::vec(any::<u8>(), 1..200)) {
        sound(&read_payload(&payload));
        sound(&read_payload(&entry(&[payload])));
    }

    #[test]
    fn arbitrary_uris(text in "\\PC{0,60}", data in "[A-Za-z0-9+/=%&#]{0,60}", space in 0..60_usize) {
        sound(&read_into(&text, space));
        sound(&read_into(&format!("otpauth-migration://offline{text}"), space));
        sound(&read_into(&format!("otpauth-migration://offline?data={data}"), space));
    }

    /// One byte is damaged. A payload that is almost valid is read further than an arbitrary one.
    #[test]
    fn damaged_payloads(
        (_, one) in any_account(),
        (_, other) in any_account(),
        at: proptest::sample::Index,
        byte: u8,
    ) {
        let mut payload = [one, number(2, 1), other, number(5, u64::MAX)].concat();
        let at = at.index(payload.len());
        payload[at] = byte;
        sound(&read_payload(&payload));
    }
}

/// An entry makes the engine that its fields describe.
#[test]
fn entries_make_engines() {
    use otp_core::Engine;
    let key = || bytes(1, "12345678901234567890");
    let payload = [
        // Digits 2 means eight digits. Type 1 is HOTP, here with a counter of 3.
        entry(&[key(), number(5, 2)]),
        entry(&[key(), number(6, 1), number(7, 3)]),
    ]
    .concat();
    let uri = uri(&payload);
    let mut buffer = [0; 200];
    let migration = migration::Export::parse(&uri, &mut buffer).unwrap();
    let mut engines = migration.entries().map(|entry| entry.unwrap().engine().unwrap());
    let Some(Engine::Totp(totp)) = engines.next() else { panic!("no TOTP engine") };
    assert_eq!(totp.code_at(59).unwrap().to_string(), "94287082");
    let Some(Engine::Hotp { hotp, counter }) = engines.next() else { panic!("no HOTP engine") };
    assert_eq!((hotp.code(counter).to_string().as_str(), counter), ("969429", 3));
}

/// F28: an entry with a short secret gives a secret and an engine only through methods whose names
/// say so.
#[test]
fn f28_entries_give_a_short_secret_only_by_name() {
    for (len, error) in [
        (1, Some(SecretError::Short)),
        (10, Some(SecretError::Short)),
        (15, Some(SecretError::Short)),
        (16, None),
        (128, None),
        (129, Some(SecretError::Long)),
    ] {
        for kind in [HOTP, TOTP] {
            let uri = uri(&entry(&[bytes(1, vec![7; len]), number(6, kind)]));
            let mut buffer = [0; 200];
            let migration = migration::Export::parse(&uri, &mut buffer).unwrap();
            let entry = migration.entries().next().unwrap().unwrap();
            assert_eq!(entry.secret().err(), error, "{len}");
            assert_eq!(entry.engine().err(), error.map(EngineError::Secret), "{len}");
            // Only the length is relaxed, and only the minimum.
            let error = error.filter(|error| *error == SecretError::Long);
            assert_eq!(entry.secret_allow_short().err(), error, "{len}");
            let engine = entry.engine_allow_short();
            assert_eq!(engine.as_ref().err(), error.map(EngineError::Secret).as_ref(), "{len}");
            if let Ok(engine) = engine {
                let mac = KeySchedule::from_raw_key(Algorithm::Sha1, &vec![7; len]).unwrap();
                assert_eq!(engine.code(1), Hotp::from_key(mac).code(1), "{len}");
                assert_eq!(matches!(engine, Engine::Hotp { .. }), kind == HOTP);
            }
        }
    }
}
