//! The writer. It has one canonical form, with every label escaped.

use core::error::Error;
use core::fmt::{self, Display};

use super::uri::Kind;
use crate::algorithm::Algorithm;
use crate::base32::Base32;
use crate::buffer::{BufferTooSmall, Cursor, write_to};
use crate::decimal::Decimal;
use crate::digits::Digits;
use crate::label::{REFUSED, first_refused};
use crate::percent::write_escaped;
use crate::period::Period;
use crate::secret::Secret;

/// A key URI for an authenticator app, as text or as a QR code.
///
/// `Display` writes it without copying anything. The form is canonical: every byte that is not
/// unreserved is escaped (RFC 3986 section 2.3), so a space is `%20`. The secret is upper-case
/// unpadded Base32. All parameters are written, including the defaults.
///
/// **The text contains the shared secret**: show it once, and never log it. `Debug` does not show
/// the secret.
///
/// ```
/// use otp_core::Secret;
/// use otp_core::otpauth::{Uri, UriBuilder};
///
/// let secret = Secret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")?;
/// let uri = UriBuilder::totp(&secret).with_issuer("tenant")?.with_account("user")?;
/// assert_eq!(
///     uri.to_string(),
///     "otpauth://totp/tenant:user?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\
///      &issuer=tenant&algorithm=SHA1&digits=6&period=30",
/// );
/// // Without an allocator.
/// let mut buffer = [0; 200];
/// assert_eq!(Uri::parse(uri.write_to(&mut buffer)?)?.account(), "user");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Labels
/// [`Uri::parse`](super::Uri::parse) returns issuer and account as they were written, in any
/// script. Some characters are refused because a terminal, a log or a screen would interpret them:
///
/// - control characters;
/// - line and paragraph separators (U+2028, U+2029);
/// - bidirectional embeddings, overrides and isolates (U+202A to U+202E, U+2066 to U+2069).
///
/// Real names need joiners (U+200C, U+200D) and direction marks (U+200E, U+200F, U+061C), so these
/// are accepted.
///
/// In the label, a colon separates issuer and account, and readers drop spaces after it. So the
/// issuer is written only in the parameter, and not in the label, in these cases:
///
/// - the issuer has a colon;
/// - the account begins with a space.
///
/// An account with a colon and without an issuer is written after an empty prefix.
#[doc(alias("keyuri", "otpauth_url", "provisioning_uri"))]
#[derive(Clone, Copy)]
pub struct UriBuilder<'a> {
    secret: &'a Secret,
    kind: Kind,
    algorithm: Algorithm,
    issuer: &'a str,
    account: &'a str,
}

impl<'a> UriBuilder<'a> {
    /// Makes a URI for codes of any kind, with HMAC-SHA-1.
    #[must_use]
    pub const fn new(secret: &'a Secret, kind: Kind) -> Self {
        Self { secret, kind, algorithm: Algorithm::Sha1, issuer: "", account: "" }
    }

    /// Makes a URI for TOTP with HMAC-SHA-1, 6 digits and 30 seconds. Every app reads these.
    #[must_use]
    pub const fn totp(secret: &'a Secret) -> Self {
        Self::new(secret, Kind::Totp { digits: Digits::Six, period: Period::DEFAULT })
    }

    /// Makes a URI for HOTP with HMAC-SHA-1 and 6 digits, starting at `counter`.
    #[must_use]
    pub const fn hotp(secret: &'a Secret, counter: u64) -> Self {
        Self::new(secret, Kind::Hotp { digits: Digits::Six, counter })
    }

    /// Sets the hash function. Many apps support only SHA-1, and some use it even if the URI names
    /// another one. Steam has only SHA-1, and ignores this setting.
    #[must_use]
    pub const fn with_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the number of digits. Steam codes always have five symbols, and ignore this setting.
    #[must_use]
    pub const fn with_digits(mut self, digits: Digits) -> Self {
        self.kind = match self.kind {
            Kind::Totp { period, .. } => Kind::Totp { digits, period },
            Kind::Hotp { counter, .. } => Kind::Hotp { digits, counter },
            Kind::Steam => Kind::Steam,
        };
        self
    }

    /// Sets the period. HOTP does not have a period, and Steam always has 30 seconds. Both ignore
    /// this setting.
    #[must_use]
    pub const fn with_period(mut self, period: Period) -> Self {
        if let Kind::Totp { digits, .. } = self.kind {
            self.kind = Kind::Totp { digits, period };
        }
        self
    }

