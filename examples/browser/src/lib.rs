//! otp-core for JavaScript and TypeScript: one-time codes (RFC 4226, RFC 6238), the verifier that
//! accepts each of them once, key URIs with their QR codes, and recovery codes.
//!
//! It reads no clock and has no randomness: times are passed in, and `crypto.getRandomValues` is
//! handed over as a function. What JavaScript passes is checked here, whatever TypeScript was told,
//! and refused by an `Error` that has a `kind` and never holds what was refused.

mod args;
mod codes;
mod error;
mod export;
mod hotp;
mod key_uri;
mod object;
mod policy;
mod recovery;
mod redemption;
mod state;
mod totp;
mod types;
mod verifier;

pub use self::export::read_export;
pub use self::hotp::Hotp;
pub use self::key_uri::KeyUri;
pub use self::policy::Policy;
pub use self::recovery::{Pepper, RecoverySet};
pub use self::redemption::Redemption;
pub use self::state::{
    disable_state, fresh_state, read_state, recovery_state, reset_state, starting_state,
};
pub use self::totp::Totp;
pub use self::verifier::Attempt;
