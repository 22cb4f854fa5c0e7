//! What must not be shown, and how it is kept from being shown.
//!
//! Three things tell a secret: the name of its variable ([`is_secret_name`]), its look ([`forms`]), and, for what is
//! known already, its value ([`values`]). A body is shown without what the first two tell ([`body`]). Every text that
//! comes back from somewhere, such as Azure's refusal, may repeat a value that was sent there: it is shown, logged and
//! written down without known values and forms ([`scope`]).

pub mod forms;
#[cfg(test)]
mod forms_tests;
pub mod scope;
pub mod values;
#[cfg(test)]
mod values_tests;
pub mod writer;
pub mod yaml;

pub use scope::{learn, text, within};
pub use values::Values;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What stands in a secret's place.
pub const HIDDEN: &str = "(hidden)";

/// Parts of names that tell a secret. `KEY` is looked for as a word of its own.
const NAMES: [&str; 12] = [
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "CREDENTIAL",
    "CONNECTION_STRING",
    "CONNECTIONSTRING",
    "CONNSTR",
    "APIKEY",
    "ACCOUNTKEY",
];
/// Words of names that tell a secret.
const WORDS: [&str; 6] = ["KEY", "SAS", "CERT", "AUTH", "PAT", "DSN"];
/// Parts of values that tell one, in lower case, beside the known forms: where a whole value looks like this, all of
/// it is hidden.
const VALUES: [&str; 6] =
    ["sharedaccesskey", "sharedaccesssignature", "password=", "pwd=", "-----begin", "bearer "];

/// Whether a variable of this name holds a secret.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut was_lower = false;
    for letter in name.chars() {
        if was_lower && letter.is_ascii_uppercase() {
            spaced.push('_');
        }
        was_lower = letter.is_ascii_lowercase();
        spaced.push(letter.to_ascii_uppercase());
    }
    let joined = name.to_ascii_uppercase().replace(['-', '.'], "_");
    NAMES.iter().any(|part| joined.contains(part) || spaced.contains(part))
        || spaced
            .split(['_', '-', '.'])
            .any(|word| WORDS.contains(&word.trim_end_matches('S')) || WORDS.contains(&word))
}

/// Whether a value looks like a secret wherever it stands.
#[must_use]
pub fn is_secret_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    VALUES.iter().any(|part| lower.contains(part)) || forms::found(value).is_some()
}

/// Whether the value at a JSON pointer is secret.
#[must_use]
pub fn is_secret(pointer: &str, value: &Value) -> bool {
    let named =
        pointer.strip_prefix("/properties/environmentVariables/").is_some_and(is_secret_name)
            || pointer.starts_with("/properties/keys/")
            || pointer.strip_prefix("/tags/").is_some_and(is_secret_name);
    named || value.as_str().is_some_and(is_secret_value)
}

/// Hides a body's secrets.
pub fn body(body: &mut Value) {
    hide(body, &mut String::new());
}

/// Hides what is known to be secret in all texts of a value that is shown.
///
/// # Errors
/// When a secret stands where the value's type takes nothing else, such as in a name; it must then not be shown.
pub fn shown<T: Serialize + DeserializeOwned>(value: &mut T) -> Result<(), serde_json::Error> {
    let mut json = serde_json::to_value(&*value)?;
    let before = json.clone();
    sentences(&mut json);
    if json != before {
        *value = serde_json::from_value(json)?;
    }
    Ok(())
}

/// Hides an answer's secrets: those of a body, and in its sentences the known ones and no more.
pub fn answer(answer: &mut Value) {
    sentences(answer);
    body(answer);
}

fn sentences(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(sentences),
        Value::Array(items) => items.iter_mut().for_each(sentences),
        Value::String(said) if said.contains(char::is_whitespace) => *said = text(said),
        // One word is a value: it is hidden whole.
        Value::String(said) if text(said) != *said => HIDDEN.clone_into(said),
        _ => {}
    }
}

fn hide(value: &mut Value, at: &mut String) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let length = at.len();
                at.push('/');
                at.push_str(key);
                hide(value, at);
                at.truncate(length);
            }
        }
        Value::Array(items) => {
            for item in items {
                hide(item, at);
            }
        }
        leaf if is_secret(at, leaf) => *leaf = Value::from(HIDDEN),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_tell_secrets() {
        for name in [
            "API_KEY",
            "apiKey",
            "storageAccountKey",
            "DB_PASSWORD",
            "SLACK_TOKEN",
            "CLIENT_SECRET",
            "AZURE_STORAGE_CONNECTION_STRING",
            "connectionString",
            "SAS_URL",
            "GITHUB_PAT",
            "KEYS",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["LOG_LEVEL", "MONKEY", "KEYBOARD", "TRAFFIC_TYPE", "PATH", "WORKERS", "AUTHOR"]
        {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_tell_secrets() {
        for value in [
            "sk-proj-aB3dE6gH9jK2mN5pQ8sT",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc",
            "https://a.blob.core.windows.net/c?sv=1&sig=abc",
            "postgres://user:pass@host/db",
            "eyJhbGciOi.eyJzdWIi.c2ln",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(is_secret_value(value), "{value}");
        }
        for value in ["https://host/a@b:c", "info", "1.2.3", "https://host:8080/score"] {
            assert!(!is_secret_value(value), "{value}");
        }
    }

    #[test]
    fn a_body_keeps_everything_else() {
        let mut given = json!({"properties": {
            "environmentVariables": {"API_KEY": "abc", "LOG_LEVEL": "info", "DEPTH": 3},
            "keys": {"primaryKey": "p"}, "description": "see https://x/?sig=1"}});
        body(&mut given);
        assert_eq!(
            given,
            json!({"properties": {
                "environmentVariables": {"API_KEY": HIDDEN, "LOG_LEVEL": "info", "DEPTH": 3},
                "keys": {"primaryKey": HIDDEN}, "description": HIDDEN}})
        );
    }
}
