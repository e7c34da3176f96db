//! A door lock: a keypad of twelve keys, one-time codes, and recovery codes of digits for the day the phone is gone.
//!
//! Each code opens once, wrong ones are slowed down, and the lock learns how far its clock is off. States are in flash
//! before the door opens: a loss of power gives nobody a second try.
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
