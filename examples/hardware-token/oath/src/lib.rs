//! The OATH applet on a serial line. It takes bytes, sends responses, and wipes the stack after
//! each command. It runs without a board, so it runs on a host too.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod random;

use core::fmt;

use token_flash::{FlashStore, MultiwriteNorFlash};
use ykoath::{Applet, Board, Frames, Response, Store, StoreError};
use zeroize::Zeroize;

pub use crate::random::Random;

/// The deepest stack of any command, in words of 4 bytes.
const DEEPEST: usize = 1500;

/// The place of the number of starts, among the states.
const STARTS: u8 = token_flash::PLACES - 1;

/// The button of a board.
pub trait Button {
    /// Waits for a touch, and returns whether there was one in time.
    fn wait_for_touch(&mut self) -> bool;
}

/// The board of the applet: random bytes, and the button.
struct Parts<B> {
    random: Random,
    button: B,
}

impl<B: Button> Board for Parts<B> {
    fn random(&mut self) -> [u8; 8] {
        self.random.bytes()
    }

    fn wait_for_touch(&mut self) -> bool {
        self.button.wait_for_touch()
    }
}

/// A token that Yubico's clients talk to: the applet, its flash, and the line.
pub struct OathToken<F: MultiwriteNorFlash, B> {
    applet: Applet<FlashStore<F>, Parts<B>>,
    frames: Frames,
    response: Response,
}

impl<F: MultiwriteNorFlash, B: Button> OathToken<F, B> {
    /// Makes a token. It counts this start in the store before it uses a random value.
    ///
    /// If it cannot count, the store is closed: the applet refuses every command except SELECT and
    /// RESET.
    ///
    /// # Errors
    /// None: SHA-1 is built in.
    pub fn new(mut store: FlashStore<F>, seed: &[u8; 20], button: B) -> Result<Self, StoreError> {
        let starts = count_start(&mut store).unwrap_or_else(|_| {
            store.close();
            0
        });
        let mut random = Random::new(seed, starts).map_err(|_| StoreError)?;
        // At its first start a token gets its own salt.
        if store.salt() == Ok([0; 8]) && store.reset(random.bytes()).is_err() {
            store.close();
        }
        let applet = Applet::new(store, Parts { random, button });
        Ok(Self { applet, frames: Frames::new(), response: Response::new() })
    }

    /// Returns whether the byte ended a command. The response is there then. Not inlined, so that
    /// its stack is free before the stack is wiped.
    #[inline(never)]
    fn carry_out(&mut self, byte: u8) -> bool {
        let Some(command) = self.frames.push(byte) else { return false };
        self.applet.respond(command, &mut self.response);
        self.frames.clear();
        true
    }

    /// Takes a byte of the line. If it ends a command, `send` gets the bytes of the response.
    pub fn receive(&mut self, byte: u8, send: impl FnMut(u8)) {
        if !self.carry_out(byte) {
            return;
        }
        Frames::send(&self.response, send);
        self.response.zeroize();
        scrub_stack();
    }
}

/// Stores and returns the number of this start, from 1 on.
fn count_start<F: MultiwriteNorFlash>(store: &mut FlashStore<F>) -> Result<u32, StoreError> {
    let mut buffer = [0; 4];
    let last = match store.state(STARTS, &mut buffer)? {
        Some(last) => u32::from_be_bytes(*last.first_chunk().ok_or(StoreError)?),
        None => 0,
    };
    let starts = last.checked_add(1).ok_or(StoreError)?;
    store.set_state(STARTS, &starts.to_be_bytes())?;
    Ok(starts)
}

/// Writes zeros to the stack of the last command. Types that own a key wipe it, but hash functions
/// and moves leave copies on the stack. Not inlined, so that its own stack is at the same place.
#[inline(never)]
fn scrub_stack() {
    let mut below = [0_u32; DEEPEST];
    below.zeroize();
    core::hint::black_box(&below);
}

/// Without what is in the flash.
impl<F: MultiwriteNorFlash, B> fmt::Debug for OathToken<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OathToken").finish_non_exhaustive()
    }
}
