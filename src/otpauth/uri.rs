//! The reader. It goes over the text once, and returns a view that borrows it.

use core::fmt;

use super::error::{Error, Part, Problem};
use super::grammar::split_issuer;
use super::parameters::Parameters;
use super::rules::{Rule, Rules};
use super::text::Text;
use crate::algorithm::Algorithm;
use crate::base32::{self, Base32Error, Shape};
use crate::buffer::BufferTooSmall;
use crate::digits::Digits;
use crate::percent::Decoded;
use crate::period::Period;
use crate::secret::{Secret, SecretError};
use crate::uri::{
    Span, beyond_host, next_parameter, split_authority, split_path, split_query, strip_scheme,
};

/// The kind of codes that a key URI is for, with the parameters of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "each kind makes other codes, so code that makes them must know every one"
)]
pub enum Kind {
    /// `totp`: time-based codes (RFC 6238), with T0 = 0.
    Totp {
        /// The number of digits.
        digits: Digits,
        /// The period.
        period: Period,
    },
    /// `hotp`: counter-based codes (RFC 4226).
    Hotp {
        /// The number of digits.
        digits: Digits,
        /// The counter of the first unused code.
        counter: u64,
    },
    /// `steam`, or `totp` with `encoder=steam`: five symbols every 30 seconds with HMAC-SHA-1. The
    /// parameters are fixed, and those in the URI are ignored.
    Steam,
}

/// A key URI, read in place: it borrows the text and copies nothing.
///
/// # Deviations and disputed inputs
/// The specification is Google's "Key Uri Format". Real key URIs differ from it, and readers
/// disagree about them. `parse` follows this table. [`Rules`] can refuse some inputs that the table
/// accepts. All other inputs are always read as in the table.
/// | input | answer |
/// |---|---|
/// | `secret` missing, empty, or under one byte | refused |
/// | `secret` in lower case, with padding, with separators (`%20`, `+`, `%3D` too) as [`decode_base32`](crate::decode_base32) drops them | read: people paste what they were shown |
/// | `secret` in mixed case | refused, as it may be Base64: [`Rule::MixedCase`] |
/// | `secret` with 1, 3 or 6 symbols in its last group, or bits left over | what fills no byte is dropped |
/// | `secret` with `0`, `1`, `8`, `9`, other punctuation, letters outside ASCII | refused |
/// | `secret` under 128 bits | read; [`secret`](Self::secret) and [`engine`](Self::engine) refuse it, [`secret_allow_short`](Self::secret_allow_short) and [`engine_allow_short`](Self::engine_allow_short) accept it |
/// | `secret` of any length above | read |
/// | `algorithm` in any case | read |
/// | `algorithm` of another name or spelling (`SHA-256`, `HmacSHA256`, `MD5`, `SHA224`) | refused |
/// | `algorithm`, `digits`, `period` empty | the default: `SHA1`, 6, 30 |
/// | `digits` 6 to 10, `06`, `%2B8` | read |
/// | `digits` 0 to 5, over 10, not a number | refused (RFC 4226 section 5.3), though many take 5 |
/// | `period` 1 to 2^64 − 1 / 0, not a number | read / refused |
/// | `period` in `hotp`, `counter` in `totp` | ignored |
/// | `counter` 0 to 2^64 − 1 / empty, not a number, more | read / refused |
/// | `hotp` without `counter` | 0 |
/// | `issuer` differs from the prefix of the label | the parameter counts |
/// | `issuer` missing or empty | the prefix counts; an empty prefix means no issuer |
/// | several colons in the label, `%3A`, `%3a` | the first one separates |
/// | spaces after that colon | dropped, unless nothing stands before it |
/// | `+` | a space in parameters, itself in the label |
/// | no label | an empty account |
/// | type `steam`, `encoder=steam` | codes of Steam; `algorithm`, `digits`, `period` are ignored |
/// | another `encoder`, or one in `hotp` | refused: the codes would be wrong |
/// | only `issuer=Steam` | plain TOTP |
/// | raw spaces and letters outside ASCII | read, not normalised |
/// | malformed escapes, escapes that are not UTF-8 | refused; decoded once |
/// | control characters in label or issuer | refused: a terminal or a log would obey them |
/// | line and paragraph separators (U+2028, U+2029), bidirectional embeddings, overrides, isolates (U+202A–U+202E, U+2066–U+2069) there | refused, as they forge lines of a log and reorder the text on the screen: [`Rule::TextDirection`] |
/// | joiners (U+200C, U+200D), direction marks (U+200E, U+200F, U+061C), soft hyphens, combining marks there | read: real names need them |
/// | scheme and type in upper case / names of parameters in upper case | read / unknown |
/// | another scheme or type, no `//`, user info, a port | refused |
/// | unknown parameter, one without `=`, empty ones | ignored, and listed by [`unknown`](Self::unknown) |
/// | a known parameter twice | refused: two secrets are an attack or a bug, though most take the last |
/// | `;`, a second `?` | part of the value |
/// | `#` after the query / in the label | cut off there / refused |
///
/// ```
/// use otp_core::otpauth::{Kind, Uri};
/// use otp_core::{Algorithm, Digits, Period};
///
/// let uri = Uri::parse(
///     "otpauth://totp/ACME%20Co:john@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ\
///      &issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30",
/// )?;
/// assert_eq!(uri.issuer().unwrap(), "ACME Co");
/// assert_eq!(uri.account(), "john@example.com");
/// assert_eq!(uri.algorithm(), Algorithm::Sha1);
/// assert_eq!(uri.kind(), Kind::Totp { digits: Digits::Six, period: Period::DEFAULT });
/// assert_eq!(uri.secret()?.bits(), 160);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Uri<'a> {
    kind: Kind,
    issuer: Option<Text<'a>>,
    account: Text<'a>,
    algorithm: Algorithm,
    /// INVARIANT: it decodes to Base32 of `shape`.
    secret: &'a str,
    shape: Shape,
    query: Span<'a>,
}

