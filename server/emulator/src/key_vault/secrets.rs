//! Secrets: their values, versions and lists (azure-rest-api-specs, keyvault, `secrets.json` 7.5).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::refused::Refused;
use super::values::{Unreadable, place, value};
use super::wire::{Answered, Asked};
use crate::protocol::call::Answer;
use crate::vaults::kept::{Secret, Vault, Version};

/// The longest value, in bytes (learn.microsoft.com, about Azure Key Vault secrets: 25 KB).
const VALUE_BYTES_MAX: usize = 25 * 1024;
/// The longest name (learn.microsoft.com, Key Vault object identifiers).
const NAME_CHARS_MAX: usize = 127;
/// The number of items on a page: the default, and the highest one (`secrets.json`, `maxresults`).
const PAGE_ITEMS_MAX: usize = 25;
/// The number of tags (learn.microsoft.com, about secrets).
const TAGS_MAX: usize = 15;
/// So that the state stays small.
const VERSIONS_MAX: usize = 500;

impl Asked<'_> {
    /// The vault, which exists when a request is admitted.
    pub fn look<T>(&self, look: impl FnOnce(&Vault) -> Result<T, Refused>) -> Result<T, Refused> {
        let missing = || Refused::no_secret(self.vault);
        self.inner.store.read(|state| state.vaults.get(self.vault).map(look)).ok_or_else(missing)?
    }

    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Vault) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let now = self.now;
        self.inner.store.try_write(|state| {
            let vault = state.vaults.get_mut(self.vault);
            let vault = vault.ok_or_else(|| Refused::no_secret(self.vault))?;
            vault.purge(now);
            change(vault)
        })
    }

    /// A secret as answers show it, without its value.
    pub fn bundle(&self, vault: &Vault, secret: &Secret, version: &Version) -> Value {
        let id = format!("{}/secrets/{}/{}", self.root, secret.name, version.id);
        let mut bundle = item(vault, version, &id);
        bundle["tags"] = Value::Object(version.tags.clone());
        bundle
    }

    /// A page of a list, whose items are in order.
    pub fn page(&self, items: Vec<Value>) -> Answered {
        let number = |name: &str| self.call.query.get(name).map(|text| text.parse::<usize>());
        let bad = |name: &str| Refused::bad(format!("The query parameter {name} is not valid."));
        let size = number("maxresults").unwrap_or(Ok(PAGE_ITEMS_MAX));
        let size = size.ok().filter(|size| (1..=PAGE_ITEMS_MAX).contains(size));
        let size = size.ok_or_else(|| bad("maxresults"))?;
        let skip = number("$skiptoken").unwrap_or(Ok(0)).map_err(|_| bad("$skiptoken"))?;
        let next = skip.saturating_add(size);
        let more = next < items.len();
        let value: Vec<Value> = items.into_iter().skip(skip).take(size).collect();
        let path = self.call.path.trim_start_matches('/');
        let path = match self.root.starts_with(&self.call.base) {
            true => format!("{}/{path}", self.call.base),
            false => format!("{}/{path}", self.root),
        };
        let link = format!(
            "{path}?api-version={}&$skiptoken={next}&maxresults={size}",
            self.call.api_version
        );
        Ok(Answer::ok(json!({ "value": value, "nextLink": more.then_some(link) })))
    }
}

/// What lists and bundles share.
pub fn item(vault: &Vault, version: &Version, id: &str) -> Value {
    let mut attributes = json!({
        "enabled": version.is_enabled, "created": version.created, "updated": version.updated,
        "recoveryLevel": if vault.is_purge_protected { "Recoverable" } else { "Recoverable+Purgeable" },
        "recoverableDays": vault.retention_days,
    });
    if let Some(time) = version.not_before {
        attributes["nbf"] = json!(time);
    }
    if let Some(time) = version.expires {
        attributes["exp"] = json!(time);
    }
    let mut item = json!({ "id": id, "attributes": attributes });
    if let Some(kind) = &version.content_type {
        item["contentType"] = json!(kind);
    }
    if !version.tags.is_empty() {
        item["tags"] = Value::Object(version.tags.clone());
    }
    item
}

fn check_name(name: &str) -> Result<(), Refused> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_legal = (1..=NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(is_plain);
    let text = || format!("The request URI contains an invalid name: {}", name.escape_default());
    if is_legal { Ok(()) } else { Err(Refused::bad(text())) }
}

/// Fields that PUT and PATCH share.
fn describe(version: &mut Version, body: &Value) -> Result<(), Refused> {
    let attributes = &body["attributes"];
    if let Some(kind) = body["contentType"].as_str() {
        version.content_type = Some(kind.chars().take(255).collect());
    }
    if let Some(flag) = attributes["enabled"].as_bool() {
        version.is_enabled = flag;
    }
    for (name, field) in [("nbf", &mut version.not_before), ("exp", &mut version.expires)] {
        if !attributes[name].is_null() {
            let time = attributes[name].as_i64();
            let text = || format!("Property {name} must be a number of seconds since 1970");
            *field = Some(time.ok_or_else(|| Refused::bad(text()))?);
        }
    }
    if let Some(tags) = body["tags"].as_object() {
        if tags.len() > TAGS_MAX || tags.values().any(|tag| !tag.is_string()) {
            return Err(Refused::bad(format!("A secret has at most {TAGS_MAX} tags, all strings")));
        }
        version.tags = tags.clone();
    }
    Ok(())
}

