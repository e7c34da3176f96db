//! The parts of a token, by feature. It is built for its size, or run with `measure` for its stack
//! and its instructions.

#![no_std]
#![no_main]

use cortex_m_proofs as _;
use cortex_m_rt::entry;

/// The work that is measured. An empty firmware does not do any.
#[inline(never)]
fn run() {
    #[cfg(feature = "codes")]
    cortex_m_proofs::contents::codes();
    #[cfg(feature = "key-uri")]
    cortex_m_proofs::contents::key_uri();
    #[cfg(feature = "verifier")]
    cortex_m_proofs::contents::verifier();
    #[cfg(feature = "recovery")]
    cortex_m_proofs::contents::recovery();
    #[cfg(feature = "oath")]
    cortex_m_proofs::oath::all();
    #[cfg(feature = "flash")]
    cortex_m_proofs::flash::all();
    #[cfg(feature = "pin")]
    cortex_m_proofs::lock::pin();
    #[cfg(feature = "lock")]
    cortex_m_proofs::lock::one_time();
    #[cfg(feature = "peer-hmac")]
    cortex_m_proofs::peers::by_hmac();
    #[cfg(feature = "peer-totp-rs")]
    cortex_m_proofs::peers::by_totp_rs();
    #[cfg(feature = "peer-mbedtls")]
    cortex_m_proofs::peers::by_mbedtls();
    #[cfg(feature = "control-index")]
    cortex_m_proofs::contents::index();
}

#[entry]
fn main() -> ! {
    #[cfg(not(feature = "measure"))]
    run();
    #[cfg(feature = "measure")]
    cortex_m_proofs::measure::report(&mut run);
    loop {}
}
