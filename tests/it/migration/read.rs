//! Exports that can be read.

use super::*;

#[test]
fn the_public_example() {
    assert_eq!(read(EXAMPLE), Ok(vec![hello()]));
    // The same from the tests' own encoder, which checks the encoder.
    let payload = entry(&[
        bytes(1, b"Hello!\xde\xad\xbe\xef"),
        bytes(2, "Example:alice@google.com"),
        bytes(3, "Example"),
        number(6, TOTP),
    ]);
    assert_eq!(uri(&payload), EXAMPLE);
}

#[test]
fn several_entries_and_their_batch() {
    let payload = [
        entry(&[secret(), bytes(2, "one"), number(4, SHA1), number(5, 1), number(6, TOTP)]),
        number(2, 1),
        entry(&[
            bytes(1, [7; 200]),
            bytes(2, "two"),
            number(4, 2),
            number(5, 2),
            number(6, HOTP),
            number(7, 0x7fff_ffff_ffff_ffff),
        ]),
        number(3, 3),
        number(4, 2),
        number(5, (-123_456_i64).cast_unsigned()),
        entry(&[bytes(1, "k"), bytes(3, "I"), number(4, 3), number(6, HOTP)]),
    ]
    .concat();
    let plain =
        Account { secret: b"0123456789".into(), issuer: None, account: "one".into(), ..hello() };
    let two = Account {
        secret: vec![7; 200],
        account: "two".into(),
        algorithm: Algorithm::Sha256,
        digits: Digits::Eight,
        counter: Some(0x7fff_ffff_ffff_ffff),
        ..plain.clone()
    };
    let three = Account {
        secret: b"k".into(),
        issuer: Some("I".into()),
        account: String::new(),
        algorithm: Algorithm::Sha512,
        digits: Digits::Six,
        counter: Some(0),
    };
    assert_eq!(read_payload(&payload), Ok(vec![plain, two, three]));

    let mut buffer = [0; SPACE];
    let uri = uri(&payload);
    let migration = migration::Export::parse(&uri, &mut buffer).unwrap();
    assert_eq!((migration.version(), migration.batch_size(), migration.batch_index()), (1, 3, 2));
    assert_eq!(migration.batch_id(), -123_456);
    let mut entries = migration.entries();
    let again = entries.clone();
    assert_eq!(entries.by_ref().count(), 3);
    assert!(entries.next().is_none());
    assert_eq!(again.count(), 3);
}

/// From the URI of an export to the code that a service expects.
#[test]
fn an_entry_makes_codes() {
    let payload = entry(&[bytes(1, "12345678901234567890"), number(5, 2), number(6, TOTP)]);
    let mut buffer = [0; SPACE];
    let migration = migration::Export::parse(&uri(&payload), &mut buffer).unwrap();
    let entry = migration.entries().next().unwrap().unwrap();
    let totp = Totp::for_algorithm(entry.algorithm(), &entry.secret().unwrap())
        .unwrap()
        .with_digits(entry.digits())
        .with_period(entry.period().unwrap());
    // RFC 6238 appendix B.
    assert_eq!(totp.code_at(59).unwrap().to_string(), "94287082");
}

