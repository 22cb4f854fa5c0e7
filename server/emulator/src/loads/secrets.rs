//! Secrets of tests and runs: references to a vault, or encrypted values, which are never shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::kept::Secret;
use crate::vaults::reference::Reference;
use crate::vaults::seal::Sealer;

const REFERENCE: &str = "AKV_SECRET_URI";
const VALUE: &str = "SECRET_VALUE";
/// So that the state stays small. The service names no limit.
const SECRETS_MAX: usize = 100;
const VALUE_BYTES_MAX: usize = 25 * 1024;

/// Applies a merge patch: null removes a secret, or all of them.
///
/// # Errors
/// The broken rule. It does not contain the secret.
pub fn merge(
    secrets: &mut BTreeMap<String, Secret>,
    patch: Option<&Value>,
    sealer: &Sealer,
    owner: &str,
) -> Result<(), String> {
    let patch = match patch {
        None => return Ok(()),
        Some(Value::Null) => {
            secrets.clear();
            return Ok(());
        }
        Some(Value::Object(patch)) => patch,
        Some(_) => return Err("The property 'secrets' must be an object.".to_owned()),
    };
    for (name, sent) in patch {
        if sent.is_null() {
            secrets.remove(name);
        } else {
            secrets.insert(name.clone(), read(name, sent, sealer, owner)?);
        }
    }
    if secrets.len() > SECRETS_MAX {
        return Err(format!("There are more than {SECRETS_MAX} secrets."));
    }
    Ok(())
}

fn place(owner: &str, name: &str) -> String {
    format!("load/{owner}/{name}")
}

fn read(name: &str, sent: &Value, sealer: &Sealer, owner: &str) -> Result<Secret, String> {
    let shown = name.escape_default();
    let value = sent["value"].as_str();
    let value = value.ok_or_else(|| format!("The secret '{shown}' has no value."))?;
    match sent["type"].as_str() {
        Some(REFERENCE) if Reference::parse(value).is_some() => {
            Ok(Secret::Reference(value.to_owned()))
        }
        Some(REFERENCE) => Err(format!(
            "The value of the secret '{shown}' must be the identifier of a secret in Key Vault, such as \
             https://myvault.vault.azure.net/secrets/mysecret."
        )),
        Some(VALUE) if value.len() > VALUE_BYTES_MAX => {
            Err(format!("The secret '{shown}' has more than {VALUE_BYTES_MAX} bytes."))
        }
        Some(VALUE) => {
            let sealed = sealer.seal(&place(owner, name), value);
            let random =
                || "This machine has no random numbers, which encryption needs.".to_owned();
            sealed.map(Secret::Sealed).ok_or_else(random)
        }
        _ => Err(format!("The type of the secret '{shown}' must be {REFERENCE} or {VALUE}.")),
    }
}

/// The value of a [`Secret::Sealed`], which `owner` has stored.
pub fn open(sealer: &Sealer, owner: &str, name: &str, sealed: &str) -> Option<String> {
    sealer.open_sealed(&place(owner, name), sealed)
}

/// Secrets as answers show them.
pub fn view(secrets: &BTreeMap<String, Secret>) -> Map<String, Value> {
    let shown = |secret: &Secret| match secret {
        Secret::Reference(url) => json!({ "type": REFERENCE, "value": url }),
        Secret::Sealed(_) => json!({ "type": VALUE, "value": null }),
    };
    secrets.iter().map(|(name, secret)| (name.clone(), shown(secret))).collect()
}

/// A copy of a body in which no secret is.
pub fn without_values(body: &Value) -> Value {
    let mut body = body.clone();
    let secrets = body.get_mut("secrets").and_then(Value::as_object_mut);
    for secret in secrets.into_iter().flat_map(Map::values_mut) {
        if secret["type"] != REFERENCE && secret.is_object() {
            secret["value"] = json!("(not kept)");
        }
    }
    body
}
