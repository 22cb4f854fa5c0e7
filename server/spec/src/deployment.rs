//! Renders an online deployment's YAML to its REST body.

use crate::asset::Assets;
use crate::collector::Owner;
use crate::json::{put, python_text};
use crate::reader::{Fields, Keys, Reader};
use serde_json::{Map, Value as Json, json};

/// The keys of all deployments, then those of one kind.
macro_rules! known {
    ($($own:literal),+) => {
        &[
            "name", "endpoint_name", "description", "id", "tags", "properties", "model",
            "code_configuration", "environment", "environment_variables", "app_insights_enabled",
            "scale_settings", "request_settings", "liveness_probe", "readiness_probe",
            "provisioning_state", "instance_count", "type", "model_mount_path", "instance_type",
            "data_collector", $($own),+
        ]
    };
}

const MANAGED: Keys = Keys {
    known: known!["egress_public_network_access", "private_network_connection"],
    ignored: &["$schema", "creation_context"],
};
const KUBERNETES: Keys = Keys { known: known!["resources"], ignored: &["$schema"] };

/// A rendered deployment.
pub(crate) struct Deployment {
    pub(crate) name: String,
    pub(crate) endpoint: String,
    pub(crate) body: Json,
    pub(crate) assets: Assets,
}

impl Reader<'_> {
    /// The keys of a deployment's file.
    pub(crate) fn deployment_keys(is_kubernetes: bool) -> Keys {
        if is_kubernetes { KUBERNETES } else { MANAGED }
    }

    /// Reads a deployment.
    pub(crate) fn deployment(
        &mut self,
        fields: &Fields<'_>,
        is_kubernetes: bool,
    ) -> Option<Deployment> {
        let name = self.resource_name(fields, "a deployment's name");
        let endpoint = self.required(fields, "endpoint_name");
        let endpoint_field = endpoint.clone();
        let endpoint = self.text(endpoint);
        if let Some(field) = endpoint_field.filter(|_| endpoint.as_deref() == Some("")) {
            self.push(field.problem("this is empty. Name the endpoint"));
        }
        let mut assets = Assets::default();
        let mut properties = Map::new();
        self.plain(fields, is_kubernetes, &mut properties);
        self.grouped(fields, is_kubernetes, &mut properties);
        self.assets_of(fields, is_kubernetes, &mut properties, &mut assets);
        if let Some(field) = self.field(fields, "data_collector") {
            let owner = Owner {
                endpoint: endpoint.as_deref().unwrap_or_default(),
                deployment: name.as_deref().unwrap_or_default(),
            };
            let collector = self.data_collector(&field, &owner, &mut assets);
            put(&mut properties, "dataCollector", collector);
        }
        let mut sku = Map::new();
        sku.insert("name".to_owned(), json!("Default"));
        put(&mut sku, "capacity", self.int_of(fields, "instance_count"));
        let tags = self.object_of(fields, "tags");
        let body = json!({
            "location": self.scope.location, "tags": tags, "sku": sku, "properties": properties,
        });
        Some(Deployment { name: name?, endpoint: endpoint?, body, assets })
    }

    fn plain(&mut self, fields: &Fields<'_>, is_kubernetes: bool, all: &mut Map<String, Json>) {
        let kind = if is_kubernetes { "Kubernetes" } else { "Managed" };
        all.insert("endpointComputeType".to_owned(), json!(kind));
        // Only checked: `render` has determined the kind.
        self.snake_of(fields, "type", &["managed", "kubernetes"]);
        for key in ["id", "provisioning_state"] {
            self.text_of(fields, key);
        }
        if !is_kubernetes {
            self.required(fields, "instance_type");
        }
        for (key, name) in [
            ("description", "description"),
            ("model_mount_path", "modelMountPath"),
            ("instance_type", "instanceType"),
        ] {
            let is_dropped =
                |text: &String| is_kubernetes && key == "instance_type" && text.is_empty();
            put(all, name, self.text_of(fields, key).filter(|text| !is_dropped(text)));
        }
        let insights = self.flag_of(fields, "app_insights_enabled").unwrap_or(false);
        all.insert("appInsightsEnabled".to_owned(), json!(insights));
        let variables = self.object_of(fields, "environment_variables");
        all.insert("environmentVariables".to_owned(), Json::Object(variables));
        let mut properties = self.object_of(fields, "properties");
        if !is_kubernetes {
            let words = ["enabled", "disabled"];
            let access = self.word_of(fields, "egress_public_network_access", &words);
            put(all, "egressPublicNetworkAccess", access);
            // The SDK sends this flag as a property; the field was removed.
            if self.flag_of(fields, "private_network_connection") == Some(true) {
                // When the SDK adds a property, it converts all values to strings.
                for value in properties.values_mut().filter(|value| !value.is_null()) {
                    *value = Json::String(python_text(value));
                }
                properties.insert("private-network-connection".to_owned(), json!(true));
            }
        }
        all.insert("properties".to_owned(), Json::Object(properties));
    }

    fn grouped(&mut self, fields: &Fields<'_>, is_kubernetes: bool, all: &mut Map<String, Json>) {
        for (key, name) in
            [("liveness_probe", "livenessProbe"), ("readiness_probe", "readinessProbe")]
        {
            let probe = self.field(fields, key).and_then(|field| self.probe(&field));
            put(all, name, probe);
        }
        let settings = self.field(fields, "request_settings");
        put(all, "requestSettings", settings.and_then(|field| self.request_settings(&field)));
        let scale = self.field(fields, "scale_settings");
        let scale = scale.and_then(|field| self.scale_settings(&field, !is_kubernetes));
        put(all, "scaleSettings", scale);
        if is_kubernetes {
            let resources = self.field(fields, "resources");
            let resources = resources.and_then(|field| self.resources(&field));
            put(all, "containerResourceRequirements", resources);
        }
    }

    fn assets_of(
        &mut self,
        fields: &Fields<'_>,
        is_kubernetes: bool,
        all: &mut Map<String, Json>,
        assets: &mut Assets,
    ) {
        let code = self.field(fields, "code_configuration");
        if let Some(code) = self.code(code) {
            self.no_registry(fields, "code_configuration", is_kubernetes && code.is_registry);
            all.insert("codeConfiguration".to_owned(), code.body(assets));
        }
        if let Some(id) = self.field(fields, "model").and_then(|field| self.model(&field, assets)) {
            self.no_registry(fields, "model", is_kubernetes && is_registry(&id));
            all.insert("model".to_owned(), json!(id));
        }
        let environment = self.field(fields, "environment");
        if let Some(id) = environment.and_then(|field| self.environment(&field, assets)) {
            let is_text =
                fields.raw("environment").is_some_and(|field| field.node.text().is_some());
            self.no_registry(fields, "environment", is_kubernetes && is_text && is_registry(&id));
            all.insert("environmentId".to_owned(), json!(id));
        }
    }

    fn no_registry(&mut self, fields: &Fields<'_>, key: &str, is_broken: bool) {
        if let Some(field) = fields.raw(key).filter(|_| is_broken) {
            let message = "a Kubernetes deployment cannot use a registry's assets. Register it in the workspace";
            self.push(field.problem(message));
        }
    }
}

fn is_registry(id: &str) -> bool {
    id.starts_with("azureml://registries/")
}
