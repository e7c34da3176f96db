//! `Attempt`, for JavaScript: the verdict is sealed until its state is stored.

use core::convert::Infallible;

use js_sys::Uint8Array;
use otp_core::{Attempt as CoreAttempt, Policy as CorePolicy, Verdict, Verifiable};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{boolean, seconds, text};
use crate::error::Fault;
use crate::object::Answer;
use crate::policy::Policy;
use crate::state::{read, write};

/// A code that was judged, and not answered yet: the state to be stored, and a sealed verdict.
///
/// 1. Load the state, and attempt.
/// 2. Replace the loaded state by `nextState`, if it is still the one that was loaded:
///    `UPDATE … SET state = ? WHERE id = ? AND state = ?`, and one row was changed.
/// 3. Settle with whether that happened. This is the only way to the verdict, and it goes once.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Attempt(Option<CoreAttempt>);

impl From<CoreAttempt> for Attempt {
    fn from(attempt: CoreAttempt) -> Self {
        Self(Some(attempt))
    }
}

#[wasm_bindgen]
impl Attempt {
    /// The state to be stored in the place of the one that was passed in.
    #[wasm_bindgen(getter, js_name = nextState)]
    pub fn next_state(&self) -> Result<Uint8Array, Fault> {
        Ok(write(self.0.as_ref().ok_or_else(settled)?.next_state()))
    }

    /// Whether the next state differs from the one that was passed in. Where it does not, nothing
    /// has to be written, and it may be settled as committed.
    #[wasm_bindgen(getter, js_name = changesState)]
    pub fn changes_state(&self) -> Result<bool, Fault> {
        Ok(self.0.as_ref().ok_or_else(settled)?.changes_state())
    }

    /// Gives the verdict if the next state was stored in the place of the one that was passed in, and
    /// `conflict` otherwise, which tells nothing of the code. Goes once.
    #[wasm_bindgen(unchecked_return_type = "Verdict")]
    pub fn settle(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "boolean")] committed: &JsValue,
    ) -> Result<JsValue, Fault> {
        // Before it is taken: who forgot an await may still settle.
        let committed = boolean(committed, "committed")?;
        let verdict = self.0.take().ok_or_else(settled)?.settle(committed);
        Ok(answer(&verdict))
    }
}

/// The attempt of any engine, for what its class was given.
pub(crate) fn attempted(
    engine: &impl Verifiable<Error = Infallible>,
    state: &JsValue,
    code: &JsValue,
    now: &JsValue,
    policy: &Policy,
) -> Result<Attempt, Fault> {
    let policy: &CorePolicy = policy.as_ref();
    let (state, code, now) = (read(state)?, text(code, "code")?, seconds(now)?);
    Ok(policy.attempt(engine, state, &code, now)?.into())
}

pub(crate) fn settled() -> Fault {
    Fault::new("settled", "it was settled before, and goes once")
}

/// What follows from a failure.
pub(crate) fn rejected(tries_left: u32, until: Option<u64>, failures_left: u32) -> Answer {
    Answer::of("rejected")
        .with("triesLeft", tries_left)
        .with("failuresLeft", failures_left)
        .with_time("until", until)
}

fn answer(verdict: &Verdict) -> JsValue {
    match verdict {
        Verdict::Accepted(accepted) => Answer::of("accepted")
            .with_exact("movingFactor", accepted.moving_factor())
            // Within a window, or counters ahead: far from what a Number cannot hold.
            .with("drift", accepted.drift() as f64)
            .with("confirms", accepted.confirms()),
        Verdict::Replayed => Answer::of("replayed"),
        Verdict::Rejected { tries_left, until, failures_left, .. } => {
            rejected(*tries_left, *until, *failures_left)
        }
        Verdict::Locked { until, .. } => Answer::of("locked").with_time("until", Some(*until)),
        Verdict::Disabled => Answer::of("disabled"),
        Verdict::Malformed(_) => Answer::of("malformed"),
        // Whatever else there may be one day lets nobody in.
        _ => Answer::of("conflict"),
    }
    .with("message", verdict.to_string())
    .done()
}
