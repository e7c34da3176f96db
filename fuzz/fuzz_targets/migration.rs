//! Any text as an export of Google Authenticator, and any bytes as its payload: read as the crates
//! `data-encoding` and `prost` read them, and nothing is left in the buffer.
//!
//! Work that is not linear shows as a time-out of the fuzzer.
#![no_main]

use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use libfuzzer_sys::fuzz_target;
use otp_core::Secret;
use otp_core::migration::{self, Problem};
use prost::Message;

#[derive(Clone, PartialEq, Message)]
struct Payload {
    #[prost(message, repeated, tag = "1")]
    entries: Vec<Entry>,
    #[prost(uint64, tag = "2")]
    version: u64,
    #[prost(uint64, tag = "3")]
    batch_size: u64,
    #[prost(uint64, tag = "4")]
    batch_index: u64,
    #[prost(int32, tag = "5")]
    batch_id: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(bytes = "vec", tag = "1")]
    secret: Vec<u8>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(string, tag = "3")]
    issuer: String,
    #[prost(uint64, tag = "4")]
    algorithm: u64,
    #[prost(uint64, tag = "5")]
    digits: u64,
    #[prost(uint64, tag = "6")]
    kind: u64,
    #[prost(uint64, tag = "7")]
    counter: u64,
}

/// An export in a form that can be compared: what it says of itself, and a line for each account.
type Export = ([u64; 3], i32, Vec<String>);

// The first byte says what the others are, and the next two how long the buffer is.
fuzz_target!(|bytes: &[u8]| {
    let [what, low, high, rest @ ..] = bytes else { return };
    let room = usize::from(u16::from_le_bytes([*low, *high]));
    if what % 2 == 0 {
        let Ok(text) = str::from_utf8(rest) else { return };
        check(text, payload_of(text).as_deref(), room);
    } else {
        check(&uri(rest), Some(rest), room);
    }
});

/// With a `=` behind it even an empty payload is one that is there.
fn uri(payload: &[u8]) -> String {
    format!("otpauth-migration://offline?data={}=", BASE64_NOPAD.encode(payload))
}

fn check(uri: &str, payload: Option<&[u8]>, room: usize) {
    // The documentation says that this length always suffices.
    let ours = read(uri, (uri.len() * 3).div_ceil(4));
    let Some(payload) = payload else {
        let error = ours.expect_err("not an export");
        assert!(!error.part().is_in_payload() && uri.is_char_boundary(error.offset()), "{error:?}");
        assert!(read(uri, room).is_err());
        return;
    };
    if room >= payload.len() {
        assert_eq!(read(uri, room), ours);
    } else {
        assert_eq!(read(uri, room).map_err(|error| error.problem()), Err(Problem::BufferTooSmall));
    }

    let theirs = Payload::decode(payload).ok();
    match ours {
        Ok(export) => assert_eq!(Some(export), theirs.as_ref().and_then(expected)),
        Err(error) => {
            assert!(error.part().is_in_payload() && error.offset() <= payload.len(), "{error:?}");
            // The rest are groups, which they skip, or rules of exports.
            if let Problem::Truncated | Problem::OutOfRange | Problem::WireType | Problem::NotUtf8 =
                error.problem()
            {
                assert_eq!(theirs, None, "{error}");
            }
        }
    }
    // Without groups, unknown fields and repetitions, only the rules of exports decide.
    if let Some(theirs) = theirs {
        let payload = theirs.encode_to_vec();
        assert_eq!(read(&self::uri(&payload), payload.len()).ok(), expected(&theirs));
    }
}

