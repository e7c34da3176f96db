//! Answers with several parts, as JSON.

use core::fmt::{self, Display, Write as _};

use crate::memory::Output;

/// The largest integer whose neighbours a number of JavaScript can tell apart.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// An object or an array that is being written.
pub(crate) struct Json<'a> {
    output: &'a mut Output,
    first: bool,
}

impl<'a> Json<'a> {
    /// Writes an object; `fields` writes what is in it.
    pub(crate) fn object(output: &mut Output, fields: impl FnOnce(&mut Json<'_>)) {
        put(output, "{");
        fields(&mut Json { output, first: true });
        put(output, "}");
    }

    fn separate(&mut self) {
        if !self.first {
            put(self.output, ",");
        }
        self.first = false;
    }

    fn name(&mut self, name: &str) -> &mut Output {
        self.separate();
        put(self.output, "\"");
        put(self.output, name);
        put(self.output, "\":");
        self.output
    }

    /// Writes a text, or a value by its `Display`.
    #[inline(never)]
    pub(crate) fn text(&mut self, name: &str, value: &dyn Display) -> &mut Self {
        let output = self.name(name);
        put(output, "\"");
        let _ = write!(Escaped(output), "{value}");
        put(output, "\"");
        self
    }

    pub(crate) fn optional_text(&mut self, name: &str, value: Option<&dyn Display>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Writes an integer. One over 2^53 is clamped: JavaScript cannot tell such numbers apart, and
    /// no counter of a client gets there.
    pub(crate) fn number(&mut self, name: &str, value: impl TryInto<i64>) -> &mut Self {
        self.integer(name, value.try_into().unwrap_or(i64::MAX))
    }

    #[inline(never)]
    fn integer(&mut self, name: &str, value: i64) -> &mut Self {
        let bound = MAX_SAFE.cast_signed();
        let _ = write!(self.name(name), "{}", value.clamp(-bound, bound));
        self
    }

    pub(crate) fn optional_number(
        &mut self,
        name: &str,
        value: Option<impl TryInto<i64>>,
    ) -> &mut Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) -> &mut Self {
        put(self.name(name), if value { "true" } else { "false" });
        self
    }

    #[cfg(feature = "main")]
    /// An object in this one.
    pub(crate) fn nested(&mut self, name: &str, fields: impl FnOnce(&mut Json<'_>)) -> &mut Self {
        Json::object(self.name(name), fields);
        self
    }

    /// An array in this object: `items` writes what is in it, with [`item`](Self::item).
    pub(crate) fn array(&mut self, name: &str, items: impl FnOnce(&mut Json<'_>)) -> &mut Self {
        let output = self.name(name);
        put(output, "[");
        items(&mut Json { output, first: true });
        put(output, "]");
        self
    }

    /// An object of an array.
    pub(crate) fn item(&mut self, fields: impl FnOnce(&mut Json<'_>)) {
        self.separate();
        Json::object(self.output, fields);
    }

    #[cfg(feature = "main")]
    /// A text of an array.
    pub(crate) fn text_item(&mut self, value: &dyn Display) {
        self.separate();
        put(self.output, "\"");
        let _ = write!(Escaped(self.output), "{value}");
        put(self.output, "\"");
    }

    #[cfg(feature = "main")]
    /// A truth value of an array.
    pub(crate) fn flag_item(&mut self, value: bool) {
        self.separate();
        put(self.output, if value { "true" } else { "false" });
    }
}

fn put(output: &mut Output, text: &str) {
    output.put(text.as_bytes());
}

/// Escapes the characters that RFC 8259 section 7 names.
struct Escaped<'a>(&'a mut Output);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.0.put(&[b'\\', byte]),
                0..0x20 => write!(self.0, "\\u{byte:04x}")?,
                _ => self.0.put(&[byte]),
            }
        }
        Ok(())
    }
}

/// Bytes in lower-case hexadecimal: one text for each value, so that a store can compare texts.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads what [`Hex`] wrote into the buffer. Nothing else is read, upper case neither.
pub(crate) fn read_hex<'b>(text: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let digit = |symbol: u8| match symbol {
        b'0'..=b'9' => Some(symbol.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(symbol.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let (pairs, rest) = text.as_chunks::<2>();
    let bytes = buffer.get_mut(..pairs.len()).filter(|_| rest.is_empty())?;
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}
