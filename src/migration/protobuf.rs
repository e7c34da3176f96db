//! The wire format of protocol buffers, read field by field without a schema.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>. Groups (wire types 3 and 4) are
//! deprecated and refused, because skipping them needs a stack.

use super::error::{Error, Part, Problem};

/// A message, or the rest of one.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) bytes: &'a [u8],
    /// The offset of `bytes` from the start of the outermost message.
    pub(super) offset: usize,
}

/// One field of a message.
pub(super) struct Field<'a> {
    /// 1 to 2^29 − 1.
    pub(super) number: u64,
    /// The offset of its key, counted like [`Message::offset`].
    pub(super) offset: usize,
    value: Value<'a>,
}

/// The content of a field, as far as the wire type tells it.
enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2: bytes, a text or a message.
    Bytes(Message<'a>),
    /// Wire types 1 and 5: eight or four bytes. No known field has them.
    Fixed,
}

impl<'a> Message<'a> {
    /// Returns the next field, or `None` at the end.
    ///
    /// # Errors
    /// [`Problem::Truncated`], [`Problem::OutOfRange`] or [`Problem::NotAField`].
    pub(super) fn next_field(&mut self) -> Result<Option<Field<'a>>, Error> {
        let offset = self.offset;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let number = key >> 3;
        if !matches!(number, 1..0x2000_0000) {
            return Err(Error::new(Part::Payload, Problem::NotAField, offset));
        }
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let len = self.varint()?;
                // A length beyond the address space is beyond the end too.
                Value::Bytes(self.take(usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(Error::new(Part::Payload, Problem::NotAField, offset)),
        };
        Ok(Some(Field { number, offset, value }))
    }

    /// Takes the first `len` bytes.
    fn take(&mut self, len: usize) -> Result<Self, Error> {
        let offset = self.offset;
        let truncated = Error::new(Part::Payload, Problem::Truncated, offset);
        let (bytes, rest) = self.bytes.split_at_checked(len).ok_or(truncated)?;
        *self = Self { bytes: rest, offset: offset.saturating_add(len) };
        Ok(Self { bytes, offset })
    }

    /// Reads a number in groups of seven bits, lowest group first. It has at most ten bytes.
    /// Unneeded zero groups are allowed, as in all readers. A number over 64 bits is refused, not
    /// truncated.
    fn varint(&mut self) -> Result<u64, Error> {
        let error = Error::new(Part::Payload, Problem::OutOfRange, self.offset);
        let mut value = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.take(1)?.bytes.first().copied().unwrap_or_default();
            let bits = u64::from(byte & 0x7f);
            let shifted = bits.wrapping_shl(shift);
            if shifted.wrapping_shr(shift) != bits {
                return Err(error);
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(error)
    }
}

impl<'a> Field<'a> {
    /// Returns the number in the field.
    ///
    /// # Errors
    /// [`Problem::WireType`] with `part` if the field holds something else. Readers of protocol
    /// buffers usually skip such a field, and it would silently get its default.
    pub(super) fn varint(&self, part: Part) -> Result<u64, Error> {
        match self.value {
            Value::Varint(value) => Ok(value),
            _ => Err(Error::new(part, Problem::WireType, self.offset)),
        }
    }

    /// Returns the bytes in the field.
    ///
    /// # Errors
    /// The errors of [`Field::varint`].
    pub(super) fn bytes(&self, part: Part) -> Result<Message<'a>, Error> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(Error::new(part, Problem::WireType, self.offset)),
        }
    }
}
