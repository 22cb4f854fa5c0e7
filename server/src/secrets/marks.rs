//! Marks distinguish secret values without storing them. A plain hash of `1234` could be reversed by trial, so marks
//! are HMAC-SHA-256 tags. Their key is sealed in the database: all replicas share it, and it survives a change of the
//! key file.

use crate::redact;
use ring::hmac;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

/// Length of the key, in bytes.
pub const KEY_BYTES: usize = 32;
/// Length of a mark, in bytes. Collisions are infeasible, and useless to an attacker.
const MARK_BYTES: usize = 16;

/// Computes marks.
#[derive(Clone)]
pub struct Marks(Arc<hmac::Key>);

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Marks")
    }
}

impl Default for Marks {
    /// With a public key, for tests only.
    fn default() -> Self {
        Self::new(&[0; KEY_BYTES])
    }
}

impl PartialEq for Marks {
    /// Whether both compute the same marks.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.of("", &Value::Null) == other.of("", &Value::Null)
    }
}

impl Marks {
    /// Computes marks with `key`.
    #[must_use]
    pub fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// The mark of a value at a place. Equal values at different places have different marks.
    #[must_use]
    pub fn of(&self, place: &str, value: &Value) -> String {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let tag = hmac::sign(&self.0, format!("{}:{place}{text}", place.len()).as_bytes());
        let mut mark = String::with_capacity(2 * MARK_BYTES);
        for byte in tag.as_ref().iter().take(MARK_BYTES) {
            // Writing to a string cannot fail.
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }

    /// The marks of a deployment's secret variables, by name, including variables that are secret only by their value.
    #[must_use]
    pub fn of_variables(&self, body: &Value) -> BTreeMap<String, String> {
        let variables = body.pointer("/properties/environmentVariables").and_then(Value::as_object);
        let secret = variables.into_iter().flatten().filter_map(|(name, value)| {
            let at = format!("/properties/environmentVariables/{name}");
            redact::is_secret(&at, value).then(|| (name.clone(), self.of(&at, value)))
        });
        secret.collect()
    }

    /// A body with secrets replaced by their marks. Its hash depends on the secrets but does not reveal them.
    #[must_use]
    pub fn in_place(&self, body: &Value) -> Value {
        let mut marked = body.clone();
        self.walk(&mut marked, &mut String::new());
        marked
    }

    fn walk(&self, value: &mut Value, at: &mut String) {
        let length = at.len();
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    at.push('/');
                    at.push_str(key);
                    self.walk(value, at);
                    at.truncate(length);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, at)),
            leaf if redact::is_secret(at, leaf) => {
                *leaf = Value::from(format!("marked:{}", self.of(at, leaf)));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(key: &Value) -> Value {
        json!({"properties": {"environmentVariables": {
            "API_KEY": key, "MODE": "fast", "STORE": "https://u:geheim@host/x"}}})
    }

    #[test]
    fn marks_distinguish_values_and_do_not_contain_them() {
        let marks = Marks::new(&[7; KEY_BYTES]);
        let of = |key: Value| marks.of_variables(&body(&key));
        let one = of(json!("kanarie"));
        assert_eq!(one.keys().collect::<Vec<_>>(), ["API_KEY", "STORE"]);
        assert_eq!(one, of(json!("kanarie")));
        assert_ne!(one["API_KEY"], of(json!("wellensittich"))["API_KEY"]);
        // Azure stores all variables as strings.
        assert_eq!(of(json!(1234)), of(json!("1234")));
        assert_ne!(one, Marks::new(&[8; KEY_BYTES]).of_variables(&body(&json!("kanarie"))));
        assert_ne!(marks.of("/a", &json!("b")), marks.of("/b", &json!("b")));
        let marked = marks.in_place(&body(&json!("kanarie"))).to_string();
        assert!(!marked.contains("kanarie") && !marked.contains("geheim"), "{marked}");
        assert!(marked.contains("\"MODE\":\"fast\""), "{marked}");
        assert!(!format!("{marks:?} {one:?}").contains("kanarie"));
    }
}
