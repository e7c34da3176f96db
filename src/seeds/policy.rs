//! `Policy`: the permitted uses of a key (RFC 6030 section 5).
//!
//! > If the policy has something that the recipient does not understand, the recipient has to
//! > assume that the key must not be used.
//!
//! So an unknown element or attribute is an error of the token.

use super::error::{Error, Part, Problem};
use super::fault::{note, once, read_text};
use super::text::Text;
use super::xml::{Element, Xml};

#[derive(Clone, Copy, Default)]
pub(super) struct Policy<'f> {
    pub(super) start_date: Option<Text<'f>>,
    pub(super) expiry_date: Option<Text<'f>>,
    pub(super) transactions: Option<Text<'f>>,
    pub(super) has_pin: bool,
}

/// The uses of a key in RFC 6030 section 5. The first one is for one-time codes.
const USAGES: [&str; 11] = [
    "OTP",
    "CR",
    "Encrypt",
    "Integrity",
    "Verify",
    "Unlock",
    "Decrypt",
    "KeyWrap",
    "Unwrap",
    "Derive",
    "Generate",
];

/// The attributes of `PINPolicy`.
const PIN: [&str; 6] =
    ["PINKeyId", "PINUsageMode", "MaxFailedAttempts", "MinLength", "MaxLength", "PINEncoding"];

impl<'f> Policy<'f> {
    pub(super) fn read(
        xml: &mut Xml<'f>,
        element: &Element<'f>,
        fault: &mut Option<Error>,
    ) -> Result<Self, Error> {
        let mut policy = Self::default();
        let (mut restricted, mut permitted) = (false, false);
        while let Some(child) = xml.child()? {
            let at = child.offset;
            match child.name() {
                "StartDate" => {
                    let text = read_text(xml, Part::StartDate, at, fault)?;
                    once(&mut policy.start_date, text, Part::StartDate, fault);
                }
                "ExpiryDate" => {
                    let text = read_text(xml, Part::ExpiryDate, at, fault)?;
                    once(&mut policy.expiry_date, text, Part::ExpiryDate, fault);
                }
                "NumberOfTransactions" => {
                    let text = read_text(xml, Part::Policy, at, fault)?;
                    once(&mut policy.transactions, text, Part::Policy, fault);
                }
                "KeyUsage" => {
                    let usage = read_text(xml, Part::Policy, at, fault)?;
                    restricted = true;
                    match usage.and_then(|usage| USAGES.iter().position(|known| usage == *known)) {
                        Some(0) => permitted = true,
                        Some(_) => {}
                        None => note(fault, Part::Policy, Problem::UnknownPolicy, at),
                    }
                }
                "PINPolicy" => {
                    policy.has_pin = true;
                    if child.attribute_names().any(|name| !PIN.contains(&name)) {
                        note(fault, Part::Policy, Problem::UnknownPolicy, at);
                    }
                    // The device checks the PIN. In the other modes the PIN is part of the code.
                    if child.attribute("PINUsageMode").is_some_and(|mode| mode != "Local") {
                        note(fault, Part::Policy, Problem::Unsupported, at);
                    }
                    if let Some(inner) = xml.child()? {
                        note(fault, Part::Policy, Problem::UnknownPolicy, inner.offset);
                        xml.skip()?;
                        xml.skip()?;
                    }
                }
                _ => {
                    note(fault, Part::Policy, Problem::UnknownPolicy, at);
                    xml.skip()?;
                }
            }
        }
        if element.attribute_names().next().is_some() {
            note(fault, Part::Policy, Problem::UnknownPolicy, element.offset);
        }
        if restricted && !permitted {
            note(fault, Part::Policy, Problem::KeyUsage, element.offset);
        }
        Ok(policy)
    }
}
