//! `Hotp`, for JavaScript.

use otp_core::{Hotp as CoreHotp, LookAhead};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{Options, counter, small, text};
use crate::codes::{Key, refused};
use crate::error::Fault;
use crate::object::Answer;
use crate::policy::Policy;
use crate::verifier::{Attempt, attempted};

/// Counter-based codes (RFC 4226). Holds the HMAC key schedule, and no copy of the secret.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Hotp(CoreHotp);

impl From<CoreHotp> for Hotp {
    fn from(hotp: CoreHotp) -> Self {
        Self(hotp)
    }
}

#[wasm_bindgen]
impl Hotp {
    /// Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is
    /// SHA-1 and 6 digits.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "string | Uint8Array")] secret: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "HotpOptions")] options: &JsValue,
    ) -> Result<Hotp, Fault> {
        let options = Options::read(options, &["algorithm", "digits", "allowShort"])?;
        let key = Key::read(secret, &options)?;
        Ok(Self(CoreHotp::for_algorithm(key.algorithm, &key.secret)?.with_digits(key.digits)))
    }

    /// The code of a counter, with its leading zeros. A device that shows codes stores the next
    /// counter before it shows one.
    pub fn code(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | bigint", js_name = "counter")]
        moving_factor: &JsValue,
    ) -> Result<String, Fault> {
        Ok(self.0.code(counter(moving_factor)?).as_str().to_owned())
    }

    /// Checks what a person typed against the lowest counter that was not used, and ten beyond it
    /// unless `lookAhead` says otherwise.
    ///
    /// It keeps no state. Behind a login use `attempt`, which accepts each code once.
    #[wasm_bindgen(unchecked_return_type = "HotpVerification")]
    pub fn verify(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number | bigint", js_name = "counter")]
        moving_factor: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number", js_name = "lookAhead")]
        reach: &JsValue,
    ) -> Result<JsValue, Fault> {
        let (code, first) = (text(code, "code")?, counter(moving_factor)?);
        match self.0.verify(&code, first, look_ahead(reach)?) {
            Ok(hit) => Ok(Answer::of("accepted").with_exact("counter", hit.counter()).done()),
            Err(error) => refused(error),
        }
    }

    /// Judges what a person typed against the state of the user's authenticator, which keeps the
    /// counter too: `startingState(counter)` at enrolment. What came out is told by
    /// `Attempt.settle`, once the next state is stored.
    pub fn attempt(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] state: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
        policy: &Policy,
    ) -> Result<Attempt, Fault> {
        attempted(&self.0, state, code, now, policy)
    }
}

pub(crate) fn look_ahead(value: &JsValue) -> Result<LookAhead, Fault> {
    if value.is_undefined() {
        return Ok(LookAhead::DEFAULT);
    }
    // 255 is refused there, with the right words.
    Ok(LookAhead::new(small(value).unwrap_or(u8::MAX))?)
}
