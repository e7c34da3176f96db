//! `Attempt`, for JavaScript: the verdict is sealed until its state is stored.

use core::convert::Infallible;
use core::fmt;

use js_sys::Uint8Array;
use otp_core::HmacKey;
use otp_core::verifier::{
    Attempt as CoreAttempt, Rejection, State, Swap, Verdict, Verifiable, Verifier as CorePolicy,
};
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
pub struct Attempt(Option<Judged>);

/// What `settle` has not given out yet.
struct Judged {
    changes_state: bool,
    next_state: State,
    verdict: Verdict,
}

impl Attempt {
    /// JavaScript stores the next state between two calls, and no closure of Rust's can wait for that. So the commit
    /// here only tells the next state, and `settle` keeps the verdict until JavaScript has stored it.
    fn new(attempt: CoreAttempt, state: State) -> Self {
        let (mut changes_state, mut next_state) = (false, state);
        let Ok(settled) = attempt.commit(|_, next| {
            (changes_state, next_state) = (true, next);
            Ok::<_, Infallible>(Swap::Stored)
        });
        Self(Some(Judged { changes_state, next_state, verdict: settled.verdict }))
    }

    fn judged(&self) -> Result<&Judged, Fault> {
        self.0.as_ref().ok_or_else(settled)
    }
}

/// Tells nothing of the verdict.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attempt(sealed)")
    }
}

#[wasm_bindgen]
impl Attempt {
    /// The state to be stored in the place of the one that was passed in.
    #[wasm_bindgen(getter, js_name = nextState)]
    pub fn next_state(&self) -> Result<Uint8Array, Fault> {
        Ok(write(self.judged()?.next_state))
    }

    /// Whether the next state differs from the one that was passed in. If it does not, nothing has to
    /// be written, and it may be settled as committed.
    #[wasm_bindgen(getter, js_name = changesState)]
    pub fn changes_state(&self) -> Result<bool, Fault> {
        Ok(self.judged()?.changes_state)
    }

    /// Gives the verdict if the next state was stored in the place of the one that was passed in, and
    /// `conflict` otherwise, which tells nothing of the code. Goes once.
    #[wasm_bindgen(unchecked_return_type = "Verdict")]
    pub fn settle(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "boolean")] committed: &JsValue,
    ) -> Result<JsValue, Fault> {
        // This comes before it is taken: if an await was forgotten, it may still be settled.
        let committed = boolean(committed, "committed")?;
        let judged = self.0.take().ok_or_else(settled)?;
        Ok(answer(if committed { &judged.verdict } else { &Verdict::Conflict }))
    }
}

/// The attempt of any engine, for what its class was given.
pub(crate) fn attempted(
    engine: &impl Verifiable<Key: HmacKey<Error = Infallible>>,
    state: &JsValue,
    code: &JsValue,
    now: &JsValue,
    policy: &Policy,
) -> Result<Attempt, Fault> {
    let policy: &CorePolicy = policy.as_ref();
    let (state, code, now) = (read(state)?, text(code, "code")?, seconds(now)?);
    Ok(Attempt::new(policy.attempt(engine, state, &code, now)?, state))
}

pub(crate) fn settled() -> Fault {
    Fault::new("settled", "it was settled before, and goes once")
}

/// What follows from a failure.
pub(crate) fn rejected(rejection: Rejection) -> Answer {
    Answer::of("rejected")
        .with("triesLeft", rejection.tries_left())
        .with("failuresLeft", rejection.failures_left())
        .with_time("until", rejection.until())
}

fn answer(verdict: &Verdict) -> JsValue {
    match verdict {
        Verdict::Accepted(accepted) => Answer::of("accepted")
            // Only the host's own codes have none, and they do not come here.
            .with_exact("movingFactor", accepted.moving_factor().unwrap_or_default())
            // Within a window, or counters ahead: far from what a Number cannot hold.
            .with("drift", accepted.drift() as f64)
            .with("confirms", accepted.confirms()),
        Verdict::Replayed => Answer::of("replayed"),
        Verdict::Rejected(rejection) => rejected(*rejection),
        Verdict::Locked { until, .. } => Answer::of("locked").with_time("until", Some(*until)),
        Verdict::Disabled => Answer::of("disabled"),
        Verdict::Malformed(_) => Answer::of("malformed"),
        // Whatever else there may be one day lets nobody in.
        _ => Answer::of("conflict"),
    }
    .with("message", verdict.to_string())
    .done()
}
