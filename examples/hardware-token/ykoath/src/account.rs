//! An account: its name, its key, and how its codes are shown.

use core::fmt;

use heapless::Vec;

use crate::key::{self, Key};

/// The longest name in bytes.
pub const MAX_NAME: usize = 64;

/// Bytes of a record beside name and key.
const FIXED: usize = 12;

/// The kind of moving factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there are no others")]
pub enum Kind {
    /// The token counts (RFC 4226). `next` is the counter of the next code.
    Hotp {
        /// The counter of the next code.
        next: u64,
    },
    /// The client sends the time step as the challenge (RFC 6238).
    Totp,
}

/// An account of the applet. Its codes have 6 to 8 digits, and its name 1 to 64 bytes.
#[derive(Clone, Debug)]
pub struct Account {
    name: Vec<u8, MAX_NAME>,
    kind: Kind,
    key: Key,
    digits: u8,
    needs_touch: bool,
}

impl Account {
    /// The longest record in bytes.
    pub const MAX_RECORD: usize = FIXED + MAX_NAME + key::MAX_KEY;

    /// Makes an account.
    ///
    /// # Errors
    /// If the name is empty or longer than [`MAX_NAME`], or if `digits` is not 6 to 8.
    pub fn new(
        name: &[u8],
        kind: Kind,
        key: Key,
        digits: u8,
        needs_touch: bool,
    ) -> Result<Self, AccountError> {
        if !(6..=8).contains(&digits) {
            return Err(AccountError::Digits);
        }
        Ok(Self { name: checked(name)?, kind, key, digits, needs_touch })
    }

    /// Gives the account another name.
    ///
    /// # Errors
    /// If the name is empty or longer than [`MAX_NAME`]. The account keeps its name then.
    pub fn rename(&mut self, name: &[u8]) -> Result<(), AccountError> {
        self.name = checked(name)?;
        Ok(())
    }

    /// Sets the counter of the next code. An account of TOTP does not have one, and stays as it is.
    pub fn set_next(&mut self, next: u64) {
        if let Kind::Hotp { .. } = self.kind {
            self.kind = Kind::Hotp { next };
        }
    }

    /// Returns the name, in any encoding. Clients write UTF-8: `issuer:account`, with the period
    /// before it if that is not 30 s.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Returns the kind of moving factor.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The number of digits, 6 to 8.
    #[must_use]
    pub fn digits(&self) -> u8 {
        self.digits
    }

    /// Returns whether the user has to touch a button before each code.
    #[must_use]
    pub fn needs_touch(&self) -> bool {
        self.needs_touch
    }

    /// Type and hash, as the protocol has them in one byte.
    pub(crate) fn type_and_algorithm(&self) -> u8 {
        let kind = match self.kind {
            Kind::Hotp { .. } => 0x10,
            Kind::Totp => 0x20,
        };
        kind | key::number(self.key.algorithm())
    }

    /// Writes the record of a store, with the key in the clear, and returns the part of `record`
    /// that it fills.
    #[must_use]
    pub fn expose_record<'a>(&self, record: &'a mut [u8; Self::MAX_RECORD]) -> &'a [u8] {
        let next = if let Kind::Hotp { next } = self.kind { next } else { 0 };
        let [a, b, c, d, e, f, g, h] = next.to_be_bytes();
        let (kind, touch) = (self.type_and_algorithm(), u8::from(self.needs_touch));
        let name = u8::try_from(self.name.len()).unwrap_or(u8::MAX);
        let head: [u8; FIXED] = [kind, self.digits, touch, name, a, b, c, d, e, f, g, h];
        let mut len = 0_usize;
        let bytes = head.iter().chain(&self.name).chain(self.key.expose_bytes());
        for (place, byte) in record.iter_mut().zip(bytes) {
            *place = *byte;
            len = len.saturating_add(1);
        }
        record.get(..len).unwrap_or_default()
    }

    /// Reads a record. Returns `None` if an account did not write it.
    #[must_use]
    pub fn from_record(record: &[u8]) -> Option<Self> {
        let (head, rest) = record.split_first_chunk::<FIXED>()?;
        let [kind, digits, touch, name, next @ ..] = *head;
        let (name, key) = rest.split_at_checked(name.into())?;
        let algorithm = key::by_number(kind)?;
        let kind = match kind & 0xf0 {
            0x10 => Kind::Hotp { next: u64::from_be_bytes(next) },
            0x20 if next == [0; 8] => Kind::Totp,
            _ => return None,
        };
        let key = Key::new(algorithm, key).ok()?;
        (touch <= 1).then(|| Self::new(name, kind, key, digits, touch == 1).ok())?
    }
}

fn checked(name: &[u8]) -> Result<Vec<u8, MAX_NAME>, AccountError> {
    if name.is_empty() {
        return Err(AccountError::Name);
    }
    Vec::from_slice(name).map_err(|_| AccountError::Name)
}

/// The reason that an account is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountError {
    /// The name is empty, or longer than [`MAX_NAME`].
    Name,
    /// The number of digits is not 6 to 8.
    Digits,
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name: expected 1 to 64 bytes",
            Self::Digits => "digits: expected 6 to 8",
        })
    }
}

impl core::error::Error for AccountError {}

#[cfg(test)]
mod tests {
    use super::*;
    use otp_core::Algorithm;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let key = Key::new(Algorithm::Sha512, &[0x5a; 128]).unwrap();
        for kind in [Kind::Totp, Kind::Hotp { next: u64::MAX }] {
            let account = Account::new(&[b'x'; 64], kind, key.clone(), 8, true).unwrap();
            let mut record = [0; Account::MAX_RECORD];
            let record = account.expose_record(&mut record).to_vec();
            let read = Account::from_record(&record).unwrap();
            assert_eq!((read.name(), read.kind(), read.digits()), (account.name(), kind, 8));
            assert_eq!(read.key().expose_bytes(), [0x5a; 128]);
            assert!(read.needs_touch() && read.key().algorithm() == Algorithm::Sha512);
            // No byte of it may say anything else: a type, digits, a touch, a length.
            for (at, wrong) in [(0, 0x33), (0, 0x24), (1, 9), (1, 5), (2, 2), (3, 0), (3, 255)] {
                let mut record = record.clone();
                record[at] = wrong;
                assert!(Account::from_record(&record).is_none(), "{at}: {wrong}");
            }
            assert!(Account::from_record(&record[..11]).is_none());
        }
    }
}
