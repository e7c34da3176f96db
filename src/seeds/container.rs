//! The start of `KeyContainer`, up to its first token: the encryption key of the values, and the
//! MACs.

use super::buffer::{Bytes, Keys};
use super::error::{Error, Part, Problem};
use super::fault::{note, once, read_text};
use super::namespace::Space;
use super::options::{PskcOptions, Unlock};
use super::package::Encrypted;
use super::text::Text;
use super::xml::{Element, Xml};
use super::{cipher, derive, suite, value};
use crate::algorithm::Algorithm;

/// `EncryptionKey`.
struct EncryptionKey<'f> {
    offset: usize,
    derivation: Option<Derivation<'f>>,
    /// It names a pre-shared key, or is empty. `python-pskc` writes an empty one if the key
    /// has no name.
    is_pre_shared: bool,
}

/// `KeyDerivationMethod`.
#[derive(Clone, Copy)]
struct Derivation<'f> {
    offset: usize,
    algorithm: Option<Text<'f>>,
    salt: Option<Text<'f>>,
    iterations: Option<Text<'f>>,
    len: Option<Text<'f>>,
    prf: Option<Text<'f>>,
}

/// `MACMethod`.
struct MacMethod<'f> {
    offset: usize,
    algorithm: Option<Text<'f>>,
    key: Option<Encrypted<'f>>,
    is_elsewhere: bool,
}

/// The method of the file's MACs. Their key is in [`Keys`].
#[derive(Clone, Copy)]
pub(super) struct Macs<'f> {
    pub(super) algorithm: Algorithm,
    /// The separate MAC key, as in the file.
    pub(super) key: Option<Encrypted<'f>>,
}

/// Reads everything before the first token, and writes the keys. Returns the method of the MACs, if
/// there are any.
pub(super) fn open<'f>(
    xml: &mut Xml<'f>,
    unlock: Unlock<'_>,
    options: &PskcOptions,
    keys: &mut Keys,
) -> Result<Option<Macs<'f>>, Error> {
    let mut fault = None;
    root(xml)?;
    let (mut encryption, mut mac) = (None, None);
    loop {
        let before = *xml;
        let Some(child) = xml.child()? else {
            break;
        };
        match child.name() {
            "EncryptionKey" => {
                let read = EncryptionKey::read(xml, child.offset, &mut fault)?;
                if encryption.replace(read).is_some() {
                    note(&mut fault, Part::EncryptionKey, Problem::Duplicate, child.offset);
                }
            }
            "MACMethod" => {
                let read = MacMethod::read(xml, &child, &mut fault)?;
                if mac.replace(read).is_some() {
                    note(&mut fault, Part::MacMethod, Problem::Duplicate, child.offset);
                }
            }
            "KeyPackage" => {
                *xml = before;
                break;
            }
            _ => xml.skip()?,
        }
    }
    if let Some(fault) = fault {
        return Err(fault);
    }
    encryption_key(encryption.as_ref(), unlock, options, &mut keys.encryption)?;
    let macs = |method: MacMethod<'f>| {
        mac_key(&method, keys).map(|algorithm| Macs { algorithm, key: method.key })
    };
    mac.map(macs).transpose()
}

fn root(xml: &mut Xml<'_>) -> Result<(), Error> {
    let at = xml.offset();
    let error = |problem, offset| Err(Error::new(Part::Container, problem, offset));
    let Some(root) = xml.child()? else {
        return error(Problem::Missing, at);
    };
    match (root.space, root.local()) {
        (Space::Known, "KeyContainer") => {}
        (Space::Draft, _) | (_, "KeyContainer" | "SecretContainer") => {
            return error(Problem::Namespace, root.offset);
        }
        _ => return error(Problem::Unsupported, root.offset),
    }
    match root.attribute("Version") {
        Some(version) if version != "1.0" && version != "1" => {
            Err(Error::new(Part::Version, Problem::Unsupported, version.offset()))
        }
        _ => Ok(()),
    }
}

