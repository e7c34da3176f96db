//! Text into an array, and a number for it.

use core::fmt::{self, Write};

/// Text up to a length.
pub struct Sink {
    bytes: [u8; 512],
    len: usize,
}

impl Sink {
    pub fn of(value: impl fmt::Display) -> Option<Self> {
        let mut sink = Self { bytes: [0; 512], len: 0 };
        write!(sink, "{value}").ok()?;
        Some(sink)
    }

    pub fn text(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// FNV-1a of a text of any length.
pub struct Fnv(pub u64);

impl Fnv {
    pub fn of(value: impl fmt::Display) -> Option<u64> {
        let mut fnv = Self(0xcbf2_9ce4_8422_2325);
        write!(fnv, "{value}").ok()?;
        Some(fnv.0)
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.0 = text.bytes().fold(self.0, step);
        Ok(())
    }
}
