//! Tests of the crate from the outside: one file for each specification, and one for each kind of
//! promise.

#![allow(clippy::cast_possible_truncation, reason = "numbers here are known")]

mod api;
mod budget;
mod commits;
#[cfg(feature = "conformance")]
mod conformance;
mod constant;
mod data;
mod declassified;
mod documents;
mod elsewhere;
mod failures;
mod find;
mod hmac;
mod hmac_key;
mod imported;
mod key_uri;
mod labels;
mod layers;
mod login;
mod long_run;
mod lost_races;
mod migration;
mod mutants;
mod oathtool;
mod pasted;
mod plan;
mod prose;
#[cfg(feature = "qr")]
mod qr;
#[cfg(feature = "recovery")]
mod recovery;
mod reference;
mod resynchronisation;
mod rfc4226;
mod rfc4648;
mod rfc6238;
mod secret;
#[cfg(feature = "seeds")]
mod seeds;
mod several;
mod several_rows;
mod steam;
mod submitted;
mod supply;
mod unicode;
mod values;
mod verifier;
mod verifier_failures;
mod verifier_login;
mod verifier_model;
mod verifier_state;
mod window;
