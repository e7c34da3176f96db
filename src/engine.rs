//! Makes engines from key URIs and exports, and key URIs from engines.

use core::error::Error;
use core::fmt;

use zeroize::ZeroizeOnDrop;

use crate::algorithm::{Algorithm, AlgorithmError};
use crate::code::Code;
use crate::format::CodeFormat;
use crate::hmac_key::HmacKey;
use crate::hotp::Hotp;
use crate::key_schedule::KeySchedule;
use crate::migration::Entry;
use crate::otpauth::{Kind, Uri, UriBuilder};
use crate::period::Period;
use crate::secret::{Secret, SecretError};
use crate::totp::Totp;

/// The engine for a key URI.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "HOTP and TOTP are all there is")]
pub enum Engine {
    /// Time-based codes, including Steam codes.
    Totp(Totp),
    /// Counter-based codes.
    Hotp {
        /// The engine.
        hotp: Hotp,
        /// The counter of the first unused code, as the URI gives it. Nothing in this crate changes
        /// it.
        ///
        /// A device that shows codes keeps its own counter of the next code. It must store the
        /// incremented counter *before* it shows a code (RFC 4226 section 7.2). Otherwise a power
        /// cut makes it show the same code again, and a verifier that has seen the code treats it
        /// as a replay.
        counter: u64,
    },
}

/// Both variants wipe their key.
impl ZeroizeOnDrop for Engine {}

impl Engine {
    /// Returns the hash function that HMAC uses.
    ///
    /// ```
    /// use otp_core::{Algorithm, CodeFormat, Digits, Period, otpauth::Uri};
    ///
    /// let uri = "otpauth://totp/alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
    /// let engine = Uri::parse(uri)?.engine()?;
    /// assert_eq!(engine.algorithm(), Algorithm::Sha1);
    /// assert_eq!(engine.format(), CodeFormat::Decimal(Digits::Eight));
    /// assert_eq!(engine.period(), Some(Period::DEFAULT));
    /// assert_eq!(engine.code(1).as_str(), "94287082");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.key().algorithm()
    }

    /// Returns the format of the codes.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        match self {
            Self::Totp(totp) => totp.format(),
            Self::Hotp { hotp, .. } => CodeFormat::Decimal(hotp.digits()),
        }
    }

    /// Returns how long a code lasts, or `None` for HOTP. HOTP codes last until they are used.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        match self {
            Self::Totp(totp) => Some(totp.period()),
            Self::Hotp { .. } => None,
        }
    }

    /// Returns the code of a moving factor: a counter (RFC 4226 section 5.3), or a time step as
    /// [`Totp::step_at`] returns it (RFC 6238 section 4.2).
    #[must_use]
    pub fn code(&self, moving_factor: u64) -> Code {
        let Ok(truncated) = self.key().truncated(moving_factor);
        Code::new(truncated, self.format())
    }

    const fn key(&self) -> &KeySchedule {
        match self {
            Self::Totp(totp) => totp.key(),
            Self::Hotp { hotp, .. } => hotp.key(),
        }
    }
}

impl Uri<'_> {
    /// Makes the engine for the URI.
    ///
    /// ```
    /// use otp_core::{Engine, otpauth::Uri};
    ///
    /// let uri = "otpauth://totp/ACME:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";
    /// let Engine::Totp(totp) = Uri::parse(uri)?.engine()? else { panic!("a totp URI") };
    /// assert_eq!(totp.code_at(59)?.to_string(), "94287082");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// - [`EngineError::Secret`] with [`SecretError::Short`] if the shared secret has less than
    ///   128 bits (RFC 4226 section 4, R6). To accept it, call
    ///   [`engine_allow_short`](Self::engine_allow_short).
    /// - [`EngineError::Secret`] with [`SecretError::Long`] if the shared secret has more than
    ///   [`Secret::MAX_LEN`] bytes. Then [`Uri::decode_secret`] and [`KeySchedule::from_raw_key`]
    ///   work.
    /// - [`EngineError::Secret`] with [`SecretError::Zero`] if it is all zero bytes.
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm(), self.kind())
    }

    /// Makes the engine for the URI, also if the shared secret has less than 128 bits. Use it for
    /// keys that another system has issued too short. It relaxes only the length.
    ///
    /// ```
    /// use otp_core::{EngineError, SecretError, otpauth::Uri};
    ///
    /// // 80 bits, as in Google's own example.
    /// let uri = Uri::parse("otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP")?;
    /// assert_eq!(uri.engine().unwrap_err(), EngineError::Secret(SecretError::Short));
    /// assert!(uri.engine_allow_short().is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`engine`](Self::engine), except [`SecretError::Short`].
    pub fn engine_allow_short(&self) -> Result<Engine, EngineError> {
        engine(&self.secret_allow_short(), self.algorithm(), self.kind())
    }
}

