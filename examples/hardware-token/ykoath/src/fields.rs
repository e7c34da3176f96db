//! The data of a command: fields, each a tag, a length and a value.

use crate::protocol::Status;

/// Takes fields off the front of the data, in the order of the protocol.
///
/// A field that is missing or malformed reads as empty, and [`end`](Self::end) is then an error. So
/// a command takes all its fields, and does nothing before `end`.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
    is_malformed: bool,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, is_malformed: false }
    }

    /// The value of the next field, which has this tag.
    pub(crate) fn take(&mut self, tag: u8) -> &'a [u8] {
        if let Some(value) = self.take_if(tag) {
            return value;
        }
        self.is_malformed = true;
        &[]
    }

    /// The value of the next field, if it has this tag.
    pub(crate) fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (len, rest) = match self.rest {
            [first, ..] if *first != tag => return None,
            // Lengths from 128 on take another byte, or two (ISO/IEC 8825-1 section 8.1.3).
            [_, 0x82, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            [_, 0x81, len, rest @ ..] => ((*len).into(), rest),
            [_, len @ ..=0x7f, rest @ ..] => ((*len).into(), rest),
            // A tag without a length is left, and nothing takes it.
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(len.into())?;
        self.rest = rest;
        Some(value)
    }

    /// The byte behind this tag, if the tag is next. Properties do not have a length.
    pub(crate) fn take_byte_if(&mut self, tag: u8) -> Option<u8> {
        match self.rest {
            [first, value, rest @ ..] if *first == tag => {
                self.rest = rest;
                Some(*value)
            }
            _ => None,
        }
    }

    /// Every field was there, and nothing follows.
    pub(crate) fn end(&self) -> Result<(), Status> {
        if self.rest.is_empty() && !self.is_malformed { Ok(()) } else { Err(Status::WrongData) }
    }
}
