//! The state of a verifier, for JavaScript a text.

use core::fmt::Write as _;

use otp_core::verifier::{DisabledBy, Lifecycle, State, StateBytes, StateError};

use crate::fault::Fault;
use crate::json::{Hex, Json, read_hex};
use crate::memory::call;
use crate::written::whole;

/// Reads the text of a state. Each state has only one text.
pub(crate) fn read(text: &[u8]) -> Result<State, Fault> {
    let mut buffer = [0; StateBytes::MAX_LEN];
    let bytes = read_hex(text, &mut buffer).ok_or(StateError::Length)?;
    Ok(State::from_bytes(bytes)?)
}

/// Calls `tell` with the text of a state.
pub(crate) fn told<T>(state: State, tell: impl FnOnce(&Hex<'_>) -> T) -> T {
    tell(&Hex(state.to_bytes().as_ref()))
}

/// Writes a state. The operation is one of:
/// - 0 a new enrolment, 1 a confirmed one, 2 the state of recovery codes;
/// - 3 the given state disabled, 4 enabled, 5 unlocked;
/// - 6 the given state with `number` as next counter, 7 as last used moving factor, 8 as drift, 9
///   as failures;
/// - 10 the given state, repaired after a clock that was ahead: `number` is the current step.
#[unsafe(no_mangle)]
pub extern "C" fn state_make(operation: u32, state: u32, number: f64) -> f64 {
    call(|arguments, output, _| {
        let mut given = || read(arguments.bytes(state)?);
        let made = match operation {
            0 => State::enrolment(),
            1 => State::confirmed(),
            2 => State::for_recovery(),
            3 => given()?.disabled(),
            4 => given()?.enabled(),
            5 => given()?.unlocked(),
            6 => given()?.with_next_counter(whole(number)),
            7 => given()?.with_last_used(whole(number)),
            // It saturates, and is then out of range.
            8 => given()?.with_drift(number as i16)?,
            10 => given()?.clock_repaired(whole(number)),
            _ => given()?.with_failures(u32::try_from(whole(number)).unwrap_or(u32::MAX)),
        };
        let _ = told(made, |text| write!(output, "{text}"));
        Ok(output.len())
    })
}

/// Writes the facts of a state at a time.
#[unsafe(no_mangle)]
pub extern "C" fn state_read(state: u32, now: f64) -> f64 {
    call(|arguments, output, _| {
        let (state, now) = (read(arguments.bytes(state)?)?, whole(now));
        Json::object(output, |report| {
            let (lifecycle, disabled_by) = match state.lifecycle() {
                Lifecycle::Unconfirmed => ("unconfirmed", None),
                Lifecycle::Confirmed => ("active", None),
                Lifecycle::Disabled(DisabledBy::Failures) => ("disabled", Some("failures")),
                _ => ("disabled", Some("host")),
            };
            report
                .text("lifecycle", &lifecycle)
                .optional_text("disabledBy", disabled_by.as_ref().map(|by| by as _))
                .flag("requiresCode", state.requires_code())
                .number("failures", state.failures())
                .number("drift", state.drift())
                .optional_number("nextFactor", state.next_factor())
                .optional_number("lockedUntil", state.locked_until(now));
        });
        Ok(output.len())
    })
}
