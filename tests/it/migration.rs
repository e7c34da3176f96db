//! Exports of Google Authenticator, `otpauth-migration://offline?data=…`.
//!
//! The payloads are made here, with the tests' own encoder.

use std::time::{Duration, Instant};

use otp_core::migration::{Part, Problem};
use otp_core::*;
use proptest::prelude::*;
use zeroize::ZeroizeOnDrop;

use crate::labels;

/// The example that readers of the format share.
const EXAMPLE: &str = "otpauth-migration://offline?data=\
                       CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";

const SHA1: u64 = 1;
const TOTP: u64 = 2;
const HOTP: u64 = 1;

/// Longer than any payload here, except the long ones.
const SPACE: usize = 4000;

// The encoder.

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![];
    while value > 127 {
        bytes.push(128 + (value % 128) as u8);
        value /= 128;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field * 8), varint(value)].concat()
}

fn bytes(field: u64, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let bytes = bytes.as_ref();
    [varint(field * 8 + 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn entry(fields: &[Vec<u8>]) -> Vec<u8> {
    bytes(1, fields.concat())
}

fn secret() -> Vec<u8> {
    bytes(1, "0123456789")
}

fn base64(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            (0..3).fold(0_usize, |bits, i| bits * 256 + usize::from(*group.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * i)) % 64];
            text.push(if i <= group.len() { char::from(symbol) } else { '=' });
        }
    }
    text
}

fn uri(payload: &[u8]) -> String {
    format!("otpauth-migration://offline?data={}", base64(payload))
}

// The result of the reader under test, in a comparable form.

#[derive(Clone, Debug, PartialEq)]
struct Account {
    secret: Vec<u8>,
    issuer: Option<String>,
    account: String,
    algorithm: Algorithm,
    digits: Digits,
    counter: Option<u64>,
}

fn account(entry: migration::Entry<'_>) -> Account {
    assert_eq!(entry.is_hotp(), entry.counter().is_some());
    assert_eq!(entry.period(), (!entry.is_hotp()).then_some(Period::DEFAULT));
    match entry.secret_allow_short() {
        Ok(secret) => assert_eq!(secret.expose_bytes(), entry.expose_secret_bytes()),
        Err(error) => {
            assert_eq!(error, SecretError::Long);
            assert!(entry.expose_secret_bytes().len() > Secret::MAX_LEN);
        }
    }
    let by_length = match entry.expose_secret_bytes().len() {
        ..16 => Some(SecretError::Short),
        16..=Secret::MAX_LEN => None,
        _ => Some(SecretError::Long),
    };
    assert_eq!(entry.secret().err(), by_length);
    Account {
        secret: entry.expose_secret_bytes().to_vec(),
        issuer: entry.issuer().map(Into::into),
        account: entry.account().into(),
        algorithm: entry.algorithm(),
        digits: entry.digits(),
        counter: entry.counter(),
    }
}

/// The part that is wrong, the problem and the position.
type Fault = (Part, Problem, usize);

fn fault(error: migration::Error) -> Fault {
    (error.part(), error.problem(), error.offset())
}

/// Reads a URI into a buffer of `space` bytes, and checks that nothing is left there. If entries
/// cannot be read, the error is that of the first.
fn read_into(uri: &str, space: usize) -> Result<Vec<Account>, migration::Error> {
    let mut buffer = vec![0xee; space];
    let answer = migration::Export::parse(uri, &mut buffer).map(|migration| {
        let one = |entry: Result<_, migration::EntryError>| {
            entry.map(account).map_err(|error| error.error())
        };
        let accounts: Result<Vec<_>, _> = migration.entries().map(one).collect();
        assert_eq!(migration.into_iter().map(one).collect::<Result<Vec<_>, _>>(), accounts);
        accounts
    });
    match answer {
        Ok(_) => {
            let written = buffer.iter().take_while(|byte| **byte == 0).count();
            assert!(buffer[written..].iter().all(|byte| *byte == 0xee));
        }
        Err(_) => assert!(buffer.iter().all(|byte| *byte == 0), "left in the buffer: {uri}"),
    }
    answer.and_then(|accounts| accounts)
}

fn read(uri: &str) -> Result<Vec<Account>, Fault> {
    read_into(uri, SPACE).map_err(fault)
}

