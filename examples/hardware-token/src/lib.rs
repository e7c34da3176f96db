//! A hardware token without its board. It takes the bytes of a serial line and answers with text,
//! so it runs on a host and on a microcontroller.
//!
//! It does not have a heap or a clock. Its host tells it the time, as for a token without a
//! battery.

#![no_std]
#![forbid(unsafe_code)]
#![warn(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod account;
mod bench;
mod command;
mod decimal;
mod fault;
mod line;
mod recovery;
mod scrub;
mod terminal;
mod token;

pub use self::{
    bench::Timer,
    command::{COMMANDS, Usage},
    line::{Input, LineBuffer, MAX_LINE},
    recovery::{Recovery, SLOTS},
    terminal::Terminal,
    token::{MAX_ACCOUNTS, Token},
};
