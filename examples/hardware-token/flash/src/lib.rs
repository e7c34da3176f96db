//! Accounts, counters and verifier states of a token in NOR flash.
//!
//! Everything is an item of a log that moves around the pages ([`sequential_storage`]). An item is
//! there as a whole or not at all, and each call of [`FlashStore`] writes one item that decides. If
//! the power is cut before the last word of this item, the call has not happened.
//!
//! Keys are in the flash in plain. **This is the place to seal them**: `FlashStore::write` and
//! `read` can use a key of the secure element. Or the secure element keeps the keys, and the flash
//! has their handles.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

#[cfg(feature = "simulated")]
mod nor;
mod pages;
mod store;

#[cfg(feature = "simulated")]
pub use crate::nor::{Cut, Nor, PowerLost};
/// The trait that a driver of flash implements.
pub use embedded_storage::nor_flash::MultiwriteNorFlash;

pub use crate::store::{FlashStore, MAX_STATE, PLACES};
