//! The errors of seed files: the part that is wrong, the problem, and the position.

use core::fmt;

use super::text::Text;
use crate::decimal::Decimal;
use crate::label::REFUSED;

/// A part of a seed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The file as a whole: XML, or CSV records.
    File,
    /// `KeyContainer`.
    Container,
    /// The version of the format.
    Version,
    /// `EncryptionKey`: the encryption key of the values.
    EncryptionKey,
    /// `KeyDerivationMethod`: the derivation of that key from a passphrase.
    KeyDerivation,
    /// `MACMethod`: the algorithm and the key of the MACs.
    MacMethod,
    /// A token: `KeyPackage`, or a CSV record.
    Token,
    /// Its serial number.
    Serial,
    /// Its manufacturer.
    Manufacturer,
    /// Its model.
    Model,
    /// The identifier of the key.
    KeyId,
    /// The issuer of the key.
    Issuer,
    /// The name of the key for people to read.
    FriendlyName,
    /// The user of the token.
    User,
    /// HOTP, TOTP or another.
    Algorithm,
    /// The hash function.
    Suite,
    /// The number of digits, and the format of the codes.
    ResponseFormat,
    /// The shared secret.
    Secret,
    /// The counter.
    Counter,
    /// The time, in time steps.
    Time,
    /// The length of a time step.
    TimeInterval,
    /// The drift of the token's clock, in time steps.
    TimeDrift,
    /// The start of the key's validity.
    StartDate,
    /// The end of the key's validity.
    ExpiryDate,
    /// `Policy`: the permitted uses of the key.
    Policy,
    /// The first CSV record, which names the columns.
    Header,
}

impl Part {
    /// Returns a short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Container => "container",
            Self::Version => "version",
            Self::EncryptionKey => "encryption-key",
            Self::KeyDerivation => "key-derivation",
            Self::MacMethod => "mac-method",
            Self::Token => "token",
            Self::Serial => "serial",
            Self::Manufacturer => "manufacturer",
            Self::Model => "model",
            Self::KeyId => "key-id",
            Self::Issuer => "issuer",
            Self::FriendlyName => "friendly-name",
            Self::User => "user",
            Self::Algorithm => "algorithm",
            Self::Suite => "suite",
            Self::ResponseFormat => "response-format",
            Self::Secret => "secret",
            Self::Counter => "counter",
            Self::Time => "time",
            Self::TimeInterval => "time-interval",
            Self::TimeDrift => "time-drift",
            Self::StartDate => "start-date",
            Self::ExpiryDate => "expiry-date",
            Self::Policy => "policy",
            Self::Header => "header",
        }
    }
}

/// The problem with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// It is missing or empty.
    Missing,
    /// It occurs twice.
    Duplicate,
    /// It comes after the tokens that need it.
    OutOfOrder,
    /// It has child elements instead of text.
    Nested,
    /// It is not well-formed XML, or the quotes of CSV do not match.
    Malformed,
    /// The file ends too early.
    Truncated,
    /// The file is not UTF-8. It is usually UTF-16: save it as UTF-8.
    NotUtf8,
    /// The file has a document type declaration (DTD). The reader refuses it, so that no entity can
    /// expand.
    Dtd,
    /// A reference to an entity that XML does not predefine.
    Entity,
    /// Elements are nested deeper than 32 levels.
    TooDeep,
    /// An element has more than 32 attributes, or more than 32 namespaces are declared at the same
    /// time.
    TooMany,
    /// It is in the namespace of a draft before RFC 6030, or does not have a namespace.
    Namespace,
    /// The value is not supported.
    Unsupported,
    /// A number is out of range.
    OutOfRange,
    /// It is not a number.
    NotANumber,
    /// It is not Base64.
    Base64,
    /// It is neither hexadecimal nor Base32, or not the encoding that the options require.
    Encoding,
    /// It has more bytes than the reader can hold: 128 for a secret, a MAC key or a salt.
    TooLong,
    /// A text has a control character, a line or paragraph separator (U+2028, U+2029), or a
    /// bidirectional embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069).
    Control,
    /// It is encrypted, but no key was given, or a passphrase was given instead of a key.
    Locked,
    /// The cipher is not AES-CBC with 128, 192 or 256 bits.
    Cipher,
    /// The cipher needs a key of a different length.
    KeyLength,
    /// The encrypted bytes are not whole blocks, or their padding is wrong.
    Padding,
    /// Deriving the key needs more iterations than the options allow.
    Iterations,
    /// No MAC of the file matches. The key or the passphrase is wrong, or everything is damaged.
    WrongKey,
    /// An encrypted value does not have a MAC, or a secret is plain although a key was given.
    NoMac,
    /// This MAC does not match, but another one of the file does. The value is damaged or was
    /// changed.
    Mac,
    /// The policy contains something that this crate does not know. RFC 6030 section 5 forbids the
    /// use of such a key.
    UnknownPolicy,
    /// The policy does not permit one-time codes.
    KeyUsage,
    /// The encrypted MAC key contains the same block as an encrypted value. An attacker who knows
    /// that value has changed the file, to make MACs for other values.
    Reused,
    /// A text is the secret of the token, or a CSV serial number looks like a secret of 128 bits or
    /// more. The columns may be swapped. Otherwise the secret would be shown, logged, and used as a
    /// file name.
    LikeSecret,
    /// The record has too few or too many cells for its format, or a cell to which two
    /// manufacturers give two meanings.
    Cells,
}

