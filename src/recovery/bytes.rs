//! The fixed byte form of a set.
//!
//! Numbers have their highest byte first. Version (1 byte, 1), hash function (1: 1 HMAC-SHA-256,
//! 2 Argon2id, 3 PBKDF2), slots (1), symbols of a code (1), cost (3 × 4), pepper key id (4),
//! generation (4), salt (16), used slots (4, bit i for slot i), revisions (2 for each slot), hashes
//! (32 for each slot).

use crate::buffer::BufferTooSmall;
use crate::ct::equal_bytes;
use crate::error::RecoverySetError;

use super::hash::{Cost, HASH_LEN, SALT_LEN};
use super::length::RecoveryLength;
use super::{NO_HASH, RecoveryHash, RecoverySet, bit};

const VERSION: u8 = 1;

/// What comes before the bitmap.
const HEADER_LEN: usize = 4 + size_of::<Cost>() + 4 + 4 + SALT_LEN;

impl<const N: usize, H> RecoverySet<N, H> {
    /// Bytes of the byte form: 44 and another 34 for each slot, which is 384 for ten.
    pub const LEN: usize = HEADER_LEN + 4 + N * (2 + HASH_LEN);
}

impl<const N: usize, H: RecoveryHash> RecoverySet<N, H> {
    /// What all slots have in common, as it begins the byte form.
    pub(super) fn header(&self) -> [u8; HEADER_LEN] {
        let [memory, passes, lanes] = self.hash.cost().map(u32::to_be_bytes);
        let mut header = [0; HEADER_LEN];
        let mut rest = &mut header[..];
        put(&mut rest, &[VERSION, H::ID, Self::SLOTS, self.length.symbols()]);
        for number in [memory, passes, lanes] {
            put(&mut rest, &number);
        }
        put(&mut rest, &self.pepper_key_id.to_be_bytes());
        put(&mut rest, &self.generation.to_be_bytes());
        put(&mut rest, &self.salt);
        header
    }

    /// Writes the [`RecoverySet::LEN`] bytes of the set at the start of `buffer`, and returns them.
    ///
    /// They hold no code, and are worth protecting all the same. The form is fixed, begins with a
    /// version, and does not depend on features.
    ///
    /// # Errors
    /// [`BufferTooSmall`] where `buffer` is shorter.
    pub fn write_bytes<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], BufferTooSmall> {
        let bytes = buffer.get_mut(..Self::LEN).ok_or(BufferTooSmall(()))?;
        let mut rest = &mut *bytes;
        put(&mut rest, &self.header());
        put(&mut rest, &self.used.to_be_bytes());
        for revision in &self.revisions {
            put(&mut rest, &revision.to_be_bytes());
        }
        put(&mut rest, self.hashes.as_flattened());
        Ok(bytes)
    }

    /// Reads what [`RecoverySet::write_bytes`] wrote. Sets have no other form: what is read and
    /// written again gives the same bytes.
    ///
    /// # Errors
    /// [`RecoverySetError`] for bytes of another length, an unknown version, another hash function
    /// or number of slots, impossible parameters, and slots that contradict themselves.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecoverySetError> {
        if bytes.len() != Self::LEN {
            return Err(RecoverySetError::Length);
        }
        let mut rest = bytes;
        let [version, scheme, slots, symbols] = take(&mut rest)?;
        if version != VERSION {
            return Err(RecoverySetError::Version);
        }
        if scheme != H::ID {
            return Err(RecoverySetError::Scheme);
        }
        if slots != Self::SLOTS {
            return Err(RecoverySetError::Slots);
        }
        let length = length_for::<H>(symbols)?;
        let mut cost = [0; 3];
        for number in &mut cost {
            *number = u32::from_be_bytes(take(&mut rest)?);
        }
        let mut set = Self {
            hash: H::from_cost(cost).map_err(|_| RecoverySetError::Cost)?,
            length,
            pepper_key_id: u32::from_be_bytes(take(&mut rest)?),
            generation: u32::from_be_bytes(take(&mut rest)?),
            salt: take(&mut rest)?,
            used: u32::from_be_bytes(take(&mut rest)?),
            revisions: [0; N],
            hashes: [NO_HASH; N],
        };
        for revision in &mut set.revisions {
            *revision = u16::from_be_bytes(take(&mut rest)?);
        }
        for hash in &mut set.hashes {
            *hash = take(&mut rest)?;
        }
        set.check_slots()?;
        Ok(set)
    }

    /// Refuses a set that could not have come about.
    pub(super) fn check_slots(&self) -> Result<(), RecoverySetError> {
        // The bits of slots that the set has; for 32 slots all.
        let slots = bit(Self::SLOTS).wrapping_sub(1);
        if self.used & !slots != 0 {
            return Err(RecoverySetError::UsedBeyond);
        }
        for (slot, hash) in (0..).zip(&self.hashes) {
            if equal_bytes(hash, &NO_HASH) != self.is_used(slot) {
                return Err(RecoverySetError::Slot { slot });
            }
        }
        let mut hashes = &self.hashes[..];
        while let Some((first, others)) = hashes.split_first() {
            let empty = equal_bytes(first, &NO_HASH);
            if !empty && others.iter().any(|other| equal_bytes(first, other)) {
                return Err(RecoverySetError::Alike);
            }
            hashes = others;
        }
        Ok(())
    }
}

/// The length of codes, where the hash takes it.
pub(super) fn length_for<H: RecoveryHash>(symbols: u8) -> Result<RecoveryLength, RecoverySetError> {
    H::Length::try_from(symbols).map(Into::into).map_err(|_| RecoverySetError::CodeLength)
}

/// Writes at the start of `rest`, and leaves what follows. The bytes have been counted.
fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, behind)) = core::mem::take(rest).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *rest = behind;
    }
}

/// Takes from the start of `rest`, and leaves what follows.
fn take<const LEN: usize>(rest: &mut &[u8]) -> Result<[u8; LEN], RecoverySetError> {
    let (bytes, behind) = rest.split_first_chunk().ok_or(RecoverySetError::Length)?;
    *rest = behind;
    Ok(*bytes)
}