    /// Sets the issuer of the key. An empty text means that there is no issuer.
    ///
    /// # Errors
    /// [`LabelError`] if it has a character that labels must not have.
    pub fn with_issuer(mut self, issuer: &'a str) -> Result<Self, LabelError> {
        self.issuer = checked(issuer)?;
        Ok(self)
    }

    /// Sets the account.
    ///
    /// # Errors
    /// [`LabelError`] if it has a character that labels must not have.
    pub fn with_account(mut self, account: &'a str) -> Result<Self, LabelError> {
        self.account = checked(account)?;
        Ok(self)
    }

    /// Writes the URI into `buffer` and returns it.
    ///
    /// # Errors
    /// [`BufferTooSmall`] if `buffer` is too small. It then holds a part of the URI.
    pub fn write_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, BufferTooSmall> {
        write_to(buffer, |out| self.write(out))
    }

    /// Returns the issuer as the label shows it, before its colon. See "Labels" above.
    fn prefix(&self) -> Option<&'a str> {
        let has_colon = |label: &str| label.bytes().any(|byte| byte == b':');
        let ambiguous = has_colon(self.issuer) || self.account.starts_with(' ');
        match (self.issuer.is_empty() || ambiguous, has_colon(self.account)) {
            (false, _) => Some(self.issuer),
            (true, true) => Some(""),
            (true, false) => None,
        }
    }
}

impl UriBuilder<'_> {
    /// Writes directly to `out`, whose type is known. A formatter would cost a call for each piece.
    fn write(&self, out: &mut impl Sink) -> fmt::Result {
        out.write_str(match self.kind {
            Kind::Totp { .. } => "otpauth://totp/",
            Kind::Hotp { .. } => "otpauth://hotp/",
            Kind::Steam => "otpauth://steam/",
        })?;
        if let Some(prefix) = self.prefix() {
            write_escaped(prefix, out)?;
            out.write_str(":")?;
        }
        write_escaped(self.account, out)?;
        out.write_str("?secret=")?;
        out.write_base32(Base32(self.secret.expose_bytes()))?;
        if !self.issuer.is_empty() {
            out.write_str("&issuer=")?;
            write_escaped(self.issuer, out)?;
        }
        out.write_str("&algorithm=")?;
        let (algorithm, digits, name, last) = match self.kind {
            Kind::Totp { digits, period } => {
                (self.algorithm, digits.get(), "&period=", period.seconds())
            }
            Kind::Hotp { digits, counter } => (self.algorithm, digits.get(), "&counter=", counter),
            Kind::Steam => (Algorithm::Sha1, 5, "&period=", 30),
        };
        out.write_str(algorithm.name())?;
        out.write_str("&digits=")?;
        Decimal::from(digits).write(out)?;
        out.write_str(name)?;
        Decimal::from(last).write(out)
    }
}

/// The destination of a URI.
trait Sink: fmt::Write {
    fn write_base32(&mut self, bytes: Base32<'_>) -> fmt::Result;
}

impl Sink for fmt::Formatter<'_> {
    fn write_base32(&mut self, bytes: Base32<'_>) -> fmt::Result {
        bytes.fmt(self)
    }
}

impl Sink for Cursor<'_> {
    /// Writes the symbols to their final place, so that there is no copy to wipe.
    fn write_base32(&mut self, bytes: Base32<'_>) -> fmt::Result {
        self.fill(|space| bytes.encode(space).map(|symbols| symbols.len()))
    }
}

impl Display for UriBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// Does not show the secret.
impl fmt::Debug for UriBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UriBuilder")
            .field("kind", &self.kind)
            .field("algorithm", &self.algorithm)
            .field("issuer", &self.issuer)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

fn checked(label: &str) -> Result<&str, LabelError> {
    // Almost every label is plain ASCII.
    if label.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
        return Ok(label);
    }
    match first_refused(label) {
        Some(offset) => Err(LabelError { offset }),
        None => Ok(label),
    }
}

/// The error for an issuer or an account that has a character which a terminal, a log or a screen
/// would interpret.
///
/// Such a character is a control character, a line or paragraph separator (U+2028, U+2029), or a
/// bidirectional embedding, override or isolate (U+202A to U+202E, U+2066 to U+2069). Remove the
/// character: names do not need it. See "Labels" of [`UriBuilder`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelError {
    offset: usize,
}

impl LabelError {
    /// Returns the offset of the character, in bytes from the start of the text.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl Display for LabelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {REFUSED} in the label at byte {}", Decimal::from(self.offset))
    }
}

impl Error for LabelError {}
