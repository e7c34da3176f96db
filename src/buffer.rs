//! Writes text into a buffer that the caller provides.

use core::error::Error;
use core::fmt;

/// Calls `write` with `buffer`, and returns the part that was written.
pub(crate) fn write_to(
    buffer: &mut [u8],
    write: impl FnOnce(&mut Cursor<'_>) -> fmt::Result,
) -> Result<&str, BufferTooSmall> {
    let mut cursor = Cursor::new(buffer);
    write(&mut cursor).map_err(|_| BufferTooSmall(()))?;
    let len = cursor.written()?;
    str::from_utf8(buffer.get(..len).unwrap_or_default()).map_err(|_| BufferTooSmall(()))
}

/// A buffer that is filled from its start.
pub(crate) struct Cursor<'b> {
    buffer: &'b mut [u8],
    /// `None` after something did not fit, because a value may ignore that error and continue to
    /// write.
    len: Option<usize>,
}

impl<'b> Cursor<'b> {
    pub(crate) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: Some(0) }
    }

    /// Returns how many bytes were written, if all of them fitted.
    pub(crate) const fn written(&self) -> Result<usize, BufferTooSmall> {
        match self.len {
            Some(len) => Ok(len),
            None => Err(BufferTooSmall(())),
        }
    }

    /// Calls `fill` with the space that is left. `fill` returns how many bytes it wrote, or `None`
    /// if they did not fit.
    pub(crate) fn fill(&mut self, fill: impl FnOnce(&mut [u8]) -> Option<usize>) -> fmt::Result {
        let before = self.len.take().ok_or(fmt::Error)?;
        let space = self.buffer.get_mut(before..).unwrap_or_default();
        let more = fill(space).ok_or(fmt::Error)?;
        self.len = Some(before.saturating_add(more));
        Ok(())
    }
}

impl fmt::Write for Cursor<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.fill(|space| {
            space.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
            Some(text.len())
        })
    }
}

/// The error for a buffer that is too small for the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferTooSmall(pub(crate) ());

impl fmt::Display for BufferTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text does not fit into the buffer")
    }
}

impl Error for BufferTooSmall {}
