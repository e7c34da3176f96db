//! `RecoverySet` and `Pepper`, for JavaScript.

use js_sys::{Array, Function, Uint8Array};
use otp_core::recovery::{Code, Keyed, Length, Pepper as CorePepper};
use otp_core::verifier::Verifier as CorePolicy;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroizing;

use crate::args::{bytes, seconds, small, text};
use crate::error::Fault;
use crate::object::Answer;
use crate::policy::Policy;
use crate::redemption::Redemption;
use crate::state::read;

/// Ten codes. The number is part of the type below, and ten is what services give out.
pub(crate) type Set = otp_core::recovery::Set<10>;

/// The key that recovery codes are hashed under. It is not to lie in the database that the sets are
/// in.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Pepper(CorePepper);

#[wasm_bindgen]
impl Pepper {
    /// Takes 14 to 64 bytes from a CSPRNG, and the number that the host tells its peppers apart by.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "number", js_name = "keyId")] key_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array", js_name = "bytes")] key: &JsValue,
    ) -> Result<Pepper, Fault> {
        let key_id = small(key_id)
            .ok_or_else(|| Fault::new("type", "keyId has to be a whole number of 32 bits"))?;
        Ok(Self(CorePepper::new(key_id, &bytes(key, "bytes")?)?))
    }
}

/// A set of ten recovery codes of 120 bits, hashed by HMAC-SHA-256 under a pepper. Each is used once.
#[wasm_bindgen]
#[derive(Debug)]
pub struct RecoverySet(Set);

#[wasm_bindgen]
impl RecoverySet {
    /// Makes a user's set. The codes are in the answer, and nowhere else: it is the only time that
    /// they are there to be seen.
    ///
    /// `fill` fills all of a `Uint8Array` from a CSPRNG: `(bytes) => crypto.getRandomValues(bytes)`.
    /// `user` is the identity of the user, the same ever after.
    #[wasm_bindgen(unchecked_return_type = "IssuedCodes")]
    pub fn generate(
        #[wasm_bindgen(unchecked_param_type = "FillRandom")] fill: &JsValue,
        pepper: &Pepper,
        #[wasm_bindgen(unchecked_param_type = "string")] user: &JsValue,
    ) -> Result<JsValue, Fault> {
        let (fill, user) = (filler(fill)?, text(user, "user")?);
        let codes = Array::new();
        let show = |_slot: u8, code: &Code| put(&codes, code);
        let set = Set::generate(fill, Keyed, Length::DEFAULT, &pepper.0, user.as_bytes(), show)?;
        Ok(Answer::new().with("set", Self(set)).with("codes", codes).done())
    }

    /// Makes new codes in place of all old ones, which are dead at once.
    #[wasm_bindgen(unchecked_return_type = "IssuedCodes")]
    pub fn regenerate(
        &self,
        #[wasm_bindgen(unchecked_param_type = "FillRandom")] fill: &JsValue,
        pepper: &Pepper,
        #[wasm_bindgen(unchecked_param_type = "string")] user: &JsValue,
    ) -> Result<JsValue, Fault> {
        let (fill, user) = (filler(fill)?, text(user, "user")?);
        let codes = Array::new();
        let show = |_slot: u8, code: &Code| put(&codes, code);
        let length = Length::DEFAULT;
        let set = self.0.regenerate(fill, Keyed, length, &pepper.0, user.as_bytes(), show)?;
        Ok(Answer::new().with("set", Self(set)).with("codes", codes).done())
    }

    /// Reads what `toBytes` wrote.
    #[wasm_bindgen(js_name = fromBytes)]
    pub fn from_bytes(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array", js_name = "bytes")] stored: &JsValue,
    ) -> Result<RecoverySet, Fault> {
        Ok(Self(Set::from_bytes(&bytes(stored, "bytes")?)?))
    }

    /// What is to be stored: 368 bytes, with hashes and no code.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Uint8Array {
        write(&self.0)
    }

    /// How many codes are left.
    #[wasm_bindgen(getter)]
    pub fn remaining(&self) -> u8 {
        self.0.remaining()
    }

    /// Whether the code of a slot, counted from 0, was used. True of a slot that there is not.
    #[wasm_bindgen(js_name = isUsed)]
    pub fn is_used(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number", js_name = "slot")] slot: &JsValue,
    ) -> bool {
        small(slot).is_none_or(|slot| self.0.is_used(slot))
    }

    /// Judges a recovery code that a person typed, under the state of `recoveryState`, which is stored beside
    /// the set. `Redemption.settle` tells the verdict, once the next set and state are stored.
    pub fn redeem(
        &self,
        pepper: &Pepper,
        #[wasm_bindgen(unchecked_param_type = "string")] user: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] state: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] code: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "number | bigint")] now: &JsValue,
        policy: &Policy,
    ) -> Result<Redemption, Fault> {
        let policy: &CorePolicy = policy.as_ref();
        let (user, code) = (text(user, "user")?, text(code, "code")?);
        let (state, now) = (read(state)?, seconds(now)?);
        let judged = policy.redeem(&self.0, &pepper.0, user.as_bytes(), state, &code, now)?;
        Ok(Redemption::new(judged, &self.0, state))
    }
}

fn put(codes: &Array, code: &Code) {
    let shown = Zeroizing::new(code.expose_grouped().to_string());
    codes.push(&JsValue::from_str(&shown));
}

pub(crate) fn write(set: &Set) -> Uint8Array {
    let mut buffer = [0; Set::LEN];
    // It was made for it.
    Uint8Array::from(set.write_bytes(&mut buffer).unwrap_or_default())
}

/// Random bytes come over in an array of JavaScript's, which is wiped thereafter.
fn filler(value: &JsValue) -> Result<impl FnMut(&mut [u8]) -> Result<(), &'static str>, Fault> {
    let fill = value
        .dyn_ref::<Function>()
        .ok_or_else(|| Fault::new("type", "fill has to be a function"))?
        .clone();
    Ok(move |buffer: &mut [u8]| {
        let len = u32::try_from(buffer.len()).map_err(|_| "too many bytes")?;
        let array = Uint8Array::new_with_length(len);
        let called = fill.call1(&JsValue::UNDEFINED, &array);
        // Whoever transferred it away has left nothing to read or to wipe.
        let there = array.length() == len;
        let filled = there && called.is_ok();
        if filled {
            array.copy_to(buffer);
        }
        if there {
            array.fill(0, 0, len);
        }
        filled.then_some(()).ok_or("the function threw")
    })
}
