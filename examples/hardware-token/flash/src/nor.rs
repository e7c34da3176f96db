//! Simulated NOR flash: a write changes bits of a word from 1 to 0, and an erase sets a page to 1.
//! It wears, and its power can be cut at any word.

use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

const WORD: usize = 4;

/// The time of a power cut, and its effect on the word or page of that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The number of words and pages that are still written and erased as a whole.
    pub after: u64,
    /// In the next word, only bits of this mask change: none for 0. In the next page, a word is
    /// erased if its number has bits in common with the mask.
    pub changes: u32,
}

/// Flash over memory of any kind, with pages of so many bytes.
#[derive(Debug)]
pub struct Nor<M, const PAGE: usize = 4096> {
    memory: M,
    /// Words that were written, and pages that were erased.
    operations: u64,
    erases: u64,
    cut: Option<Cut>,
    is_off: bool,
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const PAGE: usize> Nor<M, PAGE> {
    /// Takes memory as it is: a whole number of pages.
    pub const fn new(memory: M) -> Self {
        Self { memory, operations: 0, erases: 0, cut: None, is_off: false }
    }

    /// As [`new`](Self::new), with every page erased.
    pub fn erased(mut memory: M) -> Self {
        memory.as_mut().fill(0xff);
        Self::new(memory)
    }

    /// Cuts the power as `cut` says.
    pub fn cut(&mut self, cut: Cut) {
        self.cut = Some(cut);
    }

    /// Switches the power on again.
    pub fn restart(&mut self) {
        self.cut = None;
        self.is_off = false;
    }

    /// Returns whether the power is off.
    pub const fn is_off(&self) -> bool {
        self.is_off
    }

    /// Returns the number of words that were written and pages that were erased.
    pub const fn operations(&self) -> u64 {
        self.operations
    }

    /// Returns the number of pages that were erased.
    pub const fn erases(&self) -> u64 {
        self.erases
    }

    /// Returns the bytes.
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// Returns the bits of the next operation that change. It is an error if the power is cut after
    /// them.
    fn operate(&mut self) -> (u32, Result<(), PowerLost>) {
        if self.is_off {
            return (0, Err(PowerLost));
        }
        if let Some(cut) = &mut self.cut {
            let Some(after) = cut.after.checked_sub(1) else {
                self.is_off = true;
                return (cut.changes, Err(PowerLost));
            };
            cut.after = after;
        }
        self.operations = self.operations.saturating_add(1);
        (u32::MAX, Ok(()))
    }

    fn range(&mut self, offset: u32, len: usize) -> Result<&mut [u8], PowerLost> {
        let start = usize::try_from(offset).map_err(|_| PowerLost)?;
        let end = start.checked_add(len).ok_or(PowerLost)?;
        self.memory.as_mut().get_mut(start..end).ok_or(PowerLost)
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const PAGE: usize> ErrorType for Nor<M, PAGE> {
    type Error = PowerLost;
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const PAGE: usize> ReadNorFlash for Nor<M, PAGE> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerLost> {
        if self.is_off {
            return Err(PowerLost);
        }
        let from = self.range(offset, bytes.len())?;
        bytes.copy_from_slice(from);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.memory.as_ref().len()
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const PAGE: usize> NorFlash for Nor<M, PAGE> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerLost> {
        for page in (from..to).step_by(PAGE) {
            let (changes, result) = self.operate();
            self.erases = self.erases.saturating_add(result.is_ok().into());
            for (number, word) in (1_u32..).zip(self.range(page, PAGE)?.as_chunks_mut::<WORD>().0) {
                if result.is_ok() || number & changes != 0 {
                    *word = [0xff; WORD];
                }
            }
            result?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerLost> {
        for (at, new) in (offset..).step_by(WORD).zip(bytes.as_chunks::<WORD>().0) {
            let (changes, result) = self.operate();
            if let Some(word) = self.range(at, WORD)?.first_chunk_mut::<WORD>() {
                let kept = u32::from_ne_bytes(*new) | !changes;
                *word = (u32::from_ne_bytes(*word) & kept).to_ne_bytes();
            }
            result?;
        }
        Ok(())
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const PAGE: usize> MultiwriteNorFlash for Nor<M, PAGE> {}

/// The power is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerLost;

impl NorFlashError for PowerLost {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}
