//! `Redemption`, for JavaScript: a recovery code that was judged, and not answered yet.

use core::convert::Infallible;
use core::fmt;

use js_sys::Uint8Array;
use otp_core::recovery::{Redemption as CoreRedemption, Verdict};
use otp_core::verifier::{State, Swap};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::boolean;
use crate::error::Fault;
use crate::object::Answer;
use crate::recovery::{self, Set};
use crate::state::write;
use crate::verifier::{rejected, settled};

/// A recovery code that was judged, and not answered yet: the set and the state to be stored in one
/// transaction, and a sealed verdict.
#[wasm_bindgen]
pub struct Redemption(Option<Judged>);

/// What `settle` has not given out yet.
struct Judged {
    changes: bool,
    next_set: Set,
    next_state: State,
    verdict: Verdict,
}

impl Redemption {
    /// As `Attempt::new`.
    pub(crate) fn new(redemption: CoreRedemption<'_, 10>, set: &Set, state: State) -> Self {
        let (mut changes, mut next_set, mut next_state) = (false, set.clone(), state);
        let Ok(settled) = redemption.commit(|set, _, state| {
            changes = true;
            next_set.clone_from(set);
            next_state = state;
            Ok::<_, Infallible>(Swap::Stored)
        });
        Self(Some(Judged { changes, next_set, next_state, verdict: settled.verdict }))
    }

    fn judged(&self) -> Result<&Judged, Fault> {
        self.0.as_ref().ok_or_else(settled)
    }
}

/// Tells nothing of the verdict.
impl fmt::Debug for Redemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redemption(sealed)")
    }
}

#[wasm_bindgen]
impl Redemption {
    /// The bytes of the set to be stored in the place of the one that was asked.
    #[wasm_bindgen(getter, js_name = nextSet)]
    pub fn next_set(&self) -> Result<Uint8Array, Fault> {
        Ok(recovery::write(&self.judged()?.next_set))
    }

    /// The state to be stored in the place of the one that was passed in.
    #[wasm_bindgen(getter, js_name = nextState)]
    pub fn next_state(&self) -> Result<Uint8Array, Fault> {
        Ok(write(self.judged()?.next_state))
    }

    /// Whether the next set or state differs from what was there. If neither does, nothing has to be
    /// written, and it may be settled as committed.
    #[wasm_bindgen(getter)]
    pub fn changes(&self) -> Result<bool, Fault> {
        Ok(self.judged()?.changes)
    }

    /// Gives the verdict if both were stored, and `conflict` otherwise, which tells nothing of the
    /// code. Goes once.
    #[wasm_bindgen(unchecked_return_type = "RecoveryVerdict")]
    pub fn settle(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "boolean")] committed: &JsValue,
    ) -> Result<JsValue, Fault> {
        let committed = boolean(committed, "committed")?;
        let judged = self.0.take().ok_or_else(settled)?;
        Ok(answer(if committed { &judged.verdict } else { &Verdict::Conflict }))
    }
}

fn answer(verdict: &Verdict) -> JsValue {
    match verdict {
        Verdict::Redeemed(code) => {
            Answer::of("redeemed").with("slot", code.slot()).with("remaining", code.remaining())
        }
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
