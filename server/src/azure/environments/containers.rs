//! Environments without their versions, and archiving a version.

use super::{TEXT_CHARS_MAX, url};
use crate::azure::arm::{Arm, Workspace};
use crate::azure::error::Error;
use crate::azure::wire::{moment, said};
use domain::text::shortened;
use domain::timestamp::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// An environment without its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    pub name: String,
    pub latest: Option<String>,
    pub description: Option<String>,
    /// When it was last changed.
    pub changed: Option<Timestamp>,
    pub is_archived: bool,
}

/// All environments of a workspace, by name.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the list exceeds the limits of lists.
pub async fn containers(arm: &Arm, workspace: &Workspace) -> Result<Vec<Container>, Error> {
    let url = url(arm, workspace, &[], &[("listViewType", "ActiveOnly")])?;
    let text = |body: &Value, at: &str| {
        let text = body.pointer(at).and_then(Value::as_str)?;
        said(text.to_owned()).map(|text| shortened(&text, TEXT_CHARS_MAX))
    };
    let container = |body: Value| {
        let changed = ["/systemData/lastModifiedAt", "/systemData/createdAt"];
        let changed = changed.iter().find_map(|at| body.pointer(at)?.as_str().and_then(moment));
        Some(Container {
            name: text(&body, "/name")?,
            latest: text(&body, "/properties/latestVersion"),
            description: text(&body, "/properties/description"),
            changed,
            is_archived: body.pointer("/properties/isArchived") == Some(&Value::Bool(true)),
        })
    };
    let mut all: Vec<_> = arm.list(url).await?.into_iter().filter_map(container).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// Archives a version: Azure ML hides it from lists. Deployments that use it go on.
///
/// # Errors
/// [`Error`].
pub async fn archive(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
    version: &str,
) -> Result<(), Error> {
    let url = url(arm, workspace, &[name, "versions", version], &[])?;
    let mut body = arm.get(url.clone()).await?.body;
    let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) else {
        return Err(Error::garbled("an environment's version without properties"));
    };
    // The service owns these.
    for owned in ["environmentType", "provisioningState"] {
        properties.remove(owned);
    }
    properties.insert("isArchived".to_owned(), json!(true));
    let body = json!({ "properties": properties });
    arm.send(Method::PUT, url, Some(&body)).await.map(|_| ())
}
