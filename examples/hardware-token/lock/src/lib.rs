//! A door lock. It has a keypad of twelve keys, one-time codes, and recovery codes of digits for a
//! user who has lost the phone.
//!
//! Each code opens the lock once, and wrong codes are slowed down. The lock learns the drift of its
//! clock. It stores its state in flash before it opens, so a loss of power does not give anybody a
//! second try.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod keypad;
mod lock;

pub use crate::{
    keypad::{Key, Keypad},
    lock::{Fault, Lock, Outcome},
};
