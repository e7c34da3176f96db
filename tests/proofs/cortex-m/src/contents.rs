//! The work of a token. Each input passes a barrier, so that nothing is known when compiling, and
//! each answer one, so that nothing is left out.

use core::hint::black_box;

use otp_core::{Algorithm, KeySchedule, Totp, Window};

/// The key of RFC 4226.
pub const KEY: &[u8] = b"12345678901234567890";
/// Unix time in seconds.
pub const NOW: u64 = 1_234_567_890;
/// The code of that key at that time.
pub const CODE: &str = "005924";

fn totp() -> Option<Totp> {
    let algorithm = black_box(Algorithm::Sha1);
    Some(Totp::from_key(KeySchedule::from_raw_key(algorithm, black_box(KEY)).ok()?))
}

/// Generates a code, and verifies one with a window of a step each way.
pub fn codes() {
    let Some(totp) = totp() else { return };
    let now = black_box(NOW);
    if let Ok(code) = totp.code_at(now) {
        black_box(code.as_bytes());
    }
    let _ = black_box(totp.verify_at(black_box(CODE), now, black_box(Window::DEFAULT)));
}

/// Negative control: an index that is not known to be in bounds.
#[cfg(feature = "control-index")]
pub fn index() {
    black_box(black_box(KEY)[black_box(3)]);
}

/// Reads a key URI and sets an engine up with it; writes one.
#[cfg(feature = "key-uri")]
pub fn key_uri() {
    use core::fmt::Write;
    use heapless::String;
    use otp_core::{Secret, otpauth};

    let text =
        "otpauth://totp/ACME%20Co:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME%20Co";
    if let Ok(uri) = otpauth::Uri::parse(black_box(text)) {
        let _ = black_box(uri.engine());
    }
    let Ok(secret) = Secret::from_bytes(black_box(KEY)) else { return };
    let uri = otpauth::UriBuilder::totp(&secret).with_issuer(black_box("ACME Co"));
    let Ok(uri) = uri.and_then(|uri| uri.with_account(black_box("alice"))) else { return };
    let mut written = String::<128>::new();
    let _ = black_box(write!(written, "{uri}"));
    black_box(written);
}

/// The answer of a store, which is not known when compiling.
#[cfg(any(feature = "verifier", feature = "recovery"))]
fn swapped() -> Result<otp_core::verifier::Swap, core::convert::Infallible> {
    Ok(otp_core::verifier::Swap::from_rows(black_box(1)))
}

/// Checks codes by the engine that a key URI gives, and resynchronises within ten steps, which are
/// long here: the counter of instructions holds no more. States in and out as bytes.
#[cfg(feature = "verifier")]
pub fn verifier() {
    use otp_core::verifier::{State, Verifier};
    use otp_core::{Engine, Period};

    let (Some(totp), Ok(period)) = (totp(), Period::new(black_box(390))) else { return };
    let totp = totp.with_period(period);
    let verifier = black_box(Verifier::DEFAULT.with_max_period(period));
    let now = black_box(NOW);
    let engine = black_box(Engine::Totp(totp));
    let mut stored = black_box(State::enrolment().to_bytes());
    let Ok(state) = State::from_bytes(black_box(stored.as_ref())) else { return };
    let mut swap = |_: State, new: State| {
        stored = black_box(new.to_bytes());
        swapped()
    };
    if let Ok(attempt) = verifier.attempt(&engine, state, black_box(CODE), now) {
        let _ = black_box(attempt.commit(&mut swap));
    }
    let codes = black_box([CODE, "590587"]);
    if let Ok(attempt) = verifier.resynchronise(&engine, state, &codes, now) {
        let _ = black_box(attempt.commit(&mut swap));
    }
}

/// Redeems one of ten recovery codes; sets in and out as bytes.
#[cfg(feature = "recovery")]
pub fn recovery() {
    use otp_core::recovery::{self, Pepper};
    use otp_core::verifier::{State, Verifier};

    const SLOTS: u8 = 10;
    type Set = recovery::Set<{ SLOTS as usize }>;
    let mut bytes = black_box(*include_bytes!("../recovery_set.bin"));
    let Ok(set) = Set::from_bytes(&bytes) else { return };
    let Ok(pepper) = Pepper::new(1, black_box(&[7; 32])) else { return };
    let (user, code) = black_box((b"user", "DETQFDTC4H0CZRYYN10V58B6"));
    let state = black_box(State::for_recovery());
    let redemption = Verifier::DEFAULT.redeem(&set, &pepper, user, state, code, black_box(NOW));
    let Ok(redemption) = redemption else { return };
    let _ = black_box(redemption.commit(|set, _, state| {
        let _ = black_box(set.write_bytes(&mut bytes));
        black_box(state.to_bytes());
        swapped()
    }));
}
