//! What a code is hashed with: the message, the functions that take it, and the fast one of them.
//!
//! The only file that names `hmac`, and with `crate::hash` the only one that names `sha2`.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{RecoveryCostError, RecoveryInputError};

use super::code::{MAX_SYMBOLS, RecoveryCode};
use super::length::{LongRecoveryLength, RecoveryLength};
use super::pepper::Pepper;

/// Bytes of a hash.
pub(super) const HASH_LEN: usize = 32;

/// Bytes of a salt. NIST SP 800-63B-4 section 3.1.1.2 asks for 4 at least.
pub(super) const SALT_LEN: usize = 16;

/// The most bytes of a user's identity: its length is hashed as one byte.
pub(super) const MAX_USER_LEN: usize = 255;

/// Numbers of a hash's cost, as they are stored. Those that a hash has no use for are 0.
pub(super) type Cost = [u32; 3];

pub(super) type HmacSha256 = Hmac<Sha256>;

/// Keeps hashes of this message apart from all else that the pepper may be used for.
const DOMAIN: &[u8; 20] = b"otp-core recovery v1";

/// What is hashed: domain tag, scheme (1 byte), length of the user's identity (1 byte), that
/// identity, generation (4 bytes, highest first), salt (16 bytes), and the code in its one form.
///
/// Each part but the last has a fixed length or says its length, so no two inputs make one message.
/// The slot is not in it: see [`RecoverySet`](crate::RecoverySet).
pub struct Message {
    bytes: Zeroizing<[u8; Self::MAX_LEN]>,
    len: usize,
}

impl Message {
    const MAX_LEN: usize = DOMAIN.len() + 2 + MAX_USER_LEN + 4 + SALT_LEN + MAX_SYMBOLS;

    pub(super) fn new(
        scheme: u8,
        user: &[u8],
        generation: u32,
        salt: &[u8; SALT_LEN],
        code: &RecoveryCode,
    ) -> Result<Self, RecoveryInputError> {
        let user_len = match u8::try_from(user.len()) {
            // Without an identity every user's set would be alike.
            Ok(0) | Err(_) => return Err(RecoveryInputError::User),
            Ok(len) => len,
        };
        let mut message = Self { bytes: Zeroizing::new([0; Self::MAX_LEN]), len: 0 };
        message.append(DOMAIN);
        message.append(&[scheme, user_len]);
        message.append(user);
        message.append(&generation.to_be_bytes());
        message.append(salt);
        message.append(code.bytes());
        Ok(message)
    }

    /// All parts have a bound, and together they fit.
    fn append(&mut self, part: &[u8]) {
        let end = self.len.saturating_add(part.len());
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(part);
            self.len = end;
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Tells the length alone.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("len", &self.len).finish_non_exhaustive()
    }
}

/// HMAC-SHA-256 of a message under the pepper.
pub(super) fn hmac(pepper: &Pepper, message: &Message) -> [u8; HASH_LEN] {
    // HMAC takes a key of any length.
    let mac = HmacSha256::new_from_slice(pepper.bytes());
    mac.map_or([0; HASH_LEN], |mut mac| {
        mac.update(message.bytes());
        mac.finalize().into_bytes().into()
    })
}

/// What stays between the crate and its hashes.
pub trait Scheme: Copy {
    /// The number that stands for it, in bytes and in the message.
    const ID: u8;

    type Length: Copy + Default + Into<RecoveryLength> + TryFrom<u8>;
    type Keys<'k>;

    fn cost(&self) -> Cost;
    fn from_cost(cost: Cost) -> Result<Self, RecoveryCostError>;
    fn pepper<'a>(keys: &'a Self::Keys<'_>) -> &'a Pepper;

    /// Whether the keys suffice, before anything is hashed or drawn.
    fn check(&self, keys: &Self::Keys<'_>) -> Result<(), RecoveryInputError>;

    /// The hash of a code. Called after `check` only.
    fn hash(
        &self,
        keys: &mut Self::Keys<'_>,
        salt: &[u8; SALT_LEN],
        message: &Message,
    ) -> [u8; HASH_LEN];
}

/// How the codes of a [`RecoverySet`](crate::RecoverySet) are hashed, with the cost of it:
/// [`Keyed`], and with features `Argon2id` and `Pbkdf2`. There are no others.
///
/// `Length` is the type of the lengths that codes may have, and `Keys` what the host brings for
/// each guess: the pepper, and for Argon2id memory.
pub trait RecoveryHash: Scheme + fmt::Debug + PartialEq + Eq {}

impl<H: Scheme + fmt::Debug + PartialEq + Eq> RecoveryHash for H {}

/// HMAC-SHA-256 under the pepper: fast, and so for codes of 112 bits and more only (NIST SP
/// 800-63B-4 sections 3.1.1.2 and 3.1.2.2). Its lengths are [`LongRecoveryLength`], its key is a
/// `&`[`Pepper`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keyed;

impl Scheme for Keyed {
    const ID: u8 = 1;

    type Length = LongRecoveryLength;
    type Keys<'k> = &'k Pepper;

    fn cost(&self) -> Cost {
        [0; 3]
    }

    fn from_cost(cost: Cost) -> Result<Self, RecoveryCostError> {
        if cost == [0; 3] { Ok(Self) } else { Err(RecoveryCostError::High) }
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
        _: &[u8; SALT_LEN],
        message: &Message,
    ) -> [u8; HASH_LEN] {
        hmac(pepper, message)
    }
}