impl Problem {
    /// Returns a short name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Duplicate => "duplicate",
            Self::OutOfOrder => "out-of-order",
            Self::Nested => "nested",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::NotUtf8 => "not-utf8",
            Self::Dtd => "dtd",
            Self::Entity => "entity",
            Self::TooDeep => "too-deep",
            Self::TooMany => "too-many",
            Self::Namespace => "namespace",
            Self::Unsupported => "unsupported",
            Self::OutOfRange => "out-of-range",
            Self::NotANumber => "not-a-number",
            Self::Base64 => "base64",
            Self::Encoding => "encoding",
            Self::TooLong => "too-long",
            Self::Control => "control-character",
            Self::Locked => "locked",
            Self::Cipher => "cipher",
            Self::KeyLength => "key-length",
            Self::Padding => "padding",
            Self::Iterations => "iterations",
            Self::WrongKey => "wrong-key",
            Self::NoMac => "no-mac",
            Self::Mac => "mac",
            Self::UnknownPolicy => "unknown-policy",
            Self::KeyUsage => "key-usage",
            Self::Reused => "reused",
            Self::LikeSecret => "like-secret",
            Self::Cells => "cells",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Duplicate => "given twice",
            Self::OutOfOrder => "after the tokens that need it",
            Self::Nested => "elements instead of text",
            Self::Malformed => "malformed",
            Self::Truncated => "cut off",
            Self::NotUtf8 => "not UTF-8, save the file as UTF-8",
            Self::Dtd => "a document type declaration, remove it",
            Self::Entity => "a reference to an unknown entity",
            Self::TooDeep => "nested too deeply",
            Self::TooMany => "too many attributes or namespaces",
            Self::Namespace => "not in the namespace of RFC 6030",
            Self::Unsupported => "not supported",
            Self::OutOfRange => "out of range",
            Self::NotANumber => "not a number",
            Self::Base64 => "not Base64",
            Self::Encoding => "neither hexadecimal nor Base32",
            Self::TooLong => "too long",
            Self::Control => REFUSED,
            Self::Locked => "encrypted, give the key or the passphrase",
            Self::Cipher => "not AES-CBC",
            Self::KeyLength => "the cipher needs a key of another length",
            Self::Padding => "damaged, or the key is wrong",
            Self::Iterations => "more iterations than are allowed",
            Self::WrongKey => "wrong key or passphrase, or all values are damaged",
            Self::NoMac => "without a MAC",
            Self::Mac => "damaged, the MAC does not match",
            Self::UnknownPolicy => "an unknown policy, the key must not be used",
            Self::KeyUsage => "not permitted for one-time codes",
            Self::Reused => "its key is the ciphertext of a value, the file was changed",
            Self::LikeSecret => "looks like a secret, the columns may be swapped",
            Self::Cells => "not the cells of a known format",
        })
    }
}

/// The reason why a seed file, or a token in it, cannot be read: the part, the problem, and the
/// position.
///
/// It does not contain any of the file, so it can be logged and shown as it is.
///
/// ```
/// use otp_core::seeds::{Buffer, Part, Problem, Pskc, Unlock};
///
/// let error = Pskc::open(b"<!DOCTYPE x>", Unlock::Plain, &mut Buffer::new()).unwrap_err();
/// assert_eq!((error.part(), error.problem(), error.offset()), (Part::File, Problem::Dtd, 0));
/// assert_eq!(error.to_string(), "file: a document type declaration, remove it (at byte 0)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Error {
    part: Part,
    problem: Problem,
    offset: usize,
}

impl Error {
    pub(super) const fn new(part: Part, problem: Problem, offset: usize) -> Self {
        Self { part, problem, offset }
    }

    /// Returns the part that is wrong.
    #[must_use]
    pub const fn part(&self) -> Part {
        self.part
    }

    /// Returns the problem.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }

    /// Returns the position in bytes from the start of the file. If something is missing, it is the
    /// position at which it could be.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.part.name())?;
        write!(f, ": {} (at byte {})", self.problem, Decimal::from(self.offset))
    }
}

impl core::error::Error for Error {}

/// A token that was not imported, with the reason. The next token can still be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Refused<'f> {
    pub(super) error: Error,
    pub(super) serial: Option<Text<'f>>,
    pub(super) key_id: Option<Text<'f>>,
}

impl<'f> Refused<'f> {
    /// Returns the error.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// Returns the serial number of the token, if the file has one that can be shown. A CSV serial
    /// number of 16 characters or more is not shown, because in a row without its first cell the
    /// secret takes its place.
    #[must_use]
    pub const fn serial(&self) -> Option<Text<'f>> {
        self.serial
    }

    /// Returns the identifier of the key, with the same limits as [`serial`](Self::serial).
    #[must_use]
    pub const fn key_id(&self) -> Option<Text<'f>> {
        self.key_id
    }
}

/// Writes the error after the serial number, or after the identifier of the key if there is no
/// serial number.
impl fmt::Display for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.serial.or(self.key_id) {
            Some(name) => write!(f, "token {name}: {}", self.error),
            None => self.error.fmt(f),
        }
    }
}

impl fmt::Debug for Refused<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("error", &self.error)
            .field("serial", &self.serial)
            .field("key_id", &self.key_id)
            .finish()
    }
}

impl core::error::Error for Refused<'_> {}
