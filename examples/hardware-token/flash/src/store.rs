//! The items that each call writes.

use core::fmt;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use sequential_storage::cache::{Cache, Uncached};
use sequential_storage::map::{MapConfig, MapStorage};
use ykoath::{Account, Key, Kind, Store, StoreError};
use zeroize::Zeroize;

use crate::pages::{Pages, now};

/// The most accounts, and the most states.
pub const PLACES: u8 = 32;

/// The longest state in bytes: a set of ten recovery codes and its throttle, as one record.
pub const MAX_STATE: usize = 432;

/// Keys of items. An account: a generation of four bytes, then its record.
const ACCOUNT: u8 = 0;
/// The counter of an account: its generation, then the counter of the next code. If the generations
/// differ, the counter belongs to an account that was replaced.
const COUNTER: u8 = 0x20;
/// The state of an authenticator that the token verifies.
const STATE: u8 = 0x40;
/// The salt, then the hash and the bytes of the access key, if there is one.
const IDENTITY: u8 = 0x60;

/// The longest item, with its key, in whole words.
const MAX_ITEM: usize = (1 + MAX_STATE).next_multiple_of(4);
const _: () = assert!(MAX_STATE > GENERATION + Account::MAX_RECORD);
const GENERATION: usize = 4;

type Log<F> = MapStorage<u8, Pages<F>, Cache<Uncached, Uncached, Uncached, u8>>;

/// Accounts, counters and states in the pages of a flash, from the first page to the last.
pub struct FlashStore<F: MultiwriteNorFlash> {
    log: Log<F>,
    /// The last item that was read or written. Wiped after each call.
    item: [u8; MAX_ITEM],
    is_closed: bool,
}

impl<F: MultiwriteNorFlash> FlashStore<F> {
    /// Takes a flash as it is: erased, or as another store has left it, also after a power cut.
    ///
    /// # Errors
    /// If the flash has fewer than three pages, or cannot be read.
    pub fn new(flash: F) -> Result<Self, StoreError> {
        let pages = Pages::new(flash).ok_or(StoreError)?;
        let config = MapConfig::try_new(0..pages.end()).map_err(|_| StoreError)?;
        let log = MapStorage::new(pages, config, Cache::new_uncached());
        Ok(Self { log, item: [0; MAX_ITEM], is_closed: false })
    }

    /// Refuses every call from now on, until [`reset`](Store::reset) erases the flash. For a
    /// firmware whose last run ended in a panic, which the contents of the flash may have caused.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// The flash.
    pub fn flash(&mut self) -> &mut F {
        &mut self.log.flash().flash
    }

    /// Returns the flash.
    pub fn into_flash(self) -> F {
        self.log.destroy().0.flash
    }

    /// Reads the bytes of a verifier's state into `buffer`. `None` if nothing was stored at this
    /// place.
    ///
    /// # Errors
    /// If it cannot be read, or `buffer` is shorter.
    pub fn state<'b>(
        &mut self,
        place: u8,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, StoreError> {
        let len = self.read(STATE | checked(place)?, |bytes| {
            buffer.get_mut(..bytes.len())?.copy_from_slice(bytes);
            Some(bytes.len())
        })?;
        Ok(len.and_then(|len| buffer.get(..len)))
    }

    /// Stores the bytes of a verifier's state, at most [`MAX_STATE`].
    ///
    /// # Errors
    /// If they cannot be stored. The old state stays.
    pub fn set_state(&mut self, place: u8, state: &[u8]) -> Result<(), StoreError> {
        if state.len() > MAX_STATE {
            return Err(StoreError);
        }
        self.write(STATE | checked(place)?, state)
    }

    /// Returns the result of `parse` on an item, or `None` if there is no such item. If `parse`
    /// returns `None`, something else has written the item, which is an error.
    fn read<T>(
        &mut self,
        key: u8,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.check_open()?;
        let read = match now(self.log.fetch_item::<&[u8]>(&mut self.item, &key)) {
            Some(Ok(None)) => Ok(None),
            Some(Ok(Some(bytes))) => parse(bytes).map(Some).ok_or(StoreError),
            _ => Err(StoreError),
        };
        self.item.zeroize();
        read
    }

    fn write(&mut self, key: u8, bytes: &[u8]) -> Result<(), StoreError> {
        self.check_open()?;
        if self.write_once(key, bytes)? {
            return Ok(());
        }
        // Some byte of the page cannot be written. The log goes on in the next page.
        self.log.flash().give_up_page().map_err(|_| StoreError)?;
        if self.write_once(key, bytes)? { Ok(()) } else { Err(StoreError) }
    }

    /// Writes an item, and returns whether it reads as it was written.
    fn write_once(&mut self, key: u8, bytes: &[u8]) -> Result<bool, StoreError> {
        let written = now(self.log.store_item(&mut self.item, &key, &bytes));
        self.item.zeroize();
        done(written)?;
        Ok(self.read(key, |read| Some(read == bytes))? == Some(true))
    }

    fn erase(&mut self, key: u8) -> Result<(), StoreError> {
        self.check_open()?;
        let erased = now(self.log.remove_item(&mut self.item, &key));
        self.item.zeroize();
        done(erased)
    }

    fn check_open(&self) -> Result<(), StoreError> {
        if self.is_closed { Err(StoreError) } else { Ok(()) }
    }

