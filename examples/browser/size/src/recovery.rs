//! Recovery codes, made and redeemed.

use core::convert::Infallible;

use otp_core::{
    Keyed, LongRecoveryLength, Pepper, Policy, RecoverySet, RecoveryVerdict, VerifierState,
};

use crate::io::{put, take};

type Set = RecoverySet<10>;
/// Where the set lies, and random bytes come from.
const SET: usize = 1024;
const RANDOM: usize = 2048;

/// Makes a set under the pepper at 0, writes it, and its codes to 4096; gives 1, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn make_codes() -> u32 {
    let Ok(pepper) = Pepper::new(1, &take::<32>(0)) else { return 0 };
    let mut from = RANDOM;
    let fill = |bytes: &mut [u8]| {
        for byte in bytes {
            [*byte] = take(from);
            from += 1;
        }
        Ok::<(), Infallible>(())
    };
    let show = |slot: u8, code: &otp_core::RecoveryCode| {
        put(4096 + 32 * usize::from(slot), code.expose().as_bytes());
    };
    let length = LongRecoveryLength::DEFAULT;
    let Ok(set) = Set::generate_with(fill, Keyed, length, &pepper, b"user", show) else { return 0 };
    let mut bytes = [0; Set::LEN];
    let Ok(bytes) = set.write_bytes(&mut bytes) else { return 0 };
    put(SET, bytes);
    1
}

/// Redeems the code at 64 under the state at 128; gives how many are left, or 99.
#[unsafe(no_mangle)]
pub extern "C" fn redeem(code_len: usize, now: u64) -> u32 {
    let Ok(pepper) = Pepper::new(1, &take::<32>(0)) else { return 99 };
    let code: [u8; 64] = take(64);
    let Some(Ok(code)) = code.get(..code_len).map(str::from_utf8) else { return 99 };
    let Ok(state) = VerifierState::from_bytes(&take::<{ VerifierState::LEN }>(128)) else {
        return 99;
    };
    let Ok(set) = Set::from_bytes(&take::<{ Set::LEN }>(SET)) else { return 99 };
    let Ok(redemption) = Policy::DEFAULT.redeem(&set, &pepper, b"user", state, code, now) else {
        return 99;
    };
    let mut bytes = [0; Set::LEN];
    let Ok(bytes) = redemption.next_set().write_bytes(&mut bytes) else { return 99 };
    put(SET, bytes);
    put(128, &redemption.next_state().to_bytes());
    match redemption.settle(true) {
        RecoveryVerdict::Redeemed(code) => code.remaining().into(),
        _ => 99,
    }
}
