//! The fixed byte format of a set.

use super::error::SetError;
use super::hash::{CHECK_LEN, Cost, HASH_LEN, Hash, SALT_LEN};
use super::length::Length;
use super::set::{Header, Set};
use crate::buffer::BufferTooSmall;
use crate::ct::equal_bytes;

/// The version that this crate writes. It reads no other version.
const VERSION: u8 = 2;

/// The number of bytes before the hashes.
const HEADER_LEN: usize = 4 + size_of::<Cost>() + 4 + CHECK_LEN + 4 + SALT_LEN + 4;

impl<const N: usize, H> Set<N, H> {
    /// The length of the byte format: 48 bytes, and 32 more for each slot. That is 368 for ten
    /// slots.
    pub const LEN: usize = HEADER_LEN + N * HASH_LEN;
}

impl<const N: usize, H: Hash> Set<N, H> {
    /// Writes the [`Set::LEN`] bytes of the set at the start of `buffer`, and returns them.
    ///
    /// They do not contain a code, but protect them anyway. All numbers are in big-endian order:
    ///
    /// | bytes | |
    /// |---|---|
    /// | 0 | version, 2 |
    /// | 1 | hash function: 1 HMAC-SHA-256, 2 Argon2id, 3 PBKDF2 |
    /// | 2 | slots |
    /// | 3 | symbols of a code: 16 to 32 of Base32, or 36 digits |
    /// | 4–15 | cost: three numbers |
    /// | 16–19 | key id of the pepper |
    /// | 20–23 | check value: see below |
    /// | 24–27 | generation |
    /// | 28–43 | salt |
    /// | 44–47 | used slots: bit i for slot i |
    /// | from 48 | 32 bytes for each slot: the hash; if it is used, HMAC-SHA-256 under the pepper of `otp-core used v1` and the hash |
    ///
    /// The check value is the first 4 bytes of HMAC-SHA-256 under the pepper. Its message is
    /// `otp-core check v1`, bytes 1 and 3, one byte for the length of the user's identity, the
    /// identity, and bytes 4–15 and 24–43.
    ///
    /// # Errors
    /// [`BufferTooSmall`] if `buffer` is shorter.
    pub fn write_bytes<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let Header { hash, length, pepper_key_id, check, generation, salt } = &self.header;
        let bytes = buffer.get_mut(..Self::LEN).ok_or(BufferTooSmall(()))?;
        let cost = hash.cost().map(u32::to_be_bytes);
        let fields: [&[u8]; 8] = [
            &[VERSION, H::ID, Self::SLOTS, length.symbols()],
            cost.as_flattened(),
            &pepper_key_id.to_be_bytes(),
            check,
            &generation.to_be_bytes(),
            salt,
            &self.used.to_be_bytes(),
            self.hashes.as_flattened(),
        ];
        let mut rest = &mut *bytes;
        for field in fields {
            let (place, behind) =
                rest.split_at_mut_checked(field.len()).ok_or(BufferTooSmall(()))?;
            place.copy_from_slice(field);
            rest = behind;
        }
        Ok(bytes)
    }

    /// Reads the bytes that [`Set::write_bytes`] wrote. Each set has exactly one byte format:
    /// writing a set again gives the same bytes.
    ///
    /// # Errors
    /// [`SetError`] for bytes of another length, an unknown version, another hash function or
    /// number of slots, impossible parameters, or equal slots. Do not make a first set in any of
    /// these cases: its generation would start at 0 again.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SetError> {
        let mut rest = bytes;
        let [version, hash_id, slots, symbols] = take(&mut rest)?;
        if version != VERSION {
            return Err(SetError::Version);
        }
        if hash_id != H::ID {
            return Err(SetError::Hash);
        }
        if slots != Self::SLOTS {
            return Err(SetError::Slots);
        }
        if bytes.len() != Self::LEN {
            return Err(SetError::Length);
        }
        let length = length_for::<H>(symbols)?;
        let mut cost = [0; 3];
        for number in &mut cost {
            *number = u32::from_be_bytes(take(&mut rest)?);
        }
        let header = Header {
            hash: H::from_cost(cost).map_err(|_| SetError::Cost)?,
            length,
            pepper_key_id: u32::from_be_bytes(take(&mut rest)?),
            check: take(&mut rest)?,
            generation: u32::from_be_bytes(take(&mut rest)?),
            salt: take(&mut rest)?,
        };
        let used = u32::from_be_bytes(take(&mut rest)?);
        let mut set = Self { header, used, hashes: [[0; HASH_LEN]; N] };
        for hash in &mut set.hashes {
            *hash = take(&mut rest)?;
        }
        set.check_slots()?;
        Ok(set)
    }

    /// Refuses a set that no operation can produce.
    pub(super) fn check_slots(&self) -> Result<(), SetError> {
        if self.used & !Self::ALL != 0 {
            return Err(SetError::UsedBeyond);
        }
        let mut hashes = &self.hashes[..];
        while let Some((first, others)) = hashes.split_first() {
            if others.iter().any(|other| equal_bytes(first, other)) {
                return Err(SetError::Alike);
            }
            hashes = others;
        }
        Ok(())
    }
}

/// Returns the length of codes, if the hash accepts it.
pub(super) fn length_for<H: Hash>(symbols: u8) -> Result<Length, SetError> {
    let length = Length::stored(symbols).and_then(|length| length.at_least(H::MIN_SYMBOLS));
    length.map_err(|_| SetError::CodeLength)
}

/// Takes bytes from the start of `rest`, and leaves the bytes after them.
fn take<const LEN: usize>(rest: &mut &[u8]) -> Result<[u8; LEN], SetError> {
    let (bytes, behind) = rest.split_first_chunk().ok_or(SetError::Length)?;
    *rest = behind;
    Ok(*bytes)
}
