//! Deployments: list, get, create, delete, logs.

use super::arm::{Arm, ML_API_VERSION, Reply, Workspace};
use super::error::Error;
use super::settings;
use super::wire::WireDeployment;
use crate::redact;
use app::domain::endpoint::Deployment;
use app::domain::log::Container;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::text::visible;
use reqwest::Method;
use serde_json::{Value, json};

/// A deployment as read.
#[derive(Debug, Clone)]
pub struct Read {
    /// What it means.
    pub deployment: Deployment,
    /// Where Azure says how its latest operation went.
    pub operation: Option<String>,
    /// What Azure said.
    pub body: Value,
}

fn read(arm: &Arm, body: Value) -> Result<Option<Read>, Error> {
    redact::scope::learn_body(&body);
    let wire: WireDeployment = serde_json::from_value(body.clone())
        .map_err(|error| Error::Garbled(format!("a deployment: {error}")))?;
    let operation = wire.operation().map(str::to_owned);
    Ok(wire.into_domain().map(|deployment| {
        let (settings, secrets) = (settings::hash(&body), arm.marks().of_variables(&body));
        let deployment =
            Deployment { settings: Some(settings), secrets: Some(secrets), ..deployment };
        Read { deployment, operation, body }
    }))
}

fn path(workspace: &Workspace, endpoint: &EndpointName, name: &DeploymentName) -> String {
    format!("{}/onlineEndpoints/{endpoint}/deployments/{name}", workspace.id())
}

/// All deployments of an endpoint, by name.
///
/// # Errors
/// [`Error`].
pub async fn list(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
) -> Result<Vec<Read>, Error> {
    let path = format!("{}/onlineEndpoints/{endpoint}/deployments", workspace.id());
    let items = arm.list(arm.url(&path, ML_API_VERSION, &[])?).await?;
    let mut all = items
        .into_iter()
        .filter_map(|item| read(arm, item).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    all.sort_by(|a, b| a.deployment.name.cmp(&b.deployment.name));
    Ok(all)
}

/// One deployment; `None` when there is none.
///
/// # Errors
/// [`Error`].
pub async fn get(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
) -> Result<Option<Read>, Error> {
    match arm.get(arm.url(&path(workspace, endpoint, name), ML_API_VERSION, &[])?).await {
        Ok(reply) => read(arm, reply.body),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates (or replaces) a deployment.
///
/// # Errors
/// [`Error`]; after a passing one the PUT may have been carried out.
pub async fn put(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
    body: &Value,
) -> Result<Reply, Error> {
    let url = arm.url(&path(workspace, endpoint, name), ML_API_VERSION, &[])?;
    arm.send(Method::PUT, url, Some(body)).await
}

/// Deletes a deployment.
///
/// # Errors
/// [`Error`]; after a passing one the DELETE may have been carried out.
pub async fn delete(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
) -> Result<Reply, Error> {
    let url = arm.url(&path(workspace, endpoint, name), ML_API_VERSION, &[])?;
    arm.send(Method::DELETE, url, None).await
}

/// The last lines of a container's log; empty when it has not written yet. What is known to be secret is hidden: ask
/// within [`redact::within`], with the deployment's own.
///
/// # Errors
/// [`Error`].
pub async fn log(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
    container: Container,
    tail: u32,
) -> Result<Vec<String>, Error> {
    let url =
        arm.url(&format!("{}/getLogs", path(workspace, endpoint, name)), ML_API_VERSION, &[])?;
    let container = match container {
        Container::InferenceServer => "InferenceServer",
        Container::StorageInitializer => "StorageInitializer",
    };
    let body = json!({"containerType": container, "tail": tail});
    let body = arm.send(Method::POST, url, Some(&body)).await?.body;
    let content = body.get("content").and_then(Value::as_str).unwrap_or_default();
    // As a whole: a key stands in several lines.
    let content = visible(&redact::text(content));
    Ok(content.lines().map(|line| line.trim_end().to_owned()).filter(|l| !l.is_empty()).collect())
}
