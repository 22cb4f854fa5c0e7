//! Converts free-form values (tags, variables, properties) to JSON as Python's loader and encoder do.

use crate::problem::Problem;
use crate::yaml::{Map, Node, Scalar, Typed, Value};
use serde_json::{Value as Json, json};
use std::collections::HashSet;

/// A value as the SDK sends it.
///
/// # Errors
/// Values that JSON cannot represent: infinities, numbers beyond 64 bits; two keys that become equal (`1` and `"1"`).
pub(crate) fn json(field: &str, node: &Node) -> Result<Json, Problem> {
    match &node.value {
        Value::Scalar(scalar) => of(scalar).map_err(|message| node.at.problem(field, message)),
        Value::List(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(n, item)| json(&format!("{field}[{n}]"), item))
                .collect::<Result<_, _>>()
                .map(Json::Array)
        }
        Value::Map(map) => object(field, map).map(Json::Object),
    }
}

/// A mapping as the SDK sends it.
pub(crate) fn object(field: &str, map: &Map) -> Result<serde_json::Map<String, Json>, Problem> {
    let mut all = serde_json::Map::new();
    let mut seen = HashSet::new();
    for entry in &map.entries {
        let path = if field.is_empty() {
            entry.key.text.clone()
        } else {
            format!("{field}.{}", entry.key.text)
        };
        let name = key(&entry.key).map_err(|message| entry.at.problem(&path, message))?;
        let is_new = seen.insert(alike(&entry.key).unwrap_or_else(|| name.clone()));
        if all.insert(name.clone(), json(&path, &entry.value)?).is_some() || !is_new {
            let message = format!("two keys both become “{name}”. Rename one");
            return Err(entry.at.problem(&path, message));
        }
    }
    Ok(all)
}

/// Sets a field, unless there is no value for it.
pub(crate) fn put(
    all: &mut serde_json::Map<String, Json>,
    name: &str,
    value: Option<impl Into<Json>>,
) {
    if let Some(value) = value {
        all.insert(name.to_owned(), value.into());
    }
}

fn of(scalar: &Scalar) -> Result<Json, String> {
    Ok(match scalar.typed()? {
        Typed::Null => Json::Null,
        Typed::Bool(flag) => json!(flag),
        Typed::Text(text) => json!(text),
        Typed::Timestamp(time) => json!(time.in_utc().ok_or("this date is beyond the year 9999")?),
        Typed::Int(number) => match (i64::try_from(number), u64::try_from(number)) {
            (Ok(number), _) => json!(number),
            (_, Ok(number)) => json!(number),
            _ => Err("this number does not fit 64 bits. Quote it to make it a string")?,
        },
        Typed::Float(number) => serde_json::Number::from_f64(number)
            .map(Json::Number)
            .ok_or("JSON cannot represent this number. Quote it to make it a string")?,
    })
}

/// Converts other keys to strings as Python's encoder does.
fn key(scalar: &Scalar) -> Result<String, String> {
    Ok(match scalar.typed()? {
        Typed::Null => "null".to_owned(),
        Typed::Bool(flag) => flag.to_string(),
        Typed::Text(text) => text,
        Typed::Int(number) => number.to_string(),
        Typed::Float(number) if number.is_nan() => "NaN".to_owned(),
        Typed::Float(number) if number.is_infinite() => {
            if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        Typed::Float(number) => python_float(number),
        Typed::Timestamp(_) => return Err("a date cannot be a key here. Quote it".to_owned()),
    })
}

/// A common form of keys that Python considers equal: `1`, `1.0` and `true`.
fn alike(key: &Scalar) -> Option<String> {
    match key.typed().ok()? {
        Typed::Bool(flag) => Some(i32::from(flag).to_string()),
        Typed::Float(number) if number.fract() == 0.0 => Some(format!("{number:.0}")),
        _ => None,
    }
}

/// A value as Python's `str` prints it.
pub(crate) fn python_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => python_repr(other),
    }
}

/// A value as Python prints it within another: `[1, {'b': True}]`.
fn python_repr(value: &Json) -> String {
    match value {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => python_float(float),
            None => number.to_string(),
        },
        Json::String(text) => {
            let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
            let mut all = quote.to_string();
            for c in text.chars() {
                match c {
                    '\\' => all.push_str("\\\\"),
                    '\n' => all.push_str("\\n"),
                    '\t' => all.push_str("\\t"),
                    c if c == quote => all.extend(['\\', c]),
                    c => all.push(c),
                }
            }
            all.push(quote);
            all
        }
        Json::Array(items) => {
            format!("[{}]", items.iter().map(python_repr).collect::<Vec<_>>().join(", "))
        }
        Json::Object(map) => {
            let each = map.iter().map(|(key, value)| {
                format!("{}: {}", python_repr(&Json::String(key.clone())), python_repr(value))
            });
            format!("{{{}}}", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A number as Python prints it: `1.0`, `1e+16`, `1e-05`.
pub(crate) fn python_float(number: f64) -> String {
    let text = format!("{number:?}");
    match text.split_once('e') {
        None => text,
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{}e{sign}{digits:0>2}", mantissa.trim_end_matches(".0"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_python_does() {
        for (value, text) in [
            (json!("it's"), "it's"),
            (json!([1, { "b": true, "c": null }, 1.0]), "[1, {'b': True, 'c': None}, 1.0]"),
            (json!(["it's", "a\\b\n"]), r#"["it's", 'a\\b\n']"#),
        ] {
            assert_eq!(python_text(&value), text);
        }
    }

    #[test]
    fn floats_are_printed_as_python_does() {
        for (number, text) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
        ] {
            assert_eq!(python_float(number), text);
        }
    }
}