impl Entry<'_> {
    /// Makes the engine for the entry.
    ///
    /// # Errors
    /// - [`EngineError::Secret`] with [`SecretError::Short`] if the shared secret has less than
    ///   128 bits (RFC 4226 section 4, R6). To accept it, call
    ///   [`engine_allow_short`](Self::engine_allow_short).
    /// - [`EngineError::Secret`] with [`SecretError::Long`] if the shared secret has more than
    ///   [`Secret::MAX_LEN`] bytes. Then [`expose_secret_bytes`](Self::expose_secret_bytes) and
    ///   [`KeySchedule::from_raw_key`] work.
    /// - [`EngineError::Secret`] with [`SecretError::Zero`] if it is all zero bytes.
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm(), self.kind())
    }

    /// Makes the engine for the entry, also if the shared secret has less than 128 bits. Use it for
    /// keys that another system has issued too short. It relaxes only the length.
    ///
    /// # Errors
    /// The errors of [`engine`](Self::engine), except [`SecretError::Short`].
    pub fn engine_allow_short(&self) -> Result<Engine, EngineError> {
        engine(&self.secret_allow_short(), self.algorithm(), self.kind())
    }

    fn kind(&self) -> Kind {
        let digits = self.digits();
        match self.counter() {
            Some(counter) => Kind::Hotp { digits, counter },
            None => Kind::Totp { digits, period: Period::DEFAULT },
        }
    }
}

/// Takes the secret by reference, because a move leaves a copy.
pub(crate) fn engine(
    secret: &Result<Secret, SecretError>,
    algorithm: Algorithm,
    kind: Kind,
) -> Result<Engine, EngineError> {
    let key = match secret {
        Ok(secret) => secret.expose_bytes(),
        Err(error) => return Err(EngineError::Secret(*error)),
    };
    let (format, period) = match kind {
        Kind::Totp { digits, period } => (digits.into(), period),
        Kind::Steam => (CodeFormat::Steam, Period::DEFAULT),
        Kind::Hotp { digits, counter } => {
            let wrap =
                |key| Engine::Hotp { hotp: Hotp::from_key(key).with_digits(digits), counter };
            return KeySchedule::wrapped(algorithm, key, wrap, EngineError::Algorithm);
        }
    };
    let wrap = |key| Engine::Totp(Totp::from_key(key).with_format(format).with_period(period));
    KeySchedule::wrapped(algorithm, key, wrap, EngineError::Algorithm)
}

impl Totp {
    /// Returns the key URI of this engine. Add an issuer and an account to it.
    ///
    /// The engine does not keep the shared secret. Pass the secret that the engine was made from.
    ///
    /// # Errors
    /// [`EngineError::T0`] if T0 is not 0, because key URIs cannot express it.
    pub fn key_uri<'a>(&self, secret: &'a Secret) -> Result<UriBuilder<'a>, EngineError> {
        if self.t0() != 0 {
            return Err(EngineError::T0);
        }
        let kind = match self.format() {
            CodeFormat::Decimal(digits) => Kind::Totp { digits, period: self.period() },
            CodeFormat::Steam => Kind::Steam,
        };
        Ok(UriBuilder::new(secret, kind).with_algorithm(self.key().algorithm()))
    }
}

impl Hotp {
    /// Returns the key URI of this engine, starting at `counter`. Add an issuer and an account to
    /// it.
    ///
    /// The engine does not keep the shared secret. Pass the secret that the engine was made from.
    ///
    /// ```
    /// use otp_core::{Hotp, Secret};
    ///
    /// let secret = Secret::from_bytes(b"12345678901234567890")?;
    /// let uri = Hotp::new(&secret).key_uri(&secret, 7).with_account("door")?;
    /// assert_eq!(
    ///     uri.to_string(),
    ///     "otpauth://hotp/door?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
    ///      &algorithm=SHA1&digits=6&counter=7",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key_uri<'a>(&self, secret: &'a Secret, counter: u64) -> UriBuilder<'a> {
        let kind = Kind::Hotp { digits: self.digits(), counter };
        UriBuilder::new(secret, kind).with_algorithm(self.key().algorithm())
    }
}

/// The reason why a key URI has no engine, or an engine has no key URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// The shared secret is too short or too long.
    Secret(SecretError),
    /// The algorithm is not built in.
    Algorithm(AlgorithmError),
    /// T0 is not 0, and a key URI cannot express it.
    T0,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(error) => error.fmt(f),
            Self::Algorithm(error) => error.fmt(f),
            Self::T0 => f.write_str("a key URI cannot express a T0 other than 0"),
        }
    }
}

/// `Display` already shows the inner error, so there is no source.
impl Error for EngineError {}
