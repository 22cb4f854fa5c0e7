//! Azure Monitor: metrics of endpoints and deployments (azure-wire.md §7.4) from what the data plane
//! has counted, diagnostic settings, alert rules and action groups. Copies to a shadow count under the
//! shadow's name.

pub mod alerts;
pub mod catalogue;
pub mod filter;
pub mod kept;
pub mod linked;
pub mod query;
pub mod series;
pub mod settings;

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::arm::call::{Answer, Call};
use crate::arm::error::ArmError;
use crate::inner::Inner;
use crate::when;
use catalogue::Metric;
use query::Query;

/// What is measured: an endpoint, or one of its deployments.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The resource's id.
    pub id: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// The deployment's name.
    pub deployment: Option<String>,
    /// The region.
    pub location: String,
}

impl Scope {
    /// The namespace of its metrics.
    pub fn namespace(&self) -> &'static str {
        match self.deployment {
            Some(_) => "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
            None => "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        }
    }
}

fn bad(message: impl Into<String>) -> ArmError {
    ArmError::arm(StatusCode::BAD_REQUEST, "BadRequest", message)
}

/// `{resource}/providers/Microsoft.Insights/…`; `at` is where `providers` stands.
pub fn route(inner: &Arc<Inner>, call: &Call, at: usize) -> Result<Answer, ArmError> {
    let lower = call.lower();
    let what: Vec<&str> = lower[at + 2..].iter().map(String::as_str).collect();
    if let ["subscriptions", subscription] =
        lower[..at].iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        inner.check_subscription(subscription)?;
        return match what.as_slice() {
            ["scheduledqueryrules" | "actiongroups"] => alerts::in_subscription(inner, call, &what),
            _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
        };
    }
    if let ["subscriptions", subscription, "resourcegroups", group] =
        lower[..at].iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        inner.check_subscription(subscription)?;
        inner.check_group(group)?;
        return match what.as_slice() {
            ["scheduledqueryrules" | "actiongroups", ..] => alerts::route(inner, call, &what),
            ["components", name] => linked::component(inner, call, name),
            _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
        };
    }
    let scope = scope(inner, &lower[..at])?;
    if let ["diagnosticsettings" | "diagnosticsettingscategories", ..] = what.as_slice() {
        return settings::route(inner, call, &scope, &what).map_err(ArmError::flat);
    }
    measured(inner, call, &scope, &what).map_err(ArmError::flat)
}

fn measured(
    inner: &Arc<Inner>,
    call: &Call,
    scope: &Scope,
    what: &[&str],
) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    match what {
        ["metrics"] => metrics(inner, call, scope),
        ["metricdefinitions"] => Ok(Answer::ok(definitions(scope))),
        ["metricnamespaces"] => Ok(Answer::ok(json!({ "value": [{
            "id": format!("{}/providers/microsoft.insights/metricNamespaces/{}",
                scope.id, scope.namespace()),
            "name": scope.namespace(),
            "type": "Microsoft.Insights/metricNamespaces",
            "classification": "Platform",
            "properties": { "metricNamespaceName": scope.namespace() },
        }] }))),
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

fn scope(inner: &Inner, segments: &[String]) -> Result<Scope, ArmError> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (subscription, group, ws, e, d) = match segments.as_slice() {
        [
            "subscriptions",
            s,
            "resourcegroups",
            g,
            "providers",
            _,
            "workspaces",
            ws,
            "onlineendpoints",
            e,
        ] => (s, g, ws, e, None),
        [
            "subscriptions",
            s,
            "resourcegroups",
            g,
            "providers",
            _,
            "workspaces",
            ws,
            "onlineendpoints",
            e,
            "deployments",
            d,
        ] => (s, g, ws, e, Some(*d)),
        _ => return Err(bad("Metrics are kept for online endpoints and deployments only.")),
    };
    inner.check_subscription(subscription)?;
    inner.check_group(group)?;
    inner.check_workspace(ws)?;
    inner.store.read(|state| {
        let (workspace, endpoint) = crate::arm::endpoints::find(state, ws, e)?;
        let id =
            format!("{}/onlineEndpoints/{}", inner.workspace_id(&workspace.name), endpoint.name);
        let (location, endpoint_name) = (workspace.location.clone(), endpoint.name.clone());
        let Some(d) = d else {
            return Ok(Scope { id, endpoint: endpoint_name, deployment: None, location });
        };
        let (_, _, deployment) = crate::arm::deployments::find(state, (ws, e, d))?;
        Ok(Scope {
            id: format!("{id}/deployments/{}", deployment.name),
            endpoint: endpoint_name,
            deployment: Some(deployment.name.clone()),
            location,
        })
    })
}

