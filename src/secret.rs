//! The shared secret, owned inline and wiped.

mod buffer;
mod owned;

#[cfg(feature = "getrandom")]
pub use self::owned::EntropyError;
pub use self::{
    buffer::SecretBuffer,
    owned::{Secret, SecretError},
};
