//! Numbers and keys, on their way from JavaScript and back.

use alloc::string::String;

use otp_core::otpauth::{Kind, UriBuilder};
use otp_core::{Algorithm, Secret};

use crate::fault::Fault;
use crate::json::{Json, MAX_SAFE};

/// A time or a counter that JavaScript has seen to be a safe integer from 0 on.
#[expect(clippy::cast_sign_loss, reason = "JavaScript has looked")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// A counter that JavaScript can count from.
pub(crate) fn countable(counter: u64) -> Result<u64, Fault> {
    if counter > MAX_SAFE {
        let message = "counter: over 9007199254740991, from where JavaScript does not count on";
        return Err(Fault::new("uri-counter-out-of-range", message));
    }
    Ok(counter)
}

/// What is written of a key.
pub(crate) struct Written {
    pub(crate) secret: Secret,
    pub(crate) kind: Kind,
    pub(crate) algorithm: Algorithm,
    pub(crate) issuer: String,
    pub(crate) account: String,
}

impl Written {
    pub(crate) fn builder(&self) -> Result<UriBuilder<'_>, Fault> {
        Ok(UriBuilder::new(&self.secret, self.kind)
            .with_algorithm(self.algorithm)
            .with_issuer(&self.issuer)?
            .with_account(&self.account)?)
    }
}

/// The key URI of an account or a token, or why there is none.
pub(crate) fn told(json: &mut Json<'_>, key: Result<Written, Fault>) {
    let refused = match &key {
        Ok(key) => match key.builder() {
            Ok(uri) => {
                json.text("kind", &"read").text("uri", &uri);
                return;
            }
            Err(fault) => fault,
        },
        Err(fault) => return refuse(json, fault),
    };
    refuse(json, &refused);
}

pub(crate) fn refuse(json: &mut Json<'_>, fault: &Fault) {
    json.text("kind", &"refused");
    fault.fields(json);
}
