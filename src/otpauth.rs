//! Key URIs: `otpauth://…`, the text in every enrolment QR code.
//!
//! The de-facto standard is Google's "Key Uri Format". Real key URIs differ from it in many ways. A
//! table at [`Uri`] says how each of them is read.
//!
//! [`UriBuilder`] writes a key URI, and [`Uri`] reads one. [`Rules`] make the reader stricter.
//!
//! ```
//! use otp_core::otpauth::{Part, Problem, Uri, UriBuilder};
//! use otp_core::{Engine, Secret};
//!
//! let secret = Secret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")?;
//! let text = UriBuilder::totp(&secret).with_issuer("ACME")?.with_account("alice")?.to_string();
//!
//! let uri = Uri::parse(&text)?;
//! assert_eq!(uri.issuer().unwrap(), "ACME");
//! let Engine::Totp(totp) = uri.engine()? else { panic!("a totp URI") };
//! assert_eq!(totp.code_at(59)?.as_str().len(), 6);
//!
//! // An error names the part that is wrong, the problem, and the position.
//! let error = Uri::parse("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&digits=5").unwrap_err();
//! assert_eq!((error.part(), error.problem()), (Part::Digits, Problem::OutOfRange));
//! assert_eq!(error.offset(), 52);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod error;
mod grammar;
mod parameters;
mod rules;
mod text;
mod uri;

pub use self::{
    builder::{LabelError, UriBuilder},
    error::{Error, Part, Problem},
    rules::{Rule, Rules},
    text::{Chars, Text},
    uri::{Kind, UnknownParameters, Uri},
};
