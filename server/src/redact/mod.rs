//! Redaction of secrets.
//!
//! A secret is recognised by the name of its variable ([`is_secret_name`]), its format ([`forms`]) or, once known, its
//! value ([`values`]). Bodies are redacted by name and format ([`body`]). Texts from elsewhere, such as Azure's errors,
//! may repeat values that were sent: they are shown, logged and stored without known values and formats ([`scope`]). Logs
//! of jobs arrive in pieces ([`log_mask`]).

pub mod forms;
#[cfg(test)]
mod forms_tests;
pub mod log_mask;
#[cfg(test)]
mod log_mask_tests;
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

/// Replaces a secret.
pub const HIDDEN: &str = "(hidden)";

/// Parts of names of secrets.
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
/// Whole words in names of secrets; `MONKEY` does not count.
const WORDS: [&str; 6] = ["KEY", "SAS", "CERT", "AUTH", "PAT", "DSN"];
/// Lower-case parts of values of secrets, in addition to the known formats. A value with such a part is redacted whole.
const VALUES: [&str; 6] =
    ["sharedaccesskey", "sharedaccesssignature", "password=", "pwd=", "-----begin", "bearer "];

/// Whether a variable with this name contains a secret.
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

/// Whether a value looks like a secret, regardless of its name.
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

/// Redacts a body's secrets.
pub fn body(body: &mut Value) {
    hide(body, &mut String::new());
}

/// Redacts known secrets in all texts of a value.
///
/// # Errors
/// If the value's type does not allow the redacted text, for example in a name. The value must then not be shown.
pub fn shown<T: Serialize + DeserializeOwned>(value: &mut T) -> Result<(), serde_json::Error> {
    let mut json = serde_json::to_value(&*value)?;
    let before = json.clone();
    sentences(&mut json);
    if json != before {
        *value = serde_json::from_value(json)?;
    }
    Ok(())
}

/// Redacts a response: known secrets in sentences, and everything that [`body`] redacts.
pub fn answer(answer: &mut Value) {
    sentences(answer);
    body(answer);
}

fn sentences(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(sentences),
        Value::Array(items) => items.iter_mut().for_each(sentences),
        Value::String(said) if said.contains(char::is_whitespace) => *said = text(said),
        // A single word is a value and is redacted whole.
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
    fn secrets_are_recognised_by_name() {
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
    fn secrets_are_recognised_by_value() {
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
    fn only_the_secrets_of_a_body_are_redacted() {
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
