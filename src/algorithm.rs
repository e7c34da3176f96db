//! The hash function that HMAC uses.

use core::error::Error;
use core::fmt;
use core::str::FromStr;

/// The hash function that HMAC is built on (RFC 6238 section 1.2).
///
/// [`Algorithm::Sha1`] is the default, because almost every authenticator app supports only SHA-1.
/// Some apps read `SHA256` and silently use SHA-1. The known attacks on SHA-1 are collisions, and
/// collisions do not affect HMAC (RFC 4226 appendix B.2, RFC 6194 section 3.3).
///
/// All three names exist in every build. [`is_built_in`](Self::is_built_in) tells whether this
/// build can compute one: SHA-256 and SHA-512 need the feature `sha2`.
///
/// ```
/// use otp_core::{Algorithm, AlgorithmError};
///
/// assert_eq!("sha1".parse(), Ok(Algorithm::Sha1));
/// assert_eq!("MD5".parse::<Algorithm>(), Err(AlgorithmError::Unknown));
/// ```
#[doc(alias("digest"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6238 names these three")]
pub enum Algorithm {
    /// HMAC-SHA-1, the only hash of RFC 4226.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl Algorithm {
    /// Returns the length of the hash in bytes: 20, 32 or 64.
    ///
    /// RFC 6238 section 5.1 recommends a shared secret of this length.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// Returns the name as key URIs spell it: `SHA1`, `SHA256` or `SHA512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// Returns whether this build can compute HMAC with this hash. SHA-1 is always built in. The
    /// others need the feature `sha2`.
    #[must_use]
    pub const fn is_built_in(self) -> bool {
        matches!(self, Self::Sha1) || cfg!(feature = "sha2")
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads `SHA1`, `SHA256` or `SHA512` in upper or lower case. Any other name is an error, so a
/// misspelt name never becomes the default.
///
/// # Errors
/// [`AlgorithmError::Unknown`] for every other text, such as `MD5`, `SHA-1` or an empty text.
impl FromStr for Algorithm {
    type Err = AlgorithmError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
            .ok_or(AlgorithmError::Unknown)
    }
}

/// The error for a name that is not an [`Algorithm`], or for an algorithm that this build lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlgorithmError {
    /// The name is not `SHA1`, `SHA256` or `SHA512` in any case (RFC 6238 section 1.2).
    Unknown,
    /// The algorithm is known, but this build does not include it: it needs the feature `sha2`.
    NotBuiltIn,
}

impl fmt::Display for AlgorithmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "unknown algorithm, expected SHA1, SHA256 or SHA512",
            Self::NotBuiltIn => "algorithm not built in, it needs the feature `sha2`",
        })
    }
}

impl Error for AlgorithmError {}
