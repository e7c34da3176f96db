//! Key URIs: reading, writing, and the QR code.

use alloc::format;
use core::fmt::Write as _;

use otp_core::otpauth::{Kind, Rules, Text, Uri, UriBuilder};
use otp_core::{Algorithm, Period, Secret, SecretError, qr};

use crate::codes::Key;
use crate::fault::Fault;
use crate::memory::{Output, Slot, call};
use crate::written::{Written, countable, whole};

/// Reads a key URI and writes its facts, in the layout that `js/key_uri.js` reads.
#[unsafe(no_mangle)]
pub extern "C" fn uri_parse(uri: u32, strict: u32) -> f64 {
    call(|arguments, output, _| {
        let rules = if strict == 0 { Rules::LENIENT } else { Rules::STRICT };
        let uri = Uri::parse_with(arguments.text(uri)?, rules)?;
        if uri.secret_len() > Secret::MAX_LEN {
            return Err(SecretError::Long.into());
        }
        let (kind, digits, number) = match uri.kind() {
            Kind::Totp { digits, period } => (0, digits.get(), period.seconds()),
            Kind::Hotp { digits, counter } => (1, digits.get(), countable(counter)?),
            Kind::Steam => (2, 5, Period::DEFAULT.seconds()),
        };
        let algorithm = match uri.algorithm() {
            Algorithm::Sha1 => 0,
            Algorithm::Sha256 => 1,
            _ => 2,
        };
        output.put(&(number as f64).to_le_bytes());
        output.put(&[kind, algorithm, digits, 0]);
        // It is at most 1,024.
        output.put(&u32::try_from(8 * uri.secret_len()).unwrap_or(u32::MAX).to_le_bytes());
        // A line feed separates issuer and account: neither can contain one.
        if let Some(issuer) = uri.issuer() {
            write_label(output, issuer);
        }
        output.put(b"\n");
        write_label(output, uri.account());
        Ok(output.len())
    })
}

/// Writes a label. A label of up to 256 bytes is decoded at once, which is quicker.
fn write_label(output: &mut Output, label: Text<'_>) {
    match label.copy_to(&mut [0; 256]) {
        Ok(label) => output.put(label.as_bytes()),
        Err(_) => _ = write!(output, "{label}"),
    }
}

/// Makes a key URI. `kind` is 0 for TOTP, 1 for HOTP and 2 for Steam. `number` is the period or the
/// counter.
#[unsafe(no_mangle)]
pub extern "C" fn uri_create(
    secret: u32,
    flags: u32,
    algorithm: u32,
    digits: u32,
    kind: u32,
    number: f64,
    issuer: u32,
    account: u32,
) -> f64 {
    call(|arguments, output, _| {
        let Key { secret, algorithm, digits } =
            Key::read(arguments, secret, flags, algorithm, digits)?;
        let kind = match kind {
            0 => Kind::Totp { digits, period: Period::new(whole(number))? },
            1 => Kind::Hotp { digits, counter: whole(number) },
            _ => Kind::Steam,
        };
        let (issuer, account) = (arguments.text(issuer)?, arguments.text(account)?);
        let uri = UriBuilder::new(&secret, kind)
            .with_algorithm(algorithm)
            .with_issuer(issuer)?
            .with_account(account)?;
        let _ = write!(output, "{uri}");
        Ok(output.len())
    })
}

fn with_uri(uri: u32, write: fn(&Written, &mut Output) -> Result<(), Fault>) -> f64 {
    call(|arguments, output, _| {
        write(&Written::parse(arguments.text(uri)?)?, output)?;
        Ok(output.len())
    })
}

/// Writes a key URI in its canonical form.
#[unsafe(no_mangle)]
pub extern "C" fn uri_text(uri: u32) -> f64 {
    with_uri(uri, |key, output| {
        let _ = write!(output, "{}", key.builder()?);
        Ok(())
    })
}

/// Writes the secret of a key URI in Base32.
#[unsafe(no_mangle)]
pub extern "C" fn uri_secret(uri: u32) -> f64 {
    with_uri(uri, |key, output| {
        let _ = write!(output, "{}", key.secret.expose_base32());
        Ok(())
    })
}

/// Writes the QR code of a key URI as SVG.
#[unsafe(no_mangle)]
pub extern "C" fn uri_svg(uri: u32) -> f64 {
    with_uri(uri, |key, output| {
        // The largest version, for the longest labels.
        let mut buffer = qr::Buffer::<{ qr::Buffer::len_of(40) }>::sized();
        let qr = qr::Qr::encode(&key.builder()?, &mut buffer)?;
        let _ = write!(output, "{}", qr.svg());
        Ok(())
    })
}

/// Makes the engine of a key URI.
#[unsafe(no_mangle)]
pub extern "C" fn uri_engine(uri: u32) -> f64 {
    call(|arguments, _, kept| {
        let engine = Uri::parse(arguments.text(uri)?)?.engine_allow_short()?;
        Ok(kept.add(Slot::Engine(engine)))
    })
}

impl Written {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let uri = Uri::parse(text)?;
        Ok(Self {
            // `uri_parse` has checked the length.
            secret: uri.secret_allow_short()?,
            kind: uri.kind(),
            algorithm: uri.algorithm(),
            issuer: uri.issuer().map(|issuer| format!("{issuer}")).unwrap_or_default(),
            account: format!("{}", uri.account()),
        })
    }
}
