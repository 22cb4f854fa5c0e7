//! Deployments: list, get, create, delete, logs.

use super::arm::{Arm, ML_API_VERSION, Reply, Workspace};
use super::error::Error;
use super::wire::WireDeployment;
use super::{list, settings};
use crate::outside::caps::LOG_BYTES_MAX;
use crate::redact;
use domain::endpoint::Deployment;
use domain::log::Container;
use domain::name::{DeploymentName, EndpointName};
use domain::text::visible;
use reqwest::Method;
use serde_json::{Value, json};

/// A deployment, with Azure's own body.
#[derive(Debug, Clone)]
pub struct Read {
    pub deployment: Deployment,
    /// The URL of its latest operation.
    pub operation: Option<String>,
    pub body: Value,
}

fn wire(body: &Value) -> Result<WireDeployment, Error> {
    serde_json::from_value(body.clone())
        .map_err(|error| Error::garbled(format!("a deployment: {error}")))
}

fn read(arm: &Arm, wire: WireDeployment, body: Value) -> Result<Read, Error> {
    redact::scope::learn_body(&body);
    let name = wire.name.parse();
    let name = name.map_err(|error| Error::garbled(format!("a deployment's name: {error}")))?;
    let operation = wire.operation().map(str::to_owned);
    let (settings, secrets) = (settings::hash(&body), arm.marks().of_variables(&body));
    let deployment =
        Deployment { settings: Some(settings), secrets: Some(secrets), ..wire.into_domain(name) };
    Ok(Read { deployment, operation, body })
}

fn path(workspace: &Workspace, endpoint: &EndpointName, name: &DeploymentName) -> String {
    format!("{}/onlineEndpoints/{endpoint}/deployments/{name}", workspace.id())
}

/// All deployments of an endpoint, sorted by name. Deployments with invalid names are skipped and logged.
pub async fn list(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
) -> Result<Vec<Read>, Error> {
    let path = format!("{}/onlineEndpoints/{endpoint}/deployments", workspace.id());
    let items = arm.list(arm.url(&path, ML_API_VERSION, &[])?).await?;
    let (mut all, mut left_out) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        match read(arm, wire(&item)?, item) {
            Ok(read) => all.push(read),
            Err(error) => left_out.push(error),
        }
    }
    list::tell_left_out("deployments", &left_out);
    all.sort_by(|a, b| a.deployment.name.cmp(&b.deployment.name));
    Ok(all)
}

/// One deployment; `None` if it does not exist.
pub async fn get(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
) -> Result<Option<Read>, Error> {
    match arm.get(arm.url(&path(workspace, endpoint, name), ML_API_VERSION, &[])?).await {
        Ok(Reply { body, .. }) => read(arm, wire(&body)?, body).map(Some),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Creates or replaces a deployment.
///
/// # Errors
/// [`Error`]. After a temporary one, Azure may have carried out the PUT.
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
/// [`Error`]. After a temporary one, Azure may have carried out the DELETE.
pub async fn delete(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
) -> Result<Reply, Error> {
    let url = arm.url(&path(workspace, endpoint, name), ML_API_VERSION, &[])?;
    arm.send(Method::DELETE, url, None).await
}

/// The last lines of a container's log, at most `tail`. Known secrets are redacted: call this function within
/// [`redact::within`], with the deployment's secrets.
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
    Ok(end(content, usize::try_from(tail).unwrap_or(usize::MAX)))
}

/// The last `lines_max` lines of a log, within [`LOG_BYTES_MAX`]. Azure may return more than was requested.
fn end(content: &str, lines_max: usize) -> Vec<String> {
    let from = content.len().saturating_sub(LOG_BYTES_MAX);
    let from = (from..=content.len()).find(|at| content.is_char_boundary(*at)).unwrap_or(0);
    let kept = content.get(from..).unwrap_or_default();
    // Drops a partial first line, because redaction would not recognise the end of a secret in it.
    let kept = kept.split_once('\n').filter(|_| from > 0).map_or(kept, |(_, whole)| whole);
    // Redacts all lines at once, because a key may span several.
    let kept = visible(&redact::text(kept));
    let mut lines: Vec<_> = kept
        .lines()
        .rev()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .take(lines_max)
        .map(str::to_owned)
        .collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_cut_to_the_requested_lines_and_the_byte_limit() {
        assert_eq!(end("a\n\nb  \r\nc\n", 10), ["a", "b", "c"]);
        assert_eq!(end("a\nb\nc", 2), ["b", "c"]);
        assert_eq!(end("a\nb\nc", 0), [""; 0]);
        assert_eq!(end("", 10), [""; 0]);
        let many = end(&"line\n".repeat(1_000_000), 200);
        assert_eq!(many.len(), 200);
        let long = end(&"ä".repeat(LOG_BYTES_MAX), 200);
        assert_eq!(long.iter().map(String::len).sum::<usize>(), LOG_BYTES_MAX);
    }
}
