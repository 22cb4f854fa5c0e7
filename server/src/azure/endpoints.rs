//! Online endpoints: list, get, and the PUT that sets traffic split and mirror together.

use super::arm::{Arm, ML_API_VERSION, Reply, Workspace};
use super::error::Error;
use super::list;
use super::wire::WireEndpoint;
use crate::redact;
use domain::endpoint::{AuthMode, Endpoint};
use domain::name::{EndpointName, StageName};
use domain::plan::route_maps;
use domain::route::Route;
use domain::stage::EndpointKey;
use reqwest::Method;
use serde_json::{Value, json};

/// An endpoint, with Azure's own body, which is the basis of the next PUT.
#[derive(Debug, Clone)]
pub struct Read {
    pub endpoint: Endpoint,
    pub body: Value,
}

fn read(stage: &StageName, body: Value) -> Result<Read, Error> {
    let wire: WireEndpoint = serde_json::from_value(body.clone())
        .map_err(|error| Error::garbled(format!("an endpoint: {error}")))?;
    let endpoint: EndpointName = wire
        .name
        .parse()
        .map_err(|error| Error::garbled(format!("an endpoint's name: {error}")))?;
    let key = EndpointKey { stage: stage.clone(), endpoint };
    Ok(Read { endpoint: wire.into_domain(key), body })
}

fn path(workspace: &Workspace, name: &EndpointName) -> String {
    format!("{}/onlineEndpoints/{name}", workspace.id())
}

/// All endpoints of a workspace, without their deployments. Endpoints that cannot be read are skipped and logged.
pub async fn list(arm: &Arm, workspace: &Workspace, stage: &StageName) -> Result<Vec<Read>, Error> {
    let url = arm.url(&format!("{}/onlineEndpoints", workspace.id()), ML_API_VERSION, &[])?;
    let items = arm.list(url).await?;
    let (mut all, mut left_out) = (Vec::with_capacity(items.len()), Vec::new());
    for item in items {
        match read(stage, item) {
            Ok(read) => all.push(read),
            Err(error) => left_out.push(error),
        }
    }
    list::tell_left_out("endpoints", &left_out);
    Ok(all)
}

/// One endpoint, without its deployments.
pub async fn get(arm: &Arm, workspace: &Workspace, key: &EndpointKey) -> Result<Read, Error> {
    let url = arm.url(&path(workspace, &key.endpoint), ML_API_VERSION, &[])?;
    read(&key.stage, arm.get(url).await?.body)
}

/// Sets traffic split and mirror. A PUT replaces the whole object and Azure ML ignores ETags, so the body is the one
/// that was read with only `traffic` and `mirrorTraffic` changed.
///
/// # Errors
/// [`Error`]. After a temporary one, Azure may have carried out the PUT.
pub async fn put_route(
    arm: &Arm,
    workspace: &Workspace,
    read: &Read,
    route: &Route,
) -> Result<Reply, Error> {
    let url = arm.url(&path(workspace, &read.endpoint.key.endpoint), ML_API_VERSION, &[])?;
    arm.send(Method::PUT, url, Some(&put_body(&read.body, route))).await
}

/// Creates or replaces an endpoint.
///
/// # Errors
/// [`Error`]. After a temporary one, Azure may have carried out the PUT.
pub async fn put(
    arm: &Arm,
    workspace: &Workspace,
    name: &EndpointName,
    body: &Value,
) -> Result<Reply, Error> {
    let url = arm.url(&path(workspace, name), ML_API_VERSION, &[])?;
    arm.send(Method::PUT, url, Some(body)).await
}

fn put_body(read: &Value, route: &Route) -> Value {
    let (traffic, mirror) = route_maps(route);
    let mut body = read.clone();
    let kept = ["location", "tags", "identity", "kind", "sku", "properties"];
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|field, value| kept.contains(&field.as_str()) && !value.is_null());
    }
    if let Some(identity) = body.get_mut("identity").and_then(Value::as_object_mut) {
        identity.retain(|field, _| field == "type" || field == "userAssignedIdentities");
        // Azure returns details of each identity but accepts only their IDs.
        let assigned = identity.get_mut("userAssignedIdentities").and_then(Value::as_object_mut);
        for details in assigned.into_iter().flat_map(|assigned| assigned.values_mut()) {
            *details = json!({});
        }
    }
    if let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) {
        for field in ["provisioningState", "scoringUri", "swaggerUri"] {
            properties.remove(field);
        }
        properties.retain(|_, value| !value.is_null());
        if let Some(own) = properties.get_mut("properties").and_then(Value::as_object_mut) {
            own.retain(|field, _| {
                field != "AzureAsyncOperationUri" && field != "azureml.onlineendpointid"
            });
        }
        properties.insert("traffic".to_owned(), traffic);
        properties.insert("mirrorTraffic".to_owned(), mirror);
    }
    body
}

/// The endpoint's primary key, or a token for it. Only for the console's own requests; never shown.
async fn secret(
    arm: &Arm,
    workspace: &Workspace,
    name: &EndpointName,
    token: bool,
) -> Result<String, Error> {
    let (verb, field) = if token { ("token", "accessToken") } else { ("listKeys", "primaryKey") };
    let url = arm.url(&format!("{}/{verb}", path(workspace, name)), ML_API_VERSION, &[])?;
    let body = arm.send(Method::POST, url, None).await?.body;
    let secret = body.get(field).and_then(Value::as_str).map(str::to_owned);
    secret.iter().for_each(|secret| redact::scope::learn_value(secret));
    secret.ok_or_else(|| Error::garbled(format!("{verb} without {field}")))
}

/// The bearer value that a client of the endpoint sends.
pub async fn bearer(arm: &Arm, workspace: &Workspace, of: &Endpoint) -> Result<String, Error> {
    match of.auth {
        AuthMode::Key => secret(arm, workspace, &of.key.endpoint, false).await,
        AuthMode::AmlToken => secret(arm, workspace, &of.key.endpoint, true).await,
        AuthMode::AadToken => arm.token(&arm.cloud().scoring_scope).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_sends_back_everything_except_read_only_fields() {
        let read = json!({
            "id": "x", "name": "e", "type": "t", "location": "westeurope", "kind": "Managed",
            "tags": {"team": "data-science"}, "systemData": {"createdAt": "…"},
            "identity": {"type": "UserAssigned", "principalId": "p", "tenantId": "t",
                "userAssignedIdentities": {"/u/1": {"principalId": "p", "clientId": "c"}}},
            "properties": {
                "description": "d", "authMode": "Key", "provisioningState": "Succeeded",
                "scoringUri": "http://x", "swaggerUri": "http://y", "compute": null,
                "traffic": {"blue": 100}, "mirrorTraffic": {"green": 20},
                "publicNetworkAccess": "Disabled", "aKeyOfTomorrow": 7,
                "properties": {"createdBy": "c", "AzureAsyncOperationUri": "http://z"}
            }
        });
        let body = put_body(&read, &"blue=90,green=10".parse().expect("route"));
        assert_eq!(
            body,
            json!({
                "location": "westeurope", "kind": "Managed", "tags": {"team": "data-science"},
                "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/u/1": {}}},
                "properties": {
                    "description": "d", "authMode": "Key", "publicNetworkAccess": "Disabled",
                    "aKeyOfTomorrow": 7, "properties": {"createdBy": "c"},
                    "traffic": {"blue": 90, "green": 10}, "mirrorTraffic": {}
                }
            })
        );
    }
}
