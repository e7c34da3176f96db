//! An MFA API server in the manner of Auth0's, as a worked example of `otp-core` behind a login.
//!
//! What to copy is [`store`], and how [`mod@token`] goes through it.

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
