//! `KeyPackage`: the elements of one token. They are collected before any of them is interpreted.
//!
//! So the parser always reaches the end of the package, and an error of the token does not end the
//! file. The first error is kept.

use super::error::{Error, Part, Problem};
use super::fault::{note, once, read_text};
use super::policy::Policy;
use super::text::Text;
use super::token::About;
use super::xml::{Element, Xml};

/// A plain or encrypted value of `Data`.
#[derive(Clone, Copy)]
pub(super) struct Value<'f> {
    pub(super) offset: usize,
    pub(super) plain: Option<Text<'f>>,
    pub(super) encrypted: Option<Encrypted<'f>>,
    pub(super) mac: Option<Text<'f>>,
}

/// `EncryptedValue` or `MACKey`: the cipher and the ciphertext.
#[derive(Clone, Copy)]
pub(super) struct Encrypted<'f> {
    pub(super) offset: usize,
    pub(super) cipher: Option<Text<'f>>,
    pub(super) value: Option<Text<'f>>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Package<'f> {
    /// The start of its key, or of the package if there is no key.
    pub(super) offset: usize,
    pub(super) has_key: bool,
    pub(super) about: About<'f>,
    pub(super) algorithm: Option<Text<'f>>,
    pub(super) suite: Option<Text<'f>>,
    pub(super) digits: Option<Text<'f>>,
    pub(super) secret: Option<Value<'f>>,
    pub(super) counter: Option<Value<'f>>,
    pub(super) time: Option<Value<'f>>,
    pub(super) time_interval: Option<Value<'f>>,
    pub(super) time_drift: Option<Value<'f>>,
    pub(super) transactions: Option<Text<'f>>,
    pub(super) has_pin: bool,
    pub(super) fault: Option<Error>,
}

impl<'f> Package<'f> {
    /// Reads the package that was just started, to its end.
    ///
    /// # Errors
    /// An error of the file. An error of the token is stored in the package.
    pub(super) fn read(xml: &mut Xml<'f>, element: &Element<'f>) -> Result<Self, Error> {
        let mut package = Self { offset: element.offset, ..Self::default() };
        let mut user = None;
        let mut dates = [None; 2];
        while let Some(child) = xml.child()? {
            match child.name() {
                "DeviceInfo" => package.read_device(xml, &mut user, &mut dates)?,
                "Key" => package.read_key(xml, &child)?,
                _ => xml.skip()?,
            }
        }
        let [start, expiry] = dates;
        let about = &mut package.about;
        about.user = about.user.or(user);
        about.start_date = about.start_date.or(start);
        about.expiry_date = about.expiry_date.or(expiry);
        package.check_texts();
        Ok(package)
    }

