//! TOTP: the time step is the moving factor (RFC 6238).

use core::convert::{Infallible, identity};
use core::error::Error;
use core::fmt;

use zeroize::ZeroizeOnDrop;

use crate::algorithm::{Algorithm, AlgorithmError};
use crate::code::Code;
use crate::digits::Digits;
use crate::format::CodeFormat;
use crate::hmac_key::HmacKey;
use crate::key_schedule::KeySchedule;
use crate::period::{BeforeT0, Period};
use crate::scan::{VerifyError, highest_match};
use crate::secret::Secret;
use crate::submitted::SubmittedCode;
use crate::window::Window;

/// A TOTP generator and stateless verifier (RFC 6238). The defaults are HMAC-SHA-1, 6 digits, 30
/// seconds and T0 = 0. Every authenticator app supports these.
///
/// Times are whole seconds since the Unix epoch, as `u64`. The caller always passes the time,
/// because the crate does not read a clock.
///
/// The engine does not store any state. So the same code verifies as often as it is submitted, as
/// long as its window is open. RFC 6238 section 5.2 forbids accepting a code twice: for a login,
/// use [`Verifier::attempt`](crate::verifier::Verifier::attempt).
///
/// ```
/// use otp_core::{Secret, Totp, Window};
///
/// let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// let now = 59;
/// assert_eq!(totp.code_at(now)?.to_string(), "287082");
/// assert_eq!(totp.seconds_remaining_at(now)?, 1);
///
/// // The code arrives 30 seconds later, one step behind the clock of the verifier.
/// let hit = totp.verify_at("287 082", now + 30, Window::DEFAULT)?;
/// assert_eq!((hit.step(), hit.drift()), (1, -1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The engine holds the key schedule, but not a copy of the secret. It is wiped when it is dropped.
/// [`KeySchedule`] says what else is wiped. Making an engine leaves nothing on the stack. A move of
/// the engine may leave a copy of the key schedule, and each `with_` method is a move.
///
/// `M` is the place that computes HMAC: see [`HmacKey`]. Most programs never name it.
#[doc(alias("2fa", "google authenticator", "mfa"))]
pub struct Totp<M = KeySchedule> {
    key: M,
    format: CodeFormat,
    period: Period,
    t0: u64,
}

impl Totp {
    /// Makes an engine with HMAC-SHA-1, 6 digits, 30 seconds and T0 = 0. Every app supports these.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        KeySchedule::wrapped_sha1(secret.expose_bytes(), Self::from_key)
    }

    /// Makes an engine with another algorithm, 6 digits, 30 seconds and T0 = 0.
    ///
    /// # Errors
    /// [`AlgorithmError::NotBuiltIn`] for SHA-256 and SHA-512 without the feature `sha2`.
    pub fn for_algorithm(algorithm: Algorithm, secret: &Secret) -> Result<Self, AlgorithmError> {
        KeySchedule::wrapped(algorithm, secret.expose_bytes(), Self::from_key, identity)
    }

    /// Makes an engine for Steam codes: five symbols every 30 seconds, with HMAC-SHA-1.
    ///
    /// ```
    /// use otp_core::{Secret, Totp, Window};
    ///
    /// let steam = Totp::steam(&Secret::from_bytes(b"12345678901234567890")?);
    /// assert_eq!(steam.code_at(59)?.to_string(), "PV9M4");
    /// assert!(steam.verify_at("pv9m4", 59, Window::DEFAULT).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn steam(secret: &Secret) -> Self {
        KeySchedule::wrapped_sha1(secret.expose_bytes(), |key| {
            Self::from_key(key).with_format(CodeFormat::Steam)
        })
    }
}

impl<M> Totp<M> {
    /// Makes an engine that computes HMAC with `key`, with 6 digits, 30 seconds and T0 = 0.
    #[must_use]
    pub const fn from_key(key: M) -> Self {
        Self { key, format: CodeFormat::Decimal(Digits::Six), period: Period::DEFAULT, t0: 0 }
    }

    /// Sets the number of digits.
    #[must_use]
    pub fn with_digits(self, digits: Digits) -> Self {
        self.with_format(digits.into())
    }

