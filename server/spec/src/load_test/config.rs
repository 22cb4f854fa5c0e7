//! Writes a configuration as a file again, for example to offer it under a new name. JSON is YAML.

use super::body::number;
use super::model::{AutoStop, EngineIdentity, Identity, LoadTest, TestFile, VaultReference};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

impl LoadTest {
    /// The file's content. Reading it gives the same configuration.
    #[must_use]
    pub fn config(&self) -> Json {
        let mut all = Map::new();
        let mut put = |key: &str, value: Option<Json>| {
            if let Some(value) = value {
                all.insert(key.to_owned(), value);
            }
        };
        let paths = |files: &[TestFile]| {
            let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
            (!files.is_empty()).then(|| json!(paths))
        };
        let reference = |one: &VaultReference| json!({"name": one.name, "value": one.address});
        put("version", Some(json!("v0.1")));
        put("testId", self.test_id.as_ref().map(|id| json!(id)));
        put("displayName", self.display_name.as_ref().map(|name| json!(name)));
        put("description", self.description.as_ref().map(|text| json!(text)));
        put("testType", Some(json!(self.kind.word())));
        put("testPlan", Some(json!(self.plan.path)));
        put("engineInstances", Some(json!(self.engines)));
        put(
            "regionalLoadTestConfig",
            list(&self.regions, |one| json!({"region": one.name, "engineInstances": one.engines})),
        );
        put("configurationFiles", paths(&self.configuration_files));
        put("zipArtifacts", paths(&self.zip_artifacts));
        put(
            "properties",
            self.properties.as_ref().map(|file| json!({"userPropertyFile": file.path})),
        );
        put("splitAllCSVs", self.split_csvs.map(|flag| json!(flag)));
        put("env", list(&self.env, |(name, value)| json!({"name": name, "value": value})));
        put("secrets", list(&self.secrets, reference));
        put("certificates", self.certificate.as_ref().map(|one| json!([reference(one)])));
        put("subnetId", self.subnet.as_ref().map(|id| json!(id)));
        put("publicIPDisabled", self.public_ip_disabled.map(|flag| json!(flag)));
        put("referenceIdentities", self.identities());
        put("failureCriteria", self.failure_criteria());
        put("autoStop", self.auto_stop.as_ref().map(auto_stop));
        put("appComponents", self.components());
        Json::Object(all)
    }

    /// The settings that make the test what it is, by their dotted path: `engineInstances`, `env.RATE`,
    /// `failureCriteria[0]`. Without the test's id, its name and its description, which change nothing of a run.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        const LABELS: [&str; 4] = ["version", "testId", "displayName", "description"];
        let mut all = BTreeMap::new();
        let config = self.config();
        let entries = config.as_object().into_iter().flatten();
        for (key, value) in entries.filter(|(key, _)| !LABELS.contains(&key.as_str())) {
            flatten(key, value, &mut all);
        }
        all
    }

    fn identities(&self) -> Option<Json> {
        let mut all = Vec::new();
        for (kind, identity) in
            [("KeyVault", &self.vault_identity), ("Metrics", &self.metrics_identity)]
        {
            if let Identity::User(id) = identity {
                all.push(json!({"kind": kind, "type": "UserAssigned", "value": id}));
            }
        }
        match &self.engine_identity {
            None => {}
            Some(EngineIdentity::None) => all.push(json!({"kind": "Engine", "type": "None"})),
            Some(EngineIdentity::System) => {
                all.push(json!({"kind": "Engine", "type": "SystemAssigned"}));
            }
            Some(EngineIdentity::User(ids)) => all.extend(
                ids.iter().map(|id| json!({"kind": "Engine", "type": "UserAssigned", "value": id})),
            ),
        }
        (!all.is_empty()).then(|| json!(all))
    }

    fn failure_criteria(&self) -> Option<Json> {
        let client: Vec<Json> = self
            .client_criteria
            .iter()
            .map(|one| {
                let (sign, value) = (one.condition.sign(), number(one.value));
                let text = json!(format!("{}({}) {sign} {value}", one.aggregate, one.metric));
                match &one.request {
                    Some(request) => json!({ request.as_str(): text }),
                    None => text,
                }
            })
            .collect();
        let server: Vec<Json> = self
            .server_criteria
            .iter()
            .map(|one| {
                json!({
                    "resourceId": one.resource, "metricNamespace": one.namespace, "metricName": one.metric,
                    "aggregation": one.aggregation, "condition": one.condition.word(), "value": number(one.value),
                })
            })
            .collect();
        match (client.is_empty(), server.is_empty()) {
            (true, true) => None,
            (false, true) => Some(json!(client)),
            _ => Some(json!({"clientMetrics": client, "serverMetrics": server})),
        }
    }

    fn components(&self) -> Option<Json> {
        let component = |one: &super::AppComponent| {
            let mut all = json!({"resourceId": one.resource, "resourceName": one.name});
            if let Some(kind) = &one.kind {
                all["kind"] = json!(kind);
            }
            let metric = |metric: &super::Metric| json!({"name": metric.name, "namespace": metric.namespace, "aggregation": metric.aggregation});
            if let Some(metrics) = list(&one.metrics, metric) {
                all["metrics"] = metrics;
            }
            all
        };
        let all: Vec<Json> = self.app_components.as_ref()?.iter().map(component).collect();
        Some(json!(all))
    }
}

/// Adds a value with all values in it. Items with a name are found by it, so that their order does not matter.
fn flatten(path: &str, value: &Json, all: &mut BTreeMap<String, String>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                flatten(&format!("{path}.{key}"), value, all);
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let named = item.get("name").and_then(Json::as_str).zip(item.get("value"));
                match named {
                    Some((name, value)) => flatten(&format!("{path}.{name}"), value, all),
                    None => flatten(&format!("{path}[{at}]"), item, all),
                }
            }
        }
        Json::String(text) => {
            all.insert(path.to_owned(), text.clone());
        }
        other => {
            all.insert(path.to_owned(), other.to_string());
        }
    }
}

/// A list, unless it is empty.
fn list<T>(items: &[T], write: impl Fn(&T) -> Json) -> Option<Json> {
    (!items.is_empty()).then(|| items.iter().map(write).collect())
}

fn auto_stop(stop: &AutoStop) -> Json {
    let AutoStop::At { error_percent, window_s, users_per_engine } = stop else {
        return json!("disable");
    };
    let mut all = Map::new();
    let limits = [
        ("errorPercentage", error_percent.map(number)),
        ("timeWindow", window_s.map(|seconds| json!(seconds))),
        ("maximumVirtualUsersPerEngine", users_per_engine.map(|users| json!(users))),
    ];
    for (key, value) in limits {
        value.map(|value| all.insert(key.to_owned(), value));
    }
    Json::Object(all)
}