impl<'a> Uri<'a> {
    /// Reads a key URI according to the table above, with [`Rules::LENIENT`].
    ///
    /// # Errors
    /// [`Error`], with the part, the problem and the position.
    pub fn parse(uri: &'a str) -> Result<Self, Error> {
        Self::parse_with(uri, Rules::LENIENT)
    }

    /// Reads a key URI according to the table above, and refuses the inputs that `rules` refuse.
    ///
    /// # Errors
    /// The errors of [`parse`](Self::parse), and [`Problem::Refused`] if a rule refuses the input.
    pub fn parse_with(uri: &'a str, rules: Rules) -> Result<Self, Error> {
        let uri = Span::new(uri);
        let no_scheme = Error::new(Part::Scheme, Problem::Unsupported, uri.start);
        let (authority, rest) = split_authority(strip_scheme(uri, "otpauth").ok_or(no_scheme)?);
        if let Some(at) = beyond_host(authority) {
            return Err(Error::new(Part::Type, Problem::Character, at));
        }
        let named = |name: &str| authority.text.eq_ignore_ascii_case(name);
        let is_hotp = named("hotp");
        let is_steam = named("steam");
        if !(is_hotp || is_steam || named("totp")) {
            return Err(Error::new(Part::Type, Problem::Unsupported, authority.start));
        }

        let (label, rest) = split_path(rest);
        let no_query = Error::new(Part::Label, Problem::Character, rest.start);
        let query = split_query(rest).ok_or(no_query)?;
        let (prefix, account) = split_issuer(label);
        let text = |span| Text::check(Part::Label, span, false, rules);
        let prefix = prefix.map(text).transpose()?;
        if account.text.is_empty() && rules.refuses(Rule::MissingLabel) {
            let problem = Problem::Refused(Rule::MissingLabel);
            return Err(Error::new(Part::Label, problem, account.start));
        }
        let account = text(account)?;

        let mut parameters = Parameters::of(query);
        parameters.gather(rules)?;
        let (secret, shape) = parameters.secret(rules)?;
        let issuer = parameters.issuer(prefix, rules)?;
        let (kind, algorithm) = if parameters.is_for_steam(is_hotp)? || is_steam {
            (Kind::Steam, Algorithm::Sha1)
        } else {
            let (algorithm, digits) = (parameters.algorithm()?, parameters.digits()?);
            let kind = if is_hotp {
                Kind::Hotp { digits, counter: parameters.counter(rules)? }
            } else {
                Kind::Totp { digits, period: parameters.period()? }
            };
            (kind, algorithm)
        };
        Ok(Self { kind, issuer, account, algorithm, secret, shape, query })
    }

