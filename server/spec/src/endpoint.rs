//! Renders an endpoint's YAML to its REST body.

use crate::json::put;
use crate::reader::{Fields, Keys, Reader};
use crate::reference;
use crate::yaml::short;
use serde_json::{Map, Value as Json, json};

/// The keys of all endpoints, then that of one kind.
macro_rules! keys {
    ($own:literal) => {
        Keys {
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
                $own,
            ],
            ignored: &["$schema", "kind"],
        }
    };
}

const MANAGED: Keys = keys!("public_network_access");
const KUBERNETES: Keys = keys!("compute");

/// A rendered endpoint.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) body: Json,
}

impl Reader<'_> {
    /// The keys of an endpoint's file. An endpoint with `compute` is a Kubernetes endpoint.
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
        put(&mut properties, "description", self.text_of(fields, "description"));
        put(&mut properties, "properties", Some(self.object_of(fields, "properties")));
        put(&mut properties, "traffic", Some(self.shares(fields, "traffic", Some(100))));
        put(&mut properties, "mirrorTraffic", Some(self.shares(fields, "mirror_traffic", None)));
        // Read-only keys, which the SDK accepts because it also shows them.
        for key in ["id", "provisioning_state", "scoring_uri", "location", "openapi_uri"] {
            self.text_of(fields, key);
        }
        if is_kubernetes {
            put(&mut properties, "compute", self.compute(fields));
        } else {
            let access = self.word_of(fields, "public_network_access", &["enabled", "disabled"]);
            put(&mut properties, "publicNetworkAccess", access);
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

    /// Shares by deployment, with keys in lower case and without zeros, as the SDK sends them.
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
            self.push(
                field.problem(format!("the shares add up to {sum}, but the limit is {most}")),
            );
        }
        Json::Object(all)
    }

    fn compute(&mut self, fields: &Fields<'_>) -> Option<String> {
        let field = self.field(fields, "compute")?;
        let text = self.text(Some(field.clone()))?;
        let Some(name) = text.strip_prefix("azureml:") else {
            let message = format!(
                "“{}” is not a compute. Name an attached cluster, for example azureml:name",
                short(&text)
            );
            return self.refuse(field.problem(message));
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
                "“{}” cannot be {what}: use 3 to 32 letters, digits and hyphens, beginning with a letter and not \
                 ending with a hyphen",
                short(&name)
            );
            return self.refuse(field.problem(message));
        }
        Some(name.to_lowercase())
    }
}
