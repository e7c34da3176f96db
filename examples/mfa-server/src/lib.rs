//! An MFA API server that answers like Auth0's. It is a worked example of `otp-core` behind a
//! login.
//!
//! To store codes in your own service, copy [`store`], and see how [`mod@token`] uses it.

#![forbid(unsafe_code)]

pub mod admin;
pub mod app;
pub mod audit;
mod authenticators;
mod bearer;
mod body;
pub mod client;
pub mod config;
mod discovery;
mod error;
pub mod front;
pub mod grant;
pub mod guesses;
mod health;
mod key_file;
pub mod keyring;
pub mod keys;
pub mod metrics;
pub mod origin;
mod page;
pub mod password;
pub mod recovery;
pub mod refresh;
mod request;
pub mod rotate;
pub mod scope;
pub mod seal;
pub mod serve;
pub mod settings;
pub mod signing;
mod signup;
pub mod store;
mod time;
mod token;
pub mod tokens;
pub mod try_it;
mod userinfo;
