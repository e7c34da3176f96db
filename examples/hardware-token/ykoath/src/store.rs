//! Where accounts are kept.

use core::fmt;

use crate::account::Account;
use crate::key::Key;

/// Keeps accounts, the access key and the salt over a loss of power.
///
/// Each call is carried out as a whole or not at all, also if the power goes in the middle of it. After `Ok` it
/// stays carried out. The applet writes before it shows: a counter that a store forgets shows a code twice.
pub trait Store {
    /// How many accounts there is room for, at most 255. They have the places 0 to `PLACES - 1`.
    const PLACES: u8;

    /// The account at a place. For HOTP its counter is the last one that was stored.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&mut self, place: u8) -> Result<Option<Account>, StoreError>;

    /// Stores an account, in the place of the one that is there.
    ///
    /// # Errors
    /// If it cannot be stored. What was there is there.
    fn save(&mut self, place: u8, account: &Account) -> Result<(), StoreError>;

    /// Stores the counter of the next code of the account at a place. Called before each code of HOTP.
    ///
    /// # Errors
    /// If it cannot be stored. The code is not shown then.
    fn set_next(&mut self, place: u8, next: u64) -> Result<(), StoreError>;

    /// Removes the account at a place, if there is one.
    ///
    /// # Errors
    /// If it cannot be removed.
    fn remove(&mut self, place: u8) -> Result<(), StoreError>;

    /// The access key, if there is one.
    ///
    /// # Errors
    /// If it cannot be read. An error is not `None`: nothing is unlocked by it.
    fn access_key(&mut self) -> Result<Option<Key>, StoreError>;

    /// Stores the access key, or removes it.
    ///
    /// # Errors
    /// If it cannot be stored.
    fn set_access_key(&mut self, key: Option<&Key>) -> Result<(), StoreError>;

    /// The salt, of which clients derive access keys and the name of the device.
    ///
    /// # Errors
    /// If it cannot be read.
    fn salt(&mut self) -> Result<[u8; 8], StoreError>;

    /// Removes every account, then the access key, and stores a new salt. If the power goes in the middle, the access
    /// key must still protect the accounts that are left.
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