/// Reads an export into a buffer of `room` bytes, and sees to it that nothing is left there. If
/// entries cannot be read, the error is that of the first.
fn read(uri: &str, room: usize) -> Result<Export, migration::Error> {
    let mut buffer = vec![0xee; room];
    let answer = migration::Export::parse(uri, &mut buffer).map(|export| {
        let about = [export.version(), export.batch_size(), export.batch_index()].map(u64::from);
        let one =
            |(number, entry): (usize, Result<migration::Entry<'_>, migration::EntryError>)| {
                entry.map(|entry| line(&entry)).map_err(|error| {
                    assert_eq!(error.number(), number);
                    error.error()
                })
            };
        let accounts: Result<Vec<String>, _> = (1..).zip(export.entries()).map(one).collect();
        assert_eq!((1..).zip(&export).map(one).collect::<Result<Vec<_>, _>>(), accounts);
        Ok((about, export.batch_id(), accounts?))
    });
    let touched = match answer {
        Ok(_) => buffer.iter().take_while(|byte| **byte == 0).count(),
        Err(_) => room,
    };
    let (wiped, rest) = buffer.split_at(touched);
    assert!(wiped.iter().all(|byte| *byte == 0), "left in the buffer");
    assert!(rest.iter().all(|byte| *byte == 0xee), "wiped in part");
    answer.and_then(|read| read)
}

fn line(entry: &migration::Entry<'_>) -> String {
    let secret = entry.expose_secret_bytes();
    let is_zero = secret.iter().all(|byte| *byte == 0);
    let is_taken = secret.len() <= Secret::MAX_LEN && !is_zero;
    assert_eq!(entry.secret_allow_short().is_ok(), is_taken);
    let is_long_enough = secret.len() >= Secret::MIN_BITS / 8;
    assert_eq!(entry.secret().is_ok(), is_taken && is_long_enough);
    assert_eq!(entry.is_hotp(), entry.period().is_none());
    let (issuer, account) = (entry.issuer(), entry.account());
    let (algorithm, digits, counter) = (entry.algorithm(), entry.digits(), entry.counter());
    format!("{issuer:?} {account:?} {algorithm} {digits} {counter:?} {secret:?}")
}

/// Reads an export by its rules.
fn expected(payload: &Payload) -> Option<Export> {
    let about = [payload.version, payload.batch_size, payload.batch_index];
    about.iter().all(|number| *number < 1 << 31).then_some(())?;
    let accounts = payload.entries.iter().map(account).collect::<Option<_>>()?;
    Some((about, payload.batch_id, accounts))
}

fn account(entry: &Entry) -> Option<String> {
    let Entry { secret, name, issuer, .. } = entry;
    let refused = |character: char| {
        character.is_control()
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    (!secret.is_empty() && !format!("{name}{issuer}").contains(refused)).then_some(())?;
    let algorithm =
        *["SHA1", "SHA1", "SHA256", "SHA512"].get(usize::try_from(entry.algorithm).ok()?)?;
    let digits = *[6, 6, 8].get(usize::try_from(entry.digits).ok()?)?;
    let is_hotp = *[false, true, false].get(usize::try_from(entry.kind).ok()?)?;
    (entry.counter < 1 << 63).then_some(())?;
    let counter = is_hotp.then_some(entry.counter);
    let (issuer, account) = match name.split_once(':') {
        Some((before, after)) if issuer.is_empty() => (before, after.trim_start_matches(' ')),
        _ => match name.strip_prefix(&format!("{issuer}:")) {
            Some(after) if !issuer.is_empty() => (&**issuer, after.trim_start_matches(' ')),
            _ => (&**issuer, &**name),
        },
    };
    let issuer = Some(issuer).filter(|issuer| !issuer.is_empty());
    Some(format!("{issuer:?} {account:?} {algorithm} {digits} {counter:?} {secret:?}"))
}

/// The payload of a URI, step by step.
fn payload_of(uri: &str) -> Option<Vec<u8>> {
    let (head, query) = uri.split('#').next()?.split_once('?')?;
    let head = head.to_ascii_lowercase();
    (head.strip_suffix('/').unwrap_or(&head) == "otpauth-migration://offline").then_some(())?;
    let parameters = query.split('&').map(|one| one.split_once('=').unwrap_or((one, "")));
    let values: Vec<&str> =
        parameters.filter(|(name, _)| *name == "data").map(|(_, value)| value).collect();
    let [data] = *values else { return None };
    (!data.is_empty()).then_some(())?;

    let mut symbols = vec![];
    let mut rest = data.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            symbols.extend(HEXLOWER_PERMISSIVE.decode(rest.get(..2)?).ok()?);
            rest = &rest[2..];
        } else {
            symbols.push(*first);
        }
    }
    while symbols.last() == Some(&b'=') {
        symbols.pop();
    }
    BASE64_NOPAD.decode(&symbols).ok()
}
