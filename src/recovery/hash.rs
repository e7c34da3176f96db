//! The message that is hashed for a code, the hash functions, and the fast one of them.
//!
//! Only this file of the folder uses `hmac` directly, and only this file and `crate::hash` use
//! `sha2` outside `seeds`.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::code::Code;
use super::error::{CostError, InputError};
use super::pepper::Pepper;

/// The length of a hash in bytes.
pub(super) const HASH_LEN: usize = 32;

/// The length of a salt in bytes. NIST SP 800-63B-4 section 3.1.1.2 requires at least 4.
pub(super) const SALT_LEN: usize = 16;

/// The length of a set's check value in bytes.
pub(super) const CHECK_LEN: usize = 4;

/// The longest identity of a user in bytes. Its length is hashed as one byte.
pub(super) const MAX_USER_LEN: usize = 255;

/// The numbers of a hash's cost, as they are stored. An unused number is 0.
pub(super) type Cost = [u32; 3];

pub(super) type HmacSha256 = Hmac<Sha256>;

/// Separates the hashes of this message from all other uses of the pepper.
const DOMAIN: &[u8; 20] = b"otp-core recovery v1";

/// The same for the check value of a set.
pub(super) const CHECK_DOMAIN: &[u8; 17] = b"otp-core check v1";

/// The same for the trace of a used code.
const TRACE_DOMAIN: &[u8; 16] = b"otp-core used v1";

/// The hashed bytes: domain tag, hash function (1 byte), length of the user's identity (1 byte),
/// identity, generation (4 bytes, big-endian), salt (16 bytes), canonical code.
///
/// Each part except the last has a fixed length or a length prefix, so two inputs never make the
/// same message. The slot is not included, so that one hash is enough to compare a guess with all
/// slots.
///
/// It borrows its parts, because a copy of them would take much of a token's stack.
pub struct Message<'a> {
    head: [u8; 2],
    user: &'a [u8],
    generation: [u8; 4],
    salt: &'a [u8; SALT_LEN],
    code: &'a Code,
}

impl<'a> Message<'a> {
    /// The largest total length of all parts, in bytes.
    #[cfg(feature = "argon2")]
    pub(super) const MAX_LEN: usize =
        DOMAIN.len() + 2 + MAX_USER_LEN + 4 + SALT_LEN + super::code::MAX_SYMBOLS;

    pub(super) fn new(
        hash_id: u8,
        user: &'a [u8],
        generation: u32,
        salt: &'a [u8; SALT_LEN],
        code: &'a Code,
    ) -> Result<Self, InputError> {
        let head = [hash_id, user_len(user)?];
        Ok(Self { head, user, generation: generation.to_be_bytes(), salt, code })
    }

    pub(super) fn parts(&self) -> [&[u8]; 6] {
        [DOMAIN, &self.head, self.user, &self.generation, self.salt, self.code.bytes()]
    }
}

/// Shows only the length.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.parts().iter().fold(0_usize, |len, part| len.saturating_add(part.len()));
        f.debug_struct("Message").field("len", &len).finish_non_exhaustive()
    }
}

/// Returns the length of a user's identity. Without an identity, the set of one user would work for
/// every other user.
pub(super) fn user_len(user: &[u8]) -> Result<u8, InputError> {
    match u8::try_from(user.len()) {
        Ok(0) | Err(_) => Err(InputError::User),
        Ok(len) => Ok(len),
    }
}

/// Returns HMAC-SHA-256 with the pepper as the key.
pub(super) fn hmac(pepper: &Pepper, parts: &[&[u8]]) -> Result<[u8; HASH_LEN], InputError> {
    // HMAC takes a key of any length.
    let mut mac = HmacSha256::new_from_slice(pepper.bytes()).map_err(|_| InputError::Hash)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().into())
}

/// Returns the trace of a code, which stays in its slot after the code is used. A trace does not
/// accept any code. It prevents the code from being drawn again.
pub(super) fn trace(pepper: &Pepper, hash: &[u8; HASH_LEN]) -> Result<[u8; HASH_LEN], InputError> {
    hmac(pepper, &[TRACE_DOMAIN, hash])
}

/// The hash function of a [`Set`](super::Set) and its cost: [`Keyed`], and with features `Argon2id`
/// and `Pbkdf2`.
///
/// It is sealed: there are no other implementations, and its hidden items may change at any time.
// `Message` seals it: the type has no public path, so no other crate can implement `hash`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a hash of recovery codes",
    label = "pass `Keyed`, `Argon2id` or `Pbkdf2` of `otp_core::recovery`",
    note = "`Argon2id` needs the feature `argon2` of otp-core, and `Pbkdf2` the feature `pbkdf2`"
)]
pub trait Hash: Copy + fmt::Debug + Eq {
    /// The secrets that the host passes in each call: a `&`[`Pepper`], or for Argon2id the pepper
    /// and memory.
    type Keys<'k>;

    /// The number of the function, in bytes and in the message.
    #[doc(hidden)]
    const ID: u8;
    /// The smallest number of symbols of a code.
    #[doc(hidden)]
    const MIN_SYMBOLS: u8;
    /// The name of the function in a PHC string.
    #[doc(hidden)]
    const NAME: &'static str;
    /// Its version in a PHC string.
    #[doc(hidden)]
    const VERSION: Option<u32>;
    /// The names of its cost numbers in a PHC string, in their order.
    #[doc(hidden)]
    const PARAMETERS: &'static [&'static str];

    #[doc(hidden)]
    fn cost(&self) -> Cost;
    #[doc(hidden)]
    fn from_cost(cost: Cost) -> Result<Self, CostError>;
    #[doc(hidden)]
    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper;
    /// Returns the hash of a code. A failure is an error, and never a special value.
    #[doc(hidden)]
    fn hash(
        &self,
        keys: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message<'_>,
    ) -> Result<[u8; HASH_LEN], InputError>;
}

/// HMAC-SHA-256 with the pepper as the key. Its key is a `&`[`Pepper`].
///
/// It is fast, so its codes must have at least 23 symbols, which is more than 112 bits (NIST SP
/// 800-63B-4 sections 3.1.1.2 and 3.1.2.2). A shorter [`Length`](super::Length) is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyed;

impl Hash for Keyed {
    type Keys<'k> = &'k Pepper;

    const ID: u8 = 1;
    const MIN_SYMBOLS: u8 = 23;
    const NAME: &'static str = "hmac-sha256";
    const VERSION: Option<u32> = None;
    const PARAMETERS: &'static [&'static str] = &[];

    fn cost(&self) -> Cost {
        [0; 3]
    }

    fn from_cost(cost: Cost) -> Result<Self, CostError> {
        if cost == [0; 3] { Ok(Self) } else { Err(CostError::High) }
    }

    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper {
        keys
    }

    fn hash(
        &self,
        pepper: &mut Self::Keys<'_>,
        _: &[u8; SALT_LEN],
        message: &Message<'_>,
    ) -> Result<[u8; HASH_LEN], InputError> {
        hmac(pepper, &message.parts())
    }
}
