//! One key, with what a file or a URI says of it, and how it is written.

use std::fmt::Write as _;

use otp_core::otpauth::{self, UriBuilder};
use otp_core::seeds::Token;
use otp_core::verifier::State;
use otp_core::{
    Algorithm, CodeFormat, Engine, Hotp, KeySchedule, SecretBuffer, Totp, decode_base32, migration,
};
use zeroize::Zeroizing;

use crate::device::Device;

/// One key, as it is listed.
pub(crate) struct Entry {
    pub(crate) kind: otpauth::Kind,
    pub(crate) issuer: Option<String>,
    pub(crate) account: String,
    pub(crate) secret: Zeroizing<Vec<u8>>,
    pub(crate) algorithm: Algorithm,
    pub(crate) device: Device,
}

impl Entry {
    pub(crate) fn of_uri(uri: &otpauth::Uri<'_>) -> Self {
        let mut secret = Zeroizing::new(vec![0; uri.secret_len()]);
        let fits = uri.decode_secret(&mut secret).is_ok();
        assert!(fits, "the buffer was made for it");
        Self {
            kind: uri.kind(),
            issuer: uri.issuer().map(|issuer| issuer.to_string()),
            account: uri.account().to_string(),
            secret,
            algorithm: uri.algorithm(),
            device: Device::default(),
        }
    }

    pub(crate) fn of_export(entry: &migration::Entry<'_>) -> Self {
        let digits = entry.digits();
        Self {
            kind: match entry.counter() {
                Some(counter) => otpauth::Kind::Hotp { digits, counter },
                None => otpauth::Kind::Totp { digits, period: entry.period().unwrap_or_default() },
            },
            issuer: entry.issuer().map(str::to_owned),
            account: entry.account().to_owned(),
            secret: Zeroizing::new(entry.expose_secret_bytes().to_vec()),
            algorithm: entry.algorithm(),
            device: Device::default(),
        }
    }

    /// Takes a token of a seed file. Its account is its user, its serial number or the number
    /// of its key: the first that is there.
    pub(crate) fn of_token(token: &Token<'_>) -> Self {
        let digits = token.digits();
        let issuer = token.issuer().or(token.manufacturer());
        let account = token.user().or(token.serial()).or(token.key_id());
        Self {
            kind: match token.counter() {
                Some(counter) => otpauth::Kind::Hotp { digits, counter },
                None => otpauth::Kind::Totp { digits, period: token.period().unwrap_or_default() },
            },
            issuer: issuer.map(|text| text.to_string()).filter(|text| !text.is_empty()),
            account: account.map(|text| text.to_string()).unwrap_or_default(),
            secret: Zeroizing::new(token.expose_secret_bytes().to_vec()),
            algorithm: token.algorithm(),
            device: Device::of_token(token),
        }
    }

    /// Returns the name for people. It does not have any character that a terminal would obey.
    /// A label that is the secret is hidden.
    pub(crate) fn name(&self) -> String {
        let hidden = |text| if self.is_secret(text) { HIDDEN } else { text };
        label(self.issuer.as_deref().map(hidden), hidden(&self.account))
    }

    /// Returns whether a text is the secret: its bytes, or its hexadecimal or Base32 form.
    fn is_secret(&self, text: &str) -> bool {
        let mut bytes = Zeroizing::new(vec![0; text.len()]);
        let is_base32 = decode_base32(text, &mut bytes).is_ok_and(|bytes| bytes == &**self.secret);
        let hex = self.hex();
        is_base32 || text.as_bytes() == &**self.secret || text.eq_ignore_ascii_case(&hex)
    }

    /// Writes the key URI.
    ///
    /// # Errors
    /// A sentence, if the secret is too long for a key URI, or if a label must not be shown.
    pub(crate) fn uri(&self) -> Result<Zeroizing<String>, String> {
        let mut buffer = SecretBuffer::new();
        let secret = buffer.read_bytes_allow_short(&self.secret);
        let secret = secret.map_err(|error| format!("secret: {error}"))?;
        let uri = UriBuilder::new(secret, self.kind)
            .with_algorithm(self.algorithm)
            .with_issuer(self.issuer.as_deref().unwrap_or_default())
            .map_err(|error| format!("issuer: {error}"))?
            .with_account(&self.account)
            .map_err(|error| format!("account: {error}"))?;
        // The issuer comes twice. Each byte of a label may be escaped. A byte of the secret
        // takes less than two symbols.
        let issuer = self.issuer.as_ref().map_or(0, String::len);
        let most = 6 * issuer + 3 * self.account.len() + 2 * self.secret.len() + 200;
        let mut buffer = Zeroizing::new(vec![0; most]);
        let text = uri.write_to(&mut buffer).map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    /// The engine that makes its codes.
    pub(crate) fn engine(&self) -> Result<Engine, String> {
        let key = KeySchedule::from_raw_key(self.algorithm, &self.secret);
        let key = key.map_err(|error| error.to_string())?;
        Ok(match self.kind {
            otpauth::Kind::Hotp { digits, counter } => {
                Engine::Hotp { hotp: Hotp::from_key(key).with_digits(digits), counter }
            }
            otpauth::Kind::Totp { digits, period } => {
                let format = CodeFormat::Decimal(digits);
                Engine::Totp(Totp::from_key(key).with_format(format).with_period(period))
            }
            otpauth::Kind::Steam => {
                Engine::Totp(Totp::from_key(key).with_format(CodeFormat::Steam))
            }
        })
    }

    /// The state that a verifier starts from.
    pub(crate) fn state(&self) -> State {
        let state = match (self.kind, self.device.last_step) {
            (otpauth::Kind::Hotp { counter, .. }, _) => {
                return State::confirmed().with_next_counter(counter);
            }
            (_, Some(step)) => State::confirmed().with_last_used(step),
            (_, None) => State::confirmed(),
        };
        // The seed file was refused if its drift is more than a state can have.
        state.with_drift(self.device.drift).unwrap_or(state)
    }

    fn kind_name(&self) -> &'static str {
        match self.kind {
            otpauth::Kind::Totp { .. } => "totp",
            otpauth::Kind::Hotp { .. } => "hotp",
            otpauth::Kind::Steam => "steam",
        }
    }

