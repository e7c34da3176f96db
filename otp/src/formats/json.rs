//! JSON that is wiped, and its members.

use std::fmt;
use std::mem::take;

use serde_core::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};
use zeroize::Zeroize;

use crate::Outcome;

/// A text of JSON. The strings in it, among which are secrets, are wiped when it is dropped.
pub(super) struct Json(Value);

impl Json {
    pub(super) fn read(text: &str) -> Outcome<Self> {
        match serde_json::from_str(text) {
            Ok(json) => Ok(json),
            // The error itself may repeat a part of the text.
            Err(error) => {
                let what = match error.classify() {
                    Category::Eof => "is cut off",
                    Category::Data => "has a member of JSON twice",
                    _ => "is not JSON",
                };
                let (line, column) = (error.line(), error.column());
                Err(format!("the file {what} (at line {line}, column {column})").into())
            }
        }
    }

    pub(super) const fn root(&self) -> &Value {
        &self.0
    }
}

impl Drop for Json {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// Reads as `Value` does, but refuses an object that has a member twice: nobody knows which of
/// the two is right.
impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut list = Json(Value::Array(Vec::new()));
        while let Some(mut element) = access.next_element::<Json>()? {
            if let Value::Array(values) = &mut list.0 {
                values.push(take(&mut element.0));
            }
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut object = Json(Value::Object(Map::new()));
        while let Some(name) = access.next_key::<String>()? {
            let mut value = access.next_value::<Json>()?;
            if let Value::Object(members) = &mut object.0
                && let Some(old) = members.insert(name, take(&mut value.0))
            {
                drop(Json(old));
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(object)
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text of a member, or an empty one.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The first of these members that has a text.
pub(super) fn first_text<'v>(value: &'v Value, names: &[&str]) -> &'v str {
    names.iter().map(|name| text(value, name)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The elements of a member that is a list.
pub(super) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The number of a member, if it is there. Some apps write it as a text.
pub(super) fn number(value: &Value, name: &str) -> Result<Option<u64>, String> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| not_a_number(name)),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| not_a_number(name)),
    }
}

fn not_a_number(name: &str) -> String {
    format!("{name}: not a whole number from 0 on")
}
