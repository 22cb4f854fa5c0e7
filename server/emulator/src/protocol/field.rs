//! One field of a body: checks its value, and names the field in errors. Null means absent, because a GET
//! shows null if nothing was given.

use serde_json::Value;

use super::error::ArmError;
use crate::rules::whole;
use crate::state::Object;
use crate::when;

/// A field, with its path below `properties`, as errors name it.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    path: String,
    value: Option<&'a Value>,
}

type Read<T> = Result<Option<T>, ArmError>;

impl<'a> Field<'a> {
    /// A field and its value.
    pub fn of(path: impl Into<String>, value: Option<&'a Value>) -> Self {
        Self { path: path.into(), value: value.filter(|value| !value.is_null()) }
    }

    /// The field `name` inside this one.
    pub fn inside(&self, name: &str) -> Self {
        let value = self.value.and_then(|value| value.get(name));
        Self::of(format!("{}.{name}", self.path), value)
    }

    /// All fields inside this object.
    pub fn each(&self) -> Result<Vec<(&'a str, Self)>, ArmError> {
        let all = self.object()?.into_iter().flatten();
        Ok(all.map(|(name, _)| (name.as_str(), self.inside(name))).collect())
    }

    /// Whether the field has a value.
    pub fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// An error that says what the field must be.
    pub fn must(&self, be: &str) -> ArmError {
        ArmError::user(match self.value {
            // The value may be long, or a secret.
            Some(Value::String(text)) if text.len() <= 40 => {
                format!("The property '{}' must {be}, not [{text}].", self.path)
            }
            _ => format!("The property '{}' must {be}.", self.path),
        })
    }

    fn read<T>(&self, read: impl FnOnce(&'a Value) -> Option<T>, be: &str) -> Read<T> {
        match self.value {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.must(be)),
        }
    }

    pub fn text(&self) -> Read<&'a str> {
        self.read(Value::as_str, "be a string")
    }

    pub fn flag(&self) -> Read<bool> {
        self.read(Value::as_bool, "be true or false")
    }

    pub fn object(&self) -> Read<&'a Object> {
        self.read(Value::as_object, "be an object")
    }

    pub fn texts(&self) -> Read<Vec<&'a str>> {
        let texts = |value: &'a Value| value.as_array()?.iter().map(Value::as_str).collect();
        self.read(texts, "be a list of strings")
    }

    /// A string, or a scalar that the SDK passes on from YAML: a number, true or false.
    pub fn plain(&self) -> Result<(), ArmError> {
        match self.value {
            Some(Value::String(_) | Value::Number(_) | Value::Bool(_)) => Ok(()),
            _ => Err(self.must("be a string")),
        }
    }

    /// A map of strings, such as tags and variables. The SDK sends numbers, true and false as they are in
    /// YAML; Azure accepts them and returns strings.
    pub fn text_map(&self) -> Result<Object, ArmError> {
        let mut texts = Object::new();
        for (name, field) in self.each()? {
            field.plain()?;
            texts.insert(name.to_owned(), as_text(field.value.unwrap_or(&Value::Null)));
        }
        Ok(texts)
    }

    /// One of the documented words, in any case; returns the documented spelling.
    pub fn one_of(&self, words: &[&'static str]) -> Read<&'static str> {
        let known = |text: &str| words.iter().copied().find(|w| w.eq_ignore_ascii_case(text));
        self.read(|value| value.as_str().and_then(known), &format!("be {}", words.join(" or ")))
    }

    pub fn count(&self, min: i64, max: i64) -> Read<i64> {
        let be = match max {
            i64::MAX => format!("be a whole number of at least {min}"),
            _ => format!("be a whole number from {min} to {max}"),
        };
        self.read(|value| whole(value).filter(|n| (min..=max).contains(n)), &be)
    }

    pub fn fraction(&self) -> Read<f64> {
        let read = |value: &Value| value.as_f64().filter(|n| (0.0..=1.0).contains(n));
        self.read(read, "be a number from 0 to 1")
    }

    pub fn duration(&self) -> Read<std::time::Duration> {
        let read = |value: &Value| value.as_str().and_then(when::duration);
        self.read(read, "be an ISO 8601 duration, for example PT10S")
    }

    pub fn lasting(&self) -> Read<std::time::Duration> {
        let read = |value: &Value| {
            value.as_str().and_then(when::duration).filter(|duration| !duration.is_zero())
        };
        self.read(read, "be an ISO 8601 duration longer than zero, for example PT10S")
    }
}

/// Sets a field that is absent or null.
pub fn fill(object: &mut Object, name: &str, value: Value) {
    if object.get(name).is_none_or(Value::is_null) {
        object.insert(name.to_owned(), value);
    }
}

/// A number, true or false as a string; anything else unchanged.
pub fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Value) -> Object {
        Object::from_iter([("outer".to_owned(), json!({ "inner": value }))])
    }

    #[test]
    fn errors_name_the_path_and_the_valid_value() {
        let body = body(json!("often"));
        let field = Field::of("outer", body.get("outer")).inside("inner");
        let refused = field.one_of(&["Enabled", "Disabled"]).expect_err("no such word");
        let expected = "The property 'outer.inner' must be Enabled or Disabled, not [often].";
        assert_eq!(refused.message, expected);
        assert!(Field::of("outer", body.get("outer")).text().is_err());
    }

    #[test]
    fn null_is_absent_and_words_ignore_case() {
        let null = body(Value::Null);
        let field = Field::of("outer", null.get("outer")).inside("inner");
        assert!(!field.is_given() && field.flag().is_ok_and(|flag| flag.is_none()));
        assert!(field.plain().is_err(), "a map's value is not absent: its key is there");
        let word = body(json!("ENABLED"));
        let field = Field::of("outer", word.get("outer")).inside("inner");
        assert_eq!(field.one_of(&["Enabled"]).expect("a word"), Some("Enabled"));
    }

    #[test]
    fn numbers_have_bounds() {
        let check = |value: Value, is_count: bool, is_fraction: bool| {
            let body = body(value.clone());
            let field = Field::of("outer", body.get("outer")).inside("inner");
            assert_eq!(field.count(1, i64::MAX).is_ok(), is_count, "{value}");
            assert_eq!(field.fraction().is_ok(), is_fraction, "{value}");
        };
        check(json!(0), false, true);
        check(json!(1), true, true);
        check(json!(2.0), true, false);
        check(json!(0.5), false, true);
        check(json!(-1), false, false);
        check(json!("1"), false, false);
    }
}
