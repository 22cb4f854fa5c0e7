//! Conversions between types: `tostring()`, `toint()` and the like. What cannot be converted becomes null.

use serde_json::{Number, Value as Json};

use super::dynamic;
use super::numbers::long;
use crate::ticks;
use crate::types::{Type, Value};

/// A value as another type.
pub(crate) fn cast(from: Type, to: Type, value: &Value) -> Value {
    if value.is_null() {
        return to.missing();
    }
    if let (Value::Dynamic(json), true) = (value, to != Type::Dynamic) {
        return of_json(json, to);
    }
    match to {
        Type::String => Value::text(to_text(from, value)),
        Type::Int => to_long(value)
            .filter(|number| Type::Int.holds(&Value::Long(*number)))
            .map_or(Value::Null, Value::Long),
        Type::Long => to_long(value).map_or(Value::Null, Value::Long),
        Type::Real => match value {
            Value::Text(text) => to_real(text),
            Value::Bool(is) => Some(f64::from(u8::from(*is))),
            value => value.as_real(),
        }
        .map_or(Value::Null, Value::Real),
        Type::Bool => match value {
            Value::Bool(is) => Value::Bool(*is),
            Value::Text(text) => to_bool(text),
            value => value.as_real().map_or(Value::Null, |number| Value::Bool(number != 0.0)),
        },
        Type::DateTime => match value {
            Value::Text(text) => ticks::parse_time(text).map_or(Value::Null, Value::Long),
            Value::Long(number) if ticks::is_time(*number) => Value::Long(*number),
            _ => Value::Null,
        },
        Type::TimeSpan => match value {
            Value::Text(text) => ticks::parse_span(text).map_or(Value::Null, Value::Long),
            Value::Long(number) => Value::Long(*number),
            _ => Value::Null,
        },
        Type::Dynamic => match value {
            Value::Text(_) => dynamic::parse(value),
            value => Value::dynamic(to_json(from, value)),
        },
    }
}

fn to_long(value: &Value) -> Option<i64> {
    match value {
        Value::Long(number) => Some(*number),
        Value::Real(number) => long(number.trunc()).as_long(),
        Value::Bool(is) => Some(i64::from(*is)),
        Value::Text(text) => {
            let text = text.trim();
            match text.strip_prefix("0x") {
                Some(digits) => i64::from_str_radix(digits, 16).ok(),
                None => text.parse().ok(),
            }
        }
        _ => None,
    }
    .filter(|number| *number != i64::MIN)
}

fn to_real(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn to_bool(text: &str) -> Value {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    text.parse::<i64>().map_or(Value::Null, |number| Value::Bool(number != 0))
}

/// A value as a string.
pub(crate) fn to_text(kind: Type, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is) => is.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Real(number) if number.is_nan() => "NaN".to_owned(),
        Value::Real(number) if number.is_infinite() => {
            if *number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        Value::Real(number) => number.to_string(),
        Value::Dynamic(json) => match &**json {
            Json::String(text) => text.clone(),
            json => json.to_string(),
        },
        Value::Long(number) => match kind {
            Type::DateTime => seven_digits(*number),
            Type::TimeSpan => ticks::format_span(*number),
            _ => number.to_string(),
        },
    }
}

/// A time with all seven digits of its fraction.
fn seven_digits(ticks: i64) -> String {
    let text = ticks::format_time(ticks);
    let whole = text.split(['.', 'Z']).next().unwrap_or_default();
    format!("{whole}.{:07}Z", ticks.rem_euclid(ticks::SECOND))
}

/// A value as JSON: times and time spans as strings.
pub(crate) fn to_json(kind: Type, value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(is) => Json::Bool(*is),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Dynamic(json) => (**json).clone(),
        Value::Real(number) => Number::from_f64(*number)
            .map_or_else(|| Json::String(to_text(kind, value)), Json::Number),
        Value::Long(number) => match kind {
            Type::DateTime => Json::String(ticks::format_time(*number)),
            Type::TimeSpan => Json::String(ticks::format_span(*number)),
            _ => Json::Number((*number).into()),
        },
    }
}

/// A dynamic value as a type, by what is in it.
fn of_json(json: &Json, to: Type) -> Value {
    let (from, value) = match json {
        Json::Bool(is) => (Type::Bool, Value::Bool(*is)),
        Json::Number(number) => match number.as_i64() {
            Some(number) => (Type::Long, Value::Long(number)),
            None => (Type::Real, number.as_f64().map_or(Value::Null, Value::Real)),
        },
        Json::String(text) => (Type::String, Value::text(text)),
        Json::Null => return to.missing(),
        Json::Array(_) | Json::Object(_) if to == Type::String => {
            return Value::text(json.to_string());
        }
        Json::Array(_) | Json::Object(_) => return Value::Null,
    };
    cast(from, to, &value)
}
