//! Serialises the byte format with serde, and checks it in the same way when it is read.

use core::fmt;
use core::marker::PhantomData;

use serde_core::de::{Error, SeqAccess, Visitor};
use serde_core::ser::{Error as _, SerializeTuple};
use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

use super::hash::Hash;
use super::set::Set;

/// The length of the largest set.
const MAX_LEN: usize = Set::<32>::LEN;

/// Serialises the byte format, as a tuple of bytes.
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<const N: usize, H: Hash> Serialize for Set<N, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; MAX_LEN];
        let bytes = self.write_bytes(&mut buffer).map_err(S::Error::custom)?;
        let mut tuple = serializer.serialize_tuple(bytes.len())?;
        for byte in bytes {
            tuple.serialize_element(byte)?;
        }
        tuple.end()
    }
}

/// Checks like [`Set::from_bytes`].
#[cfg_attr(docsrs, doc(cfg(feature = "serde")))]
impl<'de, const N: usize, H: Hash> Deserialize<'de> for Set<N, H> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(Self::LEN, Bytes(PhantomData))
    }
}

struct Bytes<const N: usize, H>(PhantomData<H>);

impl<'de, const N: usize, H: Hash> Visitor<'de> for Bytes<N, H> {
    type Value = Set<N, H>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} bytes of a recovery set", Set::<N, H>::LEN)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Self::Value, A::Error> {
        let mut buffer = [0; MAX_LEN];
        let space = buffer.get_mut(..Set::<N, H>::LEN).unwrap_or_default();
        for (at, slot) in space.iter_mut().enumerate() {
            *slot = bytes.next_element()?.ok_or_else(|| A::Error::invalid_length(at, &self))?;
        }
        Set::from_bytes(space).map_err(A::Error::custom)
    }
}
