//! Numbers and keys that come from JavaScript or go there.

use alloc::string::String;

use otp_core::otpauth::{Kind, UriBuilder};
use otp_core::{Algorithm, Secret};

use crate::fault::Fault;
use crate::json::{Json, MAX_SAFE};

/// Reads a time or a counter. JavaScript has checked that it is a safe integer from 0.
#[expect(clippy::cast_sign_loss, reason = "JavaScript has checked it")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// Checks that JavaScript can count on from a counter.
pub(crate) fn countable(counter: u64) -> Result<u64, Fault> {
    if counter > MAX_SAFE {
        let message =
            "counter: over 9007199254740991, the largest integer that JavaScript counts to";
        return Err(Fault::new("uri-counter-out-of-range", message));
    }
    Ok(counter)
}

/// The parts of a key URI that is to be written.
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

/// Writes the key URI of an account or a token, or the reason why there is none.
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
