//! Ids that are looked up when a body is sent. Until then, a body has a reference such as `@log-analytics`. [`worded`]
//! replaces references by words for people.

use serde_json::Value;

/// Reference to the Log Analytics workspace.
pub const LOG_ANALYTICS: &str = "@log-analytics";
/// Reference to the action group.
pub const ACTION_GROUP: &str = "@action-group";
/// Reference to the region.
pub const LOCATION: &str = "@location";
/// Reference to the workspace's container registry, followed by `/` and an image.
pub const REGISTRY: &str = "@registry";

const WORDS: [(&str, &str); 4] = [
    (LOG_ANALYTICS, "the id of the stage's Log Analytics workspace"),
    (ACTION_GROUP, "the id of the stage's action group"),
    (LOCATION, "the workspace's region"),
    (REGISTRY, "the workspace's container registry"),
];

/// Splits a text with a reference into the reference's words and the rest.
fn stands_for(text: &str) -> Option<(&'static str, &str)> {
    WORDS.iter().find_map(|(reference, words)| match text.strip_prefix(reference)? {
        rest if rest.is_empty() || rest.starts_with('/') => Some((*words, rest)),
        _ => None,
    })
}

/// The first unresolved reference in a body, in words; `None` when all are resolved.
#[must_use]
pub fn in_body(body: &Value) -> Option<&'static str> {
    match body {
        Value::String(text) => Some(stands_for(text)?.0),
        Value::Array(items) => items.iter().find_map(in_body),
        Value::Object(fields) => fields.values().find_map(in_body),
        _ => None,
    }
}

/// Replaces the references in a body by words.
#[must_use]
pub fn worded(body: &Value) -> Value {
    match body {
        Value::String(text) => match stands_for(text) {
            Some((words, "")) => Value::String(format!("({words})")),
            Some((words, rest)) => Value::String(format!("({words}){rest}")),
            None => body.clone(),
        },
        Value::Array(items) => items.iter().map(worded).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), worded(value))).collect()
        }
        _ => body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_shown_in_words_and_similar_texts_are_not_references() {
        for (text, shown) in [
            (LOG_ANALYTICS, "(the id of the stage's Log Analytics workspace)"),
            ("@registry/env:latest", "(the workspace's container registry)/env:latest"),
            ("@locations", "@locations"),
            ("write to @location", "write to @location"),
        ] {
            let body = json!({"a": [text], "b": 1});
            assert_eq!(worded(&body), json!({"a": [shown], "b": 1}));
            assert_eq!(in_body(&body).is_some(), text != shown, "{text}");
        }
    }
}
