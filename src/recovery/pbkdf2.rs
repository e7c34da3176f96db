//! PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), for codes of any length.

use zeroize::Zeroizing;

use super::error::{CostError, InputError};
use super::hash::{Cost, HASH_LEN, Hash, HmacSha256, Message, SALT_LEN, hmac};
use super::length::Length;
use super::pepper::Pepper;
use crate::constant::compiled;

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), for codes of any length. Its key is a
/// `&`[`Pepper`].
///
/// PBKDF2 does not take a pepper. So its password is HMAC-SHA-256 of the message with the pepper as
/// the key, 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pbkdf2 {
    iterations: u32,
}

impl Pbkdf2 {
    /// The smallest number of iterations: 600,000, as OWASP's Password Storage Cheat Sheet
    /// recommends.
    pub const MIN_ITERATIONS: u32 = 600_000;

    /// The largest number of iterations, a limit of this crate: 10,000,000.
    pub const MAX_ITERATIONS: u32 = 10_000_000;

    /// [`Pbkdf2::MIN_ITERATIONS`].
    pub const DEFAULT: Self = Self { iterations: Self::MIN_ITERATIONS };

    /// Takes [`Pbkdf2::MIN_ITERATIONS`] to [`Pbkdf2::MAX_ITERATIONS`].
    ///
    /// # Errors
    /// [`CostError`] for any other number.
    pub const fn new(iterations: u32) -> Result<Self, CostError> {
        if iterations < Self::MIN_ITERATIONS {
            return Err(CostError::Low);
        }
        if iterations > Self::MAX_ITERATIONS {
            return Err(CostError::High);
        }
        Ok(Self { iterations })
    }

    /// Makes the same value as [`Pbkdf2::new`], for a number in the source code. A number out of
    /// range does not compile.
    ///
    /// ```compile_fail,E0080
    /// const HASH: otp_core::recovery::Pbkdf2 = otp_core::recovery::Pbkdf2::of::<10_000>();
    /// # let _ = HASH;
    /// ```
    #[must_use]
    pub const fn of<const ITERATIONS: u32>() -> Self {
        compiled!(Self::new(ITERATIONS))
    }

    /// Returns the number of iterations.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        self.iterations
    }
}

impl Default for Pbkdf2 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Hash for Pbkdf2 {
    type Keys<'k> = &'k Pepper;

    const ID: u8 = 3;
    const MIN_SYMBOLS: u8 = Length::MIN;
    const NAME: &'static str = "pbkdf2-sha256";
    const VERSION: Option<u32> = None;
    const PARAMETERS: &'static [&'static str] = &["i"];

    fn cost(&self) -> Cost {
        [self.iterations, 0, 0]
    }

    fn from_cost(cost: Cost) -> Result<Self, CostError> {
        match cost {
            [iterations, 0, 0] => Self::new(iterations),
            _ => Err(CostError::High),
        }
    }

    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper {
        keys
    }

    fn hash(
        &self,
        pepper: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message<'_>,
    ) -> Result<[u8; HASH_LEN], InputError> {
        let password = Zeroizing::new(hmac(pepper, &message.parts())?);
        ::pbkdf2::pbkdf2_array::<HmacSha256, HASH_LEN>(&*password, salt, self.iterations)
            .map_err(|_| InputError::Hash)
    }
}
