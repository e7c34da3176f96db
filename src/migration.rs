//! Exports of Google Authenticator: `otpauth-migration://offline?data=…`.
//!
//! The format has no specification. The payload is a protocol buffer, `MigrationPayload`. Its
//! fields are known from apps that read it.
//!
//! [`Export`] reads the content of one QR code, and returns its accounts as [`Entry`] values. An
//! [`Error`] names the part that is wrong, the problem, and the position:
//!
//! ```
//! use otp_core::migration::{Export, Part, Problem};
//!
//! let mut buffer = [0; 2215];
//! let error = Export::parse("otpauth-migration://offline?data=CjE", &mut buffer).unwrap_err();
//! assert_eq!((error.part(), error.problem()), (Part::Payload, Problem::Truncated));
//! assert_eq!(error.to_string(), "payload: cut off (at byte 2 of the payload)");
//! ```

mod base64;
mod entry;
mod error;
mod export;
mod protobuf;

pub use self::{
    entry::Entry,
    error::{EntryError, Error, Part, Problem},
    export::{Entries, Export},
};
