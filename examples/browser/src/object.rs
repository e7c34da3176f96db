//! What goes back to JavaScript: plain objects, such as the verdicts.

use js_sys::{BigInt, Object, Reflect};
use wasm_bindgen::JsValue;

use crate::args::MAX_SAFE;

/// An object, property by property.
pub(crate) struct Answer(Object);

impl Answer {
    /// An object with its `kind`, by which the members of a union are told apart.
    pub(crate) fn of(kind: &str) -> Self {
        Self::new().with("kind", kind)
    }

    pub(crate) fn new() -> Self {
        Self(Object::new())
    }

    pub(crate) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // An object that was just made takes every property.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    /// A number that may need all of its 64 bits, as a `BigInt`.
    pub(crate) fn with_exact(self, name: &str, value: impl Into<BigInt>) -> Self {
        self.with(name, value.into())
    }

    /// A time in seconds, left out where there is none. It is a Number, for `new Date(1000 * time)`;
    /// what is beyond the safe integers, 285 million years on, becomes the last of them.
    pub(crate) fn with_time(self, name: &str, time: Option<u64>) -> Self {
        match time {
            Some(time) => self.with(name, time.min(MAX_SAFE) as f64),
            None => self,
        }
    }

    pub(crate) fn done(self) -> JsValue {
        self.0.into()
    }
}
