//! The data of a command: fields, each a tag, a length and a value.

use crate::protocol::Status;

/// Takes fields off the front of the data, in the order of the protocol.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// The value of the next field, which has this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Result<&'a [u8], Status> {
        self.take_if(tag)?.ok_or(Status::WrongData)
    }

    /// The value of the next field, if it has this tag.
    pub(crate) fn take_if(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Status> {
        let (len, rest) = match self.0 {
            [first, ..] if *first != tag => return Ok(None),
            [] => return Ok(None),
            // Lengths from 128 on take another byte, or two (ISO/IEC 8825-1 section 8.1.3).
            [_, 0x82, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest),
            [_, 0x81, len, rest @ ..] => ((*len).into(), rest),
            [_, len @ ..=0x7f, rest @ ..] => ((*len).into(), rest),
            _ => return Err(Status::WrongData),
        };
        let (value, rest) = rest.split_at_checked(len.into()).ok_or(Status::WrongData)?;
        self.0 = rest;
        Ok(Some(value))
    }

    /// The byte behind this tag, if the tag is next. Properties have no length.
    pub(crate) fn take_byte_if(&mut self, tag: u8) -> Option<u8> {
        match self.0 {
            [first, value, rest @ ..] if *first == tag => {
                self.0 = rest;
                Some(*value)
            }
            _ => None,
        }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Status> {
        if self.0.is_empty() { Ok(()) } else { Err(Status::WrongData) }
    }
}