/// Writes the encryption key of the values.
fn encryption_key(
    method: Option<&EncryptionKey<'_>>,
    unlock: Unlock<'_>,
    options: &PskcOptions,
    key: &mut Bytes,
) -> Result<(), Error> {
    let offset = method.map_or(0, |method| method.offset);
    let error = |problem| Error::new(Part::EncryptionKey, problem, offset);
    match (unlock, method) {
        // If a value is encrypted anyway, this is an error of the token.
        (Unlock::Plain, None) => Ok(()),
        // Nothing in the file is encrypted.
        (Unlock::Passphrase(_), None) => Err(Error::new(Part::EncryptionKey, Problem::Missing, 0)),
        // For example, it needs a certificate.
        (_, Some(EncryptionKey { derivation: None, is_pre_shared: false, .. })) => {
            Err(error(Problem::Unsupported))
        }
        (Unlock::Plain, Some(_)) => Err(error(Problem::Locked)),
        (Unlock::Key(bytes), _) => {
            if !matches!(bytes.len(), 16 | 24 | 32) {
                return Err(error(Problem::KeyLength));
            }
            key.clear();
            key.extend(bytes).map_err(error)
        }
        (Unlock::Passphrase(_), Some(EncryptionKey { derivation: None, .. })) => {
            Err(error(Problem::Locked))
        }
        (Unlock::Passphrase(text), Some(EncryptionKey { derivation: Some(method), .. })) => {
            method.derive(text, options, key)
        }
    }
}

/// Writes the MAC key. If the file does not have one, it is the encryption key of the values (RFC
/// 6030 section 6.1.1).
fn mac_key(method: &MacMethod<'_>, keys: &mut Keys) -> Result<Algorithm, Error> {
    let error = |problem, offset| Error::new(Part::MacMethod, problem, offset);
    if method.is_elsewhere {
        return Err(error(Problem::Unsupported, method.offset));
    }
    let name = method.algorithm.ok_or(error(Problem::Missing, method.offset))?;
    let algorithm = suite::hash(name).ok_or(error(Problem::Unsupported, name.offset()))?;
    let encryption = keys.encryption.get();
    match method.key {
        // Nothing is encrypted, so no MAC will be needed.
        _ if encryption.is_empty() => {}
        None => {
            keys.mac.clear();
            keys.mac.extend(encryption).map_err(|problem| error(problem, method.offset))?;
        }
        Some(encrypted) => {
            let at = encrypted.offset;
            let cipher = encrypted.cipher.ok_or(error(Problem::Cipher, at))?;
            let text = encrypted.value.ok_or(error(Problem::Missing, at))?;
            value::base64(Part::MacMethod, text, &mut keys.mac)?;
            cipher::decrypt(cipher, encryption, &mut keys.mac).map_err(
                |problem| match problem {
                    // The blocks are whole, but their padding is wrong. No MAC protects this key.
                    Problem::Padding => error(Problem::WrongKey, at),
                    problem => error(problem, at),
                },
            )?;
            if keys.mac.get().is_empty() {
                return Err(error(Problem::WrongKey, at));
            }
        }
    }
    Ok(algorithm)
}

impl<'f> EncryptionKey<'f> {
    fn read(xml: &mut Xml<'f>, offset: usize, fault: &mut Option<Error>) -> Result<Self, Error> {
        let mut key = Self { offset, derivation: None, is_pre_shared: false };
        let mut is_empty = true;
        while let Some(child) = xml.child()? {
            is_empty = false;
            match child.name() {
                "KeyName" => {
                    key.is_pre_shared = true;
                    xml.skip()?;
                }
                "DerivedKey" => {
                    while let Some(child) = xml.child()? {
                        if child.name() == "KeyDerivationMethod" {
                            let read = Derivation::read(xml, &child, fault)?;
                            if key.derivation.replace(read).is_some() {
                                note(fault, Part::KeyDerivation, Problem::Duplicate, child.offset);
                            }
                        } else {
                            xml.skip()?;
                        }
                    }
                }
                _ => xml.skip()?,
            }
        }
        key.is_pre_shared |= is_empty;
        Ok(key)
    }
}

