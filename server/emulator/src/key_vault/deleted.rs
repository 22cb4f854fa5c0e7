//! Soft deletion: a deleted secret can be recovered until it is purged, and its name cannot be used meanwhile.

use http::StatusCode;
use serde_json::{Value, json};

use super::refused::Refused;
use super::secrets::item;
use super::wire::{Answered, Asked};
use crate::protocol::call::Answer;
use crate::vaults::kept::{Deleted, Secret, Vault};

const DAY_S: i64 = 24 * 3600;

fn missing(name: &str) -> Refused {
    Refused::no_secret(&name.escape_default().to_string())
}

fn about(asked: &Asked<'_>, secret: &Secret, deleted: Deleted, mut body: Value) -> Value {
    body["recoveryId"] = json!(format!("{}/deletedsecrets/{}", asked.root, secret.name));
    body["deletedDate"] = json!(deleted.at);
    body["scheduledPurgeDate"] = json!(deleted.purged_at);
    body
}

fn bundle(
    asked: &Asked<'_>,
    vault: &Vault,
    secret: &Secret,
    deleted: Deleted,
) -> Result<Value, Refused> {
    let version = secret.version("").ok_or_else(|| missing(&secret.name))?;
    Ok(about(asked, secret, deleted, asked.bundle(vault, secret, version)))
}

/// `DELETE /secrets/{name}`
pub fn delete(asked: &Asked<'_>, name: &str) -> Answered {
    let body = asked.change(|vault| {
        let mut secret = vault.secret(name).cloned().ok_or_else(|| missing(name))?;
        let purged_at = asked.now + vault.retention_days * DAY_S;
        let deleted = Deleted { at: asked.now, purged_at };
        secret.deleted = Some(deleted);
        let body = bundle(asked, vault, &secret, deleted)?;
        vault.secrets.insert(name.to_lowercase(), secret);
        Ok(body)
    })?;
    Ok(Answer::ok(body))
}

/// `GET /deletedsecrets/{name}`
pub fn get(asked: &Asked<'_>, name: &str) -> Answered {
    let body = asked.look(|vault| {
        let (secret, deleted) = vault.deleted(name, asked.now).ok_or_else(|| missing(name))?;
        bundle(asked, vault, secret, deleted)
    })?;
    Ok(Answer::ok(body))
}

/// `GET /deletedsecrets`
pub fn list(asked: &Asked<'_>) -> Answered {
    let items = asked.look(|vault| {
        let all = vault.secrets.keys().filter_map(|name| vault.deleted(name, asked.now));
        let newest =
            all.filter_map(|(secret, deleted)| Some((secret, deleted, secret.version("")?)));
        let id = |secret: &Secret| format!("{}/secrets/{}", asked.root, secret.name);
        let item = |(secret, deleted, version)| {
            about(asked, secret, deleted, item(vault, version, &id(secret)))
        };
        Ok(newest.map(item).collect())
    })?;
    asked.page(items)
}

/// `POST /deletedsecrets/{name}/recover`
pub fn recover(asked: &Asked<'_>, name: &str) -> Answered {
    let body = asked.change(|vault| {
        let (secret, _) = vault.deleted(name, asked.now).ok_or_else(|| missing(name))?;
        let mut secret = secret.clone();
        secret.deleted = None;
        let version = secret.version("").ok_or_else(|| missing(name))?;
        let body = asked.bundle(vault, &secret, version);
        vault.secrets.insert(name.to_lowercase(), secret);
        Ok(body)
    })?;
    Ok(Answer::ok(body))
}

/// `DELETE /deletedsecrets/{name}`: for good.
pub fn purge(asked: &Asked<'_>, name: &str) -> Answered {
    asked.change(|vault| {
        vault.deleted(name, asked.now).ok_or_else(|| missing(name))?;
        if vault.is_purge_protected {
            let text =
                format!("Operation purge is not allowed: the vault protects {name} from it.");
            return Err(Refused::new(StatusCode::FORBIDDEN, "Forbidden", text));
        }
        vault.secrets.remove(&name.to_lowercase());
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
