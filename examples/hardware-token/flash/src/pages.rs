//! The pages of the log. They turn a blocking driver into the asynchronous one that the log asks
//! for. They also repeat an erase that a loss of power has interrupted.
//!
//! A page whose erase was interrupted may read as if it were whole, with bytes missing in its
//! middle, or as if it were erased, with bytes left. The log cannot tell: it would write over such
//! bytes, or trust such a page and drop the good copy of it. So the last page of the flash is a
//! journal. Before an erase, a slot of the journal gets the number of the page. After the erase,
//! the slot is written to zero. If the power is cut in between, the erase is repeated before
//! anything else.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_storage::nor_flash as blocking;
use embedded_storage_async::nor_flash::{ErrorType, MultiwriteNorFlash, NorFlash, ReadNorFlash};

/// The largest word that a driver may write.
const MAX_WORD: usize = 32;

/// The number in a slot that stands for every page before the journal. No flash here has so many
/// pages.
const EVERY_PAGE: u16 = u16::MAX;

/// All pages except the last, which is the journal.
pub(crate) struct Pages<F> {
    pub(crate) flash: F,
    /// Bytes before the journal.
    end: u32,
    /// The address of the next slot.
    slot: u32,
    /// A page whose erase has begun, and where its slot is.
    unfinished: Option<(u16, u32)>,
    /// The page that was written last.
    written: u16,
}

impl<F: blocking::MultiwriteNorFlash> Pages<F> {
    const PAGE: u32 = F::ERASE_SIZE as u32;
    /// Bytes of the words by which the log marks its pages.
    const WORD: usize = if F::WRITE_SIZE < F::READ_SIZE { F::READ_SIZE } else { F::WRITE_SIZE };
    /// Bytes of a slot.
    const SLOT: usize = if F::WRITE_SIZE < 4 { 4 } else { F::WRITE_SIZE };

    /// Reads the journal. Returns `None` if the flash is too small for one, or cannot be read.
    pub(crate) fn new(flash: F) -> Option<Self> {
        const {
            assert!(Self::SLOT <= MAX_WORD && Self::SLOT.is_multiple_of(4));
            assert!(Self::WORD <= MAX_WORD && F::ERASE_SIZE.is_multiple_of(MAX_WORD));
        };
        let end = u32::try_from(flash.capacity()).ok()?.checked_sub(Self::PAGE)?;
        let mut pages = Self { flash, end, slot: end, unfinished: None, written: 0 };
        // The journal is written from its beginning on, so a slot after a free one means that its
        // own erase was interrupted. No other erase was under way then.
        let mut is_whole = true;
        let mut free = None;
        for at in pages.slots() {
            let mut slot = [0; MAX_WORD];
            let slot = slot.get_mut(..Self::SLOT)?;
            pages.flash.read(at, slot).ok()?;
            if slot.iter().all(|byte| *byte == 0xff) {
                free = free.or(Some(at));
            } else {
                is_whole &= free.is_none();
                pages.unfinished = pages.named(slot).map(|page| (page, at));
            }
        }
        if !is_whole {
            pages.unfinished = None;
        }
        // A journal that is full or torn is erased before its next slot is written.
        pages.slot = free.filter(|_| is_whole).unwrap_or_else(|| pages.end_of_journal());
        Some(pages)
    }

    /// Bytes before the journal.
    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    fn end_of_journal(&self) -> u32 {
        self.end.saturating_add(Self::PAGE)
    }

    fn slots(&self) -> impl Iterator<Item = u32> + use<F> {
        (self.end..self.end_of_journal()).step_by(Self::SLOT)
    }

    /// Returns the page of a slot: its number, and the complement of it. If a slot was torn while
    /// it was written, it has fewer zeros than any number with its complement. If it was torn while
    /// it was written to zero, it has more.
    fn named(&self, slot: &[u8]) -> Option<u16> {
        let [a, b, c, d] = *slot.first_chunk()?;
        let page = u16::from_le_bytes([a, b]);
        let is_name = page == !u16::from_le_bytes([c, d])
            && (page == EVERY_PAGE
                || u32::from(page).checked_mul(Self::PAGE).is_some_and(|at| at < self.end));
        is_name.then_some(page)
    }

