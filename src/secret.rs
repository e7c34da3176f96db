//! The shared secret, stored inline and wiped.

mod buffer;
mod owned;
#[cfg(not(all(feature = "getrandom", feature = "rand_core")))]
mod switched_off;

#[cfg(feature = "getrandom")]
pub use self::owned::EntropyError;
pub use self::{
    buffer::SecretBuffer,
    owned::{Secret, SecretError},
};
