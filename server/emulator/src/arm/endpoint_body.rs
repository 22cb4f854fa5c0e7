//! Endpoint bodies of PUT and GET.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{deployment_shape, operations};
use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::protocol::field::{Field, as_text};
use crate::rules::{self, Broken, Known};
use crate::state::{
    AuthMode, Deployment, Endpoint, EndpointSpec, Object, Provisioning, Stamp, WorkspaceState,
};

/// Keys of `properties.properties` that the service or the SDK owns; ignored on input.
pub const OWNED_KEYS: [&str; 5] = [
    "createdBy",
    "createdAt",
    "lastModifiedAt",
    "azureml.onlineendpointid",
    "AzureAsyncOperationUri",
];

impl From<Broken> for ArmError {
    fn from(broken: Broken) -> Self {
        Self::user(broken.0)
    }
}

/// A JSON object; null and absent give an empty one.
pub fn object(what: &str, value: Option<&Value>) -> Result<Object, ArmError> {
    match value {
        None | Some(Value::Null) => Ok(Object::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(_) => Err(ArmError::user(format!("The property '{what}' must be an object."))),
    }
}

/// `properties.properties` without the service's own keys; its values are strings.
pub fn bag(properties: &Object) -> Result<Object, ArmError> {
    let mut bag = object("properties.properties", properties.get("properties"))?;
    bag.retain(|key, _| !OWNED_KEYS.contains(&key.as_str()));
    for value in bag.values_mut() {
        *value = as_text(value);
    }
    Ok(bag)
}

/// Tags are strings, whatever scalar was sent.
pub fn tags(body: &Value) -> Result<Object, ArmError> {
    Field::of("tags", body.get("tags")).text_map()
}

/// `identity`, with the type in Azure's spelling; system-assigned if absent.
pub fn identity(body: &Value) -> Result<Object, ArmError> {
    let given = Field::of("identity", body.get("identity"));
    given.object()?;
    let kind = given.inside("type").text()?.unwrap_or("SystemAssigned");
    let kind = match kind.to_lowercase().replace([' ', '_'], "").as_str() {
        "systemassigned" => "SystemAssigned",
        "userassigned" => "UserAssigned",
        "systemassigned,userassigned" => "SystemAssigned,UserAssigned",
        "none" => "None",
        _ => return Err(ArmError::user(format!("The identity type [{kind}] is not known."))),
    };
    let mut identity = Object::from_iter([("type".to_owned(), json!(kind))]);
    let assigned = given.inside("userAssignedIdentities");
    let ids: Vec<&str> = assigned.each()?.into_iter().map(|(id, _)| id).collect();
    if kind.contains("UserAssigned") {
        if ids.is_empty() {
            return Err(ArmError::user("A user-assigned identity needs 'userAssignedIdentities'."));
        }
        if !ids.iter().all(|id| is_identity_id(id)) {
            return Err(assigned.must(
                "have ARM ids as its keys: /subscriptions/{id}/resourceGroups/{name}/providers/\
                 Microsoft.ManagedIdentity/userAssignedIdentities/{name}",
            ));
        }
    }
    if assigned.is_given() {
        // The next PUT sends back what a GET showed, but the caller cannot set it.
        let empty: Object = ids.iter().map(|id| ((*id).to_owned(), json!({}))).collect();
        identity.insert("userAssignedIdentities".to_owned(), Value::Object(empty));
    }
    Ok(identity)
}

fn is_identity_id(id: &str) -> bool {
    let lower = id.to_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    match parts.as_slice() {
        ["", "subscriptions", s, "resourcegroups", g, "providers", provider, kind, name] => {
            *provider == "microsoft.managedidentity"
                && *kind == "userassignedidentities"
                && [s, g, name].iter().all(|part| !part.is_empty())
        }
        _ => false,
    }
}

/// The identity as a GET shows it, with Entra's ids.
fn identity_view(inner: &Inner, endpoint: &Endpoint) -> Object {
    let mut identity = endpoint.spec.identity.clone();
    if identity.get("type").and_then(Value::as_str).is_some_and(|t| t.contains("System")) {
        identity.insert("principalId".to_owned(), json!(endpoint.principal_id));
        identity.insert("tenantId".to_owned(), json!(inner.tenant));
    }
    let assigned = identity.get_mut("userAssignedIdentities").and_then(Value::as_object_mut);
    for (id, shown) in assigned.into_iter().flatten() {
        *shown = json!({ "principalId": made_up_id("p", id), "clientId": made_up_id("c", id) });
    }
    identity
}

/// An id that is always the same for the same identity.
fn made_up_id(what: &str, identity: &str) -> String {
    let digest = Sha256::digest(format!("{what}{}", identity.to_lowercase()));
    let bytes: [u8; 16] = std::array::from_fn(|at| digest[at]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn auth_mode(properties: &Object) -> Result<AuthMode, ArmError> {
    let text = Field::of("authMode", properties.get("authMode")).text()?.unwrap_or("Key");
    match text.to_lowercase().replace('_', "").as_str() {
        "key" => Ok(AuthMode::Key),
        "amltoken" => Ok(AuthMode::AMLToken),
        "aadtoken" => Ok(AuthMode::AADToken),
        _ => {
            Err(ArmError::user(format!("The authMode [{text}] is not Key, AMLToken or AADToken.")))
        }
    }
}

fn network_access(properties: &Object) -> Result<String, ArmError> {
    let given = properties.get("publicNetworkAccess");
    let access = Field::of("publicNetworkAccess", given).one_of(&deployment_shape::SWITCH);
    let access =
        access.map_err(|_| ArmError::user("publicNetworkAccess must be Enabled or Disabled."))?;
    Ok(access.unwrap_or("Enabled").to_owned())
}

/// The deployments of an endpoint, for the traffic rules.
pub fn known(endpoint: Option<&Endpoint>) -> BTreeMap<String, Known> {
    let all = endpoint.into_iter().flat_map(|endpoint| &endpoint.deployments);
    let known = |(key, deployment): (&String, &Deployment)| {
        let has_succeeded = deployment.provisioning == Provisioning::Succeeded;
        (key.clone(), Known { name: deployment.name.clone(), has_succeeded })
    };
    all.map(known).collect()
}

/// Reads a PUT body. It replaces everything, so an omitted map is an empty one.
pub fn parse(
    body: &Value,
    name: &str,
    workspace: &WorkspaceState,
    present: Option<&Endpoint>,
) -> Result<EndpointSpec, ArmError> {
    rules::location(body, &workspace.location)?;
    let properties = match body.get("properties") {
        Some(Value::Object(properties)) => properties,
        _ => return Err(ArmError::user("The property 'properties' is required.")),
    };
    let field = |name: &str| Field::of(name, properties.get(name));
    field("description").text()?;
    for name in ["primaryKey", "secondaryKey"] {
        field("keys").inside(name).text()?;
    }
    let compute = field("compute").text()?.map(str::to_owned);
    let known = known(present);
    let empty = BTreeMap::new();
    let had = present.map_or((&empty, &empty), |e| (&e.spec.traffic, &e.spec.mirror));
    let traffic = rules::percentages("traffic", properties.get("traffic"))?;
    let traffic = rules::traffic(name, &traffic, had.0, &known)?;
    let mirror = rules::percentages("mirrorTraffic", properties.get("mirrorTraffic"))?;
    let mirror = rules::mirror(name, &mirror, had.1, &traffic, &known, compute.is_some())?;
    Ok(EndpointSpec {
        tags: tags(body)?,
        identity: identity(body)?,
        description: properties.get("description").cloned().unwrap_or(Value::Null),
        auth_mode: auth_mode(properties)?,
        bag: bag(properties)?,
        traffic,
        mirror,
        public_network_access: network_access(properties)?,
        compute,
    })
}

/// The body of a GET.
pub fn view(inner: &Inner, base: &str, workspace: &WorkspaceState, endpoint: &Endpoint) -> Value {
    let spec = &endpoint.spec;
    let id = format!("{}/onlineEndpoints/{}", inner.workspace_id(&workspace.name), endpoint.name);
    let mut bag = spec.bag.clone();
    bag.insert("azureml.onlineendpointid".to_owned(), json!(id.to_lowercase()));
    let (location, operation) = (&workspace.location, &endpoint.operation);
    let operation = operations::status_url(inner, base, location, operation, "2022-02-01-preview");
    bag.insert("AzureAsyncOperationUri".to_owned(), json!(operation));
    let uri = |suffix: &str| {
        endpoint.is_reachable.then(|| format!("{base}/endpoints/{}/{suffix}", endpoint.name))
    };
    json!({
        "id": id,
        "name": endpoint.name,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        "location": workspace.location,
        "kind": if spec.compute.is_some() { "K8S" } else { "Managed" },
        "tags": spec.tags,
        "identity": identity_view(inner, endpoint),
        "systemData": system_data(&endpoint.stamp),
        "properties": {
            "description": spec.description,
            "authMode": spec.auth_mode,
            "provisioningState": endpoint.provisioning.as_str(),
            "scoringUri": uri("score"),
            "swaggerUri": uri("swagger.json"),
            "compute": spec.compute,
            "traffic": spec.traffic,
            "mirrorTraffic": spec.mirror,
            "publicNetworkAccess": spec.public_network_access,
            "properties": bag,
        },
    })
}

/// `systemData`, always with both times, which the SDK needs.
pub fn system_data(stamp: &Stamp) -> Value {
    json!({
        "createdAt": stamp.created_at,
        "createdBy": stamp.created_by,
        "createdByType": "User",
        "lastModifiedAt": stamp.modified_at,
    })
}
