//! The body that creates or updates a test, as the Azure CLI sends it.

use super::model::{AutoStop, EngineIdentity, Identity, LoadTest, VaultReference};
use super::resource::ResourceId;
use serde_json::{Map, Value as Json, json};

/// The bodies that set what the service records of Azure resources.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerMonitoring {
    /// `PATCH /tests/{id}/app-components`
    pub components: Json,
    /// `PATCH /tests/{id}/server-metrics-config`
    pub metrics: Json,
    /// Resources for which the service's default metrics are to be added.
    pub with_defaults: Vec<String>,
}

impl LoadTest {
    /// The merge patch of `PATCH /tests/{test_id}`. `criterion_id` gives the id of each criterion by its number from 0,
    /// first those of clients. The same ids on a retry keep criteria from being added twice.
    #[must_use]
    pub fn body(&self, test_id: &str, criterion_id: &dyn Fn(usize) -> String) -> Json {
        let mut all = Map::new();
        let mut put = |key: &str, value: Json| all.insert(key.to_owned(), value);
        put("displayName", json!(self.display_name.as_deref().unwrap_or(test_id)));
        put("kind", json!(self.kind.word()));
        if let Some(description) = &self.description {
            put("description", json!(description));
        }
        let identities = [("keyvault", &self.vault_identity), ("metrics", &self.metrics_identity)];
        for (prefix, identity) in identities {
            let kind = match identity {
                Identity::System => "SystemAssigned",
                Identity::User(id) => {
                    put(&format!("{prefix}ReferenceIdentityId"), json!(id));
                    "UserAssigned"
                }
            };
            put(&format!("{prefix}ReferenceIdentityType"), json!(kind));
        }
        if let Some(identity) = &self.engine_identity {
            let (kind, ids) = match identity {
                EngineIdentity::None => ("None", None),
                EngineIdentity::System => ("SystemAssigned", None),
                EngineIdentity::User(ids) => ("UserAssigned", Some(ids)),
            };
            put("engineBuiltinIdentityType", json!(kind));
            if let Some(ids) = ids {
                put("engineBuiltinIdentityIds", json!(ids));
            }
        }
        put("publicIPDisabled", json!(self.public_ip_disabled.unwrap_or(false)));
        if let Some(subnet) = &self.subnet {
            put("subnetId", json!(subnet));
        }
        let env: Map<_, _> =
            self.env.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        put("environmentVariables", Json::Object(env));
        let secret = |one: &VaultReference| {
            (one.name.clone(), json!({"type": "AKV_SECRET_URI", "value": one.address}))
        };
        put("secrets", Json::Object(self.secrets.iter().map(secret).collect()));
        let certificate = self.certificate.as_ref();
        put(
            "certificate",
            certificate.map_or(
                Json::Null,
                |one| json!({"name": one.name, "type": "AKV_CERT_URI", "value": one.address}),
            ),
        );
        put("loadTestConfiguration", self.load());
        put("autoStopCriteria", self.auto_stop.as_ref().map_or_else(|| json!({}), auto_stop));
        if !self.client_criteria.is_empty() || !self.server_criteria.is_empty() {
            put("passFailCriteria", self.criteria(criterion_id));
        }
        Json::Object(all)
    }

    fn load(&self) -> Json {
        let mut load = json!({"engineInstances": self.engines, "quickStartTest": false});
        let region = |region: &super::Region| json!({"region": region.name, "engineInstances": region.engines});
        let regions: Vec<Json> = self.regions.iter().map(region).collect();
        load["regionalLoadTestConfig"] =
            if regions.is_empty() { Json::Null } else { json!(regions) };
        if let Some(split) = self.split_csvs {
            load["splitAllCSVs"] = json!(split);
        }
        load
    }

    fn criteria(&self, id: &dyn Fn(usize) -> String) -> Json {
        let (mut client, mut server) = (Map::new(), Map::new());
        for (n, one) in self.client_criteria.iter().enumerate() {
            let mut metric = json!({
                "clientMetric": one.metric, "aggregate": spelled(one.aggregate),
                "condition": one.condition.sign(), "value": number(one.value), "action": "continue",
            });
            if let Some(request) = &one.request {
                metric["requestName"] = json!(request);
            }
            client.insert(id(n), metric);
        }
        for (n, one) in self.server_criteria.iter().enumerate() {
            let metric = json!({
                "resourceId": one.resource, "metricNamespace": one.namespace, "metricName": one.metric,
                "aggregation": one.aggregation, "condition": one.condition.sign(), "value": number(one.value),
            });
            server.insert(id(self.client_criteria.len() + n), metric);
        }
        json!({"passFailMetrics": client, "passFailServerMetrics": server})
    }

    /// What the service records of Azure resources; `None` if the file does not say.
    #[must_use]
    pub fn monitoring(&self) -> Option<ServerMonitoring> {
        let (mut components, mut metrics) = (Map::new(), Map::new());
        let mut with_defaults = Vec::new();
        for component in self.app_components.as_ref()? {
            let resource = &component.resource;
            let id = ResourceId::parse(resource)?;
            let mut one = json!({
                "resourceId": resource, "resourceName": component.name, "resourceType": id.kind,
                "resourceGroup": id.group, "subscriptionId": id.subscription,
            });
            if let Some(kind) = &component.kind {
                one["kind"] = json!(kind);
            }
            components.insert(resource.clone(), one);
            if component.metrics.is_empty() {
                with_defaults.push(resource.clone());
            }
            for metric in &component.metrics {
                let key = format!("{resource}/{}/{}", metric.namespace, metric.name);
                let one = json!({
                    "id": key, "name": metric.name, "metricNamespace": metric.namespace,
                    "aggregation": metric.aggregation, "resourceId": resource, "resourceType": id.kind,
                });
                metrics.insert(key, one);
            }
        }
        let (components, metrics) =
            (json!({"components": components}), json!({"metrics": metrics}));
        Some(ServerMonitoring { components, metrics, with_defaults })
    }
}

fn auto_stop(stop: &AutoStop) -> Json {
    let AutoStop::At { error_percent, window_s, users_per_engine } = stop else {
        return json!({"autoStopDisabled": true});
    };
    let mut all = json!({"autoStopDisabled": false});
    if let Some(percent) = error_percent {
        all["errorRate"] = number(*percent);
    }
    if let Some(window) = window_s {
        all["errorRateTimeWindowInSeconds"] = json!(window);
    }
    if let Some(users) = users_per_engine {
        all["maximumVirtualUsersPerEngine"] = json!(users);
    }
    all
}

/// The service's spelling of an aggregate (TypeSpec `PassFailAggregationFunction`).
fn spelled(aggregate: &str) -> &str {
    match aggregate {
        "p999" => "p99.9",
        "p9999" => "p99.99",
        other => other,
    }
}

/// A number without a needless fraction.
pub(super) fn number(value: f64) -> Json {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the exact range of floats"
    )]
    let whole = value as i64;
    if value.fract() == 0.0 && value.abs() < 9.0e15 { json!(whole) } else { json!(value) }
}
