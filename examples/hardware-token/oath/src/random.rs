//! Random bytes for a board without a generator of them.

use core::fmt;

use otp_core::{Algorithm, AlgorithmError, KeySchedule};
use zeroize::Zeroize;

/// HMAC-SHA-1 of a count, under a seed of the factory. Nobody can predict a value without the seed.
///
/// The count consists of the number of starts, which the token stores, and the number of values
/// since this start. Each token needs its own seed: two tokens with the same seed give the same
/// values. If the stored number is lost, values repeat.
pub struct Random {
    seed: KeySchedule,
    starts: u32,
    values: u32,
}

impl Random {
    /// Takes a seed and the number of this start, which has never been used before.
    ///
    /// # Errors
    /// None: SHA-1 is built in.
    pub fn new(seed: &[u8; 20], starts: u32) -> Result<Self, AlgorithmError> {
        let seed = KeySchedule::from_raw_key(Algorithm::Sha1, seed)?;
        Ok(Self { seed, starts, values: 0 })
    }

    /// Returns the next eight bytes. After 2^32 calls the values repeat, so restart the token
    /// before.
    pub fn bytes(&mut self) -> [u8; 8] {
        let count = u64::from(self.starts) << 32 | u64::from(self.values);
        self.values = self.values.wrapping_add(1);
        let mut hmac = [0; 64];
        let bytes = self.seed.expose_hmac(count, &mut hmac).first_chunk().copied();
        hmac.zeroize();
        bytes.unwrap_or_default()
    }
}

/// Without the seed.
impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Random").field("starts", &self.starts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_value_comes_twice_in_any_start() {
        let mut seen = HashSet::new();
        for starts in 0..50 {
            let mut random = Random::new(&[7; 20], starts).unwrap();
            assert!((0..50).all(|_| seen.insert(random.bytes())));
        }
        let mut other = Random::new(&[8; 20], 0).unwrap();
        assert!(seen.insert(other.bytes()));
    }
}
