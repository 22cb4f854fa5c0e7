//! Exports an endpoint's REST body as CLI v2 YAML.

use super::fields::{Fields, own_properties, plain, plain_at, text_at};
use crate::redact;
use domain::name::EndpointName;
use serde_json::Value;
use serde_yaml::Value as Yaml;

/// The YAML of an endpoint, with its route, because `az ml` writes the whole object.
#[must_use]
pub fn yaml(name: &EndpointName, body: &Value) -> Yaml {
    let mut body = body.clone();
    redact::body(&mut body);
    let is_kubernetes = text_at(&body, "/properties/compute").is_some();
    let kind = if is_kubernetes { "kubernetesOnlineEndpoint" } else { "managedOnlineEndpoint" };
    let mut fields = Fields::default();
    fields
        .put("$schema", format!("https://azuremlschemas.azureedge.net/latest/{kind}.schema.json"));
    fields.put("name", name.as_str());
    fields.put_if("description", text_at(&body, "/properties/description"));
    fields
        .put_if("compute", text_at(&body, "/properties/compute").map(|id| format!("azureml:{id}")));
    let auth = match text_at(&body, "/properties/authMode").unwrap_or_default() {
        "AMLToken" => "aml_token",
        "AADToken" => "aad_token",
        _ => "key",
    };
    fields.put("auth_mode", auth);
    if !is_kubernetes {
        let access = text_at(&body, "/properties/publicNetworkAccess").map(str::to_ascii_lowercase);
        fields.put_if("public_network_access", access);
    }
    fields.put_if("identity", body.get("identity").and_then(identity));
    fields.put_if("traffic", plain_at(&body, "/properties/traffic"));
    fields.put_if("mirror_traffic", plain_at(&body, "/properties/mirrorTraffic"));
    fields.put_if("tags", body.get("tags").map(plain));
    fields.put_if("properties", own_properties(&body));
    fields.done()
}

fn identity(identity: &Value) -> Option<Yaml> {
    let kind = text_at(identity, "/type")?;
    let assigned = identity.get("userAssignedIdentities").and_then(Value::as_object);
    let ids = assigned.into_iter().flat_map(|all| all.keys()).map(|id| {
        let mut one = Fields::default();
        one.put("resource_id", id.as_str());
        one.done()
    });
    let mut fields = Fields::default();
    let kind = match kind.to_ascii_lowercase().replace(' ', "").as_str() {
        "none" => "none",
        "systemassigned" => "system_assigned",
        "userassigned" => "user_assigned",
        _ => "system_assigned, user_assigned",
    };
    fields.put("type", kind);
    fields.put_if("user_assigned_identities", Some(Yaml::Sequence(ids.collect())));
    Some(fields.done())
}
