//! Monitoring of an endpoint in Azure Monitor: diagnostic settings, alert rules, action groups, and the Log Analytics
//! workspace behind a workspace's Application Insights (azure-wire.md §7).

use super::arm::{Arm, Reply, Workspace};
use super::error::Error;
use super::resource_id::{LOG_WORKSPACE, ResourceId};
use domain::name::EndpointName;
use reqwest::Method;
use serde_json::Value;
use url::Url;

/// No stable version exists.
const SETTINGS_VERSION: &str = "2021-05-01-preview";
const RULES_VERSION: &str = "2023-12-01";
const GROUPS_VERSION: &str = "2023-01-01";
const COMPONENTS_VERSION: &str = "2020-02-02";

/// An endpoint's diagnostic settings with this name; `None` if they do not exist.
pub async fn diagnostics(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &str,
) -> Result<Option<Value>, Error> {
    let scope = format!("{}/onlineEndpoints/{endpoint}", workspace.id());
    look(arm, insights(arm, &scope, "diagnosticSettings", name, SETTINGS_VERSION)?).await
}

/// Creates or replaces an endpoint's diagnostic settings.
///
/// # Errors
/// [`Error`]. After a temporary one, Azure may have carried out the PUT.
pub async fn put_diagnostics(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &str,
    body: &Value,
) -> Result<Reply, Error> {
    let scope = format!("{}/onlineEndpoints/{endpoint}", workspace.id());
    let url = insights(arm, &scope, "diagnosticSettings", name, SETTINGS_VERSION)?;
    arm.send(Method::PUT, url, Some(body)).await
}

/// Creates or replaces a log alert rule.
///
/// # Errors
/// [`Error`]. After a temporary one, Azure may have carried out the PUT.
pub async fn put_rule(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
    body: &Value,
) -> Result<Reply, Error> {
    let url = insights(arm, &group(workspace), "scheduledQueryRules", name, RULES_VERSION)?;
    arm.send(Method::PUT, url, Some(body)).await
}

/// A log alert rule; `None` if it does not exist.
///
/// # Errors
/// [`Error`].
pub async fn rule(arm: &Arm, workspace: &Workspace, name: &str) -> Result<Option<Value>, Error> {
    look(arm, insights(arm, &group(workspace), "scheduledQueryRules", name, RULES_VERSION)?).await
}

/// An action group; `None` if it does not exist.
pub async fn action_group(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
) -> Result<Option<Value>, Error> {
    look(arm, insights(arm, &group(workspace), "actionGroups", name, GROUPS_VERSION)?).await
}

/// The Log Analytics workspace behind an Application Insights component; `None` if the component does not exist or is
/// a classic one, which stores its own data.
///
/// # Errors
/// [`Error`].
pub async fn log_analytics(arm: &Arm, component: &ResourceId) -> Result<Option<ResourceId>, Error> {
    let found = look(arm, arm.url_of(component, COMPONENTS_VERSION)?).await?;
    let body = found.unwrap_or_default();
    let id = body.pointer("/properties/WorkspaceResourceId").and_then(Value::as_str);
    let id = id.filter(|id| !id.is_empty());
    id.map(|id| ResourceId::parse(id, LOG_WORKSPACE)).transpose()
}

fn group(workspace: &Workspace) -> String {
    format!("/subscriptions/{}/resourceGroups/{}", workspace.subscription, workspace.resource_group)
}

fn insights(arm: &Arm, scope: &str, kind: &str, name: &str, version: &str) -> Result<Url, Error> {
    let mut url = arm.url(scope, version, &[])?;
    url.path_segments_mut().map_err(|()| Error::garbled("a URL without a path"))?.extend([
        "providers",
        "Microsoft.Insights",
        kind,
        name,
    ]);
    Ok(url)
}

async fn look(arm: &Arm, url: Url) -> Result<Option<Value>, Error> {
    match arm.get(url).await {
        Ok(reply) => Ok(Some(reply.body)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
