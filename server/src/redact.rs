//! What must not be shown: values that are secret by the name of their variable or by their look.

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
/// Parts of values that tell one, in lower case.
const VALUES: [&str; 8] = [
    "accountkey=",
    "sharedaccesskey",
    "sharedaccesssignature",
    "password=",
    "pwd=",
    "sig=",
    "-----begin",
    "bearer ",
];

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
    let signed = value.starts_with("eyJ") && value.matches('.').count() == 2;
    let in_url = lower.split_once("://").is_some_and(|(_, rest)| {
        let host = rest.split('/').next().unwrap_or_default();
        host.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    });
    signed || in_url || VALUES.iter().any(|part| lower.contains(part))
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
