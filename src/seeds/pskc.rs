//! Reads PSKC one token at a time.

use core::fmt;

use super::buffer::{BLOCK, Buffer, Bytes, Keys};
use super::error::{Error, Part, Problem, Refused};
use super::exposed;
use super::options::{PskcOptions, Unlock};
use super::package::{Encrypted, Package, Value};
use super::suite::{self, Kind};
use super::text::Text;
use super::token::{Token, state};
use super::xml::Xml;
use super::{cipher, container, mac, value};
use crate::algorithm::Algorithm;
use crate::period::Period;

/// A PSKC file (RFC 6030), read one token at a time.
///
/// # Accepted input
/// The file must be PSKC 1.0 in UTF-8, even if its declaration says UTF-16. Namespaces may have any
/// prefixes.
///
/// - Values are plain, or encrypted with AES-CBC with 128, 192 or 256 bits.
/// - The key is pre-shared, or derived from a passphrase with PBKDF2.
/// - MACs are HMAC-SHA-1, HMAC-SHA-256 or HMAC-SHA-512. Without a `MACKey` their key is the
///   encryption key.
/// - `Algorithm` is HOTP or TOTP, and `Suite` names the hash function in any of the usual ways.
/// - Elements of other namespaces and extensions are ignored.
///
/// Absent elements have these defaults: SHA-1, 6 digits, counter 0, 30 seconds, no drift and no
/// used step. A duplicate element is an error, and so is an unknown value.
///
/// `Time` is the last used time step, as a server exports it. The value 0, which manufacturers
/// write, means that no step was used. A `Time` after the year 2106 is an error, because it is in
/// seconds.
///
/// # Errors that end the file
/// XML that is not well-formed, a DTD, and every error before the first token end the file.
/// [`open`](Self::open) or [`next_token`](Self::next_token) returns an [`Error`], and nothing more
/// is read. An error of one token, such as a MAC that does not match, is [`Refused`], and the next
/// token is read.
///
/// If the encrypted MAC key has a block in common with an encrypted value, the error is
/// [`Problem::Reused`]. No MAC protects the MAC key. So an attacker who knows the value could make
/// MACs for other values.
///
/// If the file has MACs, `open` looks for one that matches. If none matches, the error is
/// [`Problem::WrongKey`], before any token is read. If a MAC does not match but another one does,
/// the error is [`Problem::Mac`]: the value was damaged or changed.
///
/// A token is refused if one of its texts, such as the serial number, is its secret.
///
/// # Limits
/// It does not verify XML signatures. It does not decrypt values that are encrypted for a
/// certificate, or with Triple DES, AES key wrap or AES-GCM. A plain value with a MAC is refused,
/// and a plain secret is refused if a key or a passphrase is given. Drafts before RFC 6030 are
/// refused by their namespace.
pub struct Pskc<'f, 'b> {
    xml: Xml<'f>,
    mac: Option<Algorithm>,
    options: PskcOptions,
    buffer: &'b mut Buffer,
    ended: bool,
}

impl<'f, 'b> Pskc<'f, 'b> {
    /// Opens a file: reads its start, derives the key, and checks a MAC.
    ///
    /// # Errors
    /// [`Error`], with the part, the problem and the position. `buffer` is then wiped.
    pub fn open(file: &'f [u8], unlock: Unlock<'_>, buffer: &'b mut Buffer) -> Result<Self, Error> {
        Self::open_with(file, unlock, PskcOptions::DEFAULT, buffer)
    }

