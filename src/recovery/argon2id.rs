//! Argon2id (RFC 9106), for codes of any length.

use core::fmt;

use zeroize::optimization_barrier;

use crate::error::{RecoveryCostError, RecoveryInputError};

use super::hash::{Cost, HASH_LEN, Message, SALT_LEN, Scheme};
use super::length::RecoveryLength;
use super::pepper::Pepper;

/// 1 KiB of memory for [`Argon2id`], to be brought in the number that
/// [`Argon2id::memory`] tells.
pub use ::argon2::Block as Argon2Block;

/// Argon2id version 19 with the pepper as its secret (RFC 9106), for codes of any length. Its
/// lengths are [`RecoveryLength`], its keys are [`Argon2Keys`].
///
/// OWASP's Password Storage Cheat Sheet holds these to be equal, and they are the floor: 46 MiB with
/// 1 pass, 19 MiB with 2, 12 MiB with 3, 9 MiB with 4, 7 MiB with 5 or more.
///
/// ```
/// use otp_core::{Argon2id, RecoveryCostError};
///
/// let hash = Argon2id::new(19_456, 2, 1)?;
/// assert_eq!(hash, Argon2id::DEFAULT);
/// assert_eq!(Argon2id::new(19_455, 2, 1), Err(RecoveryCostError::Low));
/// # Ok::<(), RecoveryCostError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2id {
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2id {
    /// 19 MiB, 2 passes, 1 lane.
    pub const DEFAULT: Self = Self { memory: 19_456, passes: 2, lanes: 1 };

    /// The most memory in KiB, a bound of this crate: 4,194,304, which are 4 GiB.
    pub const MAX_MEMORY: u32 = 1 << 22;

    /// The most passes, a bound of this crate.
    pub const MAX_PASSES: u32 = 100;

    /// The most lanes, a bound of this crate.
    pub const MAX_LANES: u32 = 16;

    /// Takes memory in KiB, 7,168 to [`Argon2id::MAX_MEMORY`], passes over it, 1 to
    /// [`Argon2id::MAX_PASSES`], and lanes, 1 to [`Argon2id::MAX_LANES`] (RFC 9106 section 3.1).
    ///
    /// # Errors
    /// [`RecoveryCostError::Low`] below the floor, [`RecoveryCostError::High`] above a bound.
    pub const fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self, RecoveryCostError> {
        let floor = match passes {
            0 => return Err(RecoveryCostError::Low),
            1 => 47_104,
            2 => 19_456,
            3 => 12_288,
            4 => 9_216,
            _ => 7_168,
        };
        if memory < floor || lanes == 0 {
            return Err(RecoveryCostError::Low);
        }
        if memory > Self::MAX_MEMORY || passes > Self::MAX_PASSES || lanes > Self::MAX_LANES {
            return Err(RecoveryCostError::High);
        }
        Ok(Self { memory, passes, lanes })
    }

    /// The memory in KiB, which is the number of [`Argon2Block`]s to bring.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// The passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// The lanes. They are computed one after the other.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

impl Default for Argon2id {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What [`Argon2id`] needs for each call: the pepper, and memory, which is wiped after each hash.
pub struct Argon2Keys<'a> {
    pepper: &'a Pepper,
    memory: &'a mut [Argon2Block],
}

impl<'a> Argon2Keys<'a> {
    /// Takes at least as many blocks as [`Argon2id::memory`] tells, whatever is in them.
    #[must_use]
    pub fn new(pepper: &'a Pepper, memory: &'a mut [Argon2Block]) -> Self {
        Self { pepper, memory }
    }
}

impl fmt::Debug for Argon2Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Argon2Keys").field("pepper", self.pepper).finish_non_exhaustive()
    }
}

impl Scheme for Argon2id {
    const ID: u8 = 2;

    type Length = RecoveryLength;
    type Keys<'k> = Argon2Keys<'k>;

    fn cost(&self) -> Cost {
        [self.memory, self.passes, self.lanes]
    }

    fn from_cost([memory, passes, lanes]: Cost) -> Result<Self, RecoveryCostError> {
        Self::new(memory, passes, lanes)
    }

    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper {
        keys.pepper
    }

    fn check(&self, keys: &Self::Keys<'_>) -> Result<(), RecoveryInputError> {
        let blocks = u32::try_from(keys.memory.len()).unwrap_or(u32::MAX);
        if blocks < self.memory {
            return Err(RecoveryInputError::Memory { blocks: self.memory });
        }
        Ok(())
    }

    fn hash(
        &self,
        keys: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message,
    ) -> [u8; HASH_LEN] {
        use ::argon2::{Algorithm, Argon2, Params, Version};

        let mut hash = [0; HASH_LEN];
        // Checked: the costs lie within its bounds, and the memory suffices. An error would leave
        // zeros, which a set takes for no hash.
        let _ = Params::new(self.memory, self.passes, self.lanes, Some(HASH_LEN))
            .and_then(|params| {
                let pepper = keys.pepper.bytes();
                Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
            })
            .and_then(|argon2| {
                let memory = &mut *keys.memory;
                argon2.hash_password_into_with_memory(message.bytes(), salt, &mut hash, memory)
            });
        keys.memory.fill(Argon2Block::new());
        optimization_barrier(&*keys.memory);
        hash
    }
}
