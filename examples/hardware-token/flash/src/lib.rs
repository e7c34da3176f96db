//! Accounts, counters and verifier states of a token in NOR flash.
//!
//! Everything is an item of a log that goes round the pages ([`sequential_storage`]). An item is there as a whole or not
//! at all, so each call of [`FlashStore`] writes one item that decides: if the power goes before its last word, the call
//! has not happened.
//!
//! Keys are in the flash as they are. **This is the place to seal them**: with a key of the secure element, in
//! `FlashStore::write` and `read`; or keep them there, and store handles.
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
/// What a driver of flash implements.
pub use embedded_storage::nor_flash::MultiwriteNorFlash;

pub use crate::store::{FlashStore, MAX_STATE, PLACES};