fn metrics(inner: &Arc<Inner>, call: &Call, scope: &Scope) -> Result<Answer, ArmError> {
    let query = Query::read(call, inner.clock.now())?;
    let names = call.query.get("metricnames").map(String::as_str).unwrap_or_default();
    let all = catalogue::of(scope);
    let default: Vec<&Metric> = all.iter().take(1).collect();
    let wanted: Result<Vec<&Metric>, ArmError> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            all.iter().find(|metric| metric.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let valid: Vec<&str> = all.iter().map(|metric| metric.name).collect();
                bad(format!(
                    "Failed to find metric configuration for provider: \
                     Microsoft.MachineLearningServices, resource Type: {}, metric: {name}, Valid \
                     metrics: {}",
                    scope.namespace(),
                    valid.join(",")
                ))
            })
        })
        .collect();
    let wanted = wanted?;
    let wanted = if wanted.is_empty() { default } else { wanted };
    if let Some(namespace) = call.query.get("metricnamespace")
        && !namespace.eq_ignore_ascii_case(scope.namespace())
    {
        return Err(bad(format!("The metric namespace [{namespace}] is not known.")));
    }
    let value: Result<Vec<Value>, ArmError> = wanted
        .iter()
        .map(|metric| {
            query.filter.check(metric).map_err(bad)?;
            let aggregations = metric.aggregations(call.query.get("aggregation")).map_err(bad)?;
            let series = series::of(inner, scope, metric, &query, &aggregations);
            Ok(entry(scope, metric, &series))
        })
        .collect();
    Ok(Answer::ok(json!({
        "cost": (query.to - query.from).whole_minutes().max(1) - 1,
        "timespan": format!("{}/{}", when::zulu(query.from), when::zulu(query.to)),
        "interval": query.interval,
        "namespace": scope.namespace(),
        "resourceregion": scope.location,
        "value": value?,
    })))
}

fn entry(scope: &Scope, metric: &Metric, series: &[Value]) -> Value {
    json!({
        "id": format!("{}/providers/Microsoft.Insights/metrics/{}", scope.id, metric.name),
        "type": "Microsoft.Insights/metrics",
        "name": { "value": metric.name, "localizedValue": metric.title },
        "displayDescription": metric.title,
        "unit": metric.unit,
        "errorCode": "Success",
        "timeseries": series,
    })
}

fn definitions(scope: &Scope) -> Value {
    let all = catalogue::of(scope);
    let value = all.iter().map(|metric| {
        json!({
            "id": format!("{}/providers/microsoft.insights/metricdefinitions/{}",
                scope.id, metric.name),
            "resourceId": scope.id,
            "namespace": scope.namespace(),
            "name": { "value": metric.name, "localizedValue": metric.title },
            "displayDescription": metric.title,
            "isDimensionRequired": false,
            "unit": metric.unit,
            "primaryAggregationType": "Average",
            "supportedAggregationTypes": metric.supported,
            "metricAvailabilities": query::GRAINS.map(|(grain, _)| {
                json!({ "timeGrain": grain, "retention": "P93D" })
            }),
            "dimensions": metric.dimensions.iter().map(|name| {
                json!({ "value": name, "localizedValue": name })
            }).collect::<Vec<_>>(),
        })
    });
    json!({ "value": value.collect::<Vec<_>>() })
}
