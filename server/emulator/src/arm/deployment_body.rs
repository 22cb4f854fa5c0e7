//! Deployment bodies of PUT and GET.

use serde_json::{Value, json};

use super::endpoint_body::{bag, system_data, tags};
use super::{deployment_shape, operations};
use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::protocol::field::{Field, fill};
use crate::references::check_reference;
use crate::rules;
use crate::state::{Deployment, DeploymentSpec, Endpoint, Object, WorkspaceState};

const EGRESS: &str = "egressPublicNetworkAccess";
const VARIABLES: &str = "environmentVariables";

/// Reads a PUT body.
pub fn parse(
    inner: &Inner,
    body: &Value,
    workspace: &WorkspaceState,
    endpoint: &Endpoint,
    present: Option<&Deployment>,
) -> Result<DeploymentSpec, ArmError> {
    rules::location(body, &workspace.location)?;
    let mut properties = match body.get("properties") {
        Some(Value::Object(properties)) => properties.clone(),
        _ => return Err(ArmError::user("The property 'properties' is required.")),
    };
    check_compute(&properties, endpoint)?;
    if let Some(present) = present {
        rules::immutable(&present.spec.properties, &properties)?;
    }
    let capacity = rules::capacity(body.get("sku"))?;
    deployment_shape::check(&properties, endpoint.spec.compute.is_some())?;
    rules::request_timeout(&properties)?;
    check_references(inner, workspace, &properties)?;
    properties.insert("properties".to_owned(), Value::Object(bag(&properties)?));
    let variables = Field::of(VARIABLES, properties.get(VARIABLES)).text_map()?;
    properties.insert(VARIABLES.to_owned(), Value::Object(variables));
    properties.retain(|name, _| name != "provisioningState");
    let egress = Field::of(EGRESS, properties.get(EGRESS)).one_of(&deployment_shape::SWITCH)?;
    if let Some(egress) = egress {
        properties.insert(EGRESS.to_owned(), json!(egress));
    }
    Ok(DeploymentSpec { tags: tags(body)?, capacity, properties })
}

fn check_compute(properties: &Object, endpoint: &Endpoint) -> Result<(), ArmError> {
    let compute = properties.get("endpointComputeType").and_then(Value::as_str);
    let compute = compute.unwrap_or("Managed").to_lowercase();
    let is_kubernetes = endpoint.spec.compute.is_some();
    match compute.as_str() {
        "managed" if is_kubernetes => {
            Err(ArmError::user("A Kubernetes online endpoint takes Kubernetes deployments only."))
        }
        "kubernetes" if !is_kubernetes => {
            Err(ArmError::user("A managed online endpoint takes managed deployments only."))
        }
        "managed" => match properties.get("instanceType").and_then(Value::as_str) {
            Some(text) if !text.trim().is_empty() => Ok(()),
            _ => Err(ArmError::user(
                "The property 'instanceType' is required for a managed deployment.",
            )),
        },
        "kubernetes" => Ok(()),
        _ => Err(ArmError::user(format!("The endpointComputeType [{compute}] is not known."))),
    }
}

fn check_references(
    inner: &Inner,
    workspace: &WorkspaceState,
    properties: &Object,
) -> Result<(), ArmError> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).filter(|s| !s.is_empty());
    if let Some(model) = text("model") {
        check_reference(inner, workspace, "models", model)?;
    }
    if let Some(environment) = text("environmentId") {
        check_reference(inner, workspace, "environments", environment)?;
    }
    let code = properties.get("codeConfiguration").filter(|code| !code.is_null());
    let Some(code) = code else { return Ok(()) };
    if let Some(id) = code["codeId"].as_str() {
        check_reference(inner, workspace, "codes", id)?;
    }
    if code["scoringScript"].as_str().is_none_or(str::is_empty) {
        return Err(ArmError::user("The codeConfiguration needs a 'scoringScript'."));
    }
    Ok(())
}

/// The body of a GET. Defaults are filled in after the deployment has succeeded.
pub fn view(
    inner: &Inner,
    base: &str,
    workspace: &WorkspaceState,
    endpoint: &Endpoint,
    deployment: &Deployment,
) -> Value {
    let spec = &deployment.spec;
    let id = format!(
        "{}/onlineEndpoints/{}/deployments/{}",
        inner.workspace_id(&workspace.name),
        endpoint.name,
        deployment.name
    );
    let (location, operation) = (&workspace.location, &deployment.operation);
    let operation = operations::status_url(inner, base, location, operation, "2023-04-01-preview");
    let is_kubernetes = endpoint.spec.compute.is_some();
    json!({
        "id": id,
        "name": deployment.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
        "location": workspace.location,
        "kind": if is_kubernetes { "K8S" } else { "Managed" },
        "tags": spec.tags,
        "sku": { "name": "Default", "tier": "Standard", "capacity": spec.capacity },
        "systemData": system_data(&deployment.stamp),
        "properties": properties_view(deployment, is_kubernetes, operation),
    })
}

fn properties_view(deployment: &Deployment, is_kubernetes: bool, operation: String) -> Value {
    let mut shown = deployment.spec.properties.clone();
    let mut fill = |name: &str, value: Value| fill(&mut shown, name, value);
    let compute = if is_kubernetes { "Kubernetes" } else { "Managed" };
    fill("endpointComputeType", json!(compute));
    for name in ["description", "codeConfiguration", "environmentId", "model", "modelMountPath"] {
        fill(name, Value::Null);
    }
    fill("environmentVariables", json!({}));
    fill("appInsightsEnabled", json!(false));
    fill("egressPublicNetworkAccess", json!("Enabled"));
    fill("privateNetworkConnection", json!(false));
    fill("scaleSettings", json!({ "scaleType": "Default" }));
    let probe = json!({
        "failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S", "period": "PT10S",
        "initialDelay": "PT10S",
    });
    let request = json!({
        "maxQueueWait": "PT0S", "requestTimeout": "PT5S", "maxConcurrentRequestsPerInstance": 1,
    });
    let defaults =
        [("livenessProbe", &probe), ("readinessProbe", &probe), ("requestSettings", &request)];
    for (name, default) in defaults {
        let given = shown.get(name).cloned().unwrap_or(Value::Null);
        let value = if deployment.has_succeeded { merged(default, &given) } else { given };
        shown.insert(name.to_owned(), value);
    }
    let bag = shown.get("properties").and_then(Value::as_object);
    let mut bag = bag.cloned().unwrap_or_default();
    bag.insert("AzureAsyncOperationUri".to_owned(), Value::String(operation));
    shown.insert("properties".to_owned(), Value::Object(bag));
    shown.insert("provisioningState".to_owned(), json!(deployment.provisioning.as_str()));
    Value::Object(shown)
}

fn merged(default: &Value, given: &Value) -> Value {
    let mut merged = default.clone();
    if let (Some(merged), Some(given)) = (merged.as_object_mut(), given.as_object()) {
        for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            merged.insert(name.clone(), value.clone());
        }
    }
    merged
}
