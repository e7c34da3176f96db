//! Enrolment: key URIs read and written, an export, a QR code, and new secrets.

use otp_core::{Algorithm, Digits, Engine, Secret, Totp, migration, otpauth, qr};

use crate::codes::holds;
use crate::recovery::Known;
use crate::sink::{Fnv, Sink};

const URI: &str = "otpauth://totp/tenant:user?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                   &issuer=tenant&algorithm=SHA1&digits=8&period=30";

pub fn key_uri() -> Option<()> {
    let uri = otpauth::Uri::parse(URI).ok()?;
    holds(Sink::of(uri.issuer()?)?.text() == "tenant")?;
    let Engine::Totp(totp) = uri.engine().ok()? else { return None };
    holds(Sink::of(totp.code_at(59).ok()?)?.text() == "94287082")?;
    let secret = uri.secret().ok()?;
    let written = otpauth::UriBuilder::totp(&secret).with_digits(Digits::Eight);
    let written = written.with_issuer("tenant").ok()?.with_account("user").ok()?;
    holds(Sink::of(written)?.text() == URI)?;
    holds(otpauth::Uri::parse("otpauth://totp/x?secret=0").is_err())
}

/// The example that readers of Google Authenticator's exports pass on.
pub fn export() -> Option<()> {
    let mut buffer = [0; 128];
    let uri = "otpauth-migration://offline?data=\
               CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbRoHRXhhbXBsZTAC";
    let export = migration::Export::parse(uri, &mut buffer).ok()?;
    let mut entries = export.entries();
    let entry = entries.next()?.ok()?;
    holds(entry.issuer() == Some("Example"))?;
    holds(entry.expose_secret_bytes() == b"Hello!\xde\xad\xbe\xef")?;
    holds(entries.next().is_none())
}

/// The drawing is the same as with std. There another decoder reads it back (`tests/it/qr.rs`).
pub fn qr_code() -> Option<()> {
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode(&URI, &mut buffer).ok()?;
    holds(qr.size() == 45)?;
    holds(Fnv::of(qr.in_terminal())? == 0xe7aa_7e17_31bb_152e)?;
    holds(Fnv::of(qr.svg())? == 0xa8ee_b853_a269_8bc4)
}

/// From a CSPRNG that is brought, and from the operating system.
pub fn new_secret() -> Option<()> {
    let Ok(secret) = Secret::generate(&mut Known(0), Algorithm::Sha1);
    holds(secret.expose_bytes().starts_with(&[0, 0x58, 0xc0, 0xcb]))?;
    let one = Secret::generate_from_os(Algorithm::Sha256).ok()?;
    let other = Secret::generate_from_os(Algorithm::Sha256).ok()?;
    holds(one.bits() == 256 && one.expose_bytes() != other.expose_bytes())?;
    Totp::for_algorithm(Algorithm::Sha256, &one).ok().map(drop)
}
