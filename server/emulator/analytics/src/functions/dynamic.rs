//! Dynamic values.

use serde_json::Value as Json;

use crate::types::{Type, Value};

/// A JSON text as a value; what is not JSON becomes a dynamic string (Kusto, "parse_json()").
pub(super) fn parse(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::Text(text) => {
            let json =
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_string()));
            Value::dynamic(json)
        }
        value => value.clone(),
    }
}

/// A member of a bag, or an item of an array; negative indexes count from the end (Kusto, "The dynamic data type").
pub(super) fn member(of: &Value, index: &Value) -> Value {
    let Value::Dynamic(json) = of else { return Value::Null };
    let found = match (&**json, index) {
        (Json::Object(members), Value::Text(name)) => members.get(&**name),
        (Json::Array(items), Value::Long(at)) => {
            let at = if *at < 0 { at + i64::try_from(items.len()).unwrap_or(0) } else { *at };
            usize::try_from(at).ok().and_then(|at| items.get(at))
        }
        _ => None,
    };
    found.cloned().map_or(Value::Null, Value::dynamic)
}

/// The number of items; null if it is not an array.
pub(super) fn array_length(value: &Value) -> Value {
    match value {
        Value::Dynamic(json) => match json.as_array() {
            Some(items) => Value::Long(i64::try_from(items.len()).unwrap_or(i64::MAX)),
            None => Value::Null,
        },
        _ => Value::Null,
    }
}

/// `gettype()`
pub(super) fn type_name(kind: Type, value: &Value) -> Value {
    let Value::Dynamic(json) = value else {
        return Value::text(if value.is_null() { "null" } else { kind.name() });
    };
    Value::text(match &**json {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "double",
        Json::Number(_) => "long",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "dictionary",
    })
}
