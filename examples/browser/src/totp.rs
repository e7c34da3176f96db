//! `Totp`, for JavaScript.

use otp_core::{Totp as CoreTotp, Window};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::args::{MAX_SAFE, Options, period, seconds, small, text};
use crate::codes::{Key, refused};
use crate::error::Fault;
use crate::object::Answer;
use crate::policy::Policy;
use crate::verifier::{Attempt, attempted};

/// Time-based codes (RFC 6238). Holds the HMAC key schedule, and no copy of the secret.
///
/// All times are whole seconds of Unix time: `Math.floor(Date.now() / 1000)`.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Totp(CoreTotp);

impl From<CoreTotp> for Totp {
    fn from(totp: CoreTotp) -> Self {
        Self(totp)
    }
}

#[wasm_bindgen]
impl Totp {
    /// Takes the shared secret as Base32 or as bytes, at least 128 bits of it. Without options it is
    /// SHA-1, 6 digits and 30 seconds: what every authenticator app speaks.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "string | Uint8Array")] secret: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TotpOptions")] options: &JsValue,
    ) -> Result<Totp, Fault> {
        let known = ["algorithm", "digits", "period", "t0", "allowShort"];
        let options = Options::read(options, &known)?;
        let key = Key::read(secret, &options)?;
        let totp = CoreTotp::for_algorithm(key.algorithm, &key.secret)?
            .with_digits(key.digits)
            .with_period(options.map("period", period)?.unwrap_or_default())
            .with_t0(options.map("t0", seconds)?.unwrap_or_default());
        Ok(Self(totp))
    }

    /// The code at a time, with its leading zeros.
    #[wasm_bindgen(js_name = codeAt)]
    pub fn code_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
    ) -> Result<String, Fault> {
        Ok(self.0.code_at(seconds(now)?)?.as_str().to_owned())
    }

    /// How many seconds the code of a time still lasts, 1 at least.
    #[wasm_bindgen(js_name = secondsRemainingAt)]
    pub fn seconds_remaining_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
    ) -> Result<f64, Fault> {
        Ok(self.0.seconds_remaining_at(seconds(now)?)?.min(MAX_SAFE) as f64)
    }

    /// The time step of a time.
    #[wasm_bindgen(js_name = stepAt)]
    pub fn step_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
    ) -> Result<u64, Fault> {
        Ok(self.0.step_at(seconds(now)?)?)
    }

    /// Seconds that a code lasts.
    #[wasm_bindgen(getter)]
    pub fn period(&self) -> f64 {
        self.0.period().seconds().min(MAX_SAFE) as f64
    }

    /// Checks what a person typed, with one step before and one after unless `window` says otherwise.
    ///
    /// It keeps no state, and says yes to the same code as often as it is asked. Behind a login use
    /// `attempt`, which accepts each code once.
    #[wasm_bindgen(js_name = verifyAt, unchecked_return_type = "TotpVerification")]
    pub fn verify_at(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "WindowOptions")] window: &JsValue,
    ) -> Result<JsValue, Fault> {
        let (code, now, window) = (text(code, "code")?, seconds(now)?, read_window(window)?);
        match self.0.verify_at(&code, now, window) {
            // At most 100 either way.
            Ok(hit) => Ok(Answer::of("accepted")
                .with_exact("step", hit.step())
                .with("drift", hit.drift() as f64)
                .done()),
            Err(error) => refused(error),
        }
    }

    /// Judges what a person typed against the state of the user's authenticator. What came out is
    /// told by `Attempt.settle`, once the next state is stored.
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

pub(crate) fn read_window(value: &JsValue) -> Result<Window, Fault> {
    let options = Options::read(value, &["past", "future"])?;
    // 255 is refused there, with the right words.
    let steps = |value: &JsValue| Ok(small(value).unwrap_or(u8::MAX));
    let past = options.map("past", steps)?.unwrap_or(Window::DEFAULT.past());
    let future = options.map("future", steps)?.unwrap_or(Window::DEFAULT.future());
    Ok(Window::new(past, future)?)
}
