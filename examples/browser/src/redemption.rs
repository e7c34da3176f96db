//! `Redemption`, for JavaScript: a recovery code that was judged, and not answered yet.

use js_sys::Uint8Array;
use otp_core::{RecoveryVerdict, Redemption as CoreRedemption};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::boolean;
use crate::error::Fault;
use crate::object::Answer;
use crate::recovery;
use crate::state::write;
use crate::verifier::{rejected, settled};

/// A recovery code that was judged, and not answered yet: the set and the state to be stored in one
/// transaction, and a sealed verdict.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Redemption(Option<CoreRedemption<10>>);

impl From<CoreRedemption<10>> for Redemption {
    fn from(redemption: CoreRedemption<10>) -> Self {
        Self(Some(redemption))
    }
}

#[wasm_bindgen]
impl Redemption {
    /// The bytes of the set to be stored in the place of the one that was asked.
    #[wasm_bindgen(getter, js_name = nextSet)]
    pub fn next_set(&self) -> Result<Uint8Array, Fault> {
        Ok(recovery::write(self.0.as_ref().ok_or_else(settled)?.next_set()))
    }

    /// The state to be stored in the place of the one that was passed in.
    #[wasm_bindgen(getter, js_name = nextState)]
    pub fn next_state(&self) -> Result<Uint8Array, Fault> {
        Ok(write(self.0.as_ref().ok_or_else(settled)?.next_state()))
    }

    /// Whether the next set or state differs from what was there. Where neither does, nothing has to
    /// be written, and it may be settled as committed.
    #[wasm_bindgen(getter)]
    pub fn changes(&self) -> Result<bool, Fault> {
        Ok(self.0.as_ref().ok_or_else(settled)?.changes())
    }

    /// Gives the verdict if both were stored, and `conflict` otherwise, which tells nothing of the
    /// code. Goes once.
    #[wasm_bindgen(unchecked_return_type = "RecoveryVerdict")]
    pub fn settle(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "boolean")] committed: &JsValue,
    ) -> Result<JsValue, Fault> {
        let committed = boolean(committed, "committed")?;
        let verdict = self.0.take().ok_or_else(settled)?.settle(committed);
        Ok(answer(&verdict))
    }
}

fn answer(verdict: &RecoveryVerdict) -> JsValue {
    match verdict {
        RecoveryVerdict::Redeemed(code) => {
            Answer::of("redeemed").with("slot", code.slot()).with("remaining", code.remaining())
        }
        RecoveryVerdict::Rejected { tries_left, until, failures_left, .. } => {
            rejected(*tries_left, *until, *failures_left)
        }
        RecoveryVerdict::Locked { until, .. } => {
            Answer::of("locked").with_time("until", Some(*until))
        }
        RecoveryVerdict::Disabled => Answer::of("disabled"),
        RecoveryVerdict::Malformed(_) => Answer::of("malformed"),
        // Whatever else there may be one day lets nobody in.
        _ => Answer::of("conflict"),
    }
    .with("message", verdict.to_string())
    .done()
}