    /// Sets the format of codes: a number of digits, or Steam's symbols.
    #[must_use]
    pub fn with_format(mut self, format: CodeFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the period, the time step X of RFC 6238 section 4.1.
    #[must_use]
    pub fn with_period(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// Sets T0, the Unix time in seconds at which step 0 begins (RFC 6238 section 4.1).
    #[must_use]
    pub fn with_t0(mut self, t0: u64) -> Self {
        self.t0 = t0;
        self
    }

    /// Returns the format of codes.
    #[must_use]
    pub const fn format(&self) -> CodeFormat {
        self.format
    }

    /// Returns the period.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// Returns T0, in seconds of Unix time.
    #[must_use]
    pub const fn t0(&self) -> u64 {
        self.t0
    }

    /// Returns the key, which computes HMAC.
    #[must_use]
    pub const fn key(&self) -> &M {
        &self.key
    }

    /// Returns the time step at `now`: floor((now − T0) / period), as in RFC 6238 section 4.2.
    ///
    /// # Errors
    /// [`BeforeT0`] if `now` is before T0.
    pub fn step_at(&self, now: u64) -> Result<u64, BeforeT0> {
        self.period.step_at(self.t0, now)
    }

    /// Returns the seconds from `now` until the code changes: 1 to the period (RFC 6238 section
    /// 4.2).
    ///
    /// # Errors
    /// [`BeforeT0`] if `now` is before T0.
    #[doc(alias("ttl"))]
    pub fn seconds_remaining_at(&self, now: u64) -> Result<u64, BeforeT0> {
        self.period.remaining_at(self.t0, now)
    }
}

/// Only the key is secret here.
impl<M: ZeroizeOnDrop> ZeroizeOnDrop for Totp<M> {}

impl<M: HmacKey> Totp<M> {
    /// Returns the code at `now`, in seconds of Unix time (RFC 6238 section 4.2).
    ///
    /// # Errors
    /// [`CodeError::BeforeT0`] if `now` is before T0, [`CodeError::Key`] if the computation of HMAC
    /// failed.
    #[doc(alias("at", "generate", "get_totp_token"))]
    pub fn code_at(&self, now: u64) -> Result<Code, CodeError<M::Error>> {
        let step = self.step_at(now)?;
        let truncated = self.key.truncated(step).map_err(CodeError::Key)?;
        Ok(Code::new(truncated, self.format))
    }

    /// Checks a typed code against the steps of `window` around the step at `now`, in seconds of
    /// Unix time (RFC 6238 section 5.2).
    ///
    /// The window is limited to steps 0 to `u64::MAX`. The time depends only on `window` and `now`.
    /// If several steps have the code, the highest one is the match.
    ///
    /// This method does not store anything, so it accepts the same code again, and it accepts any
    /// period. For a login use [`Verifier::attempt`](crate::verifier::Verifier::attempt).
    ///
    /// # Errors
    /// - [`VerifyError::Rejected`] if no step of the window has this code.
    /// - [`VerifyError::Malformed`] if the text cannot be a code (see [`SubmittedCode`]).
    /// - [`VerifyError::BeforeT0`] if `now` is before T0.
    /// - [`VerifyError::Key`] if the computation of HMAC failed.
    #[doc(alias("check", "is_valid", "validate", "verify_totp"))]
    pub fn verify_at(
        &self,
        code: &str,
        now: u64,
        window: Window,
    ) -> Result<TotpMatch, VerifyError<M::Error>> {
        self.verify_submitted_at(&SubmittedCode::parse(code, self.format)?, now, window)
    }

    /// Checks like [`verify_at`](Self::verify_at), but takes a code that is already parsed.
    ///
    /// # Errors
    /// The errors of [`verify_at`](Self::verify_at). [`VerifyError::Malformed`] also if the format
    /// differs from the engine's.
    pub fn verify_submitted_at(
        &self,
        code: &SubmittedCode,
        now: u64,
        window: Window,
    ) -> Result<TotpMatch, VerifyError<M::Error>> {
        let current = self.step_at(now)?;
        let step = highest_match(&self.key, window.around(current), self.format, code)?;
        Ok(TotpMatch { step, current })
    }
}

/// Shows the parameters, but nothing of the key.
impl<M> fmt::Debug for Totp<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp")
            .field("format", &self.format)
            .field("period", &self.period)
            .field("t0", &self.t0)
            .finish_non_exhaustive()
    }
}

/// The time step of the submitted code (RFC 6238 section 5.2).
///
/// Store [`step`](Self::step) before you let anybody in, so that only one of two requests with the
/// same code succeeds. Then accept only higher steps. Until it is stored, the code can be used
/// again. [`Verifier::attempt`](crate::verifier::Verifier::attempt) does all of this.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "store the step, or the code can be used again"]
pub struct TotpMatch {
    step: u64,
    current: u64,
}

impl TotpMatch {
    /// Returns the step that matched.
    #[must_use]
    pub const fn step(&self) -> u64 {
        self.step
    }

    /// Returns the drift of the client's clock: the matching step minus the current step. It is
    /// negative if the client is behind (RFC 6238 section 6), and at most
    /// [`Window::MAX`](crate::Window::MAX) either way.
    #[must_use]
    pub const fn drift(&self) -> i64 {
        // Both are within one window, so the difference is small.
        self.step.wrapping_sub(self.current).cast_signed()
    }
}

/// The reason why there is no code for a time (RFC 6238 section 4.2).
///
/// `E` is the error of the HMAC computation, [`HmacKey::Error`]. If the crate itself computes HMAC,
/// nothing can fail there, and the type is just `CodeError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeError<E = Infallible> {
    /// The time is before T0.
    BeforeT0,
    /// HMAC could not be computed.
    Key(E),
}

impl<E> From<BeforeT0> for CodeError<E> {
    fn from(_: BeforeT0) -> Self {
        Self::BeforeT0
    }
}

impl<E> fmt::Display for CodeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeT0 => BeforeT0(()).fmt(f),
            Self::Key(_) => f.write_str("HMAC could not be computed"),
        }
    }
}

impl<E: Error + 'static> Error for CodeError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::BeforeT0 => None,
            Self::Key(error) => Some(error),
        }
    }
}
