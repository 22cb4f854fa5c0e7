//! Converts Azure's JSON to the domain. Fields that Azure may omit are optional here.

use crate::iso_duration;
use crate::redact;
use domain::endpoint::{AuthMode, Deployment, Endpoint};
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::route::{Mirror, Route, RouteError, Split};
use domain::stage::EndpointKey;
use domain::text::visible;
use domain::timestamp::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

/// A whole number, written as `20` or `20.0`.
fn whole(value: f64) -> Option<u32> {
    (value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0).then_some(value as u32)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEndpoint {
    pub name: String,
    pub kind: Option<String>,
    pub properties: WireEndpointProperties,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireEndpointProperties {
    pub description: Option<String>,
    pub provisioning_state: Option<String>,
    pub scoring_uri: Option<String>,
    pub auth_mode: Option<String>,
    pub traffic: Option<BTreeMap<String, f64>>,
    pub mirror_traffic: Option<BTreeMap<String, f64>>,
    pub compute: Option<String>,
}

impl WireEndpoint {
    pub(super) fn into_domain(self, key: EndpointKey) -> Endpoint {
        let properties = self.properties;
        let kubernetes =
            properties.compute.is_some() || self.kind.as_deref().is_some_and(|k| k != "Managed");
        let (route, route_problem) =
            match route(properties.traffic.as_ref(), properties.mirror_traffic.as_ref()) {
                Ok(route) => (route, None),
                Err(problem) => {
                    let problem = format!("Azure returned an invalid traffic split: {problem}.");
                    (Route::default(), Some(problem))
                }
            };
        let auth = match properties.auth_mode.unwrap_or_default().to_ascii_lowercase().as_str() {
            "amltoken" => AuthMode::AmlToken,
            "aadtoken" => AuthMode::AadToken,
            _ => AuthMode::Key,
        };
        let state = properties.provisioning_state.unwrap_or_default();
        Endpoint {
            key,
            state: ProvisioningState::from_azure(&state),
            route,
            route_problem,
            auth,
            scoring_uri: properties.scoring_uri,
            description: properties.description.and_then(said),
            kubernetes,
            deployments: Vec::new(),
        }
    }
}

/// A text that people wrote, redacted and safe to show; `None` if it is empty.
pub(super) fn said(text: String) -> Option<String> {
    Some(visible(&redact::text(&text))).filter(|text| !text.is_empty())
}

/// Reads `traffic` and `mirrorTraffic`.
fn route(
    traffic: Option<&BTreeMap<String, f64>>,
    mirror: Option<&BTreeMap<String, f64>>,
) -> Result<Route, String> {
    let shares = |map: Option<&BTreeMap<String, f64>>| {
        let given = map.into_iter().flatten().filter(|(_, percent)| **percent != 0.0);
        given
            .map(|(name, percent)| {
                let name: DeploymentName = name.parse().map_err(|e| format!("{e}"))?;
                let percent =
                    whole(*percent).ok_or_else(|| format!("{percent}% is not a whole number"))?;
                Ok::<_, String>((name, percent))
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let text = |error: RouteError| error.to_string();
    let split = Split::new(shares(traffic)?).map_err(text)?;
    let mut mirrors = shares(mirror)?;
    if mirrors.len() > 1 {
        return Err(text(RouteError::Mirrors { count: mirrors.len() }));
    }
    let mirror = mirrors.pop().map(|(name, percent)| Mirror::new(name, percent));
    Route::new(split, mirror.transpose().map_err(text)?).map_err(text)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDeployment {
    pub name: String,
    pub sku: Option<WireSku>,
    pub system_data: Option<WireSystemData>,
    pub properties: WireDeploymentProperties,
}

#[derive(Debug, Deserialize)]
pub(super) struct WireSku {
    pub capacity: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireSystemData {
    pub created_at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDeploymentProperties {
    pub description: Option<String>,
    pub provisioning_state: Option<String>,
    pub instance_type: Option<String>,
    pub model: Option<String>,
    pub environment_id: Option<String>,
    pub request_settings: Option<WireRequestSettings>,
    pub properties: Option<BTreeMap<String, serde_json::Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireRequestSettings {
    pub request_timeout: Option<String>,
    pub max_concurrent_requests_per_instance: Option<u32>,
}

impl WireDeployment {
    /// The URL of the latest operation, which contains the reason of a failure.
    pub(super) fn operation(&self) -> Option<&str> {
        self.properties.properties.as_ref()?.get("AzureAsyncOperationUri")?.as_str()
    }

    pub(super) fn into_domain(self, name: DeploymentName) -> Deployment {
        let properties = self.properties;
        let settings = properties.request_settings;
        let timeout = settings.as_ref().and_then(|s| s.request_timeout.as_deref());
        Deployment {
            name,
            state: ProvisioningState::from_azure(
                properties.provisioning_state.as_deref().unwrap_or_default(),
            ),
            phase: None,
            instance_type: properties.instance_type,
            instance_count: self.sku.and_then(|sku| sku.capacity),
            model: properties.model.as_deref().map(short_asset),
            environment: properties.environment_id.as_deref().map(short_asset),
            description: properties.description.and_then(said),
            request_timeout_ms: timeout.and_then(iso_duration::milliseconds),
            max_concurrent_requests: settings.and_then(|s| s.max_concurrent_requests_per_instance),
            created: self.system_data.and_then(|data| data.created_at).as_deref().and_then(moment),
            failure: None,
            settings: None,
            secrets: None,
        }
    }
}

/// Shortens `…/models/nbq/versions/2` to `nbq:2`.
pub(crate) fn short_asset(id: &str) -> String {
    let parts: Vec<_> = id.split('/').collect();
    match parts.as_slice() {
        [.., name, versions, version] if versions.eq_ignore_ascii_case("versions") => {
            format!("{name}:{version}")
        }
        _ => id.trim_start_matches("azureml:").to_owned(),
    }
}

/// Parses Azure's times, which have seven fractional digits and an offset.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let parsed = OffsetDateTime::parse(text, &Iso8601::DEFAULT).ok()?;
    i64::try_from(parsed.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// From azure-sdk-for-python's public test recordings (2022-10-28), with IDs replaced.
    #[test]
    fn a_recorded_deployment_is_read() {
        let wire: WireDeployment = serde_json::from_value(json!({
            "id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e/deployments/blue",
            "name": "blue", "kind": "Managed", "tags": {},
            "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
            "systemData": {"createdAt": "2022-10-28T19:14:54.2541612+00:00", "createdBy": "A Person"},
            "properties": {
                "provisioningState": "Succeeded", "instanceType": "Standard_DS2_V2", "description": "",
                "environmentId": "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w/environments/n/versions/3",
                "model": "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w/models/m/versions/1",
                "requestSettings": {"maxQueueWait": "PT0S", "requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 4},
                "modelMountPath": null
            }
        }))
        .expect("it parses");
        let deployment = wire.into_domain("blue".parse().expect("a name"));
        assert_eq!(deployment.model.as_deref(), Some("m:1"));
        assert_eq!(deployment.environment.as_deref(), Some("n:3"));
        assert_eq!(deployment.request_timeout_ms, Some(90_000));
        assert_eq!(deployment.description, None);
        let created = deployment.created.expect("a time").iso();
        assert_eq!(created, "2022-10-28T19:14:54Z");
    }

    #[test]
    fn an_invalid_route_is_reported_and_not_guessed() {
        let map = |pairs: &[(&str, f64)]| -> BTreeMap<String, f64> {
            pairs.iter().map(|(name, percent)| ((*name).to_owned(), *percent)).collect()
        };
        let read = |live: &[(&str, f64)], mirror: &[(&str, f64)]| {
            route(Some(&map(live)), Some(&map(mirror)))
        };
        let legal = read(&[("blue", 100.0), ("green", 0.0)], &[("green", 20.0)]).expect("legal");
        assert_eq!(legal.to_text(), "blue=100;mirror=green:20");
        assert!(read(&[("blue", 99.0)], &[]).is_err());
        assert!(read(&[("blue", 99.5), ("green", 0.5)], &[]).is_err());
        assert!(read(&[("blue", 100.0)], &[("blue", 10.0)]).is_err());
        assert!(read(&[("blue", 100.0)], &[("red", 10.0), ("green", 10.0)]).is_err());
        assert!(route(None, None).expect("off").split().is_off());
    }
}
