//! Sets as PHC strings, one for each slot.
//!
//! Only this file uses `phc`.

use core::fmt;

use ::phc::{Output, ParamsString, PasswordHash, Salt};

use super::bytes::length_for;
use super::error::SetError;
use super::hash::{CHECK_LEN, HASH_LEN, Hash};
use super::set::{Header, Set};

/// The parameters after the cost, which only this crate writes: symbols of a code, generation, and
/// the key id of the pepper with the check value.
const SYMBOLS: &str = "n";
const GENERATION: &str = "g";
const PEPPER: &str = "keyid";
/// Only a used slot has it, with the value 1.
const USED: &str = "u";
const PEPPER_LEN: usize = 4 + CHECK_LEN;

#[cfg_attr(docsrs, doc(cfg(any(feature = "argon2", feature = "pbkdf2"))))]
impl<const N: usize, H: Hash> Set<N, H> {
    /// Returns the PHC string of a slot, counted from 0, or `None` if the slot does not exist.
    ///
    /// - `$hmac-sha256$n=24,g=0,keyid=AAAAAVbFJjk$salt$hash`
    /// - `$argon2id$v=19$m=19456,t=2,p=1,n=24,g=0,keyid=AAAAAVbFJjk$salt$hash`
    /// - `$pbkdf2-sha256$i=600000,n=24,g=0,keyid=AAAAAVbFJjk$salt$hash`
    ///
    /// - `n` is the number of symbols of a code (36 are digits).
    /// - `g` is the generation.
    /// - `keyid` is the Base64 of the key id of the pepper (4 bytes, big-endian) and the check
    ///   value of the set (4 bytes, see [`write_bytes`](Self::write_bytes)).
    ///
    /// A used slot also has `,u=1`. Its hash is replaced by HMAC-SHA-256 of `otp-core used v1` and
    /// the hash, with the pepper as the key. No code matches it.
    ///
    /// Another implementation also needs the pepper and the user's identity. It hashes these parts,
    /// in this order:
    ///
    /// - `otp-core recovery v1`;
    /// - one byte for the function (1 HMAC, 2 Argon2id, 3 PBKDF2);
    /// - one byte for the length of the identity;
    /// - the identity;
    /// - the generation (4 bytes, big-endian);
    /// - the salt;
    /// - the canonical code.
    ///
    /// For Argon2id the message is the password, and the pepper is the secret (K in RFC 9106
    /// section 3.1). For PBKDF2 the password is HMAC-SHA-256 of the message with the pepper as the
    /// key, 32 bytes.
    #[must_use]
    pub fn phc(&self, slot: u8) -> Option<Phc> {
        let hash = self.hashes.get(usize::from(slot))?;
        let Header { length, pepper_key_id, check, generation, salt, .. } = &self.header;
        let mut params = ParamsString::new();
        for (name, value) in H::PARAMETERS.iter().zip(self.header.hash.cost()) {
            params.add_decimal(*name, value).ok()?;
        }
        params.add_decimal(SYMBOLS, length.symbols().into()).ok()?;
        params.add_decimal(GENERATION, *generation).ok()?;
        let pepper = [pepper_key_id.to_be_bytes(), *check];
        params.add_b64_bytes(PEPPER, pepper.as_flattened()).ok()?;
        if self.is_used(slot) {
            params.add_decimal(USED, 1).ok()?;
        }
        Some(Phc(PasswordHash {
            algorithm: H::NAME.parse().ok()?,
            version: H::VERSION,
            params,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(hash).ok()?),
        }))
    }

    /// Reads a set from its PHC strings, one for each slot.
    ///
    /// # Errors
    /// [`SetError::Phc`] in these cases:
    ///
    /// - [`phc`](Self::phc) did not write the string; for example, another system wrote it;
    /// - the cost is lower than allowed;
    /// - the string belongs to another set than the strings before it.
    ///
    /// [`SetError::Alike`] if two slots hold the same hash.
    pub fn from_phc(strings: [&str; N]) -> Result<Self, SetError> {
        let mut set: Option<Self> = None;
        for (slot, text) in (0..).zip(strings) {
            let error = SetError::Phc { slot };
            let (header, is_used, hash) = read::<H>(text).ok_or(error)?;
            let fresh = Self { header, used: Self::ALL, hashes: [[0; HASH_LEN]; N] };
            let set = set.get_or_insert(fresh);
            if set.header != header {
                return Err(error);
            }
            if is_used {
                set.burn(slot, &hash);
            } else {
                set.place(slot, &hash);
            }
        }
        // There is at least one slot.
        let set = set.ok_or(SetError::Slots)?;
        set.check_slots()?;
        Ok(set)
    }
}

/// Returns the parameters that all slots share, whether this slot is used, and its hash.
fn read<H: Hash>(text: &str) -> Option<(Header<H>, bool, [u8; HASH_LEN])> {
    let phc = PasswordHash::new(text).ok()?;
    if phc.algorithm.as_str() != H::NAME || phc.version != H::VERSION {
        return None;
    }
    // The parser accepts duplicate parameters, in any order. The names must be the written ones, in
    // their order.
    let mut params = phc.params.iter();
    let mut next = |expected| {
        params.next().and_then(|(name, value)| (name.as_str() == expected).then_some(value))
    };
    let mut cost = [0; 3];
    for (name, number) in H::PARAMETERS.iter().zip(&mut cost) {
        *number = next(*name)?.decimal().ok()?;
    }
    let symbols = next(SYMBOLS)?.decimal().ok()?;
    let generation = next(GENERATION)?.decimal().ok()?;
    let mut pepper = [0; PEPPER_LEN];
    let pepper: [u8; PEPPER_LEN] = next(PEPPER)?.b64_decode(&mut pepper).ok()?.try_into().ok()?;
    let is_used = match params.next() {
        None => false,
        Some((name, value)) if name.as_str() == USED && value.as_str() == "1" => true,
        Some(_) => return None,
    };
    if params.next().is_some() {
        return None;
    }
    let (pepper_key_id, check) = pepper.split_first_chunk()?;
    let header = Header {
        hash: H::from_cost(cost).ok()?,
        length: length_for::<H>(symbols.try_into().ok()?).ok()?,
        pepper_key_id: u32::from_be_bytes(*pepper_key_id),
        check: check.try_into().ok()?,
        generation,
        salt: phc.salt?.as_ref().try_into().ok()?,
    };
    Some((header, is_used, phc.hash?.as_bytes().try_into().ok()?))
}

/// The PHC string of a slot: see [`Set::phc`].
///
/// `Display` writes the string with the stored hash. `Debug` does not show the hash.
pub struct Phc(PasswordHash);

impl fmt::Display for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Shows only the function.
impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phc").field("algorithm", &self.0.algorithm.as_str()).finish_non_exhaustive()
    }
}
