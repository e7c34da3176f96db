//! What the engines for TOTP and HOTP have in common.

use otp_core::{Algorithm, Digits, Secret, VerifyError};
use wasm_bindgen::JsValue;

use crate::args::{Options, algorithm, digits, secret};
use crate::error::Fault;
use crate::object::Answer;

/// The secret, and the options that both engines have.
pub(crate) struct Key {
    pub(crate) secret: Secret,
    pub(crate) algorithm: Algorithm,
    pub(crate) digits: Digits,
}

impl Key {
    pub(crate) fn read(value: &JsValue, options: &Options) -> Result<Self, Fault> {
        Ok(Self {
            secret: secret(value, options.flag("allowShort")?)?,
            algorithm: options.map("algorithm", algorithm)?.unwrap_or_default(),
            digits: options.map("digits", digits)?.unwrap_or_default(),
        })
    }
}

/// The answer to a code that was not accepted. Only where there is none to give it is an error.
pub(crate) fn refused(error: VerifyError) -> Result<JsValue, Fault> {
    let answer = match error {
        VerifyError::Rejected => Answer::of("rejected"),
        VerifyError::Malformed(_) => Answer::of("malformed"),
        error => return Err(Fault::new("time-before-t0", error)),
    };
    Ok(answer.with("message", error.to_string()).done())
}
