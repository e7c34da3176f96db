//! A door lock, in two forms: one that compares a PIN, and one that verifies a one-time code. The
//! difference is the cost of one-time verification.

use core::hint::black_box;

/// The text that is typed on the keypad.
const TYPED: &str = "005924";

/// Compares a PIN, without a branch on where it differs.
#[cfg(feature = "pin")]
pub fn pin() {
    let stored = black_box(*b"005924");
    let typed = black_box(TYPED).as_bytes();
    let mut difference = usize::from(typed.len() != stored.len());
    for (one, other) in typed.iter().zip(&stored) {
        difference |= usize::from(one ^ other);
    }
    black_box(difference == 0);
}

/// Verifies a code of SHA-1 one-time, learns the drift of the clock, and stores the state.
#[cfg(feature = "lock")]
pub fn one_time() {
    use core::convert::Infallible;
    use otp_core::verifier::{DriftLearning, State, Swap, Verdict, Verifier};
    use otp_core::{Algorithm, KeySchedule, Totp};

    let key = KeySchedule::from_raw_key(Algorithm::Sha1, black_box(crate::contents::KEY));
    let (Ok(key), Ok(learning)) = (key, DriftLearning::new(black_box(20), black_box(1))) else {
        return;
    };
    let (totp, verifier) = (Totp::from_key(key), Verifier::DEFAULT.with_drift_learning(learning));
    let mut page = black_box(State::confirmed().to_bytes());
    let Ok(state) = State::from_bytes(black_box(page.as_ref())) else { return };
    let now = black_box(crate::contents::NOW);
    let Ok(attempt) = verifier.attempt(&totp, state, black_box(TYPED), now) else { return };
    let settled = attempt.commit(|_, new| {
        page = black_box(new.to_bytes());
        Ok::<_, Infallible>(Swap::Stored)
    });
    let opens = settled.is_ok_and(|settled| matches!(settled.verdict, Verdict::Accepted(_)));
    black_box(opens);
}
