//! `KeyUri`, for JavaScript: reading, writing, and the QR code.

use otp_core::otpauth::{Kind, Rules, Uri, UriBuilder};
use otp_core::{Algorithm, Hotp as CoreHotp, Secret, Totp as CoreTotp, qr};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::args::{MAX_SAFE, Options, counter, period, text};
use crate::codes::Key;
use crate::error::Fault;
use crate::hotp::Hotp;
use crate::totp::Totp;

/// What enrols an authenticator: `otpauth://totp/…`, the text of its QR code. It holds the shared
/// secret, which `free` wipes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct KeyUri {
    secret: Secret,
    kind: Kind,
    algorithm: Algorithm,
    issuer: String,
    account: String,
}

#[wasm_bindgen]
impl KeyUri {
    /// Reads a key URI, leniently as apps do: separators in the secret, labels of any form. `strict`
    /// refuses what the specification does not allow.
    pub fn parse(
        #[wasm_bindgen(unchecked_param_type = "string")] uri: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "{ strict?: boolean }")] options: &JsValue,
    ) -> Result<KeyUri, Fault> {
        let strict = Options::read(options, &["strict"])?.flag("strict")?;
        let rules = if strict { Rules::STRICT } else { Rules::LENIENT };
        let uri = text(uri, "uri")?;
        let uri = Uri::parse_with(&uri, rules)?;
        Ok(Self {
            // `strict` refuses short secrets. Otherwise `secretBits` tells the length.
            secret: uri.secret_allow_short()?,
            kind: uri.kind(),
            algorithm: uri.algorithm(),
            issuer: uri.issuer().map(|issuer| issuer.to_string()).unwrap_or_default(),
            account: uri.account().to_string(),
        })
    }

    /// Makes a key URI. A new secret is `crypto.getRandomValues(new Uint8Array(20))`.
    pub fn create(
        #[wasm_bindgen(unchecked_param_type = "KeyUriOptions")] options: &JsValue,
    ) -> Result<KeyUri, Fault> {
        let known = [
            "type",
            "secret",
            "issuer",
            "account",
            "algorithm",
            "digits",
            "period",
            "counter",
            "allowShort",
        ];
        let options = Options::read(options, &known)?;
        let key = Key::read(&options.get("secret")?.unwrap_or_default(), &options)?;
        let digits = key.digits;
        let name = options.map("type", |value| text(value, "type"))?;
        let kind = match name.as_deref().map(String::as_str) {
            None | Some("totp") => {
                let period = options.map("period", period)?.unwrap_or_default();
                Kind::Totp { digits, period }
            }
            Some("hotp") => {
                let counter = options.map("counter", counter)?.unwrap_or_default();
                Kind::Hotp { digits, counter }
            }
            Some("steam") => Kind::Steam,
            Some(_) => return Err(Fault::new("type", "type has to be totp, hotp or steam")),
        };
        let label = |name| {
            let label = options.map(name, |value| text(value, name))?;
            Ok::<_, Fault>(label.map(|label| label.to_string()).unwrap_or_default())
        };
        Self::new(key.secret, kind, key.algorithm, &label("issuer")?, &label("account")?)
    }

