//! Argon2id (RFC 9106), for codes of any length.

use core::fmt;

use zeroize::{Zeroizing, optimization_barrier};

use super::error::{CostError, InputError};
use super::hash::{Cost, HASH_LEN, Hash, Message, SALT_LEN};
use super::length::Length;
use super::pepper::Pepper;
use crate::constant::compiled;

/// A block of 1 KiB of memory for [`Argon2id`]. [`Argon2id::memory`] says how many it needs.
pub use ::argon2::Block as Argon2Block;

/// Argon2id version 19 with the pepper as its secret (RFC 9106), for codes of any length. Its keys
/// are [`Argon2Keys`].
///
/// The minimum cost follows OWASP's Password Storage Cheat Sheet, which rates these as equal:
///
/// - 46 MiB with 1 pass;
/// - 19 MiB with 2;
/// - 12 MiB with 3;
/// - 9 MiB with 4;
/// - 7 MiB with 5 or more.
///
/// ```
/// use otp_core::recovery::{Argon2id, CostError};
///
/// let hash = Argon2id::new(19_456, 2, 1)?;
/// assert_eq!(hash, Argon2id::DEFAULT);
/// assert_eq!(Argon2id::new(19_455, 2, 1), Err(CostError::Low));
/// # Ok::<(), CostError>(())
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

    /// The most memory in KiB, a limit of this crate: 4,194,304 (4 GiB).
    pub const MAX_MEMORY: u32 = 1 << 22;

    /// The most passes, a limit of this crate.
    pub const MAX_PASSES: u32 = 100;

    /// The most lanes, a limit of this crate.
    pub const MAX_LANES: u32 = 16;

    /// Takes the memory in KiB, 7,168 to [`Argon2id::MAX_MEMORY`], the number of passes over it, 1
    /// to [`Argon2id::MAX_PASSES`], and the number of lanes, 1 to [`Argon2id::MAX_LANES`] (RFC 9106
    /// section 3.1).
    ///
    /// # Errors
    /// [`CostError::Low`] below the minimum cost, [`CostError::High`] above a limit.
    pub const fn new(memory: u32, passes: u32, lanes: u32) -> Result<Self, CostError> {
        let floor = match passes {
            0 => return Err(CostError::Low),
            1 => 47_104,
            2 => 19_456,
            3 => 12_288,
            4 => 9_216,
            _ => 7_168,
        };
        if memory < floor || lanes == 0 {
            return Err(CostError::Low);
        }
        if memory > Self::MAX_MEMORY || passes > Self::MAX_PASSES || lanes > Self::MAX_LANES {
            return Err(CostError::High);
        }
        Ok(Self { memory, passes, lanes })
    }

    /// Makes the same value as [`Argon2id::new`], for numbers in the source code. Numbers out of
    /// range do not compile.
    ///
    /// ```
    /// use otp_core::recovery::Argon2id;
    ///
    /// const HASH: Argon2id = Argon2id::of::<47_104, 1, 1>();
    /// assert_eq!(Argon2id::new(47_104, 1, 1), Ok(HASH));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// use otp_core::recovery::Argon2id;
    ///
    /// // "the cost of the password hash is below the floor"
    /// const HASH: Argon2id = Argon2id::of::<19_455, 2, 1>();
    /// # let _ = HASH;
    /// ```
    #[must_use]
    pub const fn of<const MEMORY: u32, const PASSES: u32, const LANES: u32>() -> Self {
        compiled!(Self::new(MEMORY, PASSES, LANES))
    }

    /// Returns the memory in KiB. Provide this number of [`Argon2Block`]s.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// Returns the number of passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Returns the number of lanes. They are computed one after the other.
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

/// The pepper and the memory that [`Argon2id`] needs for each call. The memory is wiped after each
/// hash.
pub struct Argon2Keys<'a> {
    pepper: &'a Pepper,
    memory: &'a mut [Argon2Block],
}

impl<'a> Argon2Keys<'a> {
    /// Takes at least [`Argon2id::memory`] blocks. Their content does not matter.
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

impl Hash for Argon2id {
    type Keys<'k> = Argon2Keys<'k>;

    const ID: u8 = 2;
    const MIN_SYMBOLS: u8 = Length::MIN;
    const NAME: &'static str = "argon2id";
    const VERSION: Option<u32> = Some(19);
    const PARAMETERS: &'static [&'static str] = &["m", "t", "p"];

    fn cost(&self) -> Cost {
        [self.memory, self.passes, self.lanes]
    }

    fn from_cost([memory, passes, lanes]: Cost) -> Result<Self, CostError> {
        Self::new(memory, passes, lanes)
    }

    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper {
        keys.pepper
    }

    fn hash(
        &self,
        keys: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message<'_>,
    ) -> Result<[u8; HASH_LEN], InputError> {
        use ::argon2::{Algorithm, Argon2, Params, Version};

        if u32::try_from(keys.memory.len()).is_ok_and(|blocks| blocks < self.memory) {
            return Err(InputError::Memory { blocks: self.memory });
        }
        // Argon2 takes the password in one piece.
        let mut password = Zeroizing::new([0; Message::MAX_LEN]);
        let mut len = 0_usize;
        for (place, byte) in password.iter_mut().zip(message.parts().into_iter().flatten()) {
            *place = *byte;
            len = len.saturating_add(1);
        }
        let password = password.get(..len).unwrap_or_default();
        let mut hash = [0; HASH_LEN];
        let hashed = Params::new(self.memory, self.passes, self.lanes, Some(HASH_LEN))
            .and_then(|params| {
                let pepper = keys.pepper.bytes();
                Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params)
            })
            .and_then(|argon2| {
                let memory = &mut *keys.memory;
                argon2.hash_password_into_with_memory(password, salt, &mut hash, memory)
            });
        keys.memory.fill(Argon2Block::new());
        optimization_barrier(&*keys.memory);
        hashed.map(|()| hash).map_err(|_| InputError::Hash)
    }
}