/// F56: an entry that cannot be read is named, and does not hide the others.
#[test]
fn f56_each_entry_is_read_by_itself() {
    let named = |name: &str, fields: &[Vec<u8>]| {
        entry(&[vec![bytes(2, name), bytes(3, "Big")], fields.to_vec()].concat())
    };
    let payload = [
        named("good", &[secret()]),
        named("md5", &[secret(), number(4, 4)]),
        named("empty secret", &[bytes(1, "")]),
        named("bell\u{7}", &[secret()]),
        named("seven digits", &[secret(), number(5, 3)]),
        number(1, 7), // an entry that is a number
        named("cut off", &[vec![0x0a, 0x7f]]),
        named("Big:last", &[secret()]),
        number(3, 2),
        number(4, 1),
    ]
    .concat();
    let mut buffer = [0; SPACE];
    let uri = uri(&payload);
    let export = migration::Export::parse(&uri, &mut buffer).unwrap();
    let read: Vec<_> = export.entries().collect();
    let good: Vec<_> = read.iter().flatten().map(migration::Entry::account).collect();
    assert_eq!(good, ["good", "last"]);
    let bad: Vec<_> = read.iter().filter_map(|entry| entry.as_ref().err()).collect();
    let told: Vec<_> = bad
        .iter()
        .map(|bad| {
            let (issuer, account) = export.label(bad.number()).unwrap();
            (bad.number(), issuer, account, bad.error().part(), bad.error().problem())
        })
        .collect();
    assert_eq!(
        told,
        [
            (2, Some("Big"), "md5", Part::Algorithm, Problem::Unsupported),
            (3, Some("Big"), "empty secret", Part::Secret, Problem::Missing),
            (4, Some("Big"), "", Part::Name, Problem::Control),
            (5, Some("Big"), "seven digits", Part::Digits, Problem::Unsupported),
            (6, None, "", Part::Entry, Problem::WireType),
            (7, Some("Big"), "cut off", Part::Payload, Problem::Truncated),
        ]
    );
    assert_eq!(export.label(1), Some((Some("Big"), "good")));
    assert_eq!([0, 9, usize::MAX].map(|number| export.label(number)), [None; 3]);
    let message = bad[0].to_string();
    let expected =
        "entry 2: algorithm: not supported, expected SHA-1, SHA-256 or SHA-512 (at byte ";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!((export.batch_index() + 1, export.batch_size()), (2, 2));
}

#[test]
fn unspecified_means_sha1_6_digits_totp() {
    for fields in [vec![], vec![number(4, 0), number(5, 0), number(6, 0), number(7, 0)]] {
        let account = read_one(&[vec![secret()], fields].concat());
        assert_eq!(
            (account.algorithm, account.digits, account.counter),
            (Algorithm::Sha1, Digits::Six, None)
        );
    }
    let mut buffer = [0; SPACE];
    let migration = uri(&entry(&[secret()]));
    let migration = migration::Export::parse(&migration, &mut buffer).unwrap();
    assert_eq!((migration.version(), migration.batch_size()), (0, 0));
    assert_eq!((migration.batch_index(), migration.batch_id()), (0, 0));
}

#[test]
fn a_payload_without_entries_is_an_export_without_entries() {
    assert_eq!(read_payload(&number(2, 1)), Ok(vec![]));
}

#[test]
fn names_and_issuers() {
    for (name, issuer, expected_issuer, expected_account) in [
        ("alice", "", None, "alice"),
        ("", "", None, ""),
        (" alice", "", None, " alice"),
        ("Big Corp:alice", "", Some("Big Corp"), "alice"),
        ("Big Corp:  alice", "", Some("Big Corp"), "alice"),
        ("Big:Corp:alice", "", Some("Big"), "Corp:alice"),
        (":alice", "", None, "alice"),
        ("Big:", "", Some("Big"), ""),
        ("alice", "Big", Some("Big"), "alice"),
        ("Big:alice", "Big", Some("Big"), "alice"),
        ("Big: alice", "Big", Some("Big"), "alice"),
        ("Big:Big:alice", "Big", Some("Big"), "Big:alice"),
        ("Big:Corp:alice", "Big:Corp", Some("Big:Corp"), "alice"),
        ("big:alice", "Big", Some("Big"), "big:alice"),
        ("Bigger:alice", "Big", Some("Big"), "Bigger:alice"),
        ("Other:alice", "Big", Some("Big"), "Other:alice"),
        ("Big%3Aalice", "", None, "Big%3Aalice"),
        // Composed and decomposed characters, right to left, and beyond the first plane: all stay
        // unchanged.
        ("é:e\u{301}", "", Some("é"), "e\u{301}"),
        ("שלום:😀", "", Some("שלום"), "😀"),
    ] {
        let account = read_one(&[secret(), bytes(2, name), bytes(3, issuer)]);
        assert_eq!(account.issuer.as_deref(), expected_issuer, "{name}, {issuer}");
        assert_eq!(account.account, expected_account, "{name}, {issuer}");
    }
}

