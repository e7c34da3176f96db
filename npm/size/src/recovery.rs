//! Recovery codes, made and redeemed.

use otp_core::BufferTooSmall;
use otp_core::recovery::{self, Code, Keyed, Length, Pepper, Verdict};
use otp_core::verifier::{State, Swap, Verifier};

use crate::io::{STATE_LEN, input, put};

type Set = recovery::Set<10>;
const CODE_LEN: usize = 24;

/// Makes a set under a pepper, writes it and its codes, one behind the other; gives 1, or 0. It
/// takes `len` random bytes at most.
#[unsafe(no_mangle)]
pub extern "C" fn make_codes(
    pepper: *const u8,
    random: *const u8,
    len: usize,
    set: *mut u8,
    codes: *mut u8,
) -> u32 {
    let Ok(pepper) = Pepper::new(1, input(pepper, 32)) else { return 0 };
    let mut rest = input(random, len);
    let fill = |bytes: &mut [u8]| {
        for byte in bytes {
            let (first, others) = rest.split_first().ok_or(())?;
            (*byte, rest) = (*first, others);
        }
        Ok::<(), ()>(())
    };
    let show = |slot: u8, code: &Code| {
        put(codes.wrapping_add(CODE_LEN * usize::from(slot)), code.expose().as_bytes());
    };
    let Ok(made) = Set::generate(fill, Keyed, Length::DEFAULT, &pepper, b"user", show) else {
        return 0;
    };
    let mut bytes = [0; Set::LEN];
    let Ok(bytes) = made.write_bytes(&mut bytes) else { return 0 };
    put(set, bytes);
    1
}

/// Redeems a code under a state, and replaces set and state; gives how many are left, or 99.
#[unsafe(no_mangle)]
pub extern "C" fn redeem(
    pepper: *const u8,
    set: *mut u8,
    state: *mut u8,
    code: *const u8,
    code_len: usize,
    now: u64,
) -> u32 {
    let Ok(pepper) = Pepper::new(1, input(pepper, 32)) else { return 99 };
    let Ok(code) = str::from_utf8(input(code, code_len)) else { return 99 };
    let Ok(loaded) = State::from_bytes(input(state, STATE_LEN)) else { return 99 };
    let Ok(stored) = Set::from_bytes(input(set, Set::LEN)) else { return 99 };
    let judged = Verifier::DEFAULT.redeem(&stored, &pepper, b"user", loaded, code, now);
    let Ok(redemption) = judged else { return 99 };
    let settled = redemption.commit(|next_set, _, next_state| {
        put(set, next_set.write_bytes(&mut [0; Set::LEN])?);
        put(state, next_state.to_bytes().as_ref());
        Ok::<_, BufferTooSmall>(Swap::Stored)
    });
    match settled.map(|settled| settled.verdict) {
        Ok(Verdict::Redeemed(code)) => code.remaining().into(),
        _ => 99,
    }
}
