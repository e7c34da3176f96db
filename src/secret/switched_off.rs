//! Methods whose feature is off. A call does not compile, and the compiler's message names the
//! feature.
//!
//! The compiler does not know methods that are configured out. So each of these takes an argument
//! of a trait that no type implements, and the message of that trait says what to do. They are not
//! documented.

use core::convert::Infallible;

use super::{buffer::SecretBuffer, owned::Secret};

#[cfg(not(feature = "getrandom"))]
#[diagnostic::on_unimplemented(
    message = "`generate_from_os` needs the feature `getrandom` of otp-core",
    label = "the feature `getrandom` is off",
    note = "switch it on: `cargo add otp-core --features getrandom`",
    note = "without an operating system, use `generate` (feature `rand_core`) with a generator of your own"
)]
pub trait Getrandom {
    fn off<T>(self) -> T;
}

#[cfg(not(feature = "rand_core"))]
#[diagnostic::on_unimplemented(
    message = "`generate` needs the feature `rand_core` of otp-core",
    label = "the feature `rand_core` is off",
    note = "switch it on: `cargo add otp-core --features rand_core`",
    note = "for a secret from the operating system, use `generate_from_os` (feature `getrandom`)"
)]
pub trait RandCore {
    fn off<T>(self) -> T;
}

#[cfg(not(feature = "getrandom"))]
#[doc(hidden)]
impl Secret {
    pub fn generate_from_os<A: Getrandom>(algorithm: A) -> Result<Self, Infallible> {
        algorithm.off()
    }
}

#[cfg(not(feature = "getrandom"))]
#[doc(hidden)]
impl SecretBuffer {
    pub fn generate_from_os<A: Getrandom>(&mut self, algorithm: A) -> Result<&Secret, Infallible> {
        algorithm.off()
    }
}

#[cfg(not(feature = "rand_core"))]
#[doc(hidden)]
impl Secret {
    pub fn generate<R: ?Sized, A: RandCore>(_: &mut R, algorithm: A) -> Result<Self, Infallible> {
        algorithm.off()
    }
}

#[cfg(not(feature = "rand_core"))]
#[doc(hidden)]
impl SecretBuffer {
    pub fn generate<R: ?Sized, A: RandCore>(
        &mut self,
        _: &mut R,
        algorithm: A,
    ) -> Result<&Secret, Infallible> {
        algorithm.off()
    }
}