    /// Returns the values that may be encrypted.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'f>> {
        [self.secret, self.counter, self.time, self.time_interval, self.time_drift]
            .into_iter()
            .flatten()
    }

    fn read_device(
        &mut self,
        xml: &mut Xml<'f>,
        user: &mut Option<Text<'f>>,
        [start, expiry]: &mut [Option<Text<'f>>; 2],
    ) -> Result<(), Error> {
        while let Some(child) = xml.child()? {
            let (about, fault) = (&mut self.about, &mut self.fault);
            let (slot, part) = match child.name() {
                "SerialNo" => (&mut about.serial, Part::Serial),
                "Manufacturer" => (&mut about.manufacturer, Part::Manufacturer),
                "Model" => (&mut about.model, Part::Model),
                "UserId" => (&mut *user, Part::User),
                "StartDate" => (&mut *start, Part::StartDate),
                "ExpiryDate" => (&mut *expiry, Part::ExpiryDate),
                _ => {
                    xml.skip()?;
                    continue;
                }
            };
            let text = read_text(xml, part, child.offset, fault)?;
            once(slot, text, part, fault);
        }
        Ok(())
    }

    fn read_key(&mut self, xml: &mut Xml<'f>, key: &Element<'f>) -> Result<(), Error> {
        if self.has_key {
            note(&mut self.fault, Part::Token, Problem::Duplicate, key.offset);
            return xml.skip();
        }
        self.has_key = true;
        self.offset = key.offset;
        self.about.key_id = key.attribute("Id");
        self.algorithm = key.attribute("Algorithm");
        let (mut has_data, mut has_policy) = (false, false);
        while let Some(child) = xml.child()? {
            let (about, fault) = (&mut self.about, &mut self.fault);
            match child.name() {
                "Issuer" => {
                    let text = read_text(xml, Part::Issuer, child.offset, fault)?;
                    once(&mut about.issuer, text, Part::Issuer, fault);
                }
                "UserId" => {
                    let text = read_text(xml, Part::User, child.offset, fault)?;
                    once(&mut about.user, text, Part::User, fault);
                }
                "FriendlyName" => {
                    // There may be one for each language.
                    let text = read_text(xml, Part::FriendlyName, child.offset, fault)?;
                    about.friendly_name = about.friendly_name.or(text);
                }
                "AlgorithmParameters" => self.read_parameters(xml)?,
                "Data" if has_data => {
                    note(fault, Part::Secret, Problem::Duplicate, child.offset);
                    xml.skip()?;
                }
                "Data" => {
                    has_data = true;
                    self.read_data(xml)?;
                }
                "Policy" if has_policy => {
                    note(fault, Part::Policy, Problem::Duplicate, child.offset);
                    xml.skip()?;
                }
                "Policy" => {
                    has_policy = true;
                    let policy = Policy::read(xml, &child, fault)?;
                    about.start_date = policy.start_date;
                    about.expiry_date = policy.expiry_date;
                    self.transactions = policy.transactions;
                    self.has_pin = policy.has_pin;
                }
                _ => xml.skip()?,
            }
        }
        Ok(())
    }

    fn read_parameters(&mut self, xml: &mut Xml<'f>) -> Result<(), Error> {
        while let Some(child) = xml.child()? {
            let fault = &mut self.fault;
            match child.name() {
                "Suite" => {
                    let text = read_text(xml, Part::Suite, child.offset, fault)?;
                    once(&mut self.suite, text, Part::Suite, fault);
                }
                "ResponseFormat" => {
                    once(&mut self.digits, child.attribute("Length"), Part::ResponseFormat, fault);
                    let decimal = child.attribute("Encoding").is_none_or(|form| form == "DECIMAL");
                    let checked = child.attribute("CheckDigits");
                    if !decimal || checked.is_some_and(|with| with == "true" || with == "1") {
                        note(fault, Part::ResponseFormat, Problem::Unsupported, child.offset);
                    }
                    xml.skip()?;
                }
                _ => xml.skip()?,
            }
        }
        Ok(())
    }

    fn read_data(&mut self, xml: &mut Xml<'f>) -> Result<(), Error> {
        while let Some(child) = xml.child()? {
            let (slot, part) = match child.name() {
                "Secret" => (&mut self.secret, Part::Secret),
                "Counter" => (&mut self.counter, Part::Counter),
                "Time" => (&mut self.time, Part::Time),
                "TimeInterval" => (&mut self.time_interval, Part::TimeInterval),
                "TimeDrift" => (&mut self.time_drift, Part::TimeDrift),
                _ => {
                    xml.skip()?;
                    continue;
                }
            };
            let value = Value::read(xml, part, child.offset, &mut self.fault)?;
            if slot.replace(value).is_some() {
                note(&mut self.fault, part, Problem::Duplicate, child.offset);
            }
        }
        Ok(())
    }

    /// Removes texts that cannot be shown, and empty texts.
    fn check_texts(&mut self) {
        let about = &mut self.about;
        for (slot, part) in [
            (&mut about.serial, Part::Serial),
            (&mut about.manufacturer, Part::Manufacturer),
            (&mut about.model, Part::Model),
            (&mut about.key_id, Part::KeyId),
            (&mut about.issuer, Part::Issuer),
            (&mut about.friendly_name, Part::FriendlyName),
            (&mut about.user, Part::User),
            (&mut about.start_date, Part::StartDate),
            (&mut about.expiry_date, Part::ExpiryDate),
        ] {
            if let Some(at) = slot.and_then(Text::first_refused) {
                note(&mut self.fault, part, Problem::Control, at);
                *slot = None;
            }
            *slot = slot.filter(|text| !text.is_empty());
        }
    }
}

impl<'f> Value<'f> {
    fn read(
        xml: &mut Xml<'f>,
        part: Part,
        offset: usize,
        fault: &mut Option<Error>,
    ) -> Result<Self, Error> {
        let mut value = Self { offset, plain: None, encrypted: None, mac: None };
        while let Some(child) = xml.child()? {
            match child.name() {
                "PlainValue" => {
                    let text = read_text(xml, part, child.offset, fault)?;
                    once(&mut value.plain, text, part, fault);
                }
                "EncryptedValue" => {
                    let encrypted = Encrypted::read(xml, part, child.offset, fault)?;
                    if value.encrypted.replace(encrypted).is_some() {
                        note(fault, part, Problem::Duplicate, child.offset);
                    }
                }
                "ValueMAC" => {
                    let text = read_text(xml, part, child.offset, fault)?;
                    once(&mut value.mac, text, part, fault);
                }
                _ => xml.skip()?,
            }
        }
        Ok(value)
    }
}

impl<'f> Encrypted<'f> {
    pub(super) fn read(
        xml: &mut Xml<'f>,
        part: Part,
        offset: usize,
        fault: &mut Option<Error>,
    ) -> Result<Self, Error> {
        let mut encrypted = Self { offset, cipher: None, value: None };
        while let Some(child) = xml.child()? {
            match child.name() {
                "EncryptionMethod" => {
                    once(&mut encrypted.cipher, child.attribute("Algorithm"), part, fault);
                    xml.skip()?;
                }
                "CipherData" => {
                    while let Some(child) = xml.child()? {
                        if child.name() == "CipherValue" {
                            let text = read_text(xml, part, child.offset, fault)?;
                            once(&mut encrypted.value, text, part, fault);
                        } else {
                            xml.skip()?;
                        }
                    }
                }
                _ => xml.skip()?,
            }
        }
        Ok(encrypted)
    }
}
