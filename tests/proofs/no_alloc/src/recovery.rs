//! Recovery codes under each of the hashes: made, stored, redeemed, and redeemed again.

use core::convert::Infallible;

use otp_core::recovery::{
    Argon2Block, Argon2Keys, Argon2id, Code, Hash, Keyed, Length, Pbkdf2, Pepper, Set, Verdict,
};
use otp_core::verifier::{State, Swap, Verifier};
use rand_core::{TryCryptoRng, TryRng};

use crate::codes::{holds, through_serde};
use crate::sink::Sink;

/// No CSPRNG at all, so that what is made of it is known: Knuth's linear congruences.
pub struct Known(pub u64);

impl TryRng for Known {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            [*byte, ..] = self.try_next_u64()?.to_be_bytes();
        }
        Ok(())
    }
}

impl TryCryptoRng for Known {}

const USER: &[u8] = b"user 17";

/// The least that `Argon2id` takes, with five passes.
const BLOCKS: usize = 7_168;

pub fn keyed() -> Option<()> {
    let pepper = pepper()?;
    redeem::<10, Keyed>(Keyed, || &pepper)
}

pub fn argon2id() -> Option<()> {
    static mut MEMORY: [Argon2Block; BLOCKS] = [const { Argon2Block::new() }; BLOCKS];

    let pepper = pepper()?;
    let hash = Argon2id::new(BLOCKS.try_into().ok()?, 5, 1).ok()?;
    redeem::<1, Argon2id>(hash, || {
        let memory = &raw mut MEMORY;
        // SAFETY: one thread, and the keys before are gone.
        Argon2Keys::new(&pepper, unsafe { &mut *memory })
    })
}

pub fn pbkdf2() -> Option<()> {
    let pepper = pepper()?;
    redeem::<1, Pbkdf2>(Pbkdf2::DEFAULT, || &pepper)
}

fn pepper() -> Option<Pepper> {
    Pepper::new(1, &[0x5a; 32]).ok()
}

fn redeem<'k, const N: usize, H: Hash>(hash: H, keys: impl Fn() -> H::Keys<'k>) -> Option<()> {
    let mut last = None;
    let show = |_, code: &Code| last = Sink::of(code.expose_grouped());
    let mut known = Known(0);
    let fill = |bytes: &mut [u8]| known.try_fill_bytes(bytes);
    let set = Set::<N, H>::generate(fill, hash, Length::DEFAULT, keys(), USER, show);
    let set = through_serde(set.ok()?, &mut [0; 1024])?;
    let code = last?;

    let state = State::for_recovery();
    let redemption = Verifier::DEFAULT.redeem(&set, keys(), USER, state, code.text(), 59).ok()?;
    let mut next = set.clone();
    let settled = redemption.commit(|burned, _, _| {
        next = burned.clone();
        Ok::<_, Infallible>(Swap::Stored)
    });
    let verdict = settled.ok()?.verdict;
    let slot = N.checked_sub(1)?;
    holds(matches!(verdict, Verdict::Redeemed(hit) if usize::from(hit.slot()) == slot))?;
    let again = Verifier::DEFAULT.redeem(&next, keys(), USER, state, code.text(), 59).ok()?;
    let mut failures = 0;
    let settled = again.commit(|same, _, failed| {
        failures = if *same == next { failed.failures() } else { 0 };
        Ok::<_, Infallible>(Swap::Stored)
    });
    holds(matches!(settled.ok()?.verdict, Verdict::Rejected(_)) && failures == 1)
}