    /// `totp`, `hotp` or `steam`.
    #[wasm_bindgen(
        getter,
        js_name = "type",
        unchecked_return_type = "\"totp\" | \"hotp\" | \"steam\""
    )]
    pub fn kind(&self) -> JsValue {
        match self.kind {
            Kind::Totp { .. } => "totp",
            Kind::Hotp { .. } => "hotp",
            Kind::Steam => "steam",
        }
        .into()
    }

    /// Who issued the key; empty where the URI does not say.
    #[wasm_bindgen(getter)]
    pub fn issuer(&self) -> String {
        self.issuer.clone()
    }

    /// Whose account it is; may be empty.
    #[wasm_bindgen(getter)]
    pub fn account(&self) -> String {
        self.account.clone()
    }

    /// The hash below HMAC.
    #[wasm_bindgen(getter, unchecked_return_type = "Algorithm")]
    pub fn algorithm(&self) -> JsValue {
        self.algorithm.name().into()
    }

    /// How many digits a code has; 5 symbols with Steam.
    #[wasm_bindgen(getter)]
    pub fn digits(&self) -> u8 {
        match self.kind {
            Kind::Totp { digits, .. } | Kind::Hotp { digits, .. } => digits.get(),
            Kind::Steam => 5,
        }
    }

    /// Seconds that a code lasts; none with HOTP.
    #[wasm_bindgen(getter)]
    pub fn period(&self) -> Option<f64> {
        match self.kind {
            Kind::Totp { period, .. } => Some(period.seconds().min(MAX_SAFE) as f64),
            Kind::Steam => Some(30.0),
            Kind::Hotp { .. } => None,
        }
    }

    /// The counter of the first code that has not been used; HOTP alone has one.
    #[wasm_bindgen(getter)]
    pub fn counter(&self) -> Option<u64> {
        match self.kind {
            Kind::Hotp { counter, .. } => Some(counter),
            _ => None,
        }
    }

    /// The length of the shared secret.
    #[wasm_bindgen(getter, js_name = secretBits)]
    pub fn secret_bits(&self) -> u32 {
        // A `Secret` has 128 bytes at most.
        u32::try_from(self.secret.bits()).unwrap_or(u32::MAX)
    }

    /// The shared secret in Base32, for typing.
    #[wasm_bindgen(js_name = exposeSecret, unchecked_return_type = "string")]
    pub fn expose_secret(&self) -> JsValue {
        JsValue::from_str(&Zeroizing::new(self.secret.expose_base32().to_string()))
    }

    /// The URI, with the secret in it.
    #[wasm_bindgen(js_name = toString, unchecked_return_type = "string")]
    pub fn text(&self) -> Result<JsValue, Fault> {
        Ok(JsValue::from_str(&Zeroizing::new(self.writer()?.to_string())))
    }

    /// The QR code, as SVG. Whoever sees it has the shared secret.
    #[wasm_bindgen(js_name = toQrSvg, unchecked_return_type = "string")]
    pub fn qr_svg(&self) -> Result<JsValue, Fault> {
        // The largest there is, for the longest labels.
        let mut buffer = qr::Buffer::<{ qr::Buffer::len_of(40) }>::sized();
        let qr = qr::Qr::encode(&self.writer()?, &mut buffer)?;
        Ok(JsValue::from_str(&Zeroizing::new(qr.svg().to_string())))
    }

    /// The engine that the URI is for: `Hotp` where `type` is `hotp`, otherwise `Totp`.
    #[wasm_bindgen(unchecked_return_type = "Totp | Hotp")]
    pub fn engine(&self) -> Result<JsValue, Fault> {
        Ok(match self.kind {
            Kind::Steam => Totp::from(CoreTotp::steam(&self.secret)).into(),
            Kind::Totp { digits, period } => {
                let totp = CoreTotp::for_algorithm(self.algorithm, &self.secret)?;
                Totp::from(totp.with_digits(digits).with_period(period)).into()
            }
            Kind::Hotp { digits, .. } => {
                let hotp = CoreHotp::for_algorithm(self.algorithm, &self.secret)?;
                Hotp::from(hotp.with_digits(digits)).into()
            }
        })
    }
}

impl KeyUri {
    /// Labels that cannot be written are told of now.
    pub(crate) fn new(
        secret: Secret,
        kind: Kind,
        algorithm: Algorithm,
        issuer: &str,
        account: &str,
    ) -> Result<Self, Fault> {
        let (issuer, account) = (issuer.to_owned(), account.to_owned());
        let uri = Self { secret, kind, algorithm, issuer, account };
        uri.writer()?;
        Ok(uri)
    }

    fn writer(&self) -> Result<UriBuilder<'_>, Fault> {
        Ok(UriBuilder::new(&self.secret, self.kind)
            .with_algorithm(self.algorithm)
            .with_issuer(&self.issuer)?
            .with_account(&self.account)?)
    }
}
