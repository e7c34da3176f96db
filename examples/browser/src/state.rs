//! The state of a verifier: 38 bytes, for JavaScript a `Uint8Array`.

use js_sys::Uint8Array;
use otp_core::verifier::{Lifecycle, State};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{bytes, counter, seconds};
use crate::error::Fault;
use crate::object::Answer;

pub(crate) fn read(value: &JsValue) -> Result<State, Fault> {
    Ok(State::from_bytes(&bytes(value, "state")?)?)
}

pub(crate) fn write(state: State) -> Uint8Array {
    Uint8Array::from(state.to_bytes().as_ref())
}

/// The state of a new enrolment: 38 bytes, none of them secret, to be stored beside the secret. States
/// of 24 bytes, which an earlier version wrote, are read too.
#[wasm_bindgen(js_name = freshState)]
#[must_use]
pub fn fresh_state() -> Uint8Array {
    write(State::enrolment())
}

/// The state of a new enrolment of HOTP whose first acceptable counter is `counter`.
#[wasm_bindgen(js_name = startingState)]
pub fn starting_state(
    #[wasm_bindgen(unchecked_param_type = "number | bigint", js_name = "counter")] first: &JsValue,
) -> Result<Uint8Array, Fault> {
    Ok(write(State::enrolment().with_next_counter(counter(first)?)))
}

/// The state of a user's recovery codes, to be stored beside the set. It is for recovery codes only, so that
/// an authenticator that is disabled does not bar them.
#[wasm_bindgen(js_name = recoveryState)]
#[must_use]
pub fn recovery_state() -> Uint8Array {
    write(State::for_recovery())
}

/// What a state says at a time.
#[wasm_bindgen(js_name = readState, unchecked_return_type = "StateReport")]
pub fn read_state(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] state: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
) -> Result<JsValue, Fault> {
    let (state, now) = (read(state)?, seconds(now)?);
    let lifecycle = match state.lifecycle() {
        Lifecycle::Unconfirmed => "unconfirmed",
        Lifecycle::Confirmed => "active",
        _ => "disabled",
    };
    let mut report = Answer::new()
        .with("lifecycle", lifecycle)
        .with("failures", state.failures())
        .with("drift", state.drift());
    if let Some(next) = state.next_factor() {
        report = report.with_exact("nextFactor", next);
    }
    Ok(report.with_time("lockedUntil", state.locked_until(now)).done())
}

/// What an administrator does for a user who is locked out or disabled: no failures, no wait,
/// enabled. What is used up stays used up. Whoever calls this has made sure who is asking.
#[wasm_bindgen(js_name = resetState)]
pub fn reset_state(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] state: &JsValue,
) -> Result<Uint8Array, Fault> {
    Ok(write(read(state)?.enabled()))
}

/// Disabled by the host, for a device that was lost.
#[wasm_bindgen(js_name = disableState)]
pub fn disable_state(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] state: &JsValue,
) -> Result<Uint8Array, Fault> {
    Ok(write(read(state)?.disabled()))
}
