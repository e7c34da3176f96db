//! Key URIs: `otpauth://…`, the text behind every enrolment QR code.
//!
//! The de-facto standard is Google's "Key Uri Format". What is really out there departs from it in
//! many ways; what is answered to each is in the table of `KeyUri`.

mod error;
mod grammar;
mod parse;
mod rules;
mod values;
mod write;

pub use self::{
    error::{UriError, UriPart, UriProblem},
    parse::{KeyUri, KeyUriKind, UnknownParameters},
    rules::{Rule, Rules},
    write::{KeyUriWriter, LabelError},
};
