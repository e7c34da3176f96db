//! One account of an export: `OtpParameters`. The names of the fields are beside their numbers.

use core::fmt;

use super::error::{Error, Part, Problem};
use super::protobuf::{Field, Message};
use crate::algorithm::Algorithm;
use crate::digits::Digits;
use crate::label::first_refused;
use crate::period::Period;
use crate::secret::{Secret, SecretError};

/// One account of an [`Export`](super::Export).
#[derive(Clone, Copy)]
pub struct Entry<'m> {
    /// INVARIANT: not empty.
    secret: &'m [u8],
    account: &'m str,
    issuer: Option<&'m str>,
    algorithm: Algorithm,
    digits: Digits,
    /// The counter of HOTP, or `None` for TOTP.
    counter: Option<u64>,
}

impl<'m> Entry<'m> {
    /// Returns the shared secret, 16 to [`Secret::MAX_LEN`] bytes.
    ///
    /// # Errors
    /// - [`SecretError::Short`] if it has less than 128 bits (RFC 4226 section 4, R6). To accept
    ///   it, call [`secret_allow_short`](Self::secret_allow_short).
    /// - [`SecretError::Long`] if it has more than [`Secret::MAX_LEN`] bytes. An engine can still
    ///   be made of such a key: [`KeySchedule::from_raw_key`](crate::KeySchedule::from_raw_key).
    /// - [`SecretError::Zero`] if it is all zero bytes.
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes(self.secret)
    }

    /// Returns the shared secret, 1 to [`Secret::MAX_LEN`] bytes. Use it for keys that another
    /// system has issued too short. It relaxes only the minimum length.
    ///
    /// # Errors
    /// [`SecretError::Long`] or [`SecretError::Zero`], as in [`secret`](Self::secret).
    pub fn secret_allow_short(&self) -> Result<Secret, SecretError> {
        Secret::from_bytes_allow_short(self.secret)
    }

    /// Returns the bytes of the shared secret: at least one byte, of any length. Unlike
    /// [`secret`](Self::secret), it does not check that there are at least 128 bits.
    #[must_use]
    pub const fn expose_secret_bytes(&self) -> &'m [u8] {
        self.secret
    }

    /// Returns the name of the account, which may be empty. An issuer before it is removed, with
    /// the colon. The text is not normalised. It does not have any character that
    /// [`Problem::Control`] names.
    #[must_use]
    pub const fn account(&self) -> &'m str {
        self.account
    }

    /// Returns the issuer, which is never empty. If the export has the issuer only in the name, as
    /// `issuer:account`, it is the text before the first colon. It does not have any character that
    /// [`Problem::Control`] names.
    #[must_use]
    pub const fn issuer(&self) -> Option<&'m str> {
        self.issuer
    }

    /// Returns the algorithm. [`Algorithm::is_built_in`] tells whether this build can compute it.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the number of digits: 6 or 8. The format does not have others.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Returns whether the entry is for HOTP. Otherwise it is for TOTP.
    #[must_use]
    pub const fn is_hotp(&self) -> bool {
        self.counter.is_some()
    }

    /// Returns the next counter of HOTP, 0 to 2^63 − 1, or `None` for TOTP. If the export does not
    /// give a counter, it is 0.
    #[must_use]
    pub const fn counter(&self) -> Option<u64> {
        self.counter
    }

    /// Returns the period of TOTP, or `None` for HOTP. It is always 30 seconds, because the format
    /// does not have a field for it.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        if self.is_hotp() { None } else { Some(Period::DEFAULT) }
    }
}

/// Shows everything except the secret.
impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("issuer", &self.issuer)
            .field("account", &self.account)
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}

/// Reads one `OtpParameters`.
pub(super) fn read<'a>(entry: &Field<'a>) -> Result<Entry<'a>, Error> {
    let mut message = entry.bytes(Part::Entry)?;
    let mut secret = None;
    let mut name = "";
    let mut issuer = "";
    let mut algorithm = Algorithm::Sha1;
    let mut digits = Digits::Six;
    let mut is_hotp = false;
    let mut counter = 0;

    while let Some(field) = message.next_field()? {
        let unsupported = |part| Err(Error::new(part, Problem::Unsupported, field.offset));
        match field.number {
            1 => {
                let bytes = field.bytes(Part::Secret)?.bytes;
                if secret.replace(bytes).is_some() {
                    return Err(Error::new(Part::Secret, Problem::Duplicate, field.offset));
                }
            }
            2 => name = read_text(&field, Part::Name)?,
            3 => issuer = read_text(&field, Part::Issuer)?,
            4 => {
                algorithm = match field.varint(Part::Algorithm)? {
                    // Unspecified, and SHA-1.
                    0 | 1 => Algorithm::Sha1,
                    2 => Algorithm::Sha256,
                    3 => Algorithm::Sha512,
                    // 4 is MD5.
                    _ => return unsupported(Part::Algorithm),
                };
            }
            5 => {
                digits = match field.varint(Part::Digits)? {
                    // Unspecified, and six.
                    0 | 1 => Digits::Six,
                    2 => Digits::Eight,
                    _ => return unsupported(Part::Digits),
                };
            }
            6 => {
                is_hotp = match field.varint(Part::Type)? {
                    1 => true,
                    // Unspecified, and TOTP.
                    0 | 2 => false,
                    _ => return unsupported(Part::Type),
                };
            }
            7 => {
                counter = match field.varint(Part::Counter)? {
                    value @ 0..0x8000_0000_0000_0000 => value,
                    // An `int64` below zero.
                    _ => return unsupported(Part::Counter),
                };
            }
            _ => {}
        }
    }

    let secret = secret.filter(|secret| !secret.is_empty());
    let secret = secret.ok_or(Error::new(Part::Secret, Problem::Missing, entry.offset))?;
    let (issuer, account) = split_name(name, issuer);
    let counter = is_hotp.then_some(counter);
    Ok(Entry { secret, account, issuer, algorithm, digits, counter })
}

/// Reads the issuer and the account of an invalid entry, as far as they can be read and shown.
pub(super) fn name<'a>(entry: &Field<'a>) -> (Option<&'a str>, &'a str) {
    let mut name = "";
    let mut issuer = "";
    if let Ok(mut message) = entry.bytes(Part::Entry) {
        while let Ok(Some(field)) = message.next_field() {
            match field.number {
                2 => name = read_text(&field, Part::Name).unwrap_or_default(),
                3 => issuer = read_text(&field, Part::Issuer).unwrap_or_default(),
                _ => {}
            }
        }
    }
    split_name(name, issuer)
}

/// Reads a text that can be shown and logged as it is.
fn read_text<'a>(field: &Field<'a>, part: Part) -> Result<&'a str, Error> {
    let Message { bytes, offset } = field.bytes(part)?;
    let has = |problem, at| Error::new(part, problem, offset.saturating_add(at));
    let text = str::from_utf8(bytes).map_err(|error| has(Problem::NotUtf8, error.valid_up_to()))?;
    first_refused(text).map_or(Ok(text), |at| Err(has(Problem::Control, at)))
}

/// Splits a name into issuer and account. A name is the account, or `issuer:account` as in a key
/// URI, with or without spaces before the account.
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
