//! `Policy`, for JavaScript.

use otp_core::verifier::{Backoff, Throttle, Verifier as CorePolicy};
use otp_core::{Secret, Totp};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{Options, digits, period, small};
use crate::error::Fault;
use crate::hotp::look_ahead;
use crate::totp::read_window;

/// What a verifier allows: one value for a whole service.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Policy(CorePolicy);

impl AsRef<CorePolicy> for Policy {
    fn as_ref(&self) -> &CorePolicy {
        &self.0
    }
}

#[wasm_bindgen]
impl Policy {
    /// Without options: one step of TOTP each way, ten counters of HOTP ahead, five free tries, then
    /// waits that double from 30 seconds to an hour, disabled after 100 failures in a row, 30 wrong
    /// codes at most and another one each day, and periods of 2 minutes at most.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "PolicyOptions")] options: &JsValue,
    ) -> Result<Policy, Fault> {
        let known = [
            "window",
            "lookAhead",
            "longestPeriod",
            "freeTries",
            "firstWait",
            "longestWait",
            "maxFailures",
        ];
        let options = Options::read(options, &known)?;
        let mut throttle = Throttle::DEFAULT;
        // 0 is refused there, with the right words.
        let number = |value: &JsValue| Ok(small::<u32>(value).unwrap_or(0));
        if let Some(tries) = options.map("freeTries", number)? {
            throttle = throttle.with_free_tries(tries)?;
        }
        if let Some(failures) = options.map("maxFailures", number)? {
            throttle = throttle.with_max_failures(failures)?;
        }
        let first = options.map("firstWait", number)?;
        let longest = options.map("longestWait", number)?;
        if first.is_some() || longest.is_some() {
            let (first, longest) = (first.unwrap_or(30), longest.unwrap_or(3600));
            throttle = throttle.with_waits(first.into(), longest.into(), Backoff::Exponential)?;
        }
        let mut policy = CorePolicy::DEFAULT.with_throttle(throttle);
        if let Some(window) = options.map("window", read_window)? {
            policy = policy.with_window(window);
        }
        if let Some(reach) = options.map("lookAhead", look_ahead)? {
            policy = policy.with_look_ahead(reach);
        }
        if let Some(longest) = options.map("longestPeriod", period)? {
            policy = policy.with_max_period(longest);
        }
        Ok(Self(policy))
    }

    /// The chance that somebody who guesses codes of TOTP gets in within a year, at most: with one store
    /// that compares and swaps, and however often the owner logs in.
    #[wasm_bindgen(js_name = guessBound)]
    pub fn guess_bound(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "number", js_name = "digits")]
        number: &JsValue,
    ) -> Result<f64, Fault> {
        let number = if number.is_undefined() { Ok(Default::default()) } else { digits(number) };
        // Any key will do: the digits decide.
        let totp = Totp::new(&Secret::from_bytes(&[0; 20])?).with_digits(number?);
        Ok(self.0.guess_bound(&totp, 365 * 86_400, 1))
    }
}
