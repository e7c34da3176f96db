//! The serde form of what a host stores: hexadecimal text in formats that people read, and
//! bytes in all others.
//!
//! Reading also accepts a list of bytes. Earlier versions wrote that into every format.

use core::fmt;
use core::marker::PhantomData;

use serde_core::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_core::ser::{Error as _, Serializer};

/// A type with a byte form of at most `ROOM` bytes.
pub(crate) trait Stored: Sized {
    /// The name of the type, for the messages of a format.
    const NAME: &'static str;
    type Error: fmt::Display;

    fn read(bytes: &[u8]) -> Result<Self, Self::Error>;
}

/// Writes hexadecimal text. `room` has twice as many bytes as `bytes`, or more.
pub(crate) fn serialize_text<S: Serializer>(
    bytes: &[u8],
    room: &mut [u8],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    // Without a table or a branch: a recovery set is worth protecting.
    let text = base16ct::lower::encode_str(bytes, room).map_err(S::Error::custom)?;
    serializer.serialize_str(text)
}

/// Reads any of the forms. `as_bytes` asks a format for the bytes that it does not describe
/// itself.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Stored, const ROOM: usize>(
    deserializer: D,
    as_bytes: impl FnOnce(D, Reader<T, ROOM>) -> Result<T, D::Error>,
) -> Result<T, D::Error> {
    let reader = Reader(PhantomData);
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(reader)
    } else {
        as_bytes(deserializer, reader)
    }
}

pub(crate) struct Reader<T, const ROOM: usize>(PhantomData<T>);

impl<'de, T: Stored, const ROOM: usize> Visitor<'de> for Reader<T, ROOM> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as hexadecimal text or bytes", T::NAME)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        let mut room = [0; ROOM];
        match base16ct::mixed::decode(text, &mut room) {
            Ok(bytes) => self.visit_bytes(bytes),
            Err(_) => Err(E::custom(format_args!("{} is not hexadecimal text", T::NAME))),
        }
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        T::read(bytes).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<T, A::Error> {
        let mut room = [0; ROOM];
        let mut len = 0_usize;
        while let Some(byte) = bytes.next_element()? {
            // No version has so many bytes.
            *room.get_mut(len).ok_or_else(|| A::Error::invalid_length(len, &self))? = byte;
            len = len.saturating_add(1);
        }
        self.visit_bytes(room.get(..len).unwrap_or_default())
    }
}
