//! A store that forgets.

use crate::account::Account;
use crate::key::Key;
use crate::store::{Store, StoreError};

/// Keeps accounts in RAM, for tests, and for tokens that are set up at each start.
#[derive(Debug)]
pub struct MemoryStore<const PLACES: usize> {
    accounts: [Option<Account>; PLACES],
    access_key: Option<Key>,
    salt: [u8; 8],
}

impl<const PLACES: usize> MemoryStore<PLACES> {
    /// Makes a store without accounts.
    #[must_use]
    pub const fn new(salt: [u8; 8]) -> Self {
        const { assert!(PLACES <= 255, "places have numbers of one byte") };
        Self { accounts: [const { None }; PLACES], access_key: None, salt }
    }

    fn place(&mut self, place: u8) -> Result<&mut Option<Account>, StoreError> {
        self.accounts.get_mut(usize::from(place)).ok_or(StoreError)
    }
}

impl<const PLACES: usize> Store for MemoryStore<PLACES> {
    #[expect(clippy::cast_possible_truncation, reason = "`new` checks it")]
    const PLACES: u8 = PLACES as u8;

    fn load(&mut self, place: u8) -> Result<Option<Account>, StoreError> {
        self.place(place).cloned()
    }

    fn save(&mut self, place: u8, account: &Account) -> Result<(), StoreError> {
        *self.place(place)? = Some(account.clone());
        Ok(())
    }

    fn set_next(&mut self, place: u8, next: u64) -> Result<(), StoreError> {
        self.place(place)?.as_mut().ok_or(StoreError)?.set_next(next);
        Ok(())
    }

    fn remove(&mut self, place: u8) -> Result<(), StoreError> {
        *self.place(place)? = None;
        Ok(())
    }

    fn access_key(&mut self) -> Result<Option<Key>, StoreError> {
        Ok(self.access_key.clone())
    }

    fn set_access_key(&mut self, key: Option<&Key>) -> Result<(), StoreError> {
        self.access_key = key.cloned();
        Ok(())
    }

    fn salt(&mut self) -> Result<[u8; 8], StoreError> {
        Ok(self.salt)
    }

    fn reset(&mut self, salt: [u8; 8]) -> Result<(), StoreError> {
        *self = Self::new(salt);
        Ok(())
    }
}
