//! From a key URI or an export to the engine it is for, and back.

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

/// The engine that a key URI is for.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "HOTP and TOTP are all there is")]
pub enum Engine {
    /// Time-based codes, Steam's among them.
    Totp(Totp),
    /// Counter-based codes.
    Hotp {
        /// The engine.
        hotp: Hotp,
        /// The counter of the first code that has not been used, as the URI tells it. Nothing here
        /// changes it. A device that shows codes keeps the counter of the next one itself, and
        /// stores the one after it *before* it shows a code (RFC 4226 section 7.2): otherwise a
        /// power cut lets it show the same code again, which a verifier that has seen it takes for
        /// a replay.
        counter: u64,
    },
}

/// Both kinds wipe their key.
impl ZeroizeOnDrop for Engine {}

impl Engine {
    /// The hash below HMAC.
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

    /// How codes look.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        match self {
            Self::Totp(totp) => totp.format(),
            Self::Hotp { hotp, .. } => CodeFormat::Decimal(hotp.digits()),
        }
    }

    /// How long a code lasts. `None` for HOTP, whose codes last until they are used.
    #[must_use]
    pub const fn period(&self) -> Option<Period> {
        match self {
            Self::Totp(totp) => Some(totp.period()),
            Self::Hotp { .. } => None,
        }
    }

    /// The code of a moving factor: a counter (RFC 4226 section 5.3), or a time step as
    /// [`Totp::step_at`] tells it (RFC 6238 section 4.2).
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
    /// Makes the engine that the URI is for.
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
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm(), self.kind())
    }

    /// Makes the engine that the URI is for, also of a shared secret under 128 bits: for keys that
    /// another system has issued too short. It relaxes the length and nothing else.
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
    /// As [`engine`](Self::engine), but never [`SecretError::Short`].
    pub fn engine_allow_short(&self) -> Result<Engine, EngineError> {
        engine(&self.secret_allow_short(), self.algorithm(), self.kind())
    }
}

impl Entry<'_> {
    /// Makes the engine that the entry is for.
    ///
    /// # Errors
    /// - [`EngineError::Secret`] with [`SecretError::Short`] if the shared secret has less than
    ///   128 bits (RFC 4226 section 4, R6). To accept it, call
    ///   [`engine_allow_short`](Self::engine_allow_short).
    /// - [`EngineError::Secret`] with [`SecretError::Long`] if the shared secret has more than
    ///   [`Secret::MAX_LEN`] bytes. Then [`expose_secret_bytes`](Self::expose_secret_bytes) and
    ///   [`KeySchedule::from_raw_key`] work.
    /// - [`EngineError::Algorithm`] if the algorithm is not built in.
    pub fn engine(&self) -> Result<Engine, EngineError> {
        engine(&self.secret(), self.algorithm(), self.kind())
    }

    /// Makes the engine that the entry is for, also of a shared secret under 128 bits: for keys
    /// that another system has issued too short. It relaxes the length and nothing else.
    ///
    /// # Errors
    /// As [`engine`](Self::engine), but never [`SecretError::Short`].
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

/// Takes the secret by reference, as a move leaves a copy.
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
    /// The key URI of this engine, to be given an issuer and an account. The engine does not keep
    /// the shared secret, so it has to be the one that it was made of.
    ///
    /// # Errors
    /// [`EngineError::T0`] if T0 is not 0: key URIs cannot tell it.
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
    /// The key URI of this engine from `counter` on, to be given an issuer and an account. The
    /// engine does not keep the shared secret, so it has to be the one that it was made of.
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

/// Why a key URI has no engine, or an engine no key URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// The shared secret is too short or too long.
    Secret(SecretError),
    /// The algorithm is not built in.
    Algorithm(AlgorithmError),
    /// T0 is not 0, and a key URI cannot tell it.
    T0,
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(error) => error.fmt(f),
            Self::Algorithm(error) => error.fmt(f),
            Self::T0 => f.write_str("a key URI cannot tell a T0 other than 0"),
        }
    }
}

/// `Display` tells all of it, so there is no source.
impl Error for EngineError {}
