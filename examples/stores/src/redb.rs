//! redb: a store inside the process, written in Rust, for a device or a service with one
//! process.
//!
//! Only one transaction writes at a time, so nothing happens between the comparison and the
//! write. When `commit` returns, the state is on the disk. Only one process can open the file.
//! A second one gets an error.

use otp_core::verifier::{State, Swap};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::{Error, NotEnrolled};

const OTP: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("otp");

/// A file.
#[derive(Debug)]
pub struct Store(Database);

impl Store {
    /// Opens a file. Creates it if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened, or another process has it open.
    pub fn open(file: &str) -> Result<Self, Error> {
        let database = Database::create(file)?;
        let write = database.begin_write()?;
        write.open_table(OTP)?;
        write.commit()?;
        Ok(Self(database))
    }

    /// Stores the state of a new user. An existing state stays as it is.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn enrol(&self, user: &str) -> Result<(), Error> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(OTP)?;
            if table.get(user)?.is_none() {
                table.insert(user, State::enrolment().to_bytes().as_ref())?;
            }
        }
        Ok(write.commit()?)
    }

    /// Loads a state.
    ///
    /// # Errors
    /// The file cannot be read, or the user has no state.
    pub fn load(&self, user: &str) -> Result<State, Error> {
        let table = self.0.begin_read()?.open_table(OTP)?;
        let stored = table.get(user)?.ok_or(NotEnrolled)?;
        Ok(State::from_bytes(stored.value())?)
    }

    /// Replaces a state, if it is still `old`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn swap(&self, user: &str, old: State, new: State) -> Result<Swap, Error> {
        let write = self.0.begin_write()?;
        {
            let mut table = write.open_table(OTP)?;
            let matches =
                table.get(user)?.is_some_and(|row| row.value() == old.to_bytes().as_ref());
            if !matches {
                return Ok(Swap::Lost);
            }
            table.insert(user, new.to_bytes().as_ref())?;
        }
        write.commit()?;
        Ok(Swap::Stored)
    }
}
