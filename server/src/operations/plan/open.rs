//! Ids that are looked up only when something is sent. Until then a reference such as `@log-analytics` stands
//! for them in a body. No person reads one: [`worded`] says what it stands for.

use serde_json::Value;

/// Stands for the Log Analytics workspace until it is looked up.
pub const LOG_ANALYTICS: &str = "@log-analytics";
/// Stands for the action group until it is looked up.
pub const ACTION_GROUP: &str = "@action-group";
/// Stands for the region until it is looked up.
pub const LOCATION: &str = "@location";
/// Stands for the workspace's container registry, before `/` and an image.
pub const REGISTRY: &str = "@registry";

const WORDS: [(&str, &str); 4] = [
    (LOG_ANALYTICS, "the id of the stage's Log Analytics workspace"),
    (ACTION_GROUP, "the id of the stage's action group"),
    (LOCATION, "the workspace's region"),
    (REGISTRY, "the workspace's container registry"),
];

/// What a text stands for: the words, and what follows them.
fn stands_for(text: &str) -> Option<(&'static str, &str)> {
    WORDS.iter().find_map(|(reference, words)| match text.strip_prefix(reference)? {
        rest if rest.is_empty() || rest.starts_with('/') => Some((*words, rest)),
        _ => None,
    })
}

/// What in a body is still to be looked up, in words; `None` when nothing is.
#[must_use]
pub fn in_body(body: &Value) -> Option<&'static str> {
    match body {
        Value::String(text) => Some(stands_for(text)?.0),
        Value::Array(items) => items.iter().find_map(in_body),
        Value::Object(fields) => fields.values().find_map(in_body),
        _ => None,
    }
}

/// The same body for people.
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
    fn no_reference_reaches_a_person_and_no_persons_text_is_taken_for_one() {
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