    fn digits(&self) -> u8 {
        match self.kind {
            otpauth::Kind::Totp { digits, .. } | otpauth::Kind::Hotp { digits, .. } => digits.get(),
            otpauth::Kind::Steam => 5,
        }
    }

    pub(crate) fn period(&self) -> Option<u64> {
        match self.kind {
            otpauth::Kind::Totp { period, .. } => Some(period.seconds()),
            otpauth::Kind::Hotp { .. } => None,
            otpauth::Kind::Steam => Some(30),
        }
    }

    fn counter(&self) -> Option<u64> {
        match self.kind {
            otpauth::Kind::Hotp { counter, .. } => Some(counter),
            _ => None,
        }
    }

    /// Returns one object of JSON, with the secret. The members that only hardware tokens have
    /// come last, if there are any.
    pub(crate) fn json(&self) -> Zeroizing<String> {
        let number = |value: Option<u64>| value.map_or("null".into(), |value| value.to_string());
        let labels = self.issuer.as_ref().map_or(0, String::len) + self.account.len();
        let device = self.device.json();
        // Space for all of it. If the text grew, it would leave a part of the secret behind.
        let most = 6 * labels + device.len() + 2 * self.secret.len() + 400;
        let mut json = Zeroizing::new(String::with_capacity(most));
        // A String takes all that is written.
        let _ = write!(
            json,
            "{{\"ok\":true,\"type\":\"{}\",\"issuer\":{},\"account\":{},\"secret_hex\":\"{}\",\
             \"algorithm\":\"{}\",\"digits\":{},\"period\":{},\"counter\":{}",
            self.kind_name(),
            self.issuer.as_deref().map_or("null".into(), json_string),
            json_string(&self.account),
            self.hex().as_str(),
            self.algorithm.name(),
            self.digits(),
            number(self.period()),
            number(self.counter()),
        );
        json.push_str(&device);
        json.push('}');
        json
    }

    /// A listing for people.
    pub(crate) fn listing(&self, show_secret: bool) -> String {
        let mut text = format!("type       {}\n", self.kind_name());
        let mut line = |name: &str, value: &str| {
            // Labels do not have any character that a terminal would obey. Direction marks and
            // other characters that a terminal does not show are written as escapes.
            let _ = writeln!(text, "{name:<10} {}", value.escape_debug());
        };
        line("issuer", self.issuer.as_deref().unwrap_or("(none)"));
        line("account", &self.account);
        let bits = self.secret.len() * 8;
        if show_secret {
            line("secret", &format!("{} ({bits} bits)", self.hex().as_str()));
        } else {
            line("secret", &format!("{bits} bits, hidden (--show-secret)"));
        }
        line("algorithm", self.algorithm.name());
        line("digits", &self.digits().to_string());
        if let Some(period) = self.period() {
            line("period", &format!("{period} s"));
        }
        if let Some(counter) = self.counter() {
            line("counter", &counter.to_string());
        }
        text
    }

    fn hex(&self) -> Zeroizing<String> {
        let mut hex = Zeroizing::new(String::with_capacity(self.secret.len() * 2));
        for byte in self.secret.iter() {
            // A String takes all that is written.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// The text in the place of a label that is a secret.
const HIDDEN: &str = "(hidden)";

/// Writes issuer and account for people, with escapes for what a terminal would obey or not show.
pub(crate) fn label(issuer: Option<&str>, account: &str) -> String {
    match issuer.filter(|issuer| !issuer.is_empty()) {
        Some(issuer) if account.is_empty() => shown(issuer),
        Some(issuer) => format!("{}: {}", shown(issuer), shown(account)),
        None => shown(account),
    }
}

/// Returns a text for a message. If it looks like a secret of 128 bits, it is hidden: a row
/// with swapped columns has one in the place of a label.
pub(crate) fn shown(text: &str) -> String {
    let is_secret = |encoded: &str| {
        let mut bytes = Zeroizing::new(vec![0; encoded.len()]);
        let is_hex = encoded.len() >= 32 && encoded.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex || decode_base32(encoded, &mut bytes).is_ok_and(|bytes| bytes.len() >= 16)
    };
    // Names of people and companies have blanks, and no digits.
    let is_one_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'=');
    if is_one_word && text.bytes().any(|byte| byte.is_ascii_digit()) && is_secret(text) {
        return HIDDEN.to_owned();
    }
    text.escape_debug().to_string()
}

/// Writes a text as a string of JSON (RFC 8259 section 7). Every control character is written
/// by its number. A crate for JSON would write some of them in another way, and earlier
/// versions did not.
pub(crate) fn json_string(text: &str) -> String {
    let mut json = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // A String takes all that is written.
            '\0'..' ' => drop(write!(json, "\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::json_string;

    #[test]
    fn every_character_is_read_back() {
        let text: String = (char::MIN..=char::MAX).collect();
        assert_eq!(serde_json::from_str::<String>(&json_string(&text)).unwrap(), text);
    }
}
