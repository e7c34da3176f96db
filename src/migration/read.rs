//! The reader: from the URI to the payload, and from the payload to its entries.

use super::{Batch, MigrationEntry};
use crate::algorithm::Algorithm;
use crate::base64;
use crate::digits::Digits;
use crate::error::{MigrationError, MigrationPart};
use crate::label::first_refused;
use crate::protobuf::{Field, Message};
use crate::uri::{Span, next_parameter, split_authority, split_path, split_query, strip_scheme};

const SCHEME: &str = "otpauth-migration";
const HOST: &str = "offline";

/// `MigrationPayload.otp_parameters`, repeated: one account each.
pub(super) const ENTRY: u64 = 1;

/// Decodes the payload into the beginning of `buffer` and checks it. Returns its length.
pub(super) fn read(uri: &str, buffer: &mut [u8]) -> Result<(usize, Batch), MigrationError> {
    let (data, offset) = find_data(uri)?;
    let len = base64::decode(data, offset, buffer)?;
    let batch = read_payload(buffer.get(..len).unwrap_or_default())?;
    Ok((len, batch))
}

/// The value of the parameter `data`, and where it begins.
fn find_data(uri: &str) -> Result<(&str, usize), MigrationError> {
    let rest = strip_scheme(Span::new(uri), SCHEME).ok_or(MigrationError::Scheme)?;
    let (host, rest) = split_authority(rest);
    if !host.text.eq_ignore_ascii_case(HOST) {
        return Err(MigrationError::Host { offset: host.start });
    }
    let (path, rest) = split_path(rest);
    if !path.text.is_empty() {
        return Err(MigrationError::Path { offset: path.start });
    }

    let mut query = split_query(rest);
    let mut found = None;
    while let Some((name, value)) = next_parameter(&mut query) {
        if name.text == "data" && found.replace(value).is_some() {
            return Err(MigrationError::SecondData { offset: name.start });
        }
    }
    let data = found.flatten().filter(|data| !data.text.is_empty());
    data.map(|data| (data.text, data.start)).ok_or(MigrationError::NoData)
}

/// Checks a `MigrationPayload` with all its entries.
fn read_payload(payload: &[u8]) -> Result<Batch, MigrationError> {
    let mut message = Message { bytes: payload, offset: 0 };
    let mut batch = Batch::default();
    while let Some(field) = message.next_field()? {
        match field.number {
            ENTRY => {
                read_entry(&field)?;
            }
            2 => batch.version = read_count(&field, MigrationPart::Version)?,
            3 => batch.size = read_count(&field, MigrationPart::BatchSize)?,
            4 => batch.index = read_count(&field, MigrationPart::BatchIndex)?,
            5 => {
                // An `int32` is the low half of what the wire has for it.
                let [a, b, c, d, ..] = field.varint(MigrationPart::BatchId)?.to_le_bytes();
                batch.id = i32::from_le_bytes([a, b, c, d]);
            }
            _ => {}
        }
    }
    Ok(batch)
}

/// Reads an `int32` that must not be negative.
fn read_count(field: &Field<'_>, part: MigrationPart) -> Result<u32, MigrationError> {
    i32::try_from(field.varint(part)?)
        .map(i32::unsigned_abs)
        .map_err(|_| MigrationError::Unsupported { part, offset: field.offset })
}

/// Reads one `OtpParameters`.
pub(super) fn read_entry<'a>(field: &Field<'a>) -> Result<MigrationEntry<'a>, MigrationError> {
    let offset = field.offset;
    let mut message = field.bytes(MigrationPart::Entry)?;
    let mut secret = None;
    let mut name = "";
    let mut issuer = "";
    let mut algorithm = Algorithm::Sha1;
    let mut digits = Digits::Six;
    let mut is_hotp = false;
    let mut counter = 0;

    while let Some(field) = message.next_field()? {
        let offset = field.offset;
        let unsupported = |part| Err(MigrationError::Unsupported { part, offset });
        match field.number {
            1 => {
                let bytes = field.bytes(MigrationPart::Secret)?.bytes;
                if secret.replace(bytes).is_some() {
                    return Err(MigrationError::SecondSecret { offset });
                }
            }
            2 => name = read_text(&field, MigrationPart::Name)?,
            3 => issuer = read_text(&field, MigrationPart::Issuer)?,
            4 => {
                algorithm = match field.varint(MigrationPart::Algorithm)? {
                    // Unspecified, and SHA-1.
                    0 | 1 => Algorithm::Sha1,
                    2 => Algorithm::Sha256,
                    3 => Algorithm::Sha512,
                    // 4 is MD5.
                    _ => return unsupported(MigrationPart::Algorithm),
                };
            }
            5 => {
                digits = match field.varint(MigrationPart::Digits)? {
                    // Unspecified, and six.
                    0 | 1 => Digits::Six,
                    2 => Digits::Eight,
                    _ => return unsupported(MigrationPart::Digits),
                };
            }
            6 => {
                is_hotp = match field.varint(MigrationPart::Type)? {
                    1 => true,
                    // Unspecified, and TOTP.
                    0 | 2 => false,
                    _ => return unsupported(MigrationPart::Type),
                };
            }
            7 => {
                counter = match field.varint(MigrationPart::Counter)? {
                    value @ 0..0x8000_0000_0000_0000 => value,
                    // An `int64` below zero.
                    _ => return unsupported(MigrationPart::Counter),
                };
            }
            _ => {}
        }
    }

    let secret = secret.filter(|secret| !secret.is_empty());
    let secret = secret.ok_or(MigrationError::NoSecret { offset })?;
    let (issuer, account) = split_name(name, issuer);
    let counter = is_hotp.then_some(counter);
    Ok(MigrationEntry { secret, account, issuer, algorithm, digits, counter })
}

/// Reads a text that can be shown and logged as it is.
fn read_text<'a>(field: &Field<'a>, part: MigrationPart) -> Result<&'a str, MigrationError> {
    let Message { bytes, offset } = field.bytes(part)?;
    let text = str::from_utf8(bytes).map_err(|error| MigrationError::NotUtf8 {
        part,
        offset: offset.saturating_add(error.valid_up_to()),
    })?;
    match first_refused(text) {
        Some(at) => Err(MigrationError::Control { part, offset: offset.saturating_add(at) }),
        None => Ok(text),
    }
}

/// Issuer and account. A name is the account alone, or `issuer:account` as in a key URI, where
/// spaces may stand before the account.
fn split_name<'a>(name: &'a str, issuer: &'a str) -> (Option<&'a str>, &'a str) {
    let split = if issuer.is_empty() {
        let colon = name.bytes().position(|byte| byte == b':').unwrap_or(name.len());
        let rest = name.split_at_checked(colon);
        rest.and_then(|(issuer, rest)| Some((issuer, rest.strip_prefix(':')?)))
    } else {
        let rest = name.strip_prefix(issuer).and_then(|rest| rest.strip_prefix(':'));
        rest.map(|account| (issuer, account))
    };
    let (issuer, account) =
        split.map_or((issuer, name), |(issuer, account)| (issuer, account.trim_start_matches(' ')));
    (Some(issuer).filter(|issuer| !issuer.is_empty()), account)
}