    /// Opens a file like [`open`](Self::open), with options.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    pub fn open_with(
        file: &'f [u8],
        unlock: Unlock<'_>,
        options: PskcOptions,
        buffer: &'b mut Buffer,
    ) -> Result<Self, Error> {
        buffer.wipe();
        match begin(file, unlock, &options, &mut buffer.keys) {
            Ok((xml, mac)) => Ok(Self { xml, mac, options, buffer, ended: false }),
            Err(error) => {
                buffer.wipe();
                Err(error)
            }
        }
    }

    /// Reads the next token. Returns `None` after the last token, and after an error of the file.
    ///
    /// # Errors
    /// [`Error`] if nothing more can be read. An error of this token is the inner one, [`Refused`].
    pub fn next_token(&mut self) -> Result<Option<Result<Token<'_>, Refused<'f>>>, Error> {
        self.buffer.secret.clear();
        if self.ended {
            return Ok(None);
        }
        let package = match next_package(&mut self.xml) {
            Ok(Some(package)) => package,
            end => {
                self.ended = true;
                self.buffer.wipe();
                return end.map(|_| None);
            }
        };
        let Buffer { keys, secret } = &mut *self.buffer;
        let opener = Opener { keys, mac: self.mac, options: &self.options };
        match opener.token(&package, secret) {
            Ok(token) => Ok(Some(Ok(Token { secret: secret.get(), ..token }))),
            Err(error) => {
                let [serial, key_id] = [package.about.serial, package.about.key_id]
                    .map(|text| text.filter(|text| !is_plain_secret(&package, *text, secret)));
                secret.clear();
                Ok(Some(Err(Refused { error, serial, key_id })))
            }
        }
    }
}

/// Does not show the content of the file.
impl fmt::Debug for Pskc<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pskc").field("offset", &self.xml.offset()).finish_non_exhaustive()
    }
}

fn begin<'f>(
    file: &'f [u8],
    unlock: Unlock<'_>,
    options: &PskcOptions,
    keys: &mut Keys,
) -> Result<(Xml<'f>, Option<Algorithm>), Error> {
    let mut xml = Xml::new(value::utf8(file)?)?;
    let macs = container::open(&mut xml, unlock, options, keys)?;
    let mac = macs.map(|macs| macs.algorithm);
    let opener = Opener { keys, mac, options };
    if let Some(Encrypted { value: Some(text), offset, .. }) = macs.and_then(|macs| macs.key) {
        opener.check_mac_key(xml, text, offset)?;
    }
    opener.check_key(xml)?;
    Ok((xml, mac))
}

fn next_package<'f>(xml: &mut Xml<'f>) -> Result<Option<Package<'f>>, Error> {
    while let Some(child) = xml.child()? {
        match child.name() {
            "KeyPackage" => return Package::read(xml, &child).map(Some),
            "EncryptionKey" => {
                return Err(Error::new(Part::EncryptionKey, Problem::OutOfOrder, child.offset));
            }
            "MACMethod" => {
                return Err(Error::new(Part::MacMethod, Problem::OutOfOrder, child.offset));
            }
            _ => xml.skip()?,
        }
    }
    // The file includes everything after the root element.
    xml.child()?;
    Ok(None)
}

/// The keys for encrypted values.
struct Opener<'a> {
    keys: &'a Keys,
    mac: Option<Algorithm>,
    options: &'a PskcOptions,
}

