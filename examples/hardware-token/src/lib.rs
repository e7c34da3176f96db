//! A hardware token, without the board under it: what arrives on a serial line goes in byte by byte,
//! what it answers comes out as text. So it runs on a host as well as on a microcontroller.
//!
//! It has no heap, and it has no clock of its own: like a token without a battery, it is told the time.

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