impl<'f> MacMethod<'f> {
    fn read(
        xml: &mut Xml<'f>,
        element: &Element<'f>,
        fault: &mut Option<Error>,
    ) -> Result<Self, Error> {
        let mut method = Self {
            offset: element.offset,
            algorithm: element.attribute("Algorithm"),
            key: None,
            is_elsewhere: false,
        };
        while let Some(child) = xml.child()? {
            match child.name() {
                "MACKey" => {
                    let read = Encrypted::read(xml, Part::MacMethod, child.offset, fault)?;
                    if method.key.replace(read).is_some() {
                        note(fault, Part::MacMethod, Problem::Duplicate, child.offset);
                    }
                }
                "MACKeyReference" => {
                    method.is_elsewhere = true;
                    xml.skip()?;
                }
                _ => xml.skip()?,
            }
        }
        Ok(method)
    }
}

const PBKDF2: [&str; 2] = [
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2",
    "http://www.w3.org/2009/xmlenc11#pbkdf2",
];

impl<'f> Derivation<'f> {
    fn read(
        xml: &mut Xml<'f>,
        element: &Element<'f>,
        fault: &mut Option<Error>,
    ) -> Result<Self, Error> {
        let part = Part::KeyDerivation;
        let algorithm = element.attribute("Algorithm");
        let mut read = Self {
            offset: element.offset,
            algorithm,
            salt: None,
            iterations: None,
            len: None,
            prf: None,
        };
        while let Some(child) = xml.child()? {
            if child.name() != "PBKDF2-params" {
                xml.skip()?;
                continue;
            }
            while let Some(child) = xml.child()? {
                let slot = match child.name() {
                    "Salt" => {
                        while let Some(child) = xml.child()? {
                            if child.name() == "Specified" {
                                let text = read_text(xml, part, child.offset, fault)?;
                                once(&mut read.salt, text, part, fault);
                            } else {
                                xml.skip()?;
                            }
                        }
                        continue;
                    }
                    "PRF" => {
                        // `python-pskc` writes it as text.
                        let text = read_text(xml, part, child.offset, fault)?;
                        let text = text.filter(|text| !text.is_empty());
                        once(&mut read.prf, child.attribute("Algorithm").or(text), part, fault);
                        continue;
                    }
                    "IterationCount" => &mut read.iterations,
                    "KeyLength" => &mut read.len,
                    _ => {
                        xml.skip()?;
                        continue;
                    }
                };
                let text = read_text(xml, part, child.offset, fault)?;
                once(slot, text, part, fault);
            }
        }
        Ok(read)
    }

    fn derive(
        &self,
        passphrase: &str,
        options: &PskcOptions,
        key: &mut Bytes,
    ) -> Result<(), Error> {
        let part = Part::KeyDerivation;
        let error = |problem, offset| Error::new(part, problem, offset);
        let missing = error(Problem::Missing, self.offset);
        let algorithm = self.algorithm.ok_or(missing)?;
        if !PBKDF2.iter().any(|known| algorithm == *known) {
            return Err(error(Problem::Unsupported, algorithm.offset()));
        }
        let hash = match self.prf {
            None => Algorithm::Sha1,
            Some(prf) => suite::hash(prf).ok_or(error(Problem::Unsupported, prf.offset()))?,
        };
        let iterations = self.iterations.ok_or(missing)?;
        let count = value::number(part, iterations)?;
        let out_of_range = error(Problem::OutOfRange, iterations.offset());
        let too_many = error(Problem::Iterations, iterations.offset());
        if count < 1 {
            return Err(out_of_range);
        }
        let count = u32::try_from(count).map_err(|_| too_many)?;
        if count > options.max_iterations {
            return Err(too_many);
        }
        let len = self.len.ok_or(missing)?;
        let bytes = value::number(part, len)?;
        let bytes = usize::try_from(bytes).ok().filter(|bytes| matches!(bytes, 16 | 24 | 32));
        let bytes = bytes.ok_or(error(Problem::KeyLength, len.offset()))?;
        let mut salt = Bytes::new();
        let text = self.salt.ok_or(missing)?;
        value::base64(part, text, &mut salt)?;
        derive::pbkdf2(hash, passphrase, salt.get(), count, bytes, key)
            .map_err(|problem| error(problem, self.offset))
    }
}
