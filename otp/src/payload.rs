//! Exports for Google Authenticator: `otpauth-migration://offline?data=…`, split in parts that a phone scans.
//!
//! There is no specification. `otp_core::migration` reads what is written here.

use base64ct::{Base64, Encoding};
use otp_core::{Algorithm, otpauth};
use zeroize::Zeroizing;

use crate::Outcome;
use crate::entry::Entry;

/// Google Authenticator itself puts so many accounts into one QR code.
const MOST_ACCOUNTS: usize = 10;
/// The bytes of a part beside those of a batch. More make the modules too small for some cameras.
const MOST_BYTES: usize = 900;
const PREFIX: &str = "otpauth-migration://offline?data=";

/// One account in the form of the payload.
pub(crate) struct Account(Zeroizing<Vec<u8>>);

impl Account {
    /// # Errors
    /// A sentence, if the format does not have a place for such a key.
    pub(crate) fn new(entry: &Entry) -> Result<Self, String> {
        // `OtpParameters`: 1 secret, 2 name, 3 issuer, 4 algorithm, 5 digits, 6 type, 7 counter.
        let (kind, digits, counter) = match entry.kind {
            otpauth::Kind::Hotp { digits, counter } => (1, digits, Some(counter)),
            otpauth::Kind::Totp { period, .. } if period.seconds() != 30 => {
                return Err("period: Google Authenticator only has 30 seconds".into());
            }
            otpauth::Kind::Totp { digits, .. } => (2, digits, None),
            otpauth::Kind::Steam => {
                return Err("type: Google Authenticator does not have Steam".into());
            }
        };
        let digits = match digits.get() {
            6 => 1,
            8 => 2,
            _ => return Err("digits: Google Authenticator only has 6 and 8".into()),
        };
        let algorithm = match entry.algorithm {
            Algorithm::Sha1 => 1,
            Algorithm::Sha256 => 2,
            Algorithm::Sha512 => 3,
        };
        if counter.is_some_and(|counter| i64::try_from(counter).is_err()) {
            return Err("counter: out of range for Google Authenticator".into());
        }
        let issuer = entry.issuer.as_deref().unwrap_or_default();
        let room = entry.secret.len() + entry.account.len() + issuer.len() + 64;
        let mut fields = Message(Zeroizing::new(Vec::with_capacity(room)));
        fields.bytes(1, &entry.secret);
        fields.bytes(2, entry.account.as_bytes());
        if !issuer.is_empty() {
            fields.bytes(3, issuer.as_bytes());
        }
        fields.number(4, algorithm);
        fields.number(5, digits);
        fields.number(6, kind);
        if let Some(counter) = counter {
            fields.number(7, counter);
        }
        Ok(Self(fields.0))
    }
}

/// Writes the accounts as URIs, each for one QR code.
pub(crate) fn write(accounts: &[Account]) -> Outcome<Vec<Zeroizing<String>>> {
    let mut parts: Vec<&[Account]> = Vec::new();
    let mut rest = accounts;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = rest.iter().take(MOST_ACCOUNTS).take_while(|account| {
            bytes += account.0.len() + 4;
            bytes <= MOST_BYTES
        });
        // A large account has a part of its own.
        let (part, others) = rest.split_at(fits.count().max(1));
        parts.push(part);
        rest = others;
    }
    let mut id = [0; 4];
    getrandom::fill(&mut id)?;
    // A positive `int32`.
    let id = u64::from(u32::from_be_bytes(id) >> 1);
    let size = parts.len().try_into()?;
    (0..).zip(parts).map(|(index, part)| uri(part, size, index, id)).collect()
}

fn uri(accounts: &[Account], size: u64, index: u64, id: u64) -> Outcome<Zeroizing<String>> {
    let room: usize = accounts.iter().map(|account| account.0.len() + 16).sum();
    // `MigrationPayload`: 1 an account, 2 version, 3 batch size, 4 batch index, 5 batch id.
    let mut payload = Message(Zeroizing::new(Vec::with_capacity(room + 64)));
    for account in accounts {
        payload.bytes(1, &account.0);
    }
    payload.number(2, 1);
    payload.number(3, size);
    payload.number(4, index);
    payload.number(5, id);
    let mut buffer = Zeroizing::new(vec![0; Base64::encoded_len(&payload.0)]);
    let data = Base64::encode(&payload.0, &mut buffer).map_err(|error| error.to_string())?;
    let mut uri = Zeroizing::new(String::with_capacity(PREFIX.len() + 3 * data.len()));
    uri.push_str(PREFIX);
    for symbol in data.chars() {
        match symbol {
            '+' => uri.push_str("%2B"),
            '/' => uri.push_str("%2F"),
            '=' => uri.push_str("%3D"),
            _ => uri.push(symbol),
        }
    }
    Ok(uri)
}

/// A message of protocol buffers, written into space that is made beforehand.
struct Message(Zeroizing<Vec<u8>>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}
