//! Shared secrets that live elsewhere: each file is short, complete, and there to be copied.
//!
//! - [`hsm`]: HMAC is computed in an HSM, by PKCS #11.
//! - [`envelope`]: secrets are sealed by a key management service.
//! - [`tpm`]: HMAC is computed in a TPM.
//! - [`login`]: the login of a key that answers from afar.

pub mod envelope;
pub mod hsm;
pub mod login;
pub mod tpm;

pub use login::Error;
