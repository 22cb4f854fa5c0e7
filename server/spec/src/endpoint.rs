//! An endpoint's YAML to its REST body.

use crate::reader::{Fields, Keys, Reader};
use crate::reference;
use crate::yaml::short;
use serde_json::{Map, Value as Json, json};

const MANAGED: Keys = Keys {
    known: &[
        "id",
        "name",
        "description",
        "tags",
        "provisioning_state",
        "properties",
        "auth_mode",
        "scoring_uri",
        "location",
        "openapi_uri",
        "identity",
        "traffic",
        "mirror_traffic",
        "public_network_access",
    ],
    ignored: &["$schema", "kind"],
};
const KUBERNETES: Keys = Keys {
    known: &[
        "id",
        "name",
        "description",
        "tags",
        "provisioning_state",
        "properties",
        "auth_mode",
        "scoring_uri",
        "location",
        "openapi_uri",
        "identity",
        "traffic",
        "mirror_traffic",
        "compute",
    ],
    ignored: &["$schema", "kind"],
};

/// An endpoint, rendered.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) body: Json,
}

impl Reader<'_> {
    /// The keys of an endpoint's file: one with a `compute` is Kubernetes'.
    pub(crate) fn endpoint_keys(is_kubernetes: bool) -> Keys {
        if is_kubernetes { KUBERNETES } else { MANAGED }
    }

    /// Reads an endpoint.
    pub(crate) fn endpoint(
        &mut self,
        fields: &Fields<'_>,
        is_kubernetes: bool,
    ) -> Option<Endpoint> {
        let name = self.resource_name(fields, "an endpoint's name");
        let mut properties = Map::new();
        let auth = self.snake_of(fields, "auth_mode", &["aml_token", "key", "aad_token"]);
        let auth = match auth {
            Some("aml_token") => "AMLToken",
            Some("aad_token") => "AADToken",
            _ => "Key",
        };
        properties.insert("authMode".to_owned(), json!(auth));
        if let Some(text) = self.text_of(fields, "description") {
            properties.insert("description".to_owned(), json!(text));
        }
        properties
            .insert("properties".to_owned(), Json::Object(self.object_of(fields, "properties")));
        properties.insert("traffic".to_owned(), self.shares(fields, "traffic", Some(100)));
        properties.insert("mirrorTraffic".to_owned(), self.shares(fields, "mirror_traffic", None));
        // Shown by the SDK, and accepted from what it showed.
        for key in ["id", "provisioning_state", "scoring_uri", "location", "openapi_uri"] {
            self.text_of(fields, key);
        }
        if is_kubernetes {
            let compute = self.compute(fields);
            compute.map(|compute| properties.insert("compute".to_owned(), json!(compute)));
        } else if let Some(access) =
            self.word_of(fields, "public_network_access", &["enabled", "disabled"])
        {
            properties.insert("publicNetworkAccess".to_owned(), json!(access));
        }
        let identity = self.field(fields, "identity");
        let is_given = fields.raw("identity").is_some();
        let identity = if is_given && identity.is_none() { None } else { self.identity(identity) };
        let tags = self.object_of(fields, "tags");
        let body = json!({
            "location": self.scope.location,
            "tags": tags,
            "identity": identity?,
            "properties": properties,
        });
        Some(Endpoint { name: name?, body })
    }

    /// Shares by deployment: keys in lower case, zeros left out, as the SDK does.
    fn shares(&mut self, fields: &Fields<'_>, key: &str, sum_max: Option<i128>) -> Json {
        let Some(field) = self.field(fields, key) else { return json!({}) };
        let mut all = Map::new();
        let mut sum = 0;
        for (name, field) in self.entries(&field) {
            let Some(share) = self.int(&field) else { continue };
            sum += i128::from(share);
            if share != 0 {
                all.insert(name.to_lowercase(), json!(share));
            }
        }
        if let Some(most) = sum_max.filter(|most| sum > *most) {
            self.push(field.problem(format!("the shares sum to {sum}; {most} is the most")));
        }
        Json::Object(all)
    }

    fn compute(&mut self, fields: &Fields<'_>) -> Option<String> {
        let field = self.field(fields, "compute")?;
        let text = self.text(Some(field.clone()))?;
        let Some(name) = text.strip_prefix("azureml:") else {
            let message = format!(
                "“{}” is not a compute. Name an attached cluster like azureml:name",
                short(&text)
            );
            self.push(field.problem(message));
            return None;
        };
        let is_whole = reference::is_id(name, "computes") || reference::is_virtual_cluster(name);
        if is_whole || reference::is_registry(name) {
            return Some(name.to_owned());
        }
        Some(format!("{}/computes/{name}", self.scope.id()))
    }

    /// The name of an endpoint or deployment, in lower case.
    pub(crate) fn resource_name(&mut self, fields: &Fields<'_>, what: &str) -> Option<String> {
        let field = self.required(fields, "name")?;
        let name = self.text(Some(field.clone()))?;
        let fits = (3..=32).contains(&name.chars().count())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.ends_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !fits {
            let message = format!(
                "“{}” cannot be {what}: 3 to 32 letters, digits and hyphens, a letter first, no hyphen last",
                short(&name)
            );
            self.push(field.problem(message));
            return None;
        }
        Some(name.to_lowercase())
    }
}
