//! Exports of Google Authenticator, `otpauth-migration://offline?data=…`.
//!
//! The payloads are made here, with the tests' own encoder.

mod limits;
mod made;
mod read;
mod refused;

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
        Err(SecretError::Zero) => {
            assert!(entry.expose_secret_bytes().iter().all(|byte| *byte == 0));
        }
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
