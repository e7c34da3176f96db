//! What JavaScript passes in. TypeScript's types are a promise that nobody keeps at run time, so
//! everything comes as a `JsValue` and is read here.

use js_sys::{Object, Reflect, Uint8Array};
use otp_core::{Algorithm, Digits, Period, Secret};
use wasm_bindgen::{JsCast, JsValue};
use zeroize::Zeroizing;

use crate::error::Fault;

/// The largest integer whose neighbours a Number can tell apart, `Number.MAX_SAFE_INTEGER`.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

fn not(name: &str, what: &str) -> Fault {
    Fault::new("type", format_args!("{name} has to be {what}"))
}

/// The copy in the memory of the module is wiped; JavaScript's own is out of reach.
pub(crate) fn text(value: &JsValue, name: &str) -> Result<Zeroizing<String>, Fault> {
    value.as_string().map(Zeroizing::new).ok_or_else(|| not(name, "a string"))
}

pub(crate) fn bytes(value: &JsValue, name: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let array = value.dyn_ref::<Uint8Array>().ok_or_else(|| not(name, "a Uint8Array"))?;
    Ok(Zeroizing::new(array.to_vec()))
}

/// What anything else would be taken for is `true` or `false`, and a promise is `true`.
pub(crate) fn boolean(value: &JsValue, name: &str) -> Result<bool, Fault> {
    value.as_bool().ok_or_else(|| not(name, "true or false (is an await missing?)"))
}

pub(crate) fn seconds(value: &JsValue) -> Result<u64, Fault> {
    whole(value).ok_or_else(|| {
        Fault::new(
            "time",
            "a time is whole seconds of Unix time from 0 on, as a safe integer or a BigInt of 64 bits",
        )
    })
}

pub(crate) fn counter(value: &JsValue) -> Result<u64, Fault> {
    whole(value).ok_or_else(|| {
        Fault::new("counter", "a counter is a safe integer from 0 on, or a BigInt of 64 bits")
    })
}

fn whole(value: &JsValue) -> Option<u64> {
    let Some(number) = value.as_f64() else {
        return value.is_bigint().then(|| u64::try_from(value.clone()).ok()).flatten();
    };
    // Both bounds are exact as f64, and NaN is in no range.
    let is_whole = (0.0..=MAX_SAFE as f64).contains(&number) && number.fract() == 0.0;
    #[allow(clippy::cast_sign_loss, reason = "it was just seen to be a whole number from 0 on")]
    is_whole.then_some(number as u64)
}

/// A small number, such as one of digits; `None` for whatever does not fit.
pub(crate) fn small<T: TryFrom<u64>>(value: &JsValue) -> Option<T> {
    T::try_from(whole(value)?).ok()
}

pub(crate) fn digits(value: &JsValue) -> Result<Digits, Fault> {
    // 0 is refused there, with the right words.
    Ok(Digits::new(small(value).unwrap_or(0))?)
}

pub(crate) fn period(value: &JsValue) -> Result<Period, Fault> {
    let seconds = whole(value)
        .ok_or_else(|| Fault::new("period", "a period is whole seconds, at least 1"))?;
    Ok(Period::new(seconds)?)
}

pub(crate) fn algorithm(value: &JsValue) -> Result<Algorithm, Fault> {
    Ok(text(value, "algorithm")?.parse()?)
}

/// A string is Base32, a `Uint8Array` the bytes themselves.
pub(crate) fn secret(value: &JsValue, allow_short: bool) -> Result<Secret, Fault> {
    let secret = if value.is_string() {
        let text = text(value, "secret")?;
        if allow_short {
            Secret::from_base32_allow_short(&text)
        } else {
            Secret::from_base32(&text)
        }
    } else if value.is_instance_of::<Uint8Array>() {
        let bytes = bytes(value, "secret")?;
        if allow_short {
            Secret::from_bytes_allow_short(&bytes)
        } else {
            Secret::from_bytes(&bytes)
        }
    } else {
        return Err(not("secret", "a string in Base32 or a Uint8Array"));
    };
    Ok(secret?)
}

/// An object of options, or none at all.
pub(crate) struct Options(Option<Object>);

impl Options {
    /// Refuses names that are not `known`: a misspelt option would be a default without a word.
    pub(crate) fn read(value: &JsValue, known: &[&str]) -> Result<Self, Fault> {
        if value.is_undefined() {
            return Ok(Self(None));
        }
        let Some(object) = value.dyn_ref::<Object>() else {
            return Err(not("options", "an object"));
        };
        for name in Object::keys(object).iter() {
            if !name.as_string().is_some_and(|name| known.contains(&name.as_str())) {
                // The name is left out: where arguments are mixed up, it may be anything.
                return Err(Fault::new(
                    "option",
                    format_args!("there is an unknown option, known are: {}", known.join(", ")),
                ));
            }
        }
        Ok(Self(Some(object.clone())))
    }

    /// The value of an option, `None` where it is left out or `undefined`.
    pub(crate) fn get(&self, name: &str) -> Result<Option<JsValue>, Fault> {
        let Some(object) = &self.0 else { return Ok(None) };
        let value = Reflect::get(object, &name.into())
            .map_err(|_| Fault::new("option", format_args!("{name} cannot be read")))?;
        Ok(Some(value).filter(|value| !value.is_undefined()))
    }

    /// As [`get`](Self::get), read by `read`.
    pub(crate) fn map<T>(
        &self,
        name: &str,
        read: impl FnOnce(&JsValue) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.get(name)?.as_ref().map(read).transpose()
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Fault> {
        Ok(self.map(name, |value| boolean(value, name))?.unwrap_or(false))
    }
}
