//! Exports of Google Authenticator: `otpauth-migration://offline?data=…`.
//!
//! There is no specification. The payload is a protocol buffer, `MigrationPayload`, whose fields
//! are known from apps that read it; they are named beside their numbers below.

use core::fmt;
use core::iter::FusedIterator;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::algorithm::Algorithm;
use crate::base64;
use crate::digits::Digits;
use crate::error::{MigrationError, MigrationPart, SecretError};
use crate::period::Period;
use crate::protobuf::{Field, Message};
use crate::secret::Secret;
use crate::uri::{Span, next_parameter, split_authority, split_path, split_query, strip_scheme};

const SCHEME: &str = "otpauth-migration";
const HOST: &str = "offline";

/// `MigrationPayload.otp_parameters`, repeated: one account each.
const ENTRY: u64 = 1;

/// An export of Google Authenticator, decoded into a buffer of the caller and checked as a whole.
///
/// # Use
/// ```
/// use otp_core::{Engine, Migration};
///
/// let uri = "otpauth-migration://offline?data=\
///            CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
/// let mut buffer = [0; 2215];
/// let migration = Migration::parse(uri, &mut buffer)?;
/// for entry in migration.entries() {
///     assert_eq!(entry.issuer(), Some("Example"));
///     assert_eq!(entry.account(), "alice@google.com");
///     let Engine::Totp(totp) = entry.engine()? else { continue };
///     println!("{}", totp.code_at(59)?);
/// }
/// # assert_eq!(migration.entries().count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What it accepts
/// Scheme and host in any case, and a `/` before the `?`. The parameter `data` exactly once, others
/// are ignored, and what follows `#` is cut off. `data` is standard Base64, padded or not, with its
/// symbols raw or percent-escaped: `+` is a plus, never a space. Bits left over at its end are
/// refused if they are set.
///
/// In the payload unknown fields are skipped, and of a field that comes twice the last counts,
/// except for a secret: two are refused. A field of another wire type than its own is refused, as
/// are groups. An entry without a secret, a text with a control character, an algorithm, a number
/// of digits or a type that is not known make the whole export an error: nothing is dropped
/// quietly, and nothing becomes a default but what says nothing or "unspecified" (SHA-1, 6 digits,
/// TOTP). An export without entries is none, not an error.
///
/// # Secrets
/// The buffer holds every secret of the export. What was written there is wiped when the value is
/// dropped, and an error wipes the whole buffer. `Debug` tells none.
pub struct Migration<'b> {
    /// INVARIANT: `read_payload` accepts it.
    payload: &'b mut [u8],
    batch: Batch,
}

/// Which part of a larger export this is.
#[derive(Clone, Copy, Default)]
struct Batch {
    version: u32,
    size: u32,
    index: u32,
    id: i32,
}

impl<'b> Migration<'b> {
    /// Reads an export, in time linear in the length of `uri`.
    ///
    /// `buffer` takes the decoded payload. Three quarters of the length of `uri`, in bytes and
    /// rounded up, always suffice: 2,215 for what one QR code holds (2,953 bytes).
    ///
    /// # Errors
    /// [`MigrationError`], with the offset of what is at fault. `buffer` is then wiped.
    pub fn parse(uri: &str, buffer: &'b mut [u8]) -> Result<Self, MigrationError> {
        match read(uri, buffer) {
            Ok((len, batch)) => {
                let payload = buffer.get_mut(..len).unwrap_or_default();
                Ok(Self { payload, batch })
            }
            Err(error) => {
                buffer.zeroize();
                Err(error)
            }
        }
    }

    /// The accounts, in the order of the export.
    #[must_use]
    pub fn entries(&self) -> MigrationEntries<'_> {
        MigrationEntries { rest: Message { bytes: self.payload, offset: 0 } }
    }

    /// The version of the payload, 0 to 2^31 − 1, and 0 where none is given. Nothing depends on it.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.batch.version
    }

    /// How many QR codes the whole export has, 0 to 2^31 − 1, and 0 where it does not say.
    #[must_use]
    pub const fn batch_size(&self) -> u32 {
        self.batch.size
    }

    /// Which of them this is, counted from 0: 0 to 2^31 − 1. Not checked against
    /// [`batch_size`](Self::batch_size).
    #[must_use]
    pub const fn batch_index(&self) -> u32 {
        self.batch.index
    }

    /// A number that the QR codes of one export share, any at all; 0 where none is given.
    #[must_use]
    pub const fn batch_id(&self) -> i32 {
        self.batch.id
    }
}

