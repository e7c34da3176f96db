//! Password-hashed codes as PHC strings, to be shared with other implementations.
//!
//! The only file that names `phc`.

use core::fmt;

use ::phc::{Output, ParamsString, PasswordHash, Salt};

use crate::error::RecoverySetError;

#[cfg(feature = "argon2")]
use super::Argon2id;
#[cfg(feature = "pbkdf2")]
use super::Pbkdf2;
use super::bytes::length_for;
#[cfg(feature = "pbkdf2")]
use super::hash::HASH_LEN;
use super::{NO_HASH, RecoveryHash, RecoverySet, bit};

/// What a PHC string says of a hash.
pub trait Phc: Sized {
    const NAME: &'static str;
    const VERSION: Option<u32>;
    /// The names of the parameters, in their order.
    const PARAMETERS: &'static [&'static str];

    fn parameters(&self) -> [u32; 3];
    fn from_parameters(parameters: [u32; 3]) -> Option<Self>;
}

#[cfg(feature = "argon2")]
impl Phc for Argon2id {
    const NAME: &'static str = "argon2id";
    const VERSION: Option<u32> = Some(19);
    const PARAMETERS: &'static [&'static str] = &["m", "t", "p"];

    fn parameters(&self) -> [u32; 3] {
        [self.memory(), self.passes(), self.lanes()]
    }

    fn from_parameters([memory, passes, lanes]: [u32; 3]) -> Option<Self> {
        Self::new(memory, passes, lanes).ok()
    }
}

/// The length of the hash is a parameter too: as the crate `pbkdf2` writes it.
#[cfg(feature = "pbkdf2")]
const PBKDF2_LEN: u32 = {
    let [.., len] = HASH_LEN.to_be_bytes();
    len as u32
};

#[cfg(feature = "pbkdf2")]
impl Phc for Pbkdf2 {
    const NAME: &'static str = "pbkdf2-sha256";
    const VERSION: Option<u32> = None;
    const PARAMETERS: &'static [&'static str] = &["i", "l"];

    fn parameters(&self) -> [u32; 3] {
        [self.iterations(), PBKDF2_LEN, 0]
    }

    fn from_parameters(parameters: [u32; 3]) -> Option<Self> {
        match parameters {
            [iterations, PBKDF2_LEN, 0] => Self::new(iterations).ok(),
            _ => None,
        }
    }
}

/// A [`RecoveryHash`] that PHC strings have a name for: `Argon2id` and `Pbkdf2`. There are no others.
pub trait RecoveryPasswordHash: RecoveryHash + Phc {}

impl<H: RecoveryHash + Phc> RecoveryPasswordHash for H {}

/// PHC strings, for the hashes that have a name there.
///
/// What another implementation needs beside the string is the pepper, the user's identity and the
/// generation. It composes the message: `otp-core recovery v1`, one byte for the function (2
/// Argon2id, 3 PBKDF2), one for the length of the identity, the identity, the generation (4 bytes,
/// highest first), the salt as bytes, and the code in its one form. For Argon2id the message is the
/// password and the pepper the secret (K in RFC 9106 section 3.1). For PBKDF2 the password is
/// HMAC-SHA-256 of the message under the pepper, 32 bytes as they are.
#[cfg_attr(docsrs, doc(cfg(any(feature = "argon2", feature = "pbkdf2"))))]
impl<const N: usize, H: RecoveryPasswordHash> RecoverySet<N, H> {
    /// The PHC string of a slot, counted from 0:
    /// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` or `$pbkdf2-sha256$i=600000,l=32$salt$hash`.
    /// `None` where the slot is used or does not exist.
    #[must_use]
    pub fn phc(&self, slot: u8) -> Option<RecoveryPhc> {
        if self.is_used(slot) {
            return None;
        }
        let hash = self.hashes.get(usize::from(slot))?;
        let mut params = ParamsString::new();
        for (name, value) in H::PARAMETERS.iter().zip(self.hash.parameters()) {
            params.add_decimal(*name, value).ok()?;
        }
        Some(RecoveryPhc(PasswordHash {
            algorithm: H::NAME.parse().ok()?,
            version: H::VERSION,
            params,
            salt: Some(Salt::new(&self.salt).ok()?),
            hash: Some(Output::new(hash).ok()?),
        }))
    }

    /// Reads a set from PHC strings, one for each slot, with what such a string does not say: the
    /// symbols of a code, the key id of the pepper, the generation, and for each slot its revision.
    /// A slot without a string is used.
    ///
    /// Keep the [`revision`](Self::revision) of each slot beside its string. With a lower one,
    /// [`merge`](Self::merge) with a replica could bring used codes back.
    ///
    /// # Errors
    /// [`RecoverySetError::Phc`] where a string is of another form than [`phc`](Self::phc) writes,
    /// cheaper than allowed, or of another salt or cost than those before it, or where there is no
    /// string at all; [`RecoverySetError::CodeLength`]; [`RecoverySetError::Alike`].
    pub fn from_phc(
        symbols: u8,
        pepper_key_id: u32,
        generation: u32,
        slots: [(u16, Option<&str>); N],
    ) -> Result<Self, RecoverySetError> {
        let length = length_for::<H>(symbols)?;
        let mut common = None;
        let mut used = 0;
        let mut hashes = [NO_HASH; N];
        for ((slot, place), (_, text)) in (0..).zip(&mut hashes).zip(slots) {
            let Some(text) = text else {
                used |= bit(slot);
                continue;
            };
            let error = RecoverySetError::Phc { slot };
            let (hash, salt, output) = read::<H>(text).ok_or(error)?;
            if *common.get_or_insert((hash, salt)) != (hash, salt) {
                return Err(error);
            }
            *place = output;
        }
        let (hash, salt) = common.ok_or(RecoverySetError::Phc { slot: 0 })?;
        let revisions = slots.map(|(revision, _)| revision);
        let set = Self { hash, length, pepper_key_id, generation, salt, used, revisions, hashes };
        set.check_slots()?;
        Ok(set)
    }
}

/// The hash function with its cost, the salt, and the hash.
fn read<H: Phc>(text: &str) -> Option<(H, [u8; 16], [u8; 32])> {
    let phc = PasswordHash::new(text).ok()?;
    if phc.algorithm.as_str() != H::NAME || phc.version != H::VERSION {
        return None;
    }
    // Parsing takes a parameter twice, and in any order. The names must be those that are written.
    let mut given = phc.params.iter();
    let mut parameters = [0; 3];
    for (name, value) in H::PARAMETERS.iter().zip(&mut parameters) {
        let (given_name, given_value) = given.next()?;
        if given_name.as_str() != *name {
            return None;
        }
        *value = given_value.decimal().ok()?;
    }
    if given.next().is_some() {
        return None;
    }
    let hash = H::from_parameters(parameters)?;
    let salt = phc.salt?.as_ref().try_into().ok()?;
    let output = phc.hash?.as_bytes().try_into().ok()?;
    Some((hash, salt, output))
}

/// The PHC string of a slot: see [`RecoverySet::phc`].
///
/// `Display` tells the stored hash; `Debug` does not.
pub struct RecoveryPhc(PasswordHash);

impl fmt::Display for RecoveryPhc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Tells the function alone.
impl fmt::Debug for RecoveryPhc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecoveryPhc")
            .field("algorithm", &self.0.algorithm.as_str())
            .finish_non_exhaustive()
    }
}