    /// Returns the kind of codes, with the parameters of that kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the issuer of the key. It is never an empty text.
    #[must_use]
    pub const fn issuer(&self) -> Option<Text<'a>> {
        self.issuer
    }

    /// Returns the account. It may be empty.
    #[must_use]
    pub const fn account(&self) -> Text<'a> {
        self.account
    }

    /// Returns the hash function that HMAC uses. [`Algorithm::is_built_in`] tells whether this
    /// build has it.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the length of the shared secret in bytes, at least 1.
    #[must_use]
    pub const fn secret_len(&self) -> usize {
        self.shape.bytes
    }

    /// Decodes the shared secret, 16 to [`Secret::MAX_LEN`] bytes.
    ///
    /// # Errors
    /// - [`SecretError::Short`] if it has less than 128 bits (RFC 4226 section 4, R6). To accept
    ///   it, call [`secret_allow_short`](Self::secret_allow_short).
    /// - [`SecretError::Long`] if it has more than [`Secret::MAX_LEN`] bytes. Then
    ///   [`decode_secret`] and [`KeySchedule::from_raw_key`] work.
    /// - [`SecretError::Zero`] if it is all zero bytes.
    ///
    /// [`decode_secret`]: Self::decode_secret
    /// [`KeySchedule::from_raw_key`]: crate::KeySchedule::from_raw_key
    pub fn secret(&self) -> Result<Secret, SecretError> {
        Secret::decode_with(Secret::MIN_BITS, |buffer| Ok(self.decode(buffer)?.bytes))
    }

    /// Decodes the shared secret, 1 to [`Secret::MAX_LEN`] bytes. Use it for keys that another
    /// system has issued too short. It relaxes only the minimum length.
    ///
    /// ```
    /// use otp_core::{SecretError, otpauth::Uri};
    ///
    /// // 80 bits, as in Google's own example.
    /// let uri = Uri::parse("otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP")?;
    /// assert_eq!(uri.secret().unwrap_err(), SecretError::Short);
    /// assert_eq!(uri.secret_allow_short()?.bits(), 80);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SecretError::Long`] or [`SecretError::Zero`], as [`secret`](Self::secret).
    pub fn secret_allow_short(&self) -> Result<Secret, SecretError> {
        Secret::decode_with(0, |buffer| Ok(self.decode(buffer)?.bytes))
    }

    /// Decodes the shared secret of any length into `buffer`, and returns the part that was
    /// written. Unlike [`secret`](Self::secret), it does not check that there are at least 128
    /// bits.
    ///
    /// # Errors
    /// [`BufferTooSmall`] if `buffer` has fewer than [`secret_len`](Self::secret_len) bytes. It is
    /// then wiped.
    pub fn decode_secret<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        // Only space can be missing, because the text was checked.
        let shape = self.decode(buffer).map_err(|_| BufferTooSmall(()))?;
        Ok(buffer.get(..shape.bytes).unwrap_or_default())
    }

    fn decode(&self, buffer: &mut [u8]) -> Result<Shape, Base32Error> {
        let bytes = Decoded::new(self.secret, true).filter_map(Result::ok);
        base32::decode(bytes, buffer).map(|walked| walked.shape)
    }

    /// Returns the unknown parameters, such as `image` or `lock`.
    #[must_use]
    pub const fn unknown(&self) -> UnknownParameters<'a> {
        UnknownParameters(Some(self.query))
    }
}

/// Does not show the secret.
impl fmt::Debug for Uri<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uri")
            .field("kind", &self.kind)
            .field("issuer", &self.issuer)
            .field("account", &self.account)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The unknown parameters of a key URI: name and value as they are in the URI, with their escapes.
/// A parameter without `=` does not have a value.
#[derive(Clone)]
pub struct UnknownParameters<'a>(Option<Span<'a>>);

impl<'a> Iterator for UnknownParameters<'a> {
    type Item = (&'a str, Option<&'a str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, value) = next_parameter(&mut self.0)?;
            if Part::of_parameter(name.text) == Part::Unknown {
                return Some((name.text, value.map(|value| value.text)));
            }
        }
    }
}

impl fmt::Debug for UnknownParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownParameters").finish_non_exhaustive()
    }
}