#[test]
fn unknown_fields_are_skipped() {
    let unknown = [
        number(8, u64::MAX),
        bytes(9, b"unknown\n\xff"),
        [varint(10 * 8 + 1), vec![0xff; 8]].concat(),
        [varint(11 * 8 + 5), vec![0xff; 4]].concat(),
        number((1 << 29) - 1, 7),
    ]
    .concat();
    let payload = [
        unknown.clone(),
        entry(&[unknown.clone(), secret(), unknown.clone(), number(6, HOTP), unknown.clone()]),
        unknown,
    ]
    .concat();
    let [account] = read_payload(&payload).unwrap().try_into().unwrap();
    assert_eq!((&account.secret[..], account.counter), (&b"0123456789"[..], Some(0)));
}

#[test]
fn of_a_field_that_comes_twice_the_last_counts() {
    let account = read_one(&[
        bytes(2, "first"),
        bytes(3, "First"),
        number(4, 2),
        number(5, 2),
        number(6, TOTP),
        number(7, 1),
        secret(),
        bytes(2, "last"),
        bytes(3, "Last"),
        number(4, 3),
        number(5, 1),
        number(6, HOTP),
        number(7, 9),
    ]);
    let expected = Account {
        secret: b"0123456789".into(),
        issuer: Some("Last".into()),
        account: "last".into(),
        algorithm: Algorithm::Sha512,
        digits: Digits::Six,
        counter: Some(9),
    };
    assert_eq!(account, expected);
}

#[test]
fn numbers_in_a_longer_form_than_needed() {
    let long = |value: u8| [vec![0x80 | value], vec![0x80; 8], vec![0]].concat();
    let account = read_one(&[secret(), [vec![6 * 8], long(1)].concat(), number(7, 5)]);
    assert_eq!(account.counter, Some(5));
}

#[test]
fn the_uri_around_it() {
    let (_, data) = EXAMPLE.split_once("data=").unwrap();
    for uri in [
        format!("OTPAUTH-Migration://OffLine?data={data}"),
        format!("otpauth-migration://offline/?data={data}"),
        format!("otpauth-migration://offline?data={data}&"),
        format!("otpauth-migration://offline?&&x=%zz&Data=x&data={data}&amp;data=1&flag"),
        format!("otpauth-migration://offline?data={data}#fragment&data=2%"),
        format!("otpauth-migration://offline?data={data}="),
        format!("otpauth-migration://offline?data={data}%3D%3d"),
    ] {
        assert_eq!(read(&uri), Ok(vec![hello()]), "{uri}");
    }
    // Every symbol is escaped.
    let escaped: String = data.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let uri = format!("otpauth-migration://offline?data={escaped}");
    assert_eq!(read(&uri), Ok(vec![hello()]));
}

#[test]
fn plus_and_slash_raw_and_escaped_padded_and_not() {
    // All 64 symbols, and every length of the last group.
    for len in 1..=100_u8 {
        let key: Vec<u8> = (0..len).map(|i| i.wrapping_mul(83).wrapping_add(251)).collect();
        let payload = entry(&[bytes(1, &key)]);
        let padded = base64(&payload);
        let unpadded = padded.trim_end_matches('=');
        let padding = &padded[unpadded.len()..];
        let upper = unpadded.replace('+', "%2B").replace('/', "%2F");
        let lower = unpadded.replace('+', "%2b").replace('/', "%2f");
        for data in [
            padded.clone(),
            unpadded.to_owned(),
            upper,
            format!("{lower}{}", padding.replace('=', "%3D")),
        ] {
            let uri = format!("otpauth-migration://offline?data={data}");
            let [account] = read(&uri).unwrap().try_into().unwrap();
            assert_eq!(account.secret, key);
        }
    }
    let all =
        base64(&entry(&[bytes(1, (0..100).map(|i: u8| i.wrapping_mul(83)).collect::<Vec<_>>())]));
    assert!(all.contains('+') && all.contains('/'));
}
