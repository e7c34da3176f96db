//! Checks that the number of instructions tells nothing of a secret. A thousand trials with other
//! secrets, other codes and other places of the match have to take exactly the same number.
//!
//! Only public facts tell trials apart: the call, the hash and the verdict.

#![no_std]
#![no_main]

use core::convert::Infallible;
use core::hint::black_box;

use cortex_m::Peripherals;
use cortex_m_proofs::measure::{instructions, start};
use cortex_m_proofs::random::Random;
use cortex_m_proofs::tally::Tally;
use cortex_m_rt::entry;
use cortex_m_semihosting::debug;
use otp_core::recovery::{self, Keyed, Length, Pepper, Set};
use otp_core::verifier::{ResyncVerdict, State, Swap, Verdict, Verifier};
use otp_core::{Algorithm, Code, KeySchedule, Totp, VerifyError, Window};

const TRIALS: u64 = 1000;
/// Public, and the same in all trials.
const NOW: u64 = 1_234_567_890;
const PERIOD: u64 = 30;

#[entry]
fn main() -> ! {
    if let Some(mut peripherals) = Peripherals::take() {
        start(&mut peripherals.SYST);
    }
    let mut random = Random::new();
    let mut tally = Tally::new();
    for (algorithm, key_len) in
        [(Algorithm::Sha1, 20), (Algorithm::Sha256, 32), (Algorithm::Sha512, 64)]
    {
        tally.begin(algorithm.name());
        for _ in 0..TRIALS {
            let _ = codes(&mut tally, &mut random, algorithm, key_len);
        }
        tally.end();
    }
    tally.begin("Recovery");
    // Two classes share them.
    for nth in 0..2 * TRIALS {
        let _ = recovery(&mut tally, &mut random, nth);
    }
    tally.end();
    debug::exit(if tally.is_even() { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

/// Every use of a secret, a random one.
fn codes(
    tally: &mut Tally,
    random: &mut Random,
    algorithm: Algorithm,
    key_len: usize,
) -> Option<()> {
    let key = random.bytes::<64>();
    let key = key.get(..key_len)?;
    let mut schedule = None;
    let count = instructions(&mut || {
        schedule = black_box(KeySchedule::from_raw_key(algorithm, black_box(key)).ok());
    });
    tally.note("key schedule", count);

    let totp = Totp::from_key(schedule?);
    let mut code = None;
    let count = instructions(&mut || code = black_box(totp.code_at(black_box(NOW)).ok()));
    tally.note("code", count);

    // A step back, the current one, a step ahead; and any code there is.
    let place = random.below(3);
    let typed = [totp.code_at(NOW - PERIOD + place * PERIOD).ok()?, random_code(random)?];
    for code in &typed {
        let text = core::str::from_utf8(code.as_bytes()).ok()?;
        verify(tally, &totp, text);
        attempt(tally, &totp, text);
    }
    resynchronise(tally, random, &totp)
}

/// A code of another key.
fn random_code(random: &mut Random) -> Option<Code> {
    let key = random.bytes::<20>();
    Totp::from_key(KeySchedule::from_raw_key(Algorithm::Sha1, &key).ok()?).code_at(NOW).ok()
}

fn verify(tally: &mut Tally, totp: &Totp, text: &str) {
    let mut verified = Err(VerifyError::Rejected);
    let count = instructions(&mut || {
        verified = black_box(totp.verify_at(black_box(text), black_box(NOW), Window::DEFAULT));
    });
    tally.note(if verified.is_ok() { "verify, accepted" } else { "verify, rejected" }, count);
}

fn attempt(tally: &mut Tally, totp: &Totp, text: &str) {
    // Nothing used up, and all of the window.
    for used in [false, true] {
        let state = State::enrolment();
        let state = if used { state.with_last_used(NOW / PERIOD + 1) } else { state };
        let (verdict, count) = judged(&mut || {
            let attempt = Verifier::DEFAULT.attempt(totp, state, black_box(text), black_box(NOW));
            Some(attempt.ok()?.commit(|_, new| written(new)).ok()?.verdict)
        });
        tally.note(
            match verdict {
                Some(Verdict::Accepted(_)) => "attempt, accepted",
                Some(Verdict::Replayed) => "attempt, replayed",
                Some(Verdict::Rejected(_)) if used => "attempt, rejected, all used",
                Some(Verdict::Rejected(_)) => "attempt, rejected",
                _ => "attempt, which should not be",
            },
            count,
        );
    }
}

/// Two codes in a row from somewhere in reach, and two from nowhere.
fn resynchronise(tally: &mut Tally, random: &mut Random, totp: &Totp) -> Option<()> {
    let verifier = Verifier::DEFAULT;
    let begin = NOW - 5 * PERIOD + random.below(10) * PERIOD;
    let right = [totp.code_at(begin).ok()?, totp.code_at(begin + PERIOD).ok()?];
    let wrong = [random_code(random)?, random_code(random)?];
    for [first, second] in [right, wrong] {
        let texts = [
            core::str::from_utf8(first.as_bytes()).ok()?,
            core::str::from_utf8(second.as_bytes()).ok()?,
        ];
        let (verdict, count) = judged(&mut || {
            let fresh = State::enrolment();
            let attempt = verifier.resynchronise(totp, fresh, black_box(&texts), black_box(NOW));
            Some(attempt.ok()?.commit(|_, new| written(new)).ok()?.verdict)
        });
        tally.note(
            match verdict {
                Some(ResyncVerdict::Resynchronised(_)) => "resynchronise, accepted",
                Some(ResyncVerdict::Rejected(_)) => "resynchronise, rejected",
                _ => "resynchronise, which should not be",
            },
            count,
        );
    }
    Some(())
}

/// A verdict, and the instructions that it took, what is to be stored among them.
fn judged<V>(judge: &mut dyn FnMut() -> Option<V>) -> (Option<V>, u32) {
    let mut verdict = None;
    let count = instructions(&mut || verdict = judge());
    (verdict, count)
}

fn written(state: State) -> Result<Swap, Infallible> {
    black_box(state.to_bytes());
    stored()
}

/// The store swaps, which is not known when compiling.
fn stored() -> Result<Swap, Infallible> {
    Ok(black_box(Swap::Stored))
}

/// A set of ten under a pepper, both random, and one of its codes or another.
fn recovery(tally: &mut Tally, random: &mut Random, nth: u64) -> Option<()> {
    let pepper = Pepper::new(1, &random.bytes::<32>()).ok()?;
    let (slot, is_right) = (random.below(10), nth % 2 == 0);
    let mut code = [0_u8; 24];
    let set: Set<10> = Set::generate(
        |bytes: &mut [u8]| {
            random.fill(bytes);
            Ok::<(), ()>(())
        },
        Keyed,
        Length::DEFAULT,
        &pepper,
        b"user",
        |shown, text| {
            if u64::from(shown) == slot {
                code.iter_mut().zip(text.expose().bytes()).for_each(|(to, from)| *to = from);
            }
        },
    )
    .ok()?;
    if !is_right {
        random.fill(&mut code);
        code.iter_mut().for_each(|symbol| *symbol = SYMBOLS[usize::from(*symbol & 31)]);
    }
    let text = core::str::from_utf8(&code).ok()?;
    let mut verdict = None;
    let count = instructions(&mut || {
        let redemption = Verifier::DEFAULT.redeem(
            black_box(&set),
            &pepper,
            b"user",
            State::for_recovery(),
            black_box(text),
            NOW,
        );
        let committed = redemption.ok().map(|redemption| redemption.commit(|_, _, _| stored()));
        verdict = committed.and_then(Result::ok).map(|settled| settled.verdict);
    });
    tally.note(
        match verdict {
            Some(recovery::Verdict::Redeemed(_)) => "redeem, redeemed",
            Some(recovery::Verdict::Rejected(_)) => "redeem, rejected",
            _ => "redeem, which should not be",
        },
        count,
    );
    Some(())
}

/// Crockford's Base32.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
