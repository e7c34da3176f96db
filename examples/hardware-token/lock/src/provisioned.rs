//! The secrets of one lock. Here they are built in, and everybody can read them.
//!
//! A factory writes other ones into each lock. `otp recovery new --digits` makes a set of recovery
//! codes.

use otp_core::recovery::{Pepper, Set};
use otp_core::verifier::{DriftLearning, Verifier};
use otp_core::{Algorithm, KeySchedule, Totp};

static CODES: &[u8; 368] = include_bytes!("../provisioned/recovery_set.bin");
static PEPPER: [u8; 32] = [7; 32];
const KEY_ID: u32 = 1;
pub(crate) const USER: &[u8] = b"door 1";
/// The key of RFC 4226 appendix D.
static KEY: &[u8] = b"12345678901234567890";

/// The largest drift that the lock follows: 200 steps, which is 100 minutes.
const MAX_DRIFT: u16 = 200;
/// The most steps that the lock learns from one code.
const MAX_CHANGE: u8 = 2;

pub(crate) fn codes() -> Option<Set<10>> {
    Set::from_bytes(CODES).ok()
}

pub(crate) fn pepper() -> Option<Pepper> {
    Pepper::new(KEY_ID, &PEPPER).ok()
}

pub(crate) fn totp() -> Option<Totp> {
    Some(Totp::from_key(KeySchedule::from_raw_key(Algorithm::Sha1, KEY).ok()?))
}

pub(crate) fn verifier() -> Option<Verifier> {
    let learning = DriftLearning::new(MAX_DRIFT, MAX_CHANGE).ok()?;
    Some(Verifier::DEFAULT.with_drift_learning(learning))
}