impl Opener<'_> {
    /// Looks for a MAC that matches. Fails if there are MACs, but none matches.
    fn check_key(&self, mut xml: Xml<'_>) -> Result<(), Error> {
        if self.mac.is_none() || !self.is_locked() {
            return Ok(());
        }
        let mut failed = None;
        // The reader reports an error of the file when it reaches it.
        while let Ok(Some(package)) = next_package(&mut xml) {
            for value in package.values() {
                match self.decoded(Part::Secret, &value, &mut Bytes::new()) {
                    Ok(()) if value.mac.is_some() => return Ok(()),
                    Err(error) if error.problem() == Problem::Mac => {
                        failed = failed.or(Some(error));
                    }
                    _ => {}
                }
            }
        }
        match failed {
            None => Ok(()),
            Some(error) => Err(Error::new(Part::MacMethod, Problem::WrongKey, error.offset())),
        }
    }

    /// Checks that the encrypted MAC key has no block in common with an encrypted value. No MAC
    /// protects the MAC key. So an attacker could replace it by a key that is known from a token.
    /// The first block is the initialisation vector, which may be the same for all values.
    fn check_mac_key(&self, mut xml: Xml<'_>, text: Text<'_>, offset: usize) -> Result<(), Error> {
        let mut key = Bytes::new();
        if !self.is_locked() || value::base64(Part::MacMethod, text, &mut key).is_err() {
            return Ok(());
        }
        let mut bytes = Bytes::new();
        // The reader reports an error of the file when it reaches it.
        while let Ok(Some(package)) = next_package(&mut xml) {
            let values = package.values().filter_map(|value| value.encrypted?.value);
            for text in values {
                // A value that cannot be decoded is an error of its token.
                if value::base64(Part::Secret, text, &mut bytes).is_ok()
                    && blocks(&bytes).any(|block| blocks(&key).any(|other| block == other))
                {
                    return Err(Error::new(Part::MacMethod, Problem::Reused, offset));
                }
            }
        }
        Ok(())
    }

    /// Decodes an encrypted value and checks its MAC. Nothing is decrypted yet.
    fn decoded(&self, part: Part, value: &Value<'_>, bytes: &mut Bytes) -> Result<(), Error> {
        let error = |problem| Error::new(part, problem, value.offset);
        let encrypted = value.encrypted.ok_or(error(Problem::Missing))?;
        if !self.is_locked() {
            return Err(error(Problem::Locked));
        }
        let text = encrypted.value.ok_or(error(Problem::Missing))?;
        value::base64(part, text, bytes)?;
        let Some(text) = value.mac else {
            return if self.options.unauthenticated { Ok(()) } else { Err(error(Problem::NoMac)) };
        };
        let missing = Error::new(Part::MacMethod, Problem::Missing, value.offset);
        let algorithm = self.mac.ok_or(missing)?;
        let mut mac = Bytes::new();
        value::base64(part, text, &mut mac)?;
        if mac::matches(algorithm, self.keys.mac.get(), bytes.get(), mac.get()) {
            Ok(())
        } else {
            Err(Error::new(part, Problem::Mac, text.offset()))
        }
    }

    fn decrypt(&self, part: Part, value: &Value<'_>, bytes: &mut Bytes) -> Result<(), Error> {
        self.decoded(part, value, bytes)?;
        let error = |problem| Error::new(part, problem, value.offset);
        let encrypted = value.encrypted.ok_or(error(Problem::Missing))?;
        let name = encrypted.cipher.ok_or(error(Problem::Cipher))?;
        cipher::decrypt(name, self.keys.encryption.get(), bytes).map_err(|problem| match problem {
            Problem::Cipher => Error::new(part, problem, name.offset()),
            problem => error(problem),
        })
    }

    /// Returns the token without its secret, which is in `secret`.
    fn token<'f>(&self, package: &Package<'f>, secret: &mut Bytes) -> Result<Token<'f>, Error> {
        if let Some(fault) = package.fault {
            return Err(fault);
        }
        let missing = |part| Error::new(part, Problem::Missing, package.offset);
        if !package.has_key {
            return Err(missing(Part::Token));
        }
        let name = package.algorithm.ok_or(missing(Part::Algorithm))?;
        let unsupported =
            |part, text: Text<'_>| Error::new(part, Problem::Unsupported, text.offset());
        let kind = Kind::of(name).ok_or(unsupported(Part::Algorithm, name))?;
        let algorithm = match package.suite.filter(|suite| !suite.is_empty()) {
            None => Algorithm::Sha1,
            Some(suite) => suite::hash(suite).ok_or(unsupported(Part::Suite, suite))?,
        };
        let digits = package.digits.map(value::digits).transpose()?.unwrap_or_default();
        let numbers = match kind {
            Kind::Hotp => [package.counter, None, None, None],
            Kind::Totp => [None, package.time, package.time_interval, package.time_drift],
        };
        let parts = [Part::Counter, Part::Time, Part::TimeInterval, Part::TimeDrift];
        let mut values = [None; 4];
        for ((slot, value), part) in values.iter_mut().zip(numbers).zip(parts) {
            *slot = value.map(|value| self.number(part, &value)).transpose()?;
        }
        let [counter, time, period, drift] = values;
        let out_of_range = |part: Part, value: Option<Value<'_>>| {
            let offset = value.map_or(package.offset, |value| value.offset);
            Error::new(part, Problem::OutOfRange, offset)
        };
        let counter = u64::try_from(counter.unwrap_or(0))
            .map_err(|_| out_of_range(Part::Counter, package.counter))?;
        let period = match period {
            None => Period::DEFAULT,
            Some(seconds) => u64::try_from(seconds)
                .ok()
                .and_then(|seconds| Period::new(seconds).ok())
                .ok_or(out_of_range(Part::TimeInterval, package.time_interval))?,
        };
        let last_step =
            last_step(time.unwrap_or(0), period).ok_or(out_of_range(Part::Time, package.time))?;
        let drift = i16::try_from(drift.unwrap_or(0)).ok();
        let state = drift
            .and_then(|drift| state(kind, counter, last_step, drift))
            .ok_or(out_of_range(Part::TimeDrift, package.time_drift))?;
        let transactions = match package.transactions {
            None => None,
            Some(text) => Some(
                u64::try_from(value::number(Part::Policy, text)?)
                    .map_err(|_| Error::new(Part::Policy, Problem::OutOfRange, text.offset()))?,
            ),
        };

        let value = package.secret.ok_or(missing(Part::Secret))?;
        match self.plain(Part::Secret, &value)? {
            // An attacker who changes the file could use a plain value to insert a secret without a
            // MAC.
            Some(_) if self.is_locked() && !self.options.unauthenticated => {
                return Err(Error::new(Part::Secret, Problem::NoMac, value.offset));
            }
            Some(text) => value::base64(Part::Secret, text, secret)?,
            None => self.decrypt(Part::Secret, &value, secret)?,
        }
        value::check_len(secret, value.offset)?;
        exposed::check(&package.about, secret.get())?;
        Ok(Token {
            about: package.about,
            secret: &[],
            kind,
            algorithm,
            digits,
            counter,
            period,
            last_step,
            transactions,
            has_pin: package.has_pin,
            state,
        })
    }

    /// Returns whether the caller gave a key.
    fn is_locked(&self) -> bool {
        !self.keys.encryption.get().is_empty()
    }

    /// Returns the plain text of a value, or `None` if it is encrypted.
    fn plain<'f>(&self, part: Part, value: &Value<'f>) -> Result<Option<Text<'f>>, Error> {
        let error = |problem| Err(Error::new(part, problem, value.offset));
        match (value.plain, value.encrypted) {
            (None, None) => error(Problem::Missing),
            (Some(_), Some(_)) => error(Problem::Duplicate),
            // The standard does not define the MAC of a plain value.
            (Some(_), None) if value.mac.is_some() => error(Problem::Unsupported),
            (plain, _) => Ok(plain),
        }
    }

    fn number(&self, part: Part, value: &Value<'_>) -> Result<i128, Error> {
        if let Some(text) = self.plain(part, value)? {
            return value::number(part, text);
        }
        let mut bytes = Bytes::new();
        self.decrypt(part, value, &mut bytes)?;
        value::encrypted_number(bytes.get(), part == Part::TimeDrift)
            .map_err(|problem| Error::new(part, problem, value.offset))
    }
}

/// Returns whether a text is the plain secret of a token, even if the secret is not Base64. `bytes`
/// is overwritten.
fn is_plain_secret(package: &Package<'_>, text: Text<'_>, bytes: &mut Bytes) -> bool {
    let Some(secret) = package.secret.and_then(|value| value.plain) else { return false };
    let decoded = value::base64(Part::Secret, secret, bytes);
    text == secret || decoded.is_ok() && exposed::is_secret(text, bytes.get())
}

/// Returns the blocks of a ciphertext after its initialisation vector.
fn blocks(bytes: &Bytes) -> impl Iterator<Item = &[u8]> {
    bytes.get().chunks(BLOCK).skip(1)
}

/// Returns the last used step, or `None` inside if it is 0. The outer `None` is for a step after
/// the year 2106, which is in seconds.
fn last_step(time: i128, period: Period) -> Option<Option<u64>> {
    let step = u64::try_from(time).ok()?;
    let seconds = u128::from(step).checked_mul(u128::from(period.seconds()))?;
    (seconds < 1 << 32).then_some((step > 0).then_some(step))
}
