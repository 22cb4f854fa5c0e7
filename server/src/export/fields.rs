//! Builds a YAML map in the order in which people write it.

use serde_json::Value;
use serde_yaml::{Mapping, Value as Yaml};

/// A map under construction.
#[derive(Debug, Default)]
pub(super) struct Fields(Mapping);

impl Fields {
    pub(super) fn put(&mut self, key: &str, value: impl Into<Yaml>) {
        self.0.insert(Yaml::from(key), value.into());
    }

    /// Adds a value unless it is missing or empty.
    pub(super) fn put_if(&mut self, key: &str, value: Option<impl Into<Yaml>>) {
        let Some(value) = value.map(Into::into) else { return };
        let is_empty = match &value {
            Yaml::Null => true,
            Yaml::String(text) => text.is_empty(),
            Yaml::Mapping(map) => map.is_empty(),
            Yaml::Sequence(items) => items.is_empty(),
            _ => false,
        };
        if !is_empty {
            self.put(key, value);
        }
    }

    pub(super) fn done(self) -> Yaml {
        Yaml::Mapping(self.0)
    }
}

/// Converts JSON to YAML.
pub(super) fn plain(value: &Value) -> Yaml {
    match value {
        Value::Null => Yaml::Null,
        Value::Bool(flag) => Yaml::from(*flag),
        Value::Number(number) => number.as_i64().map(Yaml::from).unwrap_or_else(|| {
            number.as_f64().map_or_else(|| Yaml::from(number.to_string()), Yaml::from)
        }),
        Value::String(text) => Yaml::from(text.as_str()),
        Value::Array(items) => Yaml::Sequence(items.iter().map(plain).collect()),
        Value::Object(map) => {
            Yaml::Mapping(map.iter().map(|(key, v)| (Yaml::from(key.as_str()), plain(v))).collect())
        }
    }
}

/// The string at a pointer.
pub(super) fn text_at<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str)
}

/// The value at a pointer, as YAML.
pub(super) fn plain_at(body: &Value, pointer: &str) -> Option<Yaml> {
    body.pointer(pointer).map(plain)
}

/// Keys in `properties.properties` that Azure writes.
const AZURES: [&str; 5] = [
    "AzureAsyncOperationUri",
    "azureml.onlineendpointid",
    "createdBy",
    "createdAt",
    "lastModifiedAt",
];

/// `properties.properties` without the keys that Azure writes.
pub(super) fn own_properties(body: &Value) -> Option<Yaml> {
    let mut own = body.pointer("/properties/properties")?.as_object()?.clone();
    own.retain(|key, _| !AZURES.contains(&key.as_str()));
    Some(plain(&Value::Object(own)))
}
