//! Serialises the byte format with serde, and checks it in the same way when it is read.

use serde_core::ser::{Error as _, SerializeTuple};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::SetError;
use super::hash::Hash;
use super::set::Set;
use crate::stored::{Stored, deserialize, serialize_text};

/// The length of the largest set.
const MAX_LEN: usize = Set::<32>::LEN;

/// Serialises as hexadecimal text in formats that people read, such as JSON. All other formats have
/// a tuple of the bytes of [`Set::write_bytes`].
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<const N: usize, H: Hash> Serialize for Set<N, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; MAX_LEN];
        let bytes = self.write_bytes(&mut buffer).map_err(S::Error::custom)?;
        if serializer.is_human_readable() {
            return serialize_text(bytes, &mut [0; 2 * MAX_LEN], serializer);
        }
        let mut tuple = serializer.serialize_tuple(bytes.len())?;
        for byte in bytes {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

/// Reads hexadecimal text, bytes or a list of bytes, and checks like [`Set::from_bytes`].
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, const N: usize, H: Hash> Deserialize<'de> for Set<N, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize::<_, _, MAX_LEN>(deserializer, |deserializer, reader| {
            deserializer.deserialize_tuple(Self::LEN, reader)
        })
    }
}

impl<const N: usize, H: Hash> Stored for Set<N, H> {
    const NAME: &'static str = "a recovery set";
    type Error = SetError;

    fn read(bytes: &[u8]) -> Result<Self, SetError> {
        Self::from_bytes(bytes)
    }
}