    /// Finishes an erase that was interrupted.
    fn settle(&mut self) -> Result<(), F::Error> {
        let Some((page, slot)) = self.unfinished else { return Ok(()) };
        let at = u32::from(page).saturating_mul(Self::PAGE);
        let (from, to) = match page {
            EVERY_PAGE => (0, self.end),
            _ => (at, at.saturating_add(Self::PAGE)),
        };
        self.flash.erase(from, to)?;
        let zeros = [0; MAX_WORD];
        self.flash.write(slot, zeros.get(..Self::SLOT).unwrap_or_default())?;
        self.unfinished = None;
        Ok(())
    }

    /// Marks the page that was written last as full, with the word at its end, so that the log goes
    /// on in the next page.
    pub(crate) fn give_up_page(&mut self) -> Result<(), F::Error> {
        self.settle()?;
        let end = u32::from(self.written).saturating_add(1).saturating_mul(Self::PAGE);
        let zeros = [0; MAX_WORD];
        let word = zeros.get(..Self::WORD).unwrap_or_default();
        self.flash.write(end.saturating_sub(Self::WORD as u32), word)
    }

    /// Returns whether every byte of a page is erased.
    fn is_blank(&mut self, page: u16) -> Result<bool, F::Error> {
        let start = u32::from(page).saturating_mul(Self::PAGE);
        let mut bytes = [0; MAX_WORD];
        for at in (start..start.saturating_add(Self::PAGE)).step_by(MAX_WORD) {
            self.flash.read(at, &mut bytes)?;
            if bytes != [0xff; MAX_WORD] {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Erases every page before the journal. A loss of power does not leave some of them.
    pub(crate) fn erase_all(&mut self) -> Result<(), F::Error> {
        self.erase_page(EVERY_PAGE)
    }

    fn erase_page(&mut self, page: u16) -> Result<(), F::Error> {
        let journal = self.end_of_journal();
        if self.slot >= journal {
            self.flash.erase(self.end, journal)?;
            self.slot = self.end;
        }
        let mut name = [0xff; MAX_WORD];
        for (to, from) in
            name.iter_mut().zip(page.to_le_bytes().into_iter().chain((!page).to_le_bytes()))
        {
            *to = from;
        }
        let slot = self.slot;
        // The slot is used, even if the write fails.
        self.slot = slot.saturating_add(Self::SLOT as u32);
        self.flash.write(slot, name.get(..Self::SLOT).unwrap_or_default())?;
        self.unfinished = Some((page, slot));
        self.settle()
    }
}

impl<F: blocking::ErrorType> ErrorType for Pages<F> {
    type Error = F::Error;
}

impl<F: blocking::MultiwriteNorFlash> ReadNorFlash for Pages<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        self.settle()?;
        self.flash.read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.flash.capacity().saturating_sub(F::ERASE_SIZE)
    }
}

impl<F: blocking::MultiwriteNorFlash> NorFlash for Pages<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), F::Error> {
        self.settle()?;
        for (page, at) in (0..EVERY_PAGE).zip((0..self.end).step_by(F::ERASE_SIZE)) {
            if (from..to).contains(&at) {
                self.erase_page(page)?;
            }
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), F::Error> {
        self.settle()?;
        let page = offset
            .checked_div(Self::PAGE)
            .and_then(|page| u16::try_from(page).ok())
            .unwrap_or_default();
        self.written = page;
        // The first word of a page marks that the log goes on there. A page that is damaged has
        // bytes that nobody erased.
        if offset.is_multiple_of(Self::PAGE) && !self.is_blank(page)? {
            self.erase_page(page)?;
        }
        self.flash.write(offset, bytes)
    }
}

impl<F: blocking::MultiwriteNorFlash> MultiwriteNorFlash for Pages<F> {}

/// Returns the value of a future. `None` never comes, because such a future does not wait.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