    /// Returns the generation of an item: its first four bytes.
    fn generation(&mut self, key: u8) -> Result<u32, StoreError> {
        let generation = self.read(key, |bytes| bytes.first_chunk().copied())?;
        Ok(generation.map_or(0, u32::from_be_bytes))
    }
}

impl<F: MultiwriteNorFlash> Store for FlashStore<F> {
    const PLACES: u8 = PLACES;

    fn load(&mut self, place: u8) -> Result<Option<Account>, StoreError> {
        let place = checked(place)?;
        let account = self.read(ACCOUNT | place, |bytes| {
            let (generation, record) = bytes.split_first_chunk::<GENERATION>()?;
            Some((*generation, Account::from_record(record)?))
        })?;
        let Some((generation, mut account)) = account else { return Ok(None) };
        let Kind::Hotp { .. } = account.kind() else { return Ok(Some(account)) };
        let counter = self.read(COUNTER | place, |bytes| {
            let (of, next) = bytes.split_first_chunk::<GENERATION>()?;
            Some((*of == generation).then_some(u64::from_be_bytes(next.try_into().ok()?)))
        })?;
        if let Some(next) = counter.flatten() {
            account.set_next(next);
        }
        Ok(Some(account))
    }

    fn save(&mut self, place: u8, account: &Account) -> Result<(), StoreError> {
        let place = checked(place)?;
        // A new generation. From the last word of this item on, the old counter belongs to another
        // account.
        let last = self.generation(ACCOUNT | place)?.max(self.generation(COUNTER | place)?);
        let generation = last.checked_add(1).ok_or(StoreError)?.to_be_bytes();
        let mut record = [0; Account::MAX_RECORD];
        let mut item = [0; GENERATION + Account::MAX_RECORD];
        let len = account.expose_record(&mut record).len().saturating_add(GENERATION);
        for (to, from) in item.iter_mut().zip(generation.iter().chain(&record)) {
            *to = *from;
        }
        let saved = self.write(ACCOUNT | place, item.get(..len).unwrap_or_default());
        record.zeroize();
        item.zeroize();
        saved
    }

    fn set_next(&mut self, place: u8, next: u64) -> Result<(), StoreError> {
        let place = checked(place)?;
        let generation = self.generation(ACCOUNT | place)?.to_be_bytes();
        let mut item = [0; 12];
        for (to, from) in item.iter_mut().zip(generation.iter().chain(&next.to_be_bytes())) {
            *to = *from;
        }
        self.write(COUNTER | place, &item)
    }

    fn remove(&mut self, place: u8) -> Result<(), StoreError> {
        let place = checked(place)?;
        self.erase(ACCOUNT | place)?;
        self.erase(COUNTER | place)
    }

    fn access_key(&mut self) -> Result<Option<Key>, StoreError> {
        let key = self.read(IDENTITY, |bytes| match bytes {
            [_, _, _, _, _, _, _, _] => Some(None),
            [_, _, _, _, _, _, _, _, algorithm, key @ ..] => {
                Some(Some(Key::from_record(*algorithm, key)?))
            }
            _ => None,
        })?;
        // The identity of a token is lost only if its flash is damaged. Nothing is open without it.
        key.ok_or(StoreError)
    }

    fn set_access_key(&mut self, key: Option<&Key>) -> Result<(), StoreError> {
        let salt = self.salt()?;
        self.identify(salt, key)
    }

    fn salt(&mut self) -> Result<[u8; 8], StoreError> {
        Ok(self.read(IDENTITY, |bytes| bytes.first_chunk().copied())?.unwrap_or_default())
    }

    /// Keeps the states. If the flash is damaged or the store is [closed](Self::close), every page
    /// is erased, and the states too.
    fn reset(&mut self, salt: [u8; 8]) -> Result<(), StoreError> {
        if self.forget(salt).is_ok() {
            return Ok(());
        }
        self.log.flash().erase_all().map_err(|_| StoreError)?;
        self.is_closed = false;
        self.identify(salt, None)
    }
}

impl<F: MultiwriteNorFlash> FlashStore<F> {
    /// Removes the accounts. The access key goes last, because it protects nothing then.
    fn forget(&mut self, salt: [u8; 8]) -> Result<(), StoreError> {
        for place in 0..PLACES {
            self.remove(place)?;
        }
        self.identify(salt, None)
    }

    fn identify(&mut self, salt: [u8; 8], key: Option<&Key>) -> Result<(), StoreError> {
        let mut item = [0; 9 + ykoath::MAX_KEY];
        let key = key.map_or((None, [].as_slice()), |key| (Some(key.number()), key.expose_bytes()));
        let mut len = 0_usize;
        for (to, from) in item.iter_mut().zip(salt.iter().chain(&key.0).chain(key.1)) {
            *to = *from;
            len = len.saturating_add(1);
        }
        let written = self.write(IDENTITY, item.get(..len).unwrap_or_default());
        item.zeroize();
        written
    }
}

/// Without what is in the flash.
impl<F: MultiwriteNorFlash> fmt::Debug for FlashStore<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlashStore").finish_non_exhaustive()
    }
}

fn checked(place: u8) -> Result<u8, StoreError> {
    if place < PLACES { Ok(place) } else { Err(StoreError) }
}

/// Turns the answer of the log into a result.
fn done<E>(answer: Option<Result<(), E>>) -> Result<(), StoreError> {
    answer.and_then(Result::ok).ok_or(StoreError)
}
