//! Shared secrets outside of the server. Each file is short and complete, so that you can copy
//! it.
//!
//! - [`hsm`]: an HSM computes HMAC, by PKCS #11.
//! - [`tpm`]: a TPM computes HMAC.
//! - [`envelope`]: a key management service seals the secrets.
//! - [`login`]: the login with a key that answers over a connection.

pub mod envelope;
pub mod hsm;
pub mod login;
pub mod tpm;

pub use login::Error;
