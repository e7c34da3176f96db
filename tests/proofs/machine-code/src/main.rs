//! One symbol for each function that is proven. Nothing runs this program.

#![no_std]
#![no_main]

use core::convert::Infallible;
use core::hint::black_box;

use otp_core::verifier::{State, Swap, Throttle, Verdict, Verifier, find};
use otp_core::{
    Algorithm, Digits, HmacKey, Hotp, KeySchedule, LookAhead, SubmittedCode, Truncated, Window,
};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    loop {}
}

/// RFC 4226 section 5.3, before the reduction to digits.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha1(hmac: &[u8; 20]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha256(hmac: &[u8; 32]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn truncate_sha512(hmac: &[u8; 64]) -> u32 {
    Truncated::from_hmac(hmac).expose_bits()
}

/// The seconds to wait after so many failures.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn wait_after(failures: u32) -> u64 {
    Throttle::DEFAULT.wait_after(failures)
}

/// It is a function of its own, so that a control can flip one of its bits.
#[inline(never)]
fn read(bytes: &[u8]) -> Option<State> {
    State::from_bytes(bytes).ok()
}

/// Reads a state and writes it again. 0 if it is refused, otherwise the length of what is written.
fn round_trip(bytes: &[u8], out: &mut [u8]) -> u32 {
    let Some(state) = read(bytes) else { return 0 };
    let written = state.to_bytes();
    let written = written.as_ref();
    for (place, byte) in out.iter_mut().zip(written) {
        *place = *byte;
    }
    u32::try_from(written.len()).unwrap_or(u32::MAX)
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn round_trip_1(bytes: &[u8; 24], out: &mut [u8; 64]) -> u32 {
    round_trip(bytes, out)
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn round_trip_2(bytes: &[u8; 38], out: &mut [u8; 64]) -> u32 {
    round_trip(bytes, out)
}

/// A key whose HMAC is known: what truncation makes of it.
struct Known(u32);

impl HmacKey for Known {
    type Error = Infallible;

    fn truncated(&self, _: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(self.0))
    }
}

/// The code of a truncated HMAC: RFC 4226 section 5.3, the reduction to digits. Returns how many
/// there are.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn code(truncated: u32, digits: u32, out: &mut [u8; 64]) -> u32 {
    let Some(digits) = u8::try_from(digits).ok().and_then(|digits| Digits::new(digits).ok()) else {
        return 0;
    };
    let code = Hotp::from_key(Known(truncated)).with_digits(digits).code(0);
    let symbols = code.as_bytes();
    for (place, byte) in out.iter_mut().zip(symbols) {
        *place = *byte;
    }
    u32::try_from(symbols.len()).unwrap_or(u32::MAX)
}

/// A whole verification, from the key on: 20 bytes of a key and six of a code. Returns 1 if the
/// code is one of four.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn verify(input: &[u8; 26]) -> u32 {
    let (key, code) = input.split_at(20);
    let (Ok(key), Ok(code), Ok(ahead)) =
        (KeySchedule::from_raw_key(Algorithm::Sha1, key), str::from_utf8(code), LookAhead::new(3))
    else {
        return 2;
    };
    u32::from(Hotp::from_key(key).verify(code, 1_000, ahead).is_ok())
}

/// A key that tells `asked` each moving factor. Every code is "000000".
struct Told;

impl HmacKey for Told {
    type Error = Infallible;

    fn truncated(&self, moving_factor: u64) -> Result<Truncated, Infallible> {
        Ok(Truncated::from_bits(asked(moving_factor)))
    }
}

/// The proof looks at each of its calls.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn asked(moving_factor: u64) -> u32 {
    black_box(moving_factor);
    0
}

/// A search in a window around a counter, which is the window of TOTP without the division of the
/// time. Returns the number of candidates, or 0 if there is no such window.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn window(counter: u64, past: u32, future: u32) -> u32 {
    let (Ok(past), Ok(future)) = (u8::try_from(past), u8::try_from(future)) else { return 0 };
    let Ok(window) = Window::new(past, future) else { return 0 };
    let row = (Hotp::from_key(Told), State::confirmed().with_next_counter(counter));
    let _ = find([row], "123456", 0, window, |_, _| {});
    window.candidates().into()
}

/// A verification by HOTP. Returns the number of candidates, or 0 if there is no such look-ahead.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn look_ahead(counter: u64, counters: u32) -> u32 {
    let Ok(counters) = u8::try_from(counters) else { return 0 };
    let (Ok(ahead), Ok(code)) =
        (LookAhead::new(counters), SubmittedCode::parse("123456", Digits::Six))
    else {
        return 0;
    };
    let _ = Hotp::from_key(Told).verify_submitted(&code, counter, ahead);
    ahead.candidates().into()
}

static DEFAULT: Verifier = Verifier::DEFAULT;

/// A wrong code. Returns 0 if there is no such state or time, 1 if the code is not counted, and 2
/// if it is. `out` is then the tries left, and of the next state: the failures in a row, the end of
/// the wait (0 if there is none), and the time at which the budget is full.
fn refuse(verifier: &Verifier, state: &[u8], now: u64, out: &mut [u64; 4]) -> u32 {
    let Some(mut stored) = read(state) else { return 0 };
    let Ok(attempt) = verifier.attempt_by_host(stored, now, || Ok::<_, Infallible>(false)) else {
        return 0;
    };
    let settled = attempt.commit(|_, next| {
        stored = next;
        Ok::<_, Infallible>(Swap::Stored)
    });
    let Ok(settled) = settled;
    let Verdict::Rejected(rejection) = settled.verdict else { return 1 };
    *out = [
        rejection.tries_left().into(),
        stored.failures().into(),
        stored.locked_until(0).unwrap_or(0),
        stored.budget_full_at(),
    ];
    2
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn refuse_default(state: &[u8; 38], out: &mut [u64; 4], now: u64) -> u32 {
    refuse(&DEFAULT, state, now, out)
}

/// Keeps them all. Nothing here is known to the optimiser.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut out = black_box([0; 64]);
    black_box(truncate_sha1(&black_box([1; 20])));
    black_box(truncate_sha256(&black_box([1; 32])));
    black_box(truncate_sha512(&black_box([1; 64])));
    black_box(wait_after(black_box(3)));
    black_box(round_trip_1(&black_box([1; 24]), &mut out));
    black_box(round_trip_2(&black_box([1; 38]), &mut out));
    black_box(code(black_box(1), black_box(6), &mut out));
    black_box(out);
    black_box(window(black_box(1), black_box(1), black_box(1)));
    black_box(look_ahead(black_box(1), black_box(1)));
    let mut four = black_box([0; 4]);
    black_box(refuse_default(&black_box([1; 38]), &mut four, black_box(1)));
    black_box(four);
    black_box(verify(&black_box([1; 26])));
    loop {}
}