impl Drop for Migration<'_> {
    fn drop(&mut self) {
        self.payload.zeroize();
    }
}

impl ZeroizeOnDrop for Migration<'_> {}

/// Tells which part of an export it is.
impl fmt::Debug for Migration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migration")
            .field("batch_size", &self.batch.size)
            .field("batch_index", &self.batch.index)
            .field("batch_id", &self.batch.id)
            .finish_non_exhaustive()
    }
}

impl<'m> IntoIterator for &'m Migration<'_> {
    type Item = MigrationEntry<'m>;
    type IntoIter = MigrationEntries<'m>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries()
    }
}

/// The accounts of a [`Migration`], made by [`Migration::entries`].
#[derive(Clone)]
pub struct MigrationEntries<'m> {
    rest: Message<'m>,
}

impl<'m> Iterator for MigrationEntries<'m> {
    type Item = MigrationEntry<'m>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            // All of it was read once, by `Migration::parse`: there is no error to be lost here.
            let field = self.rest.next_field().ok()??;
            if field.number == ENTRY {
                return read_entry(&field).ok();
            }
        }
    }
}

impl FusedIterator for MigrationEntries<'_> {}

/// Tells nothing of the accounts.
impl fmt::Debug for MigrationEntries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationEntries").finish_non_exhaustive()
    }
}

/// One account of a [`Migration`].
#[derive(Clone, Copy)]
pub struct MigrationEntry<'m> {
    /// INVARIANT: not empty.
    secret: &'m [u8],
    account: &'m str,
    issuer: Option<&'m str>,
    algorithm: Algorithm,
    digits: Digits,
    /// The counter of HOTP, or `None` for TOTP.
    counter: Option<u64>,
}

impl<'m> MigrationEntry<'m> {
    /// The shared secret, also if it has less than 128 bits: it is in use already.
    ///
    /// # Errors
    /// [`SecretError::Long`] over [`Secret::MAX_LEN`] bytes. An engine can still be made of such a
    /// key: [`KeySchedule::from_raw_key`](crate::KeySchedule::from_raw_key).
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes_allow_short(self.secret)
    }

    /// The shared secret itself: at least one byte, and as long as it is.
    #[must_use]
    pub const fn expose_secret_bytes(&self) -> &'m [u8] {
        self.secret
    }

    /// Whose account it is, possibly empty. The issuer before it is cut off, with the colon. No
    /// control characters, and nothing is normalised.
    #[must_use]
    pub const fn account(&self) -> &'m str {
        self.account
    }

    /// Who issued it, never empty, and free of control characters. Where the export has it in the
    /// name alone, `issuer:account`, it is the text before the first colon.
    #[must_use]
    pub const fn issuer(&self) -> Option<&'m str> {
        self.issuer
    }

    /// The algorithm. Whether this build can compute it is [`Algorithm::is_built_in`].
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many digits a code has: 6 or 8, the format knows no others.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Whether it is HOTP. Otherwise it is TOTP.
    #[must_use]
    pub const fn is_hotp(&self) -> bool {
        self.counter.is_some()
    }

    /// The next counter of HOTP, 0 to 2^63 − 1, and 0 where none is given. `None` for TOTP.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        self.counter
    }

    /// The period of TOTP, always 30 seconds: the format has no field for it. `None` for HOTP.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        if self.is_hotp() { None } else { Some(Period::DEFAULT) }
    }
}

/// Tells all but the secret.
impl fmt::Debug for MigrationEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationEntry")
            .field("issuer", &self.issuer)
            .field("account", &self.account)
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}

/// Decodes the payload into the beginning of `buffer` and checks it. Returns its length.
fn read(uri: &str, buffer: &mut [u8]) -> Result<(usize, Batch), MigrationError> {
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
fn read_entry<'a>(field: &Field<'a>) -> Result<MigrationEntry<'a>, MigrationError> {
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
    match text.char_indices().find(|(_, character)| character.is_control()) {
        Some((at, _)) => Err(MigrationError::Control { part, offset: offset.saturating_add(at) }),
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
