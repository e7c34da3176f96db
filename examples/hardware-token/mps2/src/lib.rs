//! The board: Arm's MPS2, as QEMU has it. It has two serial lines, memory in place of a flash, and
//! a restart after a panic.
//!
//! A product replaces this crate, and nothing else that has `unsafe` in it.

#![no_std]

pub mod flash;
pub mod panics;
mod uart;

pub use crate::uart::{FIRST, SECOND, Uart};
