#![cfg_attr(feature = "recovery", doc = include_str!("../README.md"))]
// Its examples need all hashes, and recovery codes.
#![cfg_attr(not(feature = "recovery"), doc = "See README.md.")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::std_instead_of_core,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_in_result,
    clippy::unwrap_used
)]

#[cfg(any(test, feature = "conformance", otp_core_valgrind))]
extern crate std;

mod algorithm;
mod base32;
mod buffer;
mod code;
#[cfg(feature = "conformance")]
#[cfg_attr(docsrs, doc(cfg(feature = "conformance")))]
pub mod conformance;
mod ct;
mod decimal;
mod decoded;
mod digits;
mod division;
mod engine;
mod format;
mod hash;
mod hmac_key;
mod hotp;
mod key_schedule;
mod label;
pub mod migration;
pub mod otpauth;
mod percent;
mod period;
#[cfg(feature = "qr")]
#[cfg_attr(docsrs, doc(cfg(feature = "qr")))]
pub mod qr;
#[cfg(feature = "recovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
pub mod recovery;
mod scan;
mod secret;
#[cfg(feature = "seeds")]
#[cfg_attr(docsrs, doc(cfg(feature = "seeds")))]
pub mod seeds;
// SHA-1 for speed or for size. It is chosen here and nowhere else.
#[cfg_attr(
    any(otp_core_small, all(target_os = "none", not(target_pointer_width = "64"))),
    path = "sha1/rolled.rs"
)]
mod sha1;
mod submitted;
mod totp;
mod typed;
mod uri;
pub mod verifier;
mod window;

#[cfg(otp_core_valgrind)]
#[doc(hidden)]
pub use self::ct::on_reveal;
#[cfg(feature = "getrandom")]
#[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
pub use self::secret::EntropyError;
pub use self::{
    algorithm::{Algorithm, AlgorithmError},
    base32::{Base32, Base32Error, Encoding, decode_base32},
    buffer::BufferTooSmall,
    code::Code,
    digits::{Digits, DigitsError},
    engine::{Engine, EngineError},
    format::CodeFormat,
    hmac_key::{HmacKey, Truncated},
    hotp::{Hotp, HotpMatch},
    key_schedule::KeySchedule,
    period::{BeforeT0, Period, PeriodError},
    scan::VerifyError,
    secret::{Secret, SecretBuffer, SecretError},
    submitted::{MalformedCode, SubmittedCode},
    totp::{CodeError, Totp, TotpMatch},
    window::{LookAhead, Window, WindowError},
};

/// The examples of these pages run with all others.
#[cfg(doctest)]
mod migrate {
    #[doc = include_str!("../docs/migrate/auth0.md")]
    struct Auth0;
    #[doc = include_str!("../docs/migrate/better-auth.md")]
    struct BetterAuth;
    #[doc = include_str!("../docs/migrate/devise-two-factor.md")]
    struct DeviseTwoFactor;
    #[doc = include_str!("../docs/migrate/django-otp.md")]
    struct DjangoOtp;
    #[doc = include_str!("../docs/migrate/freeipa.md")]
    struct Freeipa;
    #[doc = include_str!("../docs/migrate/keycloak.md")]
    struct Keycloak;
    #[doc = include_str!("../docs/migrate/otplib.md")]
    struct Otplib;
    #[doc = include_str!("../docs/migrate/privacyidea.md")]
    struct Privacyidea;
    #[doc = include_str!("../docs/migrate/totp-rs.md")]
    struct TotpRs;
}
