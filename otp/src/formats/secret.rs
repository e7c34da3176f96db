//! A key as apps write it: fields beside each other, or one text.

use otp_core::otpauth::{self, Problem, Rule, Rules};
use otp_core::{Algorithm, Base32Error, Digits, Encoding, Period, decode_base32};
use zeroize::Zeroizing;

use crate::device::Device;
use crate::entry::Entry;

/// The fields that an app writes for a key. An absent field takes the default that users
/// expect.
pub(super) struct Fields<'f> {
    pub(super) kind: &'f str,
    pub(super) issuer: Option<&'f str>,
    pub(super) account: &'f str,
    pub(super) secret: &'f str,
    pub(super) algorithm: Option<&'f str>,
    pub(super) digits: Option<u64>,
    pub(super) period: Option<u64>,
    pub(super) counter: Option<u64>,
}

/// An entry, and what may be wrong with it.
pub(super) type Read = Result<(Entry, Option<String>), String>;

impl Fields<'_> {
    pub(super) fn read(&self) -> Read {
        let kind = self.kind.to_ascii_lowercase();
        let digits = || match self.digits {
            None => Ok(Digits::Six),
            Some(digits) => u8::try_from(digits)
                .ok()
                .and_then(|digits| Digits::new(digits).ok())
                .ok_or("digits: out of range (6 to 10)"),
        };
        let kind = match kind.as_str() {
            "totp" => otpauth::Kind::Totp {
                digits: digits()?,
                period: self
                    .period
                    .map_or(Ok(Period::DEFAULT), Period::new)
                    .map_err(|error| format!("period: {error}"))?,
            },
            "hotp" => {
                let counter = self.counter.unwrap_or_default();
                otpauth::Kind::Hotp { digits: digits()?, counter }
            }
            "steam" => otpauth::Kind::Steam,
            "motp" => return Err("type: mOTP is not supported".into()),
            "yandex" | "yaotp" => return Err("type: the codes of Yandex are not supported".into()),
            _ => return Err("type: not supported (totp, hotp and steam are)".into()),
        };
        let algorithm = match self.algorithm {
            None => Algorithm::Sha1,
            Some(name) => algorithm(name)?,
        };
        let (secret, warning) = read_secret(self.secret)?;
        let entry = Entry {
            kind,
            issuer: self.issuer.filter(|issuer| !issuer.is_empty()).map(str::to_owned),
            account: self.account.to_owned(),
            secret,
            algorithm: if kind == otpauth::Kind::Steam { Algorithm::Sha1 } else { algorithm },
            device: Device::default(),
        };
        // A label that must not be shown is refused here, for each form of output.
        match entry.uri() {
            Ok(_) => Ok((entry, warning)),
            Err(reason) => Err(reason),
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    // `HmacSHA1` and `SHA-1` are what some apps write.
    let name = name.to_ascii_uppercase().replace(['-', '_'], "");
    let name = name.strip_prefix("HMAC").unwrap_or(&name);
    name.parse().map_err(|error| format!("algorithm: {error}"))
}

/// Reads a secret in Base32. One in mixed case is read, with a warning.
fn read_secret(text: &str) -> Result<(Zeroizing<Vec<u8>>, Option<String>), String> {
    let mut secret = Zeroizing::new(vec![0; text.len()]);
    let len = match decode_base32(text, &mut secret) {
        Ok(secret) => secret.len(),
        Err(Base32Error::OtherEncoding { encoding: Encoding::Hexadecimal, .. }) => {
            return Err("secret: hexadecimal instead of Base32".into());
        }
        Err(error) => return Err(format!("secret: not Base32: {error}")),
    };
    if len == 0 {
        return Err("secret: missing".into());
    }
    secret.truncate(len);
    let strict = otp_core::Secret::from_base32_allow_short(text);
    let warning = match strict {
        Err(otp_core::SecretError::Base32(error @ Base32Error::MixedCase { .. })) => {
            Some(format!("the secret is read as Base32: {error}"))
        }
        _ => None,
    };
    Ok((secret, warning))
}

/// Reads a key that is one text: a key URI, `steam://SECRET`, or the secret.
///
/// `issuer` and `account` stand beside it in the file. They count if the key does not have its
/// own.
pub(super) fn read_text(text: &str, issuer: Option<&str>, account: &str) -> Read {
    let text = text.trim();
    let bare = |kind, secret| Fields {
        kind,
        issuer,
        account,
        secret,
        algorithm: None,
        digits: None,
        period: None,
        counter: None,
    };
    if starts_with(text, "otpauth:") {
        let (mut entry, warning) = read_uri(text)?;
        if entry.issuer.is_none() && entry.account.is_empty() {
            entry.issuer = issuer.filter(|issuer| !issuer.is_empty()).map(str::to_owned);
            account.clone_into(&mut entry.account);
            entry.uri()?;
        }
        Ok((entry, warning))
    } else if starts_with(text, "steam://") {
        let secret = text.get("steam://".len()..).unwrap_or_default();
        let issuer = issuer.or(Some("Steam"));
        Fields { issuer, ..bare("steam", secret) }.read()
    } else if starts_with(text, "motp://") {
        Err("type: mOTP is not supported".into())
    } else if text.contains("://") {
        Err("scheme: not supported, expected otpauth://".into())
    } else {
        bare("totp", text).read()
    }
}

/// Reads a key URI. A secret in mixed case is read, with a warning.
fn read_uri(text: &str) -> Read {
    match otpauth::Uri::parse(text) {
        Ok(uri) => Ok((Entry::of_uri(&uri), None)),
        Err(error) if error.problem() == Problem::Refused(Rule::MixedCase) => {
            let uri = otpauth::Uri::parse_with(text, Rules::LENIENT.accepting(Rule::MixedCase));
            let uri = uri.map_err(|error| error.to_string())?;
            Ok((Entry::of_uri(&uri), Some(format!("the secret is read as Base32: {error}"))))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Returns whether a text starts with another one, in upper or lower case.
pub(super) fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|front| front.eq_ignore_ascii_case(start))
}
