//! The wire format of the four kinds of assets.

use serde_json::{Value, json};

use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::protocol::field::{as_text, fill};
use crate::state::{Asset, Container, Object, WorkspaceState};

/// The longest name of an asset.
const NAME_CHARS_MAX: usize = 255;

/// Names have letters, digits, `-`, `_` and `.`, and start with a letter or digit.
pub fn check_name(name: &str) -> Result<(), ArmError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if starts && name.len() <= NAME_CHARS_MAX && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(ArmError::user(format!("The asset name [{name}] is not valid.")))
}

/// Checks `properties` of a PUT, and adds the fields that the SDK relies on.
pub fn accepted(kind: &str, body: &Value) -> Result<Object, ArmError> {
    let Some(properties) = body.get("properties").and_then(Value::as_object) else {
        return Err(ArmError::user("The property 'properties' is required."));
    };
    let mut properties = properties.clone();
    let has = |name: &str| properties.get(name).is_some_and(|value| !value.is_null());
    let needed = match kind {
        "models" if !has("modelUri") => Some("modelUri"),
        "codes" if !has("codeUri") => Some("codeUri"),
        "data" if !has("dataUri") => Some("dataUri"),
        _ => None,
    };
    if let Some(name) = needed {
        return Err(ArmError::user(format!("The property '{name}' is required.")));
    }
    if kind == "environments" && has("image") && has("build") {
        return Err(ArmError::user(
            "More than one of BaseImage, BaseDockerfile, and BuildContext were set.",
        ));
    }
    // Both are maps of strings, whatever scalar was sent.
    for name in ["tags", "properties"] {
        fill(&mut properties, name, json!({}));
        let map = properties.get_mut(name).and_then(Value::as_object_mut);
        for value in map.into_iter().flat_map(serde_json::Map::values_mut) {
            *value = as_text(value);
        }
    }
    let mut default = |name: &str, value: Value| fill(&mut properties, name, value);
    default("isAnonymous", json!(false));
    default("isArchived", json!(false));
    default("description", Value::Null);
    match kind {
        "models" => {
            default("flavors", json!({}));
            default("jobName", Value::Null);
            default("modelType", json!("custom_model"));
        }
        "environments" => {
            default("osType", json!("Linux"));
            default("environmentType", json!("UserCreated"));
        }
        "data" => default("dataType", json!("uri_folder")),
        _ => {}
    }
    default("provisioningState", json!("Succeeded"));
    Ok(properties)
}

/// The contents of a version are immutable; tags, description and archiving are not. The SDK relies on 409:
/// it first tries an environment without a version as the latest, then as the next.
pub fn check_change(
    kind: &str,
    name: &str,
    present: &Asset,
    wanted: &Object,
) -> Result<(), ArmError> {
    let fixed: &[&str] = match kind {
        "environments" => &["image", "condaFile", "build"],
        "models" => &["modelUri", "modelType"],
        "codes" => &["codeUri"],
        _ => &["dataUri"],
    };
    let get = |map: &Object, field: &str| map.get(field).cloned().unwrap_or(Value::Null);
    for field in fixed {
        if get(&present.properties, field) != get(wanted, field) {
            return Err(ArmError::user_conflict(format!(
                "The property '{field}' of [{name}:{}] cannot be changed. Create a new version.",
                present.version
            )));
        }
    }
    Ok(())
}

/// A container with its newest version.
pub fn container(
    inner: &Inner,
    workspace: &WorkspaceState,
    kind: &str,
    container: &Container,
) -> Value {
    let numbers = container.versions.iter().filter_map(|asset| asset.version.parse::<u64>().ok());
    let next = numbers.max().map_or(1, |newest| newest + 1);
    let latest = container.versions.last();
    let mut properties = container.properties.clone();
    let archived = properties.get("isArchived").cloned().unwrap_or(json!(false));
    let mut set = |name: &str, value: Value| properties.insert(name.to_owned(), value);
    set("latestVersion", json!(latest.map(|asset| &asset.version)));
    set("nextVersion", json!(next.to_string()));
    set("isArchived", archived);
    set("provisioningState", json!("Succeeded"));
    if let Some(data_type) = latest.and_then(|asset| asset.properties.get("dataType")) {
        set("dataType", data_type.clone());
    }
    properties.entry("description").or_insert(Value::Null);
    for name in ["tags", "properties"] {
        properties.entry(name).or_insert_with(|| json!({}));
    }
    json!({
        "id": format!("{}/{kind}/{}", inner.workspace_id(&workspace.name), container.name),
        "name": container.name,
        "type": format!("Microsoft.MachineLearningServices/workspaces/{kind}"),
        "systemData": {
            "createdAt": container.created_at,
            "lastModifiedAt": latest.map_or(&container.created_at, |asset| &asset.modified_at),
        },
        "properties": properties,
    })
}

pub fn version(
    inner: &Inner,
    workspace: &WorkspaceState,
    kind: &str,
    name: &str,
    asset: &Asset,
) -> Value {
    json!({
        "id": format!(
            "{}/{kind}/{name}/versions/{}", inner.workspace_id(&workspace.name), asset.version),
        "name": asset.version,
        "type": format!("Microsoft.MachineLearningServices/workspaces/{kind}/versions"),
        "systemData": {
            "createdAt": asset.created_at, "createdBy": asset.created_by,
            "createdByType": "User", "lastModifiedAt": asset.modified_at,
            "lastModifiedBy": asset.created_by, "lastModifiedByType": "User",
        },
        "properties": asset.properties,
    })
}
