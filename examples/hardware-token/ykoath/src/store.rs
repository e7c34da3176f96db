//! The place of the accounts.

use core::fmt;

use crate::account::Account;
use crate::key::Key;

/// Keeps accounts, the access key and the salt over a loss of power.
///
/// Each call is carried out as a whole or not at all, also if the power is cut within it. After
/// `Ok` it stays carried out. The applet writes before it shows a code, so a store that loses a
/// counter shows a code twice.
pub trait Store {
    /// The most accounts, at most 255. They have the places 0 to `PLACES - 1`.
    const PLACES: u8;

    /// Returns the account at a place. For HOTP, its counter is the last one that was stored.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&mut self, place: u8) -> Result<Option<Account>, StoreError>;

    /// Stores an account, and replaces the one at this place.
    ///
    /// # Errors
    /// If it cannot be stored. The old account stays.
    fn save(&mut self, place: u8, account: &Account) -> Result<(), StoreError>;

    /// Stores the counter of the next code of the account at a place. The applet calls this before
    /// each code of HOTP.
    ///
    /// # Errors
    /// If it cannot be stored. The applet does not show the code then.
    fn set_next(&mut self, place: u8, next: u64) -> Result<(), StoreError>;

    /// Removes the account at a place, if there is one.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove(&mut self, place: u8) -> Result<(), StoreError>;

    /// Returns the access key, if there is one.
    ///
    /// # Errors
    /// If it cannot be read. The applet does not open then.
    fn access_key(&mut self) -> Result<Option<Key>, StoreError>;

    /// Stores the access key, or removes it.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn set_access_key(&mut self, key: Option<&Key>) -> Result<(), StoreError>;

    /// Returns the salt. Clients derive access keys and the name of the device from it.
    ///
    /// # Errors
    /// If it cannot be read.
    fn salt(&mut self) -> Result<[u8; 8], StoreError>;

    /// Removes every account, then the access key, and stores a new salt. If the power is cut
    /// within the call, the access key must still protect the accounts that are left. A damaged
    /// store becomes as new.
    ///
    /// # Errors
    /// If something cannot be removed.
    fn reset(&mut self, salt: [u8; 8]) -> Result<(), StoreError>;
}

/// The store cannot read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreError;

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store cannot read or write")
    }
}

impl core::error::Error for StoreError {}
