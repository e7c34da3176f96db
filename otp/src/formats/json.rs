//! JSON that is wiped, and its members.

use serde_json::Value;
use zeroize::Zeroize;

use crate::Outcome;

/// A text of JSON. The strings in it, among which are secrets, are wiped when it is dropped.
pub(super) struct Json(Value);

impl Json {
    pub(super) fn read(text: &str) -> Outcome<Self> {
        match serde_json::from_str(text) {
            Ok(value) => Ok(Self(value)),
            // The error itself may repeat a part of the text.
            Err(error) => {
                let what = if error.is_eof() { "cut off" } else { "not JSON" };
                let (line, column) = (error.line(), error.column());
                Err(format!("the file is {what} (at line {line}, column {column})").into())
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
