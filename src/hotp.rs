//! HOTP: the counter is the moving factor (RFC 4226).

use core::convert::{Infallible, identity};
use core::fmt;

use zeroize::ZeroizeOnDrop;

use crate::algorithm::{Algorithm, AlgorithmError};
use crate::code::Code;
use crate::digits::Digits;
use crate::hmac_key::HmacKey;
use crate::key_schedule::KeySchedule;
use crate::scan::{VerifyError, highest_match};
use crate::secret::Secret;
use crate::submitted::SubmittedCode;
use crate::window::LookAhead;

/// An HOTP generator and stateless verifier (RFC 4226). The defaults are HMAC-SHA-1 and 6 digits.
///
/// It holds the key, but not a counter. After a match, store [`HotpMatch::next`] and pass it the
/// next time. After a rejection, do not change the stored counter (RFC 4226 section 7.2).
///
/// ```
/// use otp_core::{Hotp, LookAhead, Secret};
///
/// let hotp = Hotp::new(&Secret::from_bytes(b"12345678901234567890")?);
/// assert_eq!(hotp.code(0).to_string(), "755224");
///
/// // The server expects counter 0; the token is two presses ahead.
/// let hit = hotp.verify("359 152", 0, LookAhead::new(3)?)?;
/// assert_eq!((hit.counter(), hit.next()), (2, Some(3)));
/// // The same code again, now that the stored counter is 3: HOTP never looks back.
/// assert!(hotp.verify("359 152", 3, LookAhead::DEFAULT).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The engine holds the key schedule, but not a copy of the secret. It is wiped when it is dropped.
/// [`KeySchedule`] says what else is wiped. Making an engine leaves nothing on the stack. A move of
/// the engine may leave a copy of the key schedule, and each `with_` method is a move.
///
/// `M` is the place that computes HMAC: see [`HmacKey`]. Most programs never name it.
pub struct Hotp<M = KeySchedule> {
    key: M,
    digits: Digits,
}

impl Hotp {
    /// Makes an engine with HMAC-SHA-1 and 6 digits. RFC 4226 defines these, and every token
    /// supports them.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        KeySchedule::wrapped_sha1(secret.expose_bytes(), Self::from_key)
    }

    /// Makes an engine with another algorithm, and 6 digits.
    ///
    /// # Errors
    /// [`AlgorithmError::NotBuiltIn`] for SHA-256 and SHA-512 without the feature `sha2`.
    pub fn for_algorithm(algorithm: Algorithm, secret: &Secret) -> Result<Self, AlgorithmError> {
        KeySchedule::wrapped(algorithm, secret.expose_bytes(), Self::from_key, identity)
    }
}

impl<M> Hotp<M> {
    /// Makes an engine with 6 digits that computes HMAC with `key`.
    #[must_use]
    pub const fn from_key(key: M) -> Self {
        Self { key, digits: Digits::Six }
    }

    /// Sets the number of digits.
    #[must_use]
    pub fn with_digits(mut self, digits: Digits) -> Self {
        self.digits = digits;
        self
    }

    /// Returns the number of digits.
    #[must_use]
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Returns the key, which computes HMAC.
    #[must_use]
    pub const fn key(&self) -> &M {
        &self.key
    }
}

impl<M: HmacKey<Error = Infallible>> Hotp<M> {
    /// Returns the code of a counter (RFC 4226 section 5.3), for every `u64`.
    #[doc(alias("generate"))]
    #[must_use]
    pub fn code(&self, counter: u64) -> Code {
        let Ok(code) = self.try_code(counter);
        code
    }
}

/// Only the key is secret here.
impl<M: ZeroizeOnDrop> ZeroizeOnDrop for Hotp<M> {}

impl<M: HmacKey> Hotp<M> {
    /// Returns the code of a counter, if the computation of HMAC can fail.
    ///
    /// # Errors
    /// The error of the [`HmacKey`].
    pub fn try_code(&self, counter: u64) -> Result<Code, M::Error> {
        Ok(Code::new(self.key.truncated(counter)?, self.digits.into()))
    }

    /// Checks a typed code against `counter`, the lowest unused counter, and the next `look_ahead`
    /// counters (RFC 4226 section 7.2).
    ///
    /// It never looks back, and stops at `u64::MAX`. The time depends only on `look_ahead`. If
    /// several counters have the code, the highest one is the match.
    ///
    /// # Errors
    /// - [`VerifyError::Rejected`] if none of the counters has this code.
    /// - [`VerifyError::Malformed`] if the text cannot be a code (see [`SubmittedCode`]).
    /// - [`VerifyError::Key`] if the computation of HMAC failed.
    ///
    /// In each case, do not change the stored counter.
    #[doc(alias("check"))]
    pub fn verify(
        &self,
        code: &str,
        counter: u64,
        look_ahead: LookAhead,
    ) -> Result<HotpMatch, VerifyError<M::Error>> {
        self.verify_submitted(&SubmittedCode::parse(code, self.digits)?, counter, look_ahead)
    }

    /// Checks like [`verify`](Self::verify), but takes a code that is already parsed.
    ///
    /// # Errors
    /// The errors of [`verify`](Self::verify). [`VerifyError::Malformed`] also if the number of
    /// digits differs from the engine's.
    pub fn verify_submitted(
        &self,
        code: &SubmittedCode,
        counter: u64,
        look_ahead: LookAhead,
    ) -> Result<HotpMatch, VerifyError<M::Error>> {
        let counter =
            highest_match(&self.key, look_ahead.ahead_of(counter), self.digits.into(), code)?;
        Ok(HotpMatch { counter })
    }
}

/// Shows the parameters, but nothing of the key.
impl<M> fmt::Debug for Hotp<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hotp").field("digits", &self.digits).finish_non_exhaustive()
    }
}

/// The counter of the submitted code (RFC 4226 section 7.2).
///
/// Store [`next`](Self::next) before you let anybody in, so that only one of two requests with the
/// same code succeeds. Until it is stored, the code can be used again.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "store the next counter, or the code can be used again"]
pub struct HotpMatch {
    counter: u64,
}

impl HotpMatch {
    /// Returns the counter that matched.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// Returns the lowest counter that is still acceptable: the one after the match (RFC 4226
    /// section 7.2). Returns `None` after `u64::MAX`: the key has no codes left and must be
    /// replaced.
    #[must_use]
    pub const fn next(&self) -> Option<u64> {
        self.counter.checked_add(1)
    }
}