fn read_payload(payload: &[u8]) -> Result<Vec<Account>, Fault> {
    read(&uri(payload))
}

/// Returns the entry of a payload with these fields.
fn read_one(fields: &[Vec<u8>]) -> Account {
    let [account] = read_payload(&entry(fields)).unwrap().try_into().unwrap();
    account
}

/// Returns the reason why an entry with a secret and these fields is refused. Offsets count from
/// the first of these fields.
fn refusal(fields: &[Vec<u8>]) -> Fault {
    let before = [secret(), fields.concat()];
    let payload = entry(&before);
    let start = payload.len() - fields.concat().len();
    let (part, problem, offset) = read_payload(&payload).unwrap_err();
    (part, problem, offset.checked_sub(start).expect("an offset in these fields"))
}

fn hello() -> Account {
    Account {
        secret: b"Hello!\xde\xad\xbe\xef".into(),
        issuer: Some("Example".into()),
        account: "alice@google.com".into(),
        algorithm: Algorithm::Sha1,
        digits: Digits::Six,
        counter: None,
    }
}

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

#[test]
fn refused_uris() {
    use Problem::*;
    let path = "otpauth-migration://offline";
    for (uri, error) in [
        ("", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration", (Part::Scheme, Unsupported, 0)),
        ("otpauth://totp/a?secret=AAAA", (Part::Scheme, Unsupported, 0)),
        (" otpauth-migration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("ötpauth-migration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        // KELVIN SIGN and similar characters are not letters of a scheme.
        ("otpauth-m\u{131}gration://offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration:/offline?data=CgA", (Part::Scheme, Unsupported, 0)),
        ("otpauth-migration://?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://online?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline2?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline:80?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://me@offline?data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline&data=CgA", (Part::Host, Unsupported, 20)),
        ("otpauth-migration://offline/x?data=CgA", (Part::Path, Unsupported, 28)),
        ("otpauth-migration://offline//?data=CgA", (Part::Path, Unsupported, 28)),
        ("otpauth-migration://offline", (Part::Data, Missing, 27)),
        ("otpauth-migration://offline/", (Part::Data, Missing, 28)),
        ("otpauth-migration://offline?", (Part::Data, Missing, 28)),
        ("otpauth-migration://offline?data", (Part::Data, Missing, 32)),
        ("otpauth-migration://offline?data=", (Part::Data, Missing, 33)),
        ("otpauth-migration://offline?data=&x", (Part::Data, Missing, 35)),
        ("otpauth-migration://offline?DATA=CgA", (Part::Data, Missing, 36)),
        ("otpauth-migration://offline?d%61ta=CgA", (Part::Data, Missing, 38)),
        ("otpauth-migration://offline?adata=CgA", (Part::Data, Missing, 37)),
        ("otpauth-migration://offline#?data=CgA", (Part::Data, Missing, 27)),
    ] {
        assert_eq!(read(uri), Err(error), "{uri}");
    }
    for (query, (problem, offset)) in [
        ("?data=EAE&data=EAE", (Duplicate, 10)),
        ("?data=&x&data=EAE", (Duplicate, 9)),
        ("?data=EAE&data", (Duplicate, 10)),
        ("?data=EA%", (Escape, 8)),
        ("?data=EA%4", (Escape, 8)),
        ("?data=EA%4&x", (Escape, 8)),
        ("?data=EA%4g", (Escape, 8)),
        ("?data=EA%+1", (Escape, 8)),
        ("?data=EAEB ", (Character, 10)),
        ("?data=EA B", (Character, 8)),
        ("?data=EA-B", (Character, 8)),
        ("?data=EAB_", (Character, 9)),
        ("?data=E%41%2D-", (Character, 10)),
        ("?data=EA%252B", (Character, 8)),
        ("?data=EAE%00", (Character, 9)),
        ("?data=EAE\n", (Character, 9)),
        ("?data=EAéE", (Character, 8)),
        ("?x&data=!", (Character, 8)),
        ("?data=EAE=EAE", (AfterPadding, 10)),
        ("?data=EAE%3d%3d%45", (AfterPadding, 15)),
        ("?data=EAEQA", (LastGroup, 10)),
        ("?data=E", (LastGroup, 6)),
        // Bits that do not fill a byte, and are set.
        ("?data=EAF", (LastGroup, 6)),
        ("?data=EAEQAQABCh", (LastGroup, 14)),
    ] {
        let error = (Part::Data, problem, path.len() + offset);
        assert_eq!(read(&format!("{path}{query}")), Err(error), "{query}");
    }
    // The original of these variations is valid.
    assert_eq!(read("otpauth-migration://offline?data=EAE"), Ok(vec![]));
}

#[test]
fn refused_wire_formats() {
    use Problem::{NotAField, OutOfRange, Truncated};
    for (fields, (problem, offset)) in [
        // Numbers: cut off, over ten bytes, over 64 bits.
        (vec![8 * 8], (Truncated, 1)),
        (vec![8 * 8, 0x80], (Truncated, 2)),
        ([vec![8 * 8], vec![0x80; 10], vec![0]].concat(), (OutOfRange, 1)),
        ([vec![8 * 8], vec![0xff; 9], vec![2]].concat(), (OutOfRange, 1)),
        (vec![0x80; 11], (OutOfRange, 0)),
        // Bytes that are not fields.
        (vec![0, 0], (NotAField, 0)),
        (varint(1 << 32), (NotAField, 0)),
        (varint(u64::MAX - 7), (NotAField, 0)),
        (vec![8 * 8 + 3, 8 * 8 + 4], (NotAField, 0)),
        (vec![8 * 8 + 4], (NotAField, 0)),
        (vec![8 * 8 + 6, 0], (NotAField, 0)),
        (vec![8 * 8 + 7, 0], (NotAField, 0)),
        // Lengths beyond the end.
        (vec![8 * 8 + 2, 1], (Truncated, 2)),
        (vec![2 * 8 + 2, 5, b'a', b'b'], (Truncated, 2)),
        ([vec![2 * 8 + 2], varint(u64::MAX), vec![b'a']].concat(), (Truncated, 11)),
        ([vec![2 * 8 + 2], varint(u64::MAX >> 1)].concat(), (Truncated, 10)),
        ([vec![8 * 8 + 1], vec![0; 7]].concat(), (Truncated, 1)),
        ([vec![8 * 8 + 5], vec![0; 3]].concat(), (Truncated, 1)),
    ] {
        let error = (Part::Payload, problem, offset);
        assert_eq!(refusal(std::slice::from_ref(&fields)), error, "{fields:?}");
        // The same at the outer level, after a valid entry.
        let before = entry(&[secret()]);
        let error = (Part::Payload, problem, before.len() + offset);
        assert_eq!(read_payload(&[before, fields].concat()), Err(error));
    }
    // The largest possible number is not one of them.
    assert_eq!(read_one(&[secret(), number(8, u64::MAX)]).counter, None);
    // An entry that extends into the bytes after it.
    let mut payload = [entry(&[secret()]), number(2, 1)].concat();
    payload[3] += 1;
    assert_eq!(read_payload(&payload), Err((Part::Payload, Truncated, 4)));
}

#[test]
fn refused_fields() {
    use Part::*;
    for (field, part) in
        [(1, Secret), (2, Name), (3, Issuer), (4, Algorithm), (5, Digits), (6, Type), (7, Counter)]
    {
        let error = (part, Problem::WireType, 0);
        let wrong = if field < 4 { number(field, 1) } else { bytes(field, "\x01") };
        assert_eq!(refusal(&[wrong]), error);
        assert_eq!(refusal(&[vec![(field * 8 + 5) as u8, 1, 0, 0, 0]]), error);
        assert_eq!(refusal(&[vec![(field * 8 + 1) as u8, 1, 0, 0, 0, 0, 0, 0, 0]]), error);
    }
    // MD5, and numbers that no version of the format has. They never become a default, even if a
    // later field is valid.
    for (field, part, first_unknown) in [(4, Algorithm, 4), (5, Digits, 3), (6, Type, 3)] {
        for value in [first_unknown, first_unknown + 1, 6, 8, 1 << 32, (1 << 32) + 1, u64::MAX] {
            let error = (part, Problem::Unsupported, 0);
            assert_eq!(refusal(&[number(field, value)]), error, "{part:?} {value}");
            assert_eq!(refusal(&[number(field, value), number(field, 1)]), error);
        }
    }
    for value in [-1_i64, i64::MIN] {
        for kind in [HOTP, TOTP] {
            assert_eq!(
                refusal(&[number(7, value.cast_unsigned()), number(6, kind)]),
                (Counter, Problem::Unsupported, 0)
            );
        }
    }
    for (field, part) in [(2, Version), (3, BatchSize), (4, BatchIndex)] {
        for value in [u64::MAX, 1 << 31, 1 << 32] {
            let payload = [entry(&[secret()]), number(field, value)].concat();
            let error = (part, Problem::Unsupported, 14);
            assert_eq!(read_payload(&payload), Err(error));
        }
        let payload = [entry(&[secret()]), number(field, (1 << 31) - 1)].concat();
        assert_eq!(read_payload(&payload).unwrap().len(), 1);
        let error = (part, Problem::WireType, 0);
        assert_eq!(read_payload(&bytes(field, "1")), Err(error));
    }
    let error = (BatchId, Problem::WireType, 0);
    assert_eq!(read_payload(&bytes(5, "1")), Err(error));
    let error = (Entry, Problem::WireType, 0);
    assert_eq!(read_payload(&number(1, 1)), Err(error));
}

#[test]
fn refused_texts() {
    use Part::*;
    for (field, part) in [(2, Name), (3, Issuer)] {
        for (text, at) in [
            (&b"\xff"[..], 0),
            (b"ali\xc3", 3),
            (b"ali\xc0\xafce", 3),
            (b"\xc3\xa9\xed\xa0\x80", 2),
            (b"\xf4\x90\x80\x80", 0),
        ] {
            // After key and length.
            let error = (part, Problem::NotUtf8, 2 + at);
            assert_eq!(refusal(&[bytes(field, text)]), error, "{text:?}");
        }
        for control in ["\0", "\n", "\r", "\t", "\x1b", "\x1f", "\x7f", "\u{80}", "\u{9b}"] {
            let error = (part, Problem::Control, 2 + 4);
            assert_eq!(refusal(&[bytes(field, format!("ab\u{e9}{control}"))]), error);
            // A later text does not undo it.
            assert_eq!(
                refusal(&[bytes(field, format!("ab\u{e9}{control}")), bytes(field, "fine")]),
                error
            );
        }
    }
}

/// F55: exports are refused like key URIs.
#[test]
fn f55_exports_have_labels_that_nothing_obeys() {
    for (field, part) in [(2, Part::Name), (3, Part::Issuer)] {
        for (character, why) in labels::refused() {
            let error = (part, Problem::Control, 2 + 4);
            let text = format!("ab\u{e9}{character}cd");
            assert_eq!(refusal(&[bytes(field, text)]), error, "{why}");
        }
        for (text, why) in labels::ACCEPTED {
            let account = read_one(&[secret(), bytes(field, text)]);
            let read = if field == 2 { Some(account.account) } else { account.issuer };
            assert_eq!(read.as_deref(), Some(*text), "{why}");
        }
    }
}

#[test]
fn refused_secrets() {
    let before = number(2, 1);
    for fields in [vec![], bytes(2, "alice"), bytes(1, "")] {
        let payload = [before.clone(), entry(&[fields]), entry(&[secret()])].concat();
        assert_eq!(read_payload(&payload), Err((Part::Secret, Problem::Missing, 2)));
    }
    let error = (Part::Secret, Problem::Duplicate, 0);
    assert_eq!(refusal(&[secret()]), error);
    assert_eq!(refusal(&[bytes(1, "")]), error);
    let payload = entry(&[bytes(1, ""), secret()]);
    assert_eq!(read_payload(&payload), Err((Part::Secret, Problem::Duplicate, 4)));
}

/// One bad entry makes the whole export fail: nothing is dropped silently.
#[test]
fn a_bad_entry_spoils_the_export() {
    let good = entry(&[secret()]);
    let bad = entry(&[secret(), number(4, 4)]);
    for payload in [[&good[..], &bad, &good].concat(), [&good[..], &good, &bad].concat()] {
        assert!(matches!(read_payload(&payload), Err((Part::Algorithm, Problem::Unsupported, _))));
    }
}

#[test]
fn a_buffer_that_is_too_small() {
    let payload = entry(&[bytes(1, [0xab; 50]), bytes(2, "alice")]);
    let uri = uri(&payload);
    for space in 0..payload.len() {
        // The group that does not fit: three bytes of the payload are four symbols.
        let fault =
            (Part::Data, Problem::BufferTooSmall, uri.find('=').unwrap() + 1 + space / 3 * 4);
        assert_eq!(read_into(&uri, space).map_err(self::fault), Err(fault), "{space}");
    }
    assert_eq!(read_into(&uri, payload.len()).unwrap().len(), 1);
    assert!(payload.len() <= (uri.len() * 3).div_ceil(4));
}

#[test]
fn cut_off_at_every_byte() {
    let first = entry(&[bytes(1, [0xff; 20]), bytes(2, "A:b"), bytes(3, "A"), number(6, TOTP)]);
    let second = entry(&[number(7, 300), secret(), number(6, HOTP), number(99, 1 << 40)]);
    let parts = [first, number(2, 1), second, number(3, 300)];
    let payload = parts.concat();
    let mut ends = vec![(0, 0)];
    for part in &parts {
        let (end, entries) = ends[ends.len() - 1];
        ends.push((end + part.len(), entries + usize::from(part[0] == 10)));
    }
    for len in 1..payload.len() {
        let answer = read_payload(&payload[..len]).map(|accounts| accounts.len());
        match ends.iter().find(|(end, _)| *end == len) {
            Some((_, entries)) => assert_eq!(answer, Ok(*entries)),
            None => assert!(matches!(answer, Err((Part::Payload, Problem::Truncated, offset))
                if offset <= len)),
        }
    }
    // The same for the URI: an export is possible only if the text ends with a whole field.
    let uri = uri(&payload);
    let mut accepted = 0;
    for len in 0..uri.len() {
        accepted += usize::from(read(&uri[..len]).is_ok());
    }
    assert!(accepted < 8, "{accepted}");
}

/// Work that grows with the square of the length would take hours here.
#[test]
fn the_work_is_linear() {
    let small = entry(&[secret(), bytes(2, "a")]);
    let shapes = [
        small.repeat(100_000),
        number(2, 1).repeat(800_000),
        entry(&[secret(), bytes(2, "A:b").repeat(300_000)]),
        entry(&[secret(), bytes(2, ":".repeat(1_500_000)), bytes(3, ":".repeat(700_000))]),
    ];
    let counts = [100_000, 0, 1, 1];
    for (payload, count) in shapes.iter().zip(counts) {
        let uri = uri(payload);
        let mut buffer = vec![0; payload.len()];
        let start = Instant::now();
        let migration = migration::Export::parse(&uri, &mut buffer).unwrap();
        assert_eq!(migration.entries().count(), count);
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    // As many parameters, none of which is read.
    let uri = EXAMPLE.replace('?', &format!("?{}", "x=%&".repeat(500_000)));
    assert_eq!(read(&uri), Ok(vec![hello()]));
}

#[test]
fn wiped_when_dropped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<migration::Export<'_>>();
    let mut buffer = [0; 100];
    let migration = migration::Export::parse(EXAMPLE, &mut buffer).unwrap();
    assert_eq!(migration.entries().next().unwrap().unwrap().expose_secret_bytes(), hello().secret);
    drop(migration);
    assert_eq!(buffer, [0; 100]);
}

/// F31: neither the result nor the error shows a secret or the input.
#[test]
fn f31_nothing_tells_a_secret() {
    let key = "a shared secret that is to be told apart";
    let good = entry(&[bytes(1, key), bytes(2, "name"), number(6, TOTP)]);
    let mut buffer = [0; SPACE];
    let uri_of_good = uri(&good);
    let migration = migration::Export::parse(&uri_of_good, &mut buffer).unwrap();
    let entries = migration.entries();
    let one = entries.clone().next().unwrap();
    let mut texts = vec![
        format!("{migration:?} {migration:#?}"),
        format!("{entries:?} {entries:#?}"),
        format!("{one:?} {one:#?}"),
    ];
    assert!(texts[2].contains("name") && texts[2].contains("Sha1"));
    for payload in [
        entry(&[bytes(1, key), bytes(1, key)]),
        entry(&[bytes(1, key), number(4, 4)]),
        entry(&[bytes(1, key), bytes(2, format!("{key}\n"))]),
        good[..good.len() - 1].to_vec(),
    ] {
        let error = read_into(&uri(&payload), SPACE).unwrap_err();
        texts.push(format!("{error} {error:?} {error:#?}"));
    }
    for uri in [format!("{uri_of_good}!"), format!("{uri_of_good}=A"), format!("x{uri_of_good}")] {
        let error = read_into(&uri, SPACE).unwrap_err();
        texts.push(format!("{error} {error:?}"));
    }
    let encoded = base64(key.as_bytes());
    let known = ["a shared".into(), encoded[..8].to_owned(), format!("{:?}", key.as_bytes())];
    for text in texts {
        for known in &known {
            assert!(!text.to_lowercase().contains(&known[..8].to_lowercase()), "{known} in {text}");
        }
    }
}

#[test]
fn traits_promised() {
    fn error<T: core::error::Error + Copy + PartialEq + Send + Sync + 'static>() {}
    fn plain<T: Copy + core::fmt::Debug + core::fmt::Display + Eq + Send + Sync + 'static>() {}
    fn held<T: core::fmt::Debug + Send + Sync + Unpin>() {}
    fn entries<T: Iterator + core::iter::FusedIterator + Clone>() {}
    error::<migration::Error>();
    plain::<Problem>();
    held::<migration::Export<'_>>();
    held::<migration::Entry<'_>>();
    entries::<migration::Entries<'_>>();
    assert!(size_of::<migration::Error>() <= 2 * size_of::<usize>());
}

#[test]
fn errors_read_as_sentences() {
    let long = entry(&[secret(), bytes(2, "ab\u{202e}")]);
    for (uri, text) in [
        ("otpauth://totp/a", "scheme: not supported, expected otpauth-migration:// (at byte 0)"),
        (
            "otpauth-migration://online?data=CgA",
            "host: not supported, expected offline (at byte 20)",
        ),
        ("otpauth-migration://offline?x", "data: missing (at byte 29)"),
        ("otpauth-migration://offline?data=EA!", "data: not a Base64 symbol (at byte 35)"),
        ("otpauth-migration://offline?data=CjE", "payload: cut off (at byte 2 of the payload)"),
        ("otpauth-migration://offline?data=CgA", "secret: missing (at byte 0 of the payload)"),
        (
            &uri(&long),
            "name: control character, line separator or text-direction override \
             (at byte 18 of the payload)",
        ),
    ] {
        assert_eq!(read_into(uri, SPACE).unwrap_err().to_string(), text);
    }
}

/// The names of parts and of problems are for programs: no two of a kind are equal.
#[test]
fn names_are_told_apart() {
    use std::collections::BTreeSet;
    let parts = [
        Part::Scheme,
        Part::Host,
        Part::Path,
        Part::Data,
        Part::Payload,
        Part::Entry,
        Part::Secret,
        Part::Name,
        Part::Issuer,
        Part::Algorithm,
        Part::Digits,
        Part::Type,
        Part::Counter,
        Part::Version,
        Part::BatchSize,
        Part::BatchIndex,
        Part::BatchId,
    ];
    assert_eq!((Part::BatchSize.name(), Problem::NotUtf8.name()), ("batch-size", "not-utf8"));
    assert_eq!(parts.map(Part::name).into_iter().collect::<BTreeSet<_>>().len(), parts.len());
    assert!(parts.into_iter().skip_while(|part| *part != Part::Payload).all(Part::is_in_payload));
    assert_eq!(parts.iter().filter(|part| !part.is_in_payload()).count(), 4);
    let problems = [
        Problem::Missing,
        Problem::Duplicate,
        Problem::Escape,
        Problem::Character,
        Problem::AfterPadding,
        Problem::LastGroup,
        Problem::BufferTooSmall,
        Problem::Truncated,
        Problem::OutOfRange,
        Problem::NotAField,
        Problem::WireType,
        Problem::Unsupported,
        Problem::NotUtf8,
        Problem::Control,
    ];
    assert_eq!(problems.map(Problem::name).into_iter().collect::<BTreeSet<_>>().len(), 14);
    assert_eq!(problems.map(|p| p.to_string()).into_iter().collect::<BTreeSet<_>>().len(), 14);
}

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
