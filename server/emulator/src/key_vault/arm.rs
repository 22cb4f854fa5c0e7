//! Vaults in ARM (azure-rest-api-specs, keyvault, 2023-07-01). A workspace's vault exists from the start.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::inner::Inner;
use crate::naming::linked;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::protocol::paging;
use crate::store::Unkept;
use crate::vaults::kept::Vault;
use crate::when;

const KIND: &str = "Microsoft.KeyVault/vaults";
/// How long deleted secrets can be recovered, in days: the default, and what can be chosen (the specification).
const RETENTION_DAYS: (i64, i64, i64) = (90, 7, 90);

/// Creates the vaults of the workspaces that have none.
pub fn seed(inner: &Inner) -> Result<(), Unkept> {
    let now = when::arm(inner.clock.now());
    inner.store.write(|state| {
        for workspace in state.workspaces.values() {
            let name = linked(&workspace.name).0;
            state.vaults.entry(name.to_lowercase()).or_insert_with(|| Vault {
                name,
                location: workspace.location.clone(),
                tags: Map::new(),
                created_at: now.clone(),
                created_by: "emulator".to_owned(),
                retention_days: RETENTION_DAYS.0,
                is_purge_protected: false,
                secrets: BTreeMap::new(),
            });
        }
    })
}

fn body(inner: &Inner, call: &Call, vault: &Vault) -> Value {
    let name = &vault.name;
    let mut properties = json!({
        "sku": { "family": "A", "name": "standard" }, "tenantId": inner.tenant, "accessPolicies": [],
        "enabledForDeployment": false, "enableSoftDelete": true,
        "softDeleteRetentionInDays": vault.retention_days, "enableRbacAuthorization": true,
        "vaultUri": format!("{}/vaults/{name}/", call.base), "provisioningState": "Succeeded",
        "publicNetworkAccess": "Enabled",
    });
    if vault.is_purge_protected {
        properties["enablePurgeProtection"] = json!(true);
    }
    json!({
        "id": format!("{}/providers/{KIND}/{name}", inner.group_id()),
        "name": name, "type": KIND, "location": vault.location, "tags": vault.tags,
        "systemData": {
            "createdBy": vault.created_by, "createdAt": vault.created_at,
            "lastModifiedBy": vault.created_by, "lastModifiedAt": vault.created_at,
        },
        "properties": properties,
    })
}

/// `GET …/vaults`, of the resource group or the subscription.
pub fn list(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let all =
        |vaults: &BTreeMap<String, Vault>| vaults.values().map(|v| body(inner, call, v)).collect();
    let items: Vec<Value> = inner.store.read(|state| all(&state.vaults));
    paging::page(call, items)
}

/// `{vault}`
pub fn route(inner: &Arc<Inner>, call: &Call, name: &str) -> Answered {
    let key = name.to_lowercase();
    match call.method {
        Method::GET => {
            let found =
                inner.store.read(|state| state.vaults.get(&key).map(|v| body(inner, call, v)));
            let missing =
                || ArmError::no_resource(&format!("{KIND}/{name}"), &inner.resource_group);
            found.map(Answer::ok).ok_or_else(missing)
        }
        Method::PUT => put(inner, call, &key),
        Method::DELETE => {
            let gone = inner.store.write(|state| state.vaults.remove(&key))?;
            Ok(Answer::gone(gone.is_some()))
        }
        _ => Err(ArmError::method("GET, PUT, DELETE")),
    }
}

/// 3 to 24 letters, digits and hyphens (learn.microsoft.com, naming rules of Microsoft.KeyVault).
fn check_name(name: &str) -> Result<(), ArmError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_legal = (3..=24).contains(&name.len())
        && name.chars().all(is_plain)
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !name.contains("--");
    let text = || {
        format!(
            "The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name \
             must begin with a letter, end with a letter or digit, and not contain consecutive hyphens."
        )
    };
    if is_legal {
        Ok(())
    } else {
        Err(ArmError::arm(StatusCode::BAD_REQUEST, "VaultNameNotValid", text()))
    }
}

fn put(inner: &Arc<Inner>, call: &Call, key: &str) -> Answered {
    let sent = call.object()?;
    let name = call.after("vaults");
    let properties = Field::of("properties", sent.get("properties"));
    let tags = Field::of("tags", sent.get("tags")).text_map()?;
    let location = Field::of("location", sent.get("location"));
    let location = location.text()?.ok_or_else(|| location.must("be a region"))?.to_owned();
    let (default, min, max) = RETENTION_DAYS;
    let days = properties.inside("softDeleteRetentionInDays").count(min, max)?.unwrap_or(default);
    let is_protected = properties.inside("enablePurgeProtection").flag()?;
    let now = when::arm(inner.clock.now());
    let (is_new, view) = inner.store.try_write(|state| {
        let is_new = !state.vaults.contains_key(key);
        // Names that are too long come from long names of workspaces, whose vaults exist.
        if is_new {
            check_name(&name)?;
        }
        let vault = state.vaults.entry(key.to_owned()).or_insert_with(|| Vault {
            name,
            location,
            tags: Map::new(),
            created_at: now,
            created_by: call.caller.clone(),
            retention_days: days,
            is_purge_protected: false,
            secrets: BTreeMap::new(),
        });
        if vault.is_purge_protected && is_protected == Some(false) {
            let text = "The property enablePurgeProtection cannot be set to false once it is true.";
            return Err(ArmError::arm(StatusCode::BAD_REQUEST, "BadRequest", text));
        }
        vault.tags = tags;
        vault.is_purge_protected |= is_protected == Some(true);
        Ok::<_, ArmError>((is_new, body(inner, call, vault)))
    })?;
    Ok(Answer::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, view))
}
