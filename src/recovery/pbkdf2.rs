//! PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), for codes of any length.

use zeroize::Zeroizing;

use crate::error::{RecoveryCostError, RecoveryInputError};

use super::hash::{Cost, HASH_LEN, HmacSha256, Message, SALT_LEN, Scheme, hmac};
use super::length::RecoveryLength;
use super::pepper::Pepper;

/// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), for codes of any length. Its lengths are
/// [`RecoveryLength`], its key is a `&`[`Pepper`].
///
/// PBKDF2 has no place for a pepper, so its password is the 32 bytes of HMAC-SHA-256 under the
/// pepper of what [`Keyed`](crate::Keyed) would store HMAC of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pbkdf2 {
    iterations: u32,
}

impl Pbkdf2 {
    /// The fewest iterations: 600,000, as OWASP's Password Storage Cheat Sheet advises.
    pub const MIN_ITERATIONS: u32 = 600_000;

    /// The most iterations, a bound of this crate: 10,000,000.
    pub const MAX_ITERATIONS: u32 = 10_000_000;

    /// [`Pbkdf2::MIN_ITERATIONS`].
    pub const DEFAULT: Self = Self { iterations: Self::MIN_ITERATIONS };

    /// Takes [`Pbkdf2::MIN_ITERATIONS`] to [`Pbkdf2::MAX_ITERATIONS`].
    ///
    /// # Errors
    /// [`RecoveryCostError`] for other numbers.
    pub const fn new(iterations: u32) -> Result<Self, RecoveryCostError> {
        if iterations < Self::MIN_ITERATIONS {
            return Err(RecoveryCostError::Low);
        }
        if iterations > Self::MAX_ITERATIONS {
            return Err(RecoveryCostError::High);
        }
        Ok(Self { iterations })
    }

    /// The number of iterations.
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

impl Scheme for Pbkdf2 {
    const ID: u8 = 3;

    type Length = RecoveryLength;
    type Keys<'k> = &'k Pepper;

    fn cost(&self) -> Cost {
        [self.iterations, 0, 0]
    }

    fn from_cost(cost: Cost) -> Result<Self, RecoveryCostError> {
        match cost {
            [iterations, 0, 0] => Self::new(iterations),
            _ => Err(RecoveryCostError::High),
        }
    }

    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper {
        keys
    }

    fn check(&self, _: &Self::Keys<'_>) -> Result<(), RecoveryInputError> {
        Ok(())
    }

    fn hash(
        &self,
        pepper: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message,
    ) -> [u8; HASH_LEN] {
        let password = Zeroizing::new(hmac(pepper, message));
        // HMAC takes a key of any length. An error would leave zeros, which a set takes for no hash.
        ::pbkdf2::pbkdf2_array::<HmacSha256, HASH_LEN>(&*password, salt, self.iterations)
            .unwrap_or_default()
    }
}
