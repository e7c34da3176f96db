//! The message that a code is hashed in, the hash functions for it, and the fast one of them.
//!
//! The only file that names `hmac`, and with `crate::hash` the only one that names `sha2`.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::code::Code;
use super::error::{CostError, InputError};
use super::pepper::Pepper;

/// Bytes of a hash.
pub(super) const HASH_LEN: usize = 32;

/// Bytes of a salt. NIST SP 800-63B-4 section 3.1.1.2 asks for 4 at least.
pub(super) const SALT_LEN: usize = 16;

/// Bytes of a set's check value.
pub(super) const CHECK_LEN: usize = 4;

/// The most bytes of a user's identity: its length is hashed as one byte.
pub(super) const MAX_USER_LEN: usize = 255;

/// The numbers of a hash's cost, as they are stored. A number that a hash does not use is 0.
pub(super) type Cost = [u32; 3];

pub(super) type HmacSha256 = Hmac<Sha256>;

/// Keeps hashes of this message apart from everything else that the pepper may be used for.
const DOMAIN: &[u8; 20] = b"otp-core recovery v1";

/// The same for the check value of a set.
pub(super) const CHECK_DOMAIN: &[u8; 17] = b"otp-core check v1";

/// The same for the trace of a used code.
const TRACE_DOMAIN: &[u8; 16] = b"otp-core used v1";

/// The bytes that are hashed: domain tag, hash function (1 byte), length of the user's identity
/// (1 byte), that identity, generation (4 bytes, big-endian), salt (16 bytes), canonical code.
///
/// Each part but the last has a fixed length or says its length, so two inputs never make one
/// message. The slot is left out, so that one hash serves to compare a guess with all slots.
///
/// It lends its parts: a copy of all of them would be much of a token's stack.
pub struct Message<'a> {
    head: [u8; 2],
    user: &'a [u8],
    generation: [u8; 4],
    salt: &'a [u8; SALT_LEN],
    code: &'a Code,
}

impl<'a> Message<'a> {
    /// The most bytes of all parts.
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

/// The length of a user's identity. Without one, the set of one user would serve for every other.
pub(super) fn user_len(user: &[u8]) -> Result<u8, InputError> {
    match u8::try_from(user.len()) {
        Ok(0) | Err(_) => Err(InputError::User),
        Ok(len) => Ok(len),
    }
}

/// HMAC-SHA-256 under the pepper.
pub(super) fn hmac(pepper: &Pepper, parts: &[&[u8]]) -> Result<[u8; HASH_LEN], InputError> {
    // HMAC takes a key of any length.
    let mut mac = HmacSha256::new_from_slice(pepper.bytes()).map_err(|_| InputError::Hash)?;
    parts.iter().for_each(|part| mac.update(part));
    Ok(mac.finalize().into_bytes().into())
}

/// The trace of a code, which stays in its slot once it is used. It accepts nothing, and keeps the code
/// from being drawn again.
pub(super) fn trace(pepper: &Pepper, hash: &[u8; HASH_LEN]) -> Result<[u8; HASH_LEN], InputError> {
    hmac(pepper, &[TRACE_DOMAIN, hash])
}

/// How the codes of a [`Set`](super::Set) are hashed, and at which cost: [`Keyed`], and with features
/// `Argon2id` and `Pbkdf2`.
///
/// It is sealed: there are no other implementations, and its hidden items may change at any time.
// What seals it: no other crate can write a function that takes a `Message`, which has no public path.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a hash of recovery codes",
    label = "pass `Keyed`, `Argon2id` or `Pbkdf2` of `otp_core::recovery`",
    note = "`Argon2id` needs the feature `argon2` of otp-core, and `Pbkdf2` the feature `pbkdf2`"
)]
pub trait Hash: Copy + fmt::Debug + Eq {
    /// What the host brings for each call: a `&`[`Pepper`], or for Argon2id the pepper and memory.
    type Keys<'k>;

    /// The number that stands for the function, in bytes and in the message.
    #[doc(hidden)]
    const ID: u8;
    /// The fewest symbols that a code must have.
    #[doc(hidden)]
    const MIN_SYMBOLS: u8;
    /// The name of the function in a PHC string.
    #[doc(hidden)]
    const NAME: &'static str;
    /// Its version there.
    #[doc(hidden)]
    const VERSION: Option<u32>;
    /// The names of the numbers of its cost there, in their order.
    #[doc(hidden)]
    const PARAMETERS: &'static [&'static str];

    #[doc(hidden)]
    fn cost(&self) -> Cost;
    #[doc(hidden)]
    fn from_cost(cost: Cost) -> Result<Self, CostError>;
    #[doc(hidden)]
    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper;
    /// The hash of a code, or why there is none. Never a value that stands for no hash.
    #[doc(hidden)]
    fn hash(
        &self,
        keys: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message<'_>,
    ) -> Result<[u8; HASH_LEN], InputError>;
}

/// HMAC-SHA-256 under the pepper. Its key is a `&`[`Pepper`].
///
/// It is fast, so its codes must have 23 symbols or more, which is at least 112 bits (NIST SP
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