fn body(asked: &Asked<'_>) -> Result<Value, Refused> {
    // The parser's text could quote the secret.
    asked.call.object().map_err(|_| Refused::bad("The request body is not a JSON object"))
}

/// `PUT /secrets/{name}`: a new version.
pub fn put(asked: &Asked<'_>, name: &str) -> Answered {
    check_name(name)?;
    let body = body(asked)?;
    let value = body["value"].as_str();
    let value = value.ok_or_else(|| Refused::bad("Property value is missing or not a string"))?;
    if value.len() > VALUE_BYTES_MAX {
        return Err(Refused::bad(format!("The value has more than {VALUE_BYTES_MAX} bytes")));
    }
    let id = Uuid::new_v4().simple().to_string();
    let sealed = asked.inner.vaults.sealer.seal(&place(asked.vault, name, &id), value);
    let random = "This machine has no random numbers, which encryption needs.";
    let internal = http::StatusCode::INTERNAL_SERVER_ERROR;
    let sealed = sealed.ok_or_else(|| Refused::new(internal, "InternalServerError", random))?;
    let mut version = Version {
        id,
        sealed,
        content_type: None,
        is_enabled: true,
        not_before: None,
        expires: None,
        tags: Map::new(),
        created: asked.now,
        updated: asked.now,
    };
    describe(&mut version, &body)?;
    let mut bundle = asked.change(|vault| {
        if vault.deleted(name, asked.now).is_some() {
            return Err(conflict(name));
        }
        let secret = vault.secrets.entry(name.to_lowercase());
        let secret = secret.or_insert_with(|| Secret {
            name: name.to_owned(),
            versions: Vec::new(),
            deleted: None,
        });
        if secret.versions.len() >= VERSIONS_MAX {
            secret.versions.remove(0);
        }
        secret.versions.push(version.clone());
        let secret = secret.clone();
        Ok(asked.bundle(vault, &secret, &version))
    })?;
    bundle["value"] = json!(value);
    Ok(Answer::ok(bundle))
}

fn conflict(name: &str) -> Refused {
    let text = format!(
        "Secret {name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the \
         secret can only be recovered or purged."
    );
    let conflict = Refused::new(http::StatusCode::CONFLICT, "Conflict", text);
    conflict.inside("ObjectIsDeletedButRecoverable")
}

/// `GET /secrets/{name}/{version}`; the newest version for an empty one.
pub fn get(asked: &Asked<'_>, name: &str, id: &str) -> Answered {
    let bundle = asked.look(|vault| match value(asked.inner, vault, name, id) {
        Ok((secret, version, value)) => {
            let mut bundle = asked.bundle(vault, &secret, &version);
            bundle["value"] = json!(value);
            Ok(bundle)
        }
        Err(Unreadable::Missing) => {
            let what = if id.is_empty() { name.to_owned() } else { format!("{name}/{id}") };
            Err(Refused::no_secret(&what.escape_default().to_string()))
        }
        Err(Unreadable::Disabled) => {
            let text = "Operation get is not allowed on a disabled secret.";
            let refused = Refused::new(http::StatusCode::FORBIDDEN, "Forbidden", text);
            Err(refused.inside("SecretDisabled"))
        }
        Err(Unreadable::Sealed) => {
            let text = "The secret was encrypted with another key than the one in the state folder. Write it again.";
            Err(Refused::new(http::StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", text))
        }
    })?;
    Ok(Answer::ok(bundle))
}

/// `PATCH /secrets/{name}/{version}`: attributes, content type and tags, but not the value.
pub fn patch(asked: &Asked<'_>, name: &str, id: &str) -> Answered {
    let body = body(asked)?;
    let bundle = asked.change(|vault| {
        let missing = || Refused::no_secret(&name.escape_default().to_string());
        let mut secret = vault.secret(name).cloned().ok_or_else(missing)?;
        let newest = secret.versions.len().saturating_sub(1);
        let named = |version: &Version| version.id.eq_ignore_ascii_case(id);
        let at = if id.is_empty() { Some(newest) } else { secret.versions.iter().position(named) };
        let version = at.and_then(|at| secret.versions.get_mut(at)).ok_or_else(missing)?;
        describe(version, &body)?;
        version.updated = asked.now;
        let version = version.clone();
        let bundle = asked.bundle(vault, &secret, &version);
        vault.secrets.insert(name.to_lowercase(), secret);
        Ok(bundle)
    })?;
    Ok(Answer::ok(bundle))
}

/// `GET /secrets`: the newest version of each, without values.
pub fn list(asked: &Asked<'_>) -> Answered {
    let items = asked.look(|vault| {
        let living = vault.secrets.values().filter(|secret| secret.deleted.is_none());
        let newest = living.filter_map(|secret| Some((secret, secret.version("")?)));
        let id = |secret: &Secret| format!("{}/secrets/{}", asked.root, secret.name);
        Ok(newest.map(|(secret, version)| item(vault, version, &id(secret))).collect())
    })?;
    asked.page(items)
}

/// `GET /secrets/{name}/versions`
pub fn versions(asked: &Asked<'_>, name: &str) -> Answered {
    let items = asked.look(|vault| {
        let Some(secret) = vault.secret(name) else { return Ok(Vec::new()) };
        let id =
            |version: &Version| format!("{}/secrets/{}/{}", asked.root, secret.name, version.id);
        let all = secret.versions.iter().rev();
        Ok(all.map(|version| item(vault, version, &id(version))).collect())
    })?;
    asked.page(items)
}
